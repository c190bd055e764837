"""The report of a sweep, from the folder it leaves."""

from __future__ import annotations

import re
import shutil
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from zibo_sim.cli.main import main
from zibo_sim.errors import Refused
from zibo_sim.report import report_folder
from zibo_sim.report.points import MOST_DRAWN, drawn_outputs
from zibo_sim.report.reading import kind_of
from zibo_sim.report.studied import studied_page
from zibo_sim.scenario import load
from zibo_sim.study.spec import Study, study_of
from zibo_sim.study.sweep import sweep
from zibo_sim.words import LANGUAGES, bracketed, listed, word

FORTNIGHT = {"period.start": date(2018, 12, 1), "period.end": date(2018, 12, 14)}
EVIL = "<script>alert(1)</script><img src=http://x.example/y>"
OUTPUTS = ["air.pm25_mean", "cloud.requests", "heating.subsidy"]
FACTORS = {
    "air.response.compliance": [0.0, 0.5, 1.0],
    "law.alert.yellow.days": [1, 2],
    "cloud.audit.servers": [1, 3],
}


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
def study() -> Study:
    return study_of({
        "title": EVIL, "base": load().replace(FORTNIGHT), "design": "grid", "replications": 2,
        "outputs": OUTPUTS, "factors": FACTORS,
    })  # fmt: skip


@pytest.fixture(scope="module")
def folder(study: Study, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("study") / "out"
    sweep(study, out=out, jobs=1)
    return out


@pytest.fixture(scope="module")
def frame(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "results.parquet")


@pytest.fixture(scope="module")
def pages(folder: Path) -> dict[str, str]:
    return {lang: report_folder(folder, lang).read_text(encoding="utf-8") for lang in LANGUAGES}


def test_the_folder_of_a_sweep_is_known_by_its_files(folder: Path) -> None:
    assert kind_of(folder) == "study"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_factor_stands_with_its_levels_status_and_source(
    pages: dict[str, str], lang: str
) -> None:
    text = pages[lang]
    table = Reader(text[text.index('id="page-factors"') : text.index('id="page-outcomes"')]).said
    for key, levels in FACTORS.items():
        assert key in table
        assert listed((f"{v:g}" for v in levels), lang) in table
    assert word("status.assumed", lang) in table
    assert word("status.statutory", lang) in table
    assert "淄政办字〔2018〕145号 四(一)1" in table
    assert "200" in table  # the quote


@pytest.mark.parametrize("lang", LANGUAGES)
def test_lowest_and_highest_are_those_of_the_results(
    pages: dict[str, str], frame: pd.DataFrame, lang: str
) -> None:
    means = frame.groupby("point")["air.pm25_mean"].mean()
    said = Reader(pages[lang]).said
    for point in (means.idxmin(), means.idxmax()):
        assert f"{means[point]:.1f} µg/m³{bracketed(str(point), lang)}" in said
    assert f"{means.mean():.1f} µg/m³" in said


def test_an_output_no_run_defines_is_said_and_not_drawn(pages: dict[str, str]) -> None:
    reader = Reader(pages["en"])
    assert "Subsidy paid: no run defines it." in reader.said
    assert not any("subsidy" in alt for alt in reader.alts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_surfaces_and_tornados_stand_in_the_page(pages: dict[str, str], lang: str) -> None:
    alts = Reader(pages[lang]).alts
    kinds = [word(f"page.alt_{kind}", lang, name="@").partition("@")[0]
             for kind in ("sweep", "tornado", "indices")]  # fmt: skip
    for kind in kinds:
        assert sum(alt.startswith(kind) for alt in alts) == 2
    assert all(alts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_loads_nothing_and_escapes_the_title(pages: dict[str, str], lang: str) -> None:
    text, reader = pages[lang], Reader(pages[lang])
    assert all(load.startswith(("data:image/png;base64,", "#")) for load in reader.loads)
    assert not {"script", "link", "iframe", "object"} & set(reader.tags)
    assert "&lt;script&gt;alert(1)" in text
    assert "default-src 'none'" in text
    assert len(text.encode()) < 3_000_000


def test_equal_folders_give_equal_bytes(folder: Path, pages: dict[str, str]) -> None:
    assert report_folder(folder, "zh").read_text(encoding="utf-8") == pages["zh"]


def test_stress_items_speak_of_a_study(pages: dict[str, str]) -> None:
    said = Reader(pages["en"]).said
    assert "12 points of a grid design" in said
    assert "zibo-sim sweep study.toml" in said
    assert "2 replications a point" in said


def test_failed_runs_are_counted_listed_and_left_out(study: Study, frame: pd.DataFrame) -> None:
    broken = frame.copy()
    broken.loc[3, "error"] = f"Refused: {EVIL}"
    broken.loc[3, OUTPUTS] = float("nan")
    reader = Reader(studied_page(broken, study, {}, "en"))
    assert "1 of them failed" in reader.said
    assert "Refused: <script>" in reader.said
    assert "script" not in reader.tags
    assert word("page.failures", "en") not in Reader(studied_page(frame, study, {}, "en")).said


def test_a_study_whose_runs_all_failed_still_has_a_report(
    study: Study, frame: pd.DataFrame
) -> None:
    broken = frame.assign(error="Refused: no", **dict.fromkeys(OUTPUTS, float("nan")))
    reader = Reader(studied_page(broken, study, {}, "zh"))
    assert word("page.study_failed", "zh", count=24) in reader.said
    assert not reader.alts


def test_one_factor_has_no_shares_and_many_outputs_are_not_all_drawn() -> None:
    base = load().replace(FORTNIGHT)
    one = study_of({"base": base, "design": "grid", "factors": {"cloud.audit.servers": [1, 2]}})
    assert len(drawn_outputs(one)) == MOST_DRAWN
    assert "air.pm25_mean" in drawn_outputs(one)
    reader = Reader(studied_page(sweep(one, jobs=1), one, {}, "en"))
    assert not any(alt.startswith("Bars: each factor") for alt in reader.alts)
    assert f"Of {len(one.outputs)} outputs {MOST_DRAWN} are drawn" in reader.said


def test_a_design_spread_over_many_factors_is_screened_and_has_no_surface() -> None:
    factors = {
        "air.response.compliance": {"low": 0.2, "high": 1.0},
        "cloud.audit.servers": [1, 2, 3],
        "heating.metered_share": {"low": 0.1, "high": 0.4},
    }
    screened = study_of({
        "base": load().replace(FORTNIGHT), "design": "morris", "points": 8, "replications": 2,
        "outputs": ["air.pm25_mean"], "factors": factors,
    })  # fmt: skip
    reader = Reader(studied_page(sweep(screened, jobs=1), screened, {}, "en"))
    assert any(alt.startswith("Scatter: size and spread") for alt in reader.alts)
    assert not any(alt.startswith("Chart: ") for alt in reader.alts)
    assert "0.2 – 1" in reader.said
    assert word("page.sweeps", "en") not in reader.said


def test_the_command_refuses_a_sweep_that_has_not_ended(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "results.parquet").unlink()
    (copy / "report.html").unlink(missing_ok=True)
    assert main(["report", str(copy)]) == 1
    assert "go on with sweep --resume" in capsys.readouterr().err
    assert not (copy / "report.html").exists()


def test_a_folder_that_is_none_is_refused_naming_what_makes_one(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    said = "`zibo-sim run --out`, `compare --out` or `sweep --out`"
    with pytest.raises(Refused, match=re.escape(said)):
        report_folder(tmp_path, "en")
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]
