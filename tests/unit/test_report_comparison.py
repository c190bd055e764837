"""The report of a comparison: from memory, and from the folder that `compare --out` leaves."""

from __future__ import annotations

import re
import shutil
from datetime import date
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zibo_sim.cli.main import main
from zibo_sim.comparison import Comparison, compare
from zibo_sim.errors import Refused
from zibo_sim.report import report_folder, report_of
from zibo_sim.report.changes import changed_inputs_of
from zibo_sim.report.forests import _alone, forests
from zibo_sim.report.reading import kind_of, read_comparison
from zibo_sim.report.scenario_files import short_toml
from zibo_sim.report.spoken import headline_lines, moves, verdicts
from zibo_sim.results import manifest
from zibo_sim.scenario import Scenario, load
from zibo_sim.verdicts import sort_out
from zibo_sim.words import word

LANGUAGES = ("zh", "en")
PERIOD = {"period.start": date(2018, 12, 1), "period.end": date(2019, 1, 11)}
EVIL = '<script>alert("1")</script><img src=http://x.example/y>'
REFORM = {"law.alert.yellow.days": 3, "air.response.compliance": 1.0}


class Reader(HTMLParser):
    """Collects what a browser would load, the tags and the words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads, self.tags, self.alts, self.said = list[str](), list[str](), list[str](), ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [v or "" for k, v in attrs if k in ("src", "href", "srcset", "data")]
        self.alts += [v or "" for k, v in attrs if tag == "img" and k == "alt"]

    def handle_data(self, data: str) -> None:
        self.said += data


@pytest.fixture(scope="module")
def base() -> Scenario:
    return load().replace(PERIOD)


@pytest.fixture(scope="module")
def comparison(base: Scenario) -> Comparison:
    reform = base.replace({**REFORM, "title": "Reform", "question": "What if?"})
    staff = base.replace({"cloud.audit.servers": 2, "title": "Staff", "question": "And now?"})
    return compare(base, reform, staff, replications=12, seed=3)


@pytest.fixture(scope="module")
def pages(comparison: Comparison) -> dict[str, str]:
    return {lang: report_of(comparison, lang) for lang in LANGUAGES}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    here = tmp_path_factory.mktemp("compare")
    head = 'extends = "winter-2018-19"\nquestion = "?"\n'
    period = "[period]\nstart = 2018-12-01\nend = 2019-01-11\n"
    for name, more in {"short": "", "two": "[cloud.audit]\nservers = 2\n",
                       "three": "[law]\n'alert.yellow.days' = 3\n"}.items():  # fmt: skip
        (here / f"{name}.toml").write_text(f'title = "{name}"\n{head}{period}{more}')
    paths = [str(here / f"{name}.toml") for name in ("short", "two", "three")]
    status = main(["compare", *paths, "--replications", "10", "--seed", "2", "--simultaneous",
                   "--audit", "--out", str(here / "out"), "--lang", "en"])  # fmt: skip
    assert status == 0
    return here / "out"


# ---- what the page says ------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_names_every_scenario_with_its_question(pages: dict[str, str], lang: str) -> None:
    said = Reader(pages[lang]).said
    for text in ("Reform", "What if?", "Staff", "And now?"):
        assert text in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_says_verdicts_in_words_with_the_figures_of_the_table(
    comparison: Comparison, pages: dict[str, str], lang: str
) -> None:
    said = Reader(pages[lang]).said
    for table in comparison.tables.values():
        assert verdicts(table, lang) in said
        assert headline_lines(table, lang)
        assert all(line in said for line in headline_lines(table, lang))
    row = comparison.tables["Staff"].loc["cloud.audit_utilisation"]
    assert row["verdict"] == "falls"
    gap = f"{100 * row['difference']:.1f}".replace("-", "−")
    assert any(gap in line for line in headline_lines(comparison.tables["Staff"], lang))


def test_the_verdicts_counted_are_those_of_the_table(comparison: Comparison) -> None:
    table = comparison.tables["Reform"]
    known = table[table["pairs"] > 0]
    apart = [row for row in known.to_dict("records") if moves(row)]
    rises = sum(row["verdict"] == "rises" for row in apart)
    falls = sum(row["verdict"] == "falls" for row in apart)
    said = verdicts(table, "en")
    assert f"{len(known)} metrics: {rises} up, {falls} down," in said
    assert f"{len(known) - len(apart)} equal in every pair" in said


def test_a_metric_no_pair_defines_is_neither_moved_nor_equal() -> None:
    row = {"pairs": 0, "difference": np.nan, "low": np.nan, "high": np.nan, "verdict": "-"}
    assert not moves(row)
    assert "Defined in no pair: 1." in verdicts(pd.DataFrame([row]), "en")


def test_a_difference_of_one_pair_alike_in_all_is_a_difference() -> None:
    assert moves({"pairs": 3, "difference": 1.0, "low": 1.0, "high": 1.0})
    assert not moves({"pairs": 3, "difference": 0.0, "low": 0.0, "high": 0.0})


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_differs_from_base_and_law_stands_with_clause_and_quote(
    comparison: Comparison, pages: dict[str, str], lang: str
) -> None:
    text, law = pages[lang], comparison.base.scenario.law_book()
    entry = law.entry("alert.yellow.days")
    changes = Reader(text[text.index('id="page-differs"') : text.index('id="page-forest"')]).said
    for wanted in (entry.quote, entry.clause, "law.alert.yellow.days", "air.response.compliance",
                 "cloud.audit.servers"):  # fmt: skip
        assert wanted in changes
    assert word("page.varied", lang) in Reader(text).said


def test_inputs_that_differ_are_found_law_and_reading_alike(base: Scenario) -> None:
    other = base.replace({"law.alert.yellow.days": 3, "cloud.audit.servers": 2, "title": "x"})
    assert changed_inputs_of(base, other) == ["cloud.audit.servers", "law.alert.yellow.days"]
    assert changed_inputs_of(other, base) == changed_inputs_of(base, other)
    assert changed_inputs_of(base, base) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_forest_and_winters_stand_in_the_page_with_words_for_them(
    pages: dict[str, str], lang: str
) -> None:
    alts = Reader(pages[lang]).alts
    assert word("page.alt_compare", lang) in alts
    assert alts.count(word("page.alt_season", lang)) == 2  # of Staff the air is the base's
    same = word("page.same_air", lang, names="Staff")
    assert same in Reader(pages[lang]).said


def test_pairing_and_quantiles_are_in_the_page(
    comparison: Comparison, pages: dict[str, str]
) -> None:
    said = Reader(pages["en"]).said
    gained = comparison.pairings["Reform"].loc["air.pm25_mean", "narrowing"]
    assert f"×{gained:.2g}" in said or f"×{gained:,.0f}" in said
    for text in ("P10", "P50", "P90", "2000 resamples"):
        assert text in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_stress_items_speak_of_a_comparison(pages: dict[str, str], lang: str) -> None:
    said = Reader(pages[lang]).said
    assert word("stress.1.3.compare", lang, arms=2) in said
    assert "zibo-sim compare scenario.toml" in said


# ---- one file, no network, nothing a user wrote as markup -----------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_loads_nothing(pages: dict[str, str], lang: str) -> None:
    text, reader = pages[lang], Reader(pages[lang])
    assert all(load.startswith(("data:image/png;base64,", "#")) for load in reader.loads)
    assert not {"script", "link", "iframe", "object", "base", "form"} & set(reader.tags)
    assert "default-src 'none'" in text
    assert not re.search(r"""(src|href)=["']?https?:""", text)
    assert "url(" not in text
    assert len(text.encode()) < 3_000_000


def test_titles_questions_and_names_are_escaped(base: Scenario) -> None:
    evil = base.replace({"title": EVIL, "question": EVIL, "cloud.audit.servers": 2})
    made = compare(base.replace({"title": EVIL}), evil, replications=2, names=[EVIL])
    text = report_of(made, "en", pictures=[(EVIL, b"\x89PNG\r\n\x1a\n" + bytes(16))])
    reader = Reader(text)
    assert "script" not in reader.tags
    assert not any("x.example" in load for load in reader.loads)
    assert "&lt;script&gt;" in text


def test_pictures_that_were_drawn_before_take_the_place_of_those_drawn_here(
    comparison: Comparison,
) -> None:
    png = b"\x89PNG\r\n\x1a\n" + bytes(8) + (1100).to_bytes(4, "big") + (400).to_bytes(4, "big")
    reader = Reader(report_of(comparison, "en", pictures=[("Mine", png)]))
    assert reader.alts[-1] == "Mine"
    assert word("page.alt_season", "en") not in reader.alts


def test_a_comparison_of_many_scenarios_stays_a_file_one_can_send(base: Scenario) -> None:
    levels = [{"cloud.audit.servers": 2}, {"air.response.compliance": 1.0},
              {"heating.metered_share": 0.5}, {"air.emissions.scale": 0.8},
              {"law.alert.yellow.days": 3}, {"air.forecast.horizon_h": 96}]  # fmt: skip
    arms = [base.replace({**level, "title": f"arm {i}"}) for i, level in enumerate(levels)]
    text = report_of(compare(base, *arms, replications=3), "zh")
    alts = Reader(text).alts
    assert len(text.encode()) < 3_000_000
    assert alts.count(word("page.alt_season", "zh")) <= 5
    assert alts.count(word("page.alt_compare", "zh")) == 6


def test_a_variant_drawn_alone_keeps_the_intervals_of_all_together(base: Scenario) -> None:
    arms = [base.replace({"cloud.audit.servers": n, "title": f"arm {n}"}) for n in (2, 3)]
    made = compare(base, *arms, replications=4, simultaneous=True)
    alone = _alone(made, "arm 2")
    pd.testing.assert_frame_equal(alone.table, made.tables["arm 2"])
    assert list(alone.variants) == ["arm 2"]


def test_equal_comparisons_give_equal_bytes(comparison: Comparison, pages: dict[str, str]) -> None:
    assert report_of(comparison, "zh") == pages["zh"]


def test_a_chinese_page_has_no_english_headings(pages: dict[str, str]) -> None:
    headings = re.findall(r"<h[23][^>]*>([^<]+)", pages["zh"])
    ours = {"Reform", "Staff"}
    plain = [h for h in headings if h not in ours and "STRESS" not in h]
    assert plain
    assert all(re.search("[\u4e00-\u9fff]", heading) for heading in plain)


# ---- folders -----------------------------------------------------------------------------


def test_the_folder_of_a_comparison_is_known_by_its_files(folder: Path) -> None:
    assert kind_of(folder) == "comparison"


def test_a_folder_gives_the_comparison_that_was_made(folder: Path) -> None:
    held = read_comparison(folder)
    told = pd.read_parquet(folder / "comparison.parquet")
    assert held.comparison.simultaneous
    ours = held.comparison.tidy()
    assert ours["variant_name"].unique().tolist() == ["two", "three"]
    pd.testing.assert_frame_equal(
        ours.drop(columns="variant_name"), told.drop(columns="variant_name"), check_dtype=False
    )
    assert len(held.comparison.base) == 10
    assert set(held.frames) == {"audit"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_writes_the_report_of_a_comparison_into_its_folder(
    folder: Path, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(folder), "--lang", lang]) == 0
    assert capsys.readouterr().out.strip() == str(folder / "report.html")
    text = (folder / "report.html").read_text(encoding="utf-8")
    said = Reader(text).said
    assert word("page.audit", lang) in said
    assert word("compare.together", lang, variants=2, each="97.5%") in said
    assert "three" in said
    assert str(folder.parent) not in text


def test_a_folder_gives_equal_bytes_twice(folder: Path) -> None:
    assert report_folder(folder, "en").read_bytes() == report_folder(folder, "en").read_bytes()


def copy_of(folder: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "report.html").unlink(missing_ok=True)
    return copy


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("replications.parquet", None, "no replications.parquet in it"),
        ("manifest.json", None, "no manifest.json in it"),
        ("variant_2.toml", None, "no variant_2.toml in it, which the manifest names"),
        ("manifest.json", b'{"package": "zibo_sim", "seed": 2}', "no manifest of a comparison"),
        ("manifest.json", b'{"package": "zibo_sim", "seed": 2, "variants": [3]}',
         "no manifest of a comparison"),
        ("manifest.json", b'{"package": "zibo_sim", "seed": 2, "variants": '
         b'[{"name": "x", "file": "variant_1.toml"}]}', "other runs than the manifest names"),
        ("comparison.parquet", b"text", "comparison.parquet: is no Parquet file"),
        ("replications.parquet", b"", "replications.parquet: is no Parquet file"),
    ],
)  # fmt: skip
def test_a_damaged_folder_is_refused_in_words_and_left_alone(
    folder: Path, tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    copy = copy_of(folder, tmp_path)
    (copy / name).unlink() if content is None else (copy / name).write_bytes(content)
    with pytest.raises(Refused, match=re.escape(said)):
        report_folder(copy, "en")
    assert not (copy / "report.html").exists()


def test_differences_that_are_not_those_of_the_runs_are_refused(
    folder: Path, tmp_path: Path
) -> None:
    copy = copy_of(folder, tmp_path)
    told = pd.read_parquet(copy / "comparison.parquet")
    told.assign(low=told["low"] - 1).to_parquet(copy / "comparison.parquet")
    with pytest.raises(Refused, match="holds other differences than"):
        report_folder(copy, "en")


def test_what_was_asked_of_the_precision_is_said(base: Scenario) -> None:
    more = base.replace({"cloud.audit.servers": 2, "title": "more"})
    made = compare(base, more, precision={"cloud.audit_utilisation": 1e-6}, most=30, seed=1)
    said = Reader(report_of(made, "en", pictures=[])).said
    assert "of 1 intervals it was asked for, 1 are still wider than wanted" in said


def test_files_are_named_without_their_folders(base: Scenario, tmp_path: Path) -> None:
    head = "customer_id,district,use,charging,kind,area"
    rows = "\n".join(f"{i},张店区,residential,area,flat,9{i}" for i in range(3))
    (tmp_path / "people.csv").write_text(f"{head}\n{rows}\n", encoding="utf-8")
    listed = base.replace({"heating.customers": str(tmp_path / "people.csv"), "title": "list"})
    made = compare(base, listed, replications=2)
    text = report_of(made, "en", about=manifest(base, 0, 2, []), pictures=[])
    assert "people.csv" in text
    assert str(tmp_path) not in text


# ---- nothing is left out, and the page alone makes it again ----------------------------------


def test_the_page_holds_the_files_that_its_command_names(
    comparison: Comparison, pages: dict[str, str], tmp_path: Path
) -> None:
    command = re.search(r"zibo-sim compare ([\w. ]+) --replications 12 --seed 3", pages["en"])
    assert command
    names = command[1].split()
    held = dict(re.findall(r"<h4>([\w.]+)</h4>\n*<pre>(.*?)</pre>", pages["en"], re.S))
    assert names == list(held) == ["scenario.toml", "variant_1.toml", "variant_2.toml"]
    scenarios = [comparison.base, *comparison.variants.values()]
    for name, arm in zip(names, scenarios, strict=True):
        (tmp_path / name).write_text(unescape(held[name]), encoding="utf-8")
        assert load(tmp_path / name) == arm.scenario


def test_the_command_of_the_page_asks_for_intervals_that_hold_together(folder: Path) -> None:
    report_folder(folder, "en")
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "variant_2.toml --replications 10 --seed 2 --simultaneous (" in text
    assert {"scenario.toml", "variant_1.toml", "variant_2.toml"} <= {
        p.name for p in folder.iterdir()
    }


def test_a_report_is_made_though_a_list_it_names_is_gone(base: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "customer_id,district,use,charging,kind,area\n1,张店区,residential,area,flat,90\n"
    )
    listed = base.replace({"heating.customers": str(path), "cloud.audit.servers": 2})
    path.unlink()
    lines = short_toml(listed, "en").splitlines()
    assert any(line.startswith('customers = "people.csv"') for line in lines)
    assert str(tmp_path) not in "".join(lines)


def test_the_table_of_all_metrics_has_the_base_and_every_variant(
    comparison: Comparison, pages: dict[str, str]
) -> None:
    part = pages["en"][pages["en"].index('id="metrics"') : pages["en"].index('id="law"')]
    head = Reader(part[: part.index("</thead>")]).said
    assert all(name in head for name in ("base", "Reform", "Staff"))
    row = part[part.index("cloud.audit_utilisation") :]
    row = row[: row.index("</tr>")]
    for arm in (comparison.base, *comparison.variants.values()):
        mean = arm.summary.loc["cloud.audit_utilisation", "mean"]
        assert f"{100 * mean:.1f}%" in row


def test_every_metric_that_differs_is_drawn_however_many(
    base: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    arm = base.replace({**REFORM, "cloud.audit.servers": 2, "heating.metered_share": 0.5,
                        "air.emissions.scale": 1.2, "cloud.assessment.servers": 1,
                        "title": "much"})  # fmt: skip
    made, drawn = compare(base, arm, replications=3), list[str]()
    moved = sort_out(made.tables.values()).moved
    assert len(moved) > 26

    def noted(_: Comparison, metrics: list[str], *rest: object) -> None:
        drawn.extend(metrics)

    monkeypatch.setattr("zibo_sim.report.forests.panel", noted)
    said = "".join(forests(made, "en"))
    assert sorted(drawn) == sorted(moved)
    equal = len(sort_out(made.tables.values()).equal)
    assert f"{equal} metrics are equal in every pair and left out" in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_metrics_equal_in_every_pair_are_counted_alike_throughout_the_page(
    comparison: Comparison, pages: dict[str, str], lang: str
) -> None:
    said = Reader(pages[lang]).said
    for table in comparison.tables.values():
        found = sort_out([table])
        assert verdicts(table, lang) in said
        start = {
            "zh": f"各对均相同（{len(found.equal)} 项）",
            "en": f"in every pair ({len(found.equal)})",
        }
        assert start[lang] in said


def test_the_summary_comes_first_and_the_long_lists_last(pages: dict[str, str]) -> None:
    text = pages["en"]
    order = ['class="brief"', 'id="page-differs"', 'id="page-forest"', 'id="page-table"',
             'class="appendix"', 'id="metrics"', 'id="law"', 'id="inputs"', 'id="stress"',
             'id="page-files"']  # fmt: skip
    places = [text.index(mark) for mark in order]
    assert places == sorted(places)
