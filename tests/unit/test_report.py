"""The summary for the terminal and the page for the browser."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from zibo_sim.errors import Refused
from zibo_sim.experiment import Replications, replicate, run
from zibo_sim.metrics import METRICS
from zibo_sim.plots import pictures
from zibo_sim.report import html, report_folder, report_of, summary_text, write_report
from zibo_sim.report.figures import base_winter, met_note, season_targets, wilson
from zibo_sim.report.spoken import in_words
from zibo_sim.report.stress import stress_items
from zibo_sim.report.summary import COLUMNS, statuses
from zibo_sim.report.winter import alert_rows, chosen_winter, typical
from zibo_sim.results import manifest, write_folder
from zibo_sim.scenario import Scenario, known_keys, load, resolve
from zibo_sim.text import width, wrapped
from zibo_sim.words import word

LANGUAGES = ("zh", "en")
STRESS_REST = ("5.1", "5.2", "5.3", "5.4", "6.1")
CHANGES = {"law.alert.yellow.days": 3, "air.response.compliance": 0.5}


@pytest.fixture(scope="module")
def reps() -> Replications:
    return replicate(load(), 5, seed=1, keep=True)


@pytest.fixture(scope="module")
def about(reps: Replications) -> dict:
    return manifest(reps.scenario, 1, 5, ["zibo-sim", "run"])


@pytest.fixture(scope="module")
def folder(reps: Replications, about: dict, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("out") / "run"
    frames = {"metrics": reps.metrics, "events": reps.events, "series": reps.series}
    write_folder(path, reps.scenario, frames, about)
    return path


def synthetic(runs: int = 8, scenario: Scenario | None = None) -> Replications:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({name: rng.random(runs) for name in METRICS})
    frame["air.pm25_mean"] = np.linspace(68.0, 80.0, runs)
    frame["air.heavy_days"] = np.arange(7.0, 7.0 + runs)
    met = (frame["air.pm25_mean"] <= 72) & (frame["air.heavy_days"] <= 10)
    frame["air.target_met"] = met.astype(float)
    frame.insert(0, "replication", np.arange(runs))
    return Replications(scenario or load(), 1, frame)


def line_of(text: str, beginning: str) -> str:
    (line,) = [line for line in text.splitlines() if line.strip().startswith(beginning)]
    return line


def page(reps: Replications, about: dict, tmp_path: Path, lang: str = "en") -> str:
    path = tmp_path / f"{lang}.html"
    write_report(path, reps, about, (), lang)
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pages(
    reps: Replications, about: dict, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Write the page of the run once in each language: it draws every picture."""
    folder = tmp_path_factory.mktemp("pages")
    return {lang: page(reps, about, folder, lang) for lang in LANGUAGES}


# ---- the summary -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("beginning", "metric", "limit"),
    [("Mean PM2.5, at", "air.pm25_mean", 72), ("Heavy days, at", "air.heavy_days", 10)],
)
def test_a_probability_is_the_share_of_the_runs_that_meet_the_target(
    beginning: str, metric: str, limit: float
) -> None:
    reps = synthetic()
    met = int((reps.metrics[metric] <= limit).sum())
    line = line_of(summary_text(reps, "en"), beginning)
    assert f"{met} of 8" in line
    assert f"met in {round(100 * met / 8)}%" in line
    assert 0 < met < 8


def test_both_targets_are_met_as_often_as_the_metric_says() -> None:
    reps = synthetic()
    hits = int(reps.metrics["air.target_met"].sum())
    assert line_of(summary_text(reps, "en"), "Both of them").endswith(f"{hits} of 8")


def test_means_and_intervals_are_those_of_the_frame(reps: Replications) -> None:
    row = reps.summary.loc["air.pm25_mean"]
    line = line_of(summary_text(reps, "en"), "Mean PM2.5, at")
    assert f"{row['mean']:.1f} µg/m³" in line
    assert f"[{row['low']:.1f}, {row['high']:.1f}]" in line


def test_the_winter_before_follows_from_the_printed_targets() -> None:
    assert base_winter() == (pytest.approx(72 / 0.975), 11.0)
    assert "73.8 µg/m³ = 72 ÷ (1 − 2.5%); 11 days = 10 + 1" in summary_text(synthetic(), "en")


def test_the_relative_targets_are_held_against_the_winter_before() -> None:
    reps = synthetic()
    *_, pm25, heavy = season_targets(reps)
    np.testing.assert_allclose(pm25.values, reps.metrics["air.pm25_mean"] / (72 / 0.975) - 1)
    np.testing.assert_array_equal(heavy.values, reps.metrics["air.heavy_days"] - 11)
    assert pm25.met.sum() == (reps.metrics["air.pm25_mean"] <= 72).sum()


def test_changes_are_written_in_per_cent_and_days_with_their_sign() -> None:
    text = summary_text(synthetic(), "en")
    pm25, heavy = line_of(text, "PM2.5 change"), line_of(text, "Heavy-day change")
    assert "at most −2.5%" in pm25
    assert f"{100 * (74.0 / (72 / 0.975) - 1):+.1f} %" in pm25
    assert "at most −1 day " in heavy
    assert "−0.5 days" in heavy


def test_a_mean_of_exactly_72_meets_both_ways_of_saying_it() -> None:
    reps = synthetic(1)
    reps.metrics["air.pm25_mean"] = 72.0
    absolute, _, relative, _ = season_targets(reps)
    assert absolute.met.all()
    assert relative.met.all()


def test_a_stricter_target_moves_the_limit_and_not_the_winter_before() -> None:
    reps = synthetic(scenario=load().replace({"law.target.pm25_mean": 70}))
    absolute, _, relative, _ = season_targets(reps)
    assert absolute.limit == 70
    np.testing.assert_allclose(relative.values, reps.metrics["air.pm25_mean"] / (72 / 0.975) - 1)


@pytest.mark.parametrize(("hits", "of"), [(0, 10), (3, 10), (10, 10), (57, 120)])
def test_the_interval_of_a_probability_is_wilsons(hits: int, of: int) -> None:
    theirs = binomtest(hits, of).proportion_ci(method="wilson")
    assert wilson(hits, of) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_a_probability_of_nothing_is_not_stated() -> None:
    assert met_note(np.array([], dtype=bool), "en") == ""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("changes", [{}, CHANGES])
def test_the_summary_is_one_page(lang: str, changes: dict) -> None:
    text = summary_text(synthetic(scenario=load().replace(changes)), lang)
    assert text.count("\n") < 55
    assert max(width(line) for line in text.splitlines()) <= COLUMNS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_title_cannot_steer_the_terminal_or_widen_the_page(lang: str) -> None:
    scenario = load().replace({"title": "\x1b[31mred\nline" + "长" * 180, "question": "x" * 1000})
    text = summary_text(synthetic(scenario=scenario), lang)
    assert all(c.isprintable() for c in text.replace("\n", ""))
    assert max(width(line) for line in text.splitlines()) <= COLUMNS


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["nothing; every value is the law's", "Opinion within 3 working days",
                "第十一条(三)", "淄政办字〔2018〕144号 一(一)", "15 Nov 2018", "16 Nov 2018",
                "19 Nov 2018", "in_force = false", "5 simulated winters", "seed 1"]),
        ("zh", ["无，全部取法规原值", "审核意见，限 3个工作日", "第十一条(三)", "2018年11月19日",
                "in_force = false", "模拟 5 个冬季", "种子 1", "黄色预警天数"]),
    ],
)  # fmt: skip
def test_the_summary_says_what_a_planner_asks(
    reps: Replications, lang: str, words: list[str]
) -> None:
    text = summary_text(reps, lang)
    for said in words:
        assert said in text


def test_a_reform_is_named_with_both_values_and_its_clause() -> None:
    scenario, sources = resolve("winter-2018-19", CHANGES)
    text = " ".join(summary_text(synthetic(scenario=scenario), "en", sources).split())
    assert "(alert.yellow.days): law 2, here 3 (淄政办字〔2018〕145号 四(一)1)" in text
    assert "air.response.compliance = 0.5 (default 0.75) [--set]" in text
    assert "nothing; every value" not in text


def test_a_clock_follows_a_reform() -> None:
    scenario = load().replace({"law.cloud.accept.days": 4})
    assert "Accepted within 4 working days" in summary_text(synthetic(scenario=scenario), "en")


def test_law_from_its_day_is_said() -> None:
    scenario = load().replace({"law_from": "in_force"})
    text = summary_text(synthetic(scenario=scenario), "en")
    assert "Here each applies only from its day." in text
    assert "in_force = false" not in text


def test_another_period_than_that_of_the_targets_is_said() -> None:
    from datetime import date

    scenario = load().replace({"period.end": date(2019, 1, 31)})
    assert "10-01 to 03-31" in summary_text(synthetic(scenario=scenario), "en")
    assert "10-01 to 03-31" not in summary_text(synthetic(), "en")


def test_one_winter_has_no_interval() -> None:
    text = summary_text(synthetic(1), "en")
    assert "One winter only" in text
    assert re.search(r"\d \[", line_of(text, "Alerts published")) is None


def test_what_measured_air_does_not_tell_is_a_dash() -> None:
    reps = synthetic()
    reps.metrics["air.pm25_mean_no_measures"] = np.nan
    text = summary_text(reps, "en")
    assert line_of(text, "Mean PM2.5 without measures").split()[-1] == "—"
    assert "measured air" in text


def test_a_record_meets_a_target_or_misses_it_without_any_probability() -> None:
    reps = synthetic()
    reps.metrics["air.pm25_mean_no_measures"] = np.nan
    reps.metrics["air.pm25_mean"], reps.metrics["air.heavy_days"] = 70.0, 14.0
    reps.metrics["air.target_met"] = 0.0
    text = summary_text(reps, "en")
    assert line_of(text, "Mean PM2.5, at").split()[-3:] == ["70.0", "µg/m³", "met"]
    assert line_of(text, "Heavy days, at").split()[-1] == "missed"
    assert line_of(text, "Both of them").split()[-1] == "missed"


def test_a_figure_that_some_winters_lack_says_how_many_have_it() -> None:
    reps = synthetic()
    reps.metrics.loc[:2, "cloud.lead_time_p50"] = np.nan
    assert line_of(summary_text(reps, "en"), "Request to test: half").endswith(
        "in 5 of the winters"
    )


def test_the_inputs_are_counted_by_status() -> None:
    stated = [about["status"] for about in known_keys().values() if "status" in about]
    assert statuses().total() == len(stated)
    text = " ".join(summary_text(synthetic(), "en").split())
    assert f"Of {len(stated)} inputs" in text
    assert f"{stated.count('assumed')} assumed" in text


@pytest.mark.parametrize("text", ["", "one two three " * 20, "公报所载各项规定，" * 30, "x" * 300])
def test_breaking_lines_loses_no_letter(text: str) -> None:
    lines = wrapped(text, "  ", 40)
    assert max(width(line) for line in lines) <= 40
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_no_line_begins_with_a_closing_mark_or_breaks_a_clause() -> None:
    text = "法规 200，本次 150（淄政办字〔2018〕145号 四(一)3）；按第十一条(三)，2019年1月6日发布。"
    for columns in range(24, 60):
        lines = wrapped(text * 3, "  ", columns)
        assert not [line for line in lines if line.strip()[0] in "，。；）〕)"]
        assert not [line for line in lines if line[-1] in "（〔("]
        joined = " ".join(lines)
        assert joined.count("四(一)3") == joined.count("第十一条(三)") == 3


# ---- the winter shown --------------------------------------------------------------------


def test_the_winter_shown_is_the_median_one() -> None:
    reps = synthetic(5)
    reps.metrics["air.pm25_mean"] = [80.0, 70.0, 75.0, 60.0, 90.0]
    assert typical(reps.metrics) == 2
    reps.metrics["air.pm25_mean"] = np.nan
    assert typical(reps.metrics) == 0


def test_a_winter_run_again_is_the_winter_that_was_kept(reps: Replications) -> None:
    kept = chosen_winter(reps)
    again = chosen_winter(Replications(reps.scenario, reps.seed, reps.metrics))
    assert kept is not None
    assert again is not None
    assert again.replication == kept.replication == typical(reps.metrics)
    for name in ("pm25", "alert"):
        assert kept.series[name].tolist() == again.series[name].tolist()
    assert alert_rows(kept) == alert_rows(again)


def test_a_winter_that_comes_out_differently_is_not_shown(
    reps: Replications, about: dict, tmp_path: Path
) -> None:
    other = Replications(reps.scenario, 2, reps.metrics)
    assert chosen_winter(other) is None
    text = page(other, about, tmp_path)
    assert "There is no picture" in text


def test_the_alerts_listed_are_those_of_the_run(reps: Replications) -> None:
    winter = chosen_winter(reps)
    assert winter is not None
    rows = alert_rows(winter)
    expected = run(reps.scenario, reps.seed, winter.replication).alerts
    assert [r.name for r in rows] == expected["alert"].tolist()
    assert [r.published for r in rows] == expected["published"].tolist()
    assert [max(r.levels, key=["yellow", "orange", "red"].index) for r in rows] == expected[
        "level"
    ].tolist()
    np.testing.assert_allclose([r.hours for r in rows], expected["hours_in_force"], atol=0.06)
    assert all(r.signed and r.clause.startswith("淄政办字〔2018〕145号") for r in rows)


# ---- the page ----------------------------------------------------------------------------


class Reader(HTMLParser):
    """Collects what a browser would load, the headings, and unbalanced tags."""

    VOID = frozenset({"meta", "img", "wbr", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.said, self.alts = "", list[str]()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        self.alts += [v or "" for k, v in attrs if tag == "img" and k == "alt"]
        self.loads += [
            v or "" for k, v in attrs if k in ("src", "href", "srcset", "data", "action")
        ]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.said += data


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_loads_nothing_and_is_well_formed(pages: dict[str, str], lang: str) -> None:
    text = pages[lang]
    reader = Reader(text)
    assert not reader.open
    assert reader.loads
    assert all(load.startswith(("data:image/png;base64,", "#")) for load in reader.loads)
    assert not {"script", "link", "iframe", "object"} & set(reader.tags)
    assert "url(" not in text
    assert "@import" not in text
    assert len(text.encode()) < 3_000_000


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_shows_what_the_table_of_pictures_allows_each_with_words_for_it(
    reps: Replications, pages: dict[str, str], lang: str
) -> None:
    winter = chosen_winter(reps)
    assert winter is not None
    allowed = {picture.name for thing in (winter.run, reps) for picture in pictures(thing)}
    reader = Reader(pages[lang])
    assert {word(f"page.alt_{name}", lang) for name in allowed - {"replications"}} <= set(
        reader.alts
    )
    assert all(len(alt) > 4 for alt in reader.alts)
    assert len(reader.alts) == reader.tags.count("img")


def test_a_winter_that_cannot_be_run_again_keeps_the_picture_of_its_hours(
    reps: Replications, about: dict, tmp_path: Path
) -> None:
    other = Replications(reps.scenario, 2, reps.metrics, reps.events, reps.series)
    reader = Reader(page(other, about, tmp_path))
    assert word("page.alt_season", "en") in reader.alts
    assert word("page.alt_requests", "en") not in reader.alts
    assert "the other pictures are left out" in reader.said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_says_in_words_what_the_run_comes_to(
    reps: Replications, pages: dict[str, str], lang: str
) -> None:
    mean = f"{reps.summary.loc['air.pm25_mean', 'mean']:.1f} µg/m³"
    met = int(reps.metrics["air.target_met"].sum())
    sentence = next(iter(in_words(reps, lang)))
    assert mean in sentence
    assert str(met) in sentence
    assert sentence in Reader(pages[lang]).said


def test_what_no_winter_defines_is_not_said_in_words() -> None:
    reps = synthetic()
    reps.metrics["cloud.lead_time_p50"] = np.nan
    said = " ".join(in_words(reps, "en"))
    assert "Government cloud" not in said
    assert "nan" not in said


def test_the_policy_forbids_the_network_before_anything_else_is_read(pages: dict[str, str]) -> None:
    text = pages["en"]
    policy = text.index("Content-Security-Policy")
    assert "default-src 'none'; img-src data:" in text
    assert policy < min(text.index("<style"), text.index("<img"), text.index("<title"))


def test_paper_gets_margins_page_numbers_and_whole_rows() -> None:
    for rule in ("size: A4", "counter(page)", "tr, .keep { break-inside: avoid }",
                 "display: table-header-group", "break-after: avoid"):  # fmt: skip
        assert rule in html.STYLE
    assert "url(" not in html.STYLE
    assert '"Noto Sans CJK SC"' in html.STYLE


def test_a_user_cannot_put_tags_into_the_page(
    reps: Replications, about: dict, tmp_path: Path
) -> None:
    evil = '<script>alert("&1")</script><img src=http://x.example/y>'
    scenario = reps.scenario.replace({"title": evil[:200], "question": evil})
    bad = {**about, "version": evil, "content": evil, "dependencies": {evil: evil}}
    text = page(Replications(scenario, 1, reps.metrics, reps.events, reps.series), bad, tmp_path)
    reader = Reader(text)
    assert "script" not in reader.tags
    assert "&lt;script&gt;alert(&quot;&amp;1&quot;)" in text
    assert not [load for load in reader.loads if "x.example" in load]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_lists_every_metric_and_every_input(
    reps: Replications, pages: dict[str, str], lang: str
) -> None:
    said = Reader(pages[lang]).said
    for name in [
        *reps.summary.index,
        *(key for key, about in known_keys().items() if "status" in about),
    ]:
        assert name in said


def test_the_page_shows_a_reform_with_its_words_and_marks_changed_inputs(
    about: dict, tmp_path: Path
) -> None:
    scenario, sources = resolve("winter-2018-19", CHANGES)
    reps = replicate(scenario, 2, seed=4, keep=True)
    write_report(tmp_path / "r.html", reps, about, sources, "en")
    said = Reader((tmp_path / "r.html").read_text(encoding="utf-8")).said
    assert scenario.law_book().entry("alert.yellow.days").quote in said
    assert "★ 0.5 (default 0.75, from --set)" in said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_stress_item_is_filled_in(reps: Replications, about: dict, lang: str) -> None:
    items = {heading.split(" ")[0]: said for heading, said in stress_items(reps, about, lang)}
    wanted = "1.1 1.2 1.3 2.1 2.2 2.3 2.4 2.5.1 2.5.2 2.5.3 2.5.4 2.5.5 3.1 3.2 3.3 3.4 4.1 4.2 4.3"
    assert [n for n, said in items.items() if said] == [*wanted.split(), *STRESS_REST]
    assert [n for n, said in items.items() if not said] == ["1", "2", "3", "4", "5", "6"]
    assert not any("{" in said for said in items.values())
    assert about["content"] in " ".join(items.values())


def test_equal_input_gives_equal_bytes(
    reps: Replications, about: dict, pages: dict[str, str]
) -> None:
    assert report_of(reps, "en", about=about) == pages["en"]


def test_a_report_that_cannot_be_written_is_refused_and_leaves_nothing(
    reps: Replications, about: dict, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(Refused, match="cannot be written"):
        write_report(tmp_path / "file" / "r.html", reps, about, (), "en")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


# ---- run folders -------------------------------------------------------------------------


def test_a_folder_gives_the_report_that_its_run_gave(folder: Path, pages: dict[str, str]) -> None:
    again = report_folder(folder, "en")
    assert again == folder / "report.html"
    assert again.read_text(encoding="utf-8") == pages["en"]


def test_a_folder_tells_where_changed_values_came_from(about: dict, tmp_path: Path) -> None:
    scenario, sources = resolve("winter-2018-19", CHANGES)
    reps = replicate(scenario, 2, seed=4)
    about = {**about, "seed": 4}
    out = tmp_path / "out"
    write_folder(out, scenario, {"metrics": reps.metrics}, about, sources)
    write_report(tmp_path / "direct.html", reps, about, sources, "zh")
    assert report_folder(out, "zh").read_bytes() == (tmp_path / "direct.html").read_bytes()
    assert "★ 0.5（默认 0.75、来自 --set）" in (out / "report.html").read_text(encoding="utf-8")


def damaged(folder: Path, tmp_path: Path, **files: bytes | None) -> Path:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for name, content in files.items():
        (path,) = [p for p in copy.iterdir() if p.stem == name]
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
    return copy


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"manifest": None}, "no manifest.json in it"),
        ({"metrics": None, "scenario": None}, "no scenario.toml and no metrics.parquet in it"),
        ({"manifest": b"{"}, "manifest.json: is no manifest"),
        ({"manifest": b"\xff\xfe\x00"}, "manifest.json: is no manifest"),
        ({"manifest": b'{"package": "other", "seed": 1}'}, "no manifest of a zibo_sim run"),
        ({"manifest": b"[]"}, "no manifest of a zibo_sim run"),
        (
            {"manifest": b'{"package": "zibo_sim", "seed": 1, "dependencies": []}'},
            "no manifest of a zibo_sim run",
        ),
        ({"metrics": b"not parquet"}, "metrics.parquet: is no Parquet file"),
        ({"series": b""}, "series.parquet: is no Parquet file"),
        ({"scenario": b"title = 3"}, "scenario.toml"),
    ],
)
def test_a_folder_that_is_none_of_ours_is_refused(
    folder: Path, tmp_path: Path, files: dict, said: str
) -> None:
    copy = damaged(folder, tmp_path, **files)
    before = sorted(p.name for p in copy.iterdir())
    with pytest.raises(Refused, match=re.escape(said)):
        report_folder(copy, "en")
    assert sorted(p.name for p in copy.iterdir()) == before


def test_metrics_of_another_version_are_refused_by_column(folder: Path, tmp_path: Path) -> None:
    copy = damaged(folder, tmp_path)
    frame = pd.read_parquet(copy / "metrics.parquet").drop(columns="air.alerts")
    frame.to_parquet(copy / "metrics.parquet")
    with pytest.raises(Refused, match=r"lacks air\.alerts"):
        report_folder(copy, "en")


@pytest.mark.parametrize(
    ("name", "columns", "said"),
    [
        ("series", {"pm25": "pm", "aqi": "AQI"}, r"series\.parquet: lacks pm25, aqi; was it"),
        ("events", {"time": "when", "domain": "d"}, r"events\.parquet: lacks time, domain; was it"),
        ("metrics", {"replication": "run"}, r"metrics\.parquet: lacks replication; was it"),
    ],
)
def test_frames_with_other_columns_are_refused_by_file_and_column(
    folder: Path, tmp_path: Path, name: str, columns: dict[str, str], said: str
) -> None:
    copy = damaged(folder, tmp_path)
    path = copy / f"{name}.parquet"
    pd.read_parquet(path).rename(columns=columns).to_parquet(path)
    with pytest.raises(Refused, match=said):
        report_folder(copy, "en")


@pytest.mark.parametrize(("name", "column"), [("series", "time"), ("metrics", "air.pm25_mean")])
def test_a_column_that_holds_something_else_is_refused(
    folder: Path, tmp_path: Path, name: str, column: str
) -> None:
    copy = damaged(folder, tmp_path)
    path = copy / f"{name}.parquet"
    frame = pd.read_parquet(path)
    frame.assign(**{column: "text"}).to_parquet(path)
    with pytest.raises(Refused, match=rf"{name}\.parquet: column {re.escape(column)} holds"):
        report_folder(copy, "en")


@pytest.mark.parametrize(("name", "said"), [("absent", "does not exist"), ("file", "is a file")])
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "file").write_text(json.dumps({}))
    with pytest.raises(Refused, match=said):
        report_folder(tmp_path / name, "en")
