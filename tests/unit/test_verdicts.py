"""Tables, pictures and reports sort and name what a comparison found by the same functions."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

from zibo_sim.comparison import COLUMNS, RISES, Comparison, compare
from zibo_sim.experiment import Replications
from zibo_sim.metrics import METRICS, metric_names
from zibo_sim.plots.forest import compare as draw
from zibo_sim.plots.registry import PICTURES
from zibo_sim.report.scenario_files import file_names, short_toml
from zibo_sim.report.spoken import HEADLINES, most_telling, moved_line, verdicts
from zibo_sim.scenario import Scenario, load
from zibo_sim.show_experiments import compare_text
from zibo_sim.verdicts import EQUAL, arm_titles, moves, scales, sort_out, told
from zibo_sim.words import word

LANGUAGES = ("zh", "en")
RUNS = 12


def arm(shifts: dict[str, float], title: str = "base") -> Replications:
    """Return replications without the disabled metrics; one of the others no run defines."""
    rng, scenario = np.random.default_rng(3), Scenario(title=title, question="?")
    frame = pd.DataFrame({name: 50 + rng.normal(size=RUNS) for name in metric_names(scenario)})
    frame["cloud.filing_on_time"] = np.nan
    for name in frame:
        noise = 0.1 * rng.normal(size=RUNS)
        if name in shifts:
            frame[name] += shifts[name] + noise
    frame.insert(0, "replication", np.arange(RUNS))
    return Replications(scenario, 3, frame)


@pytest.fixture(scope="module")
def many() -> Comparison:
    """A comparison in which 36 metrics differ, as in half the reviewers with yellow at three."""
    names = [name for name in metric_names(Scenario(title="-", question="-"))
             if name != "cloud.filing_on_time"]  # fmt: skip
    return Comparison(arm({}), {"v": arm(dict.fromkeys(names[:36], 4.0), "Variant")})


def spoken(ax: Axes) -> str:
    return "\n".join(text.get_text() for text in ax.findobj(Text))


def row(**said: float | str) -> dict[str, float | str]:
    zeros: dict[str, float | str] = dict.fromkeys(COLUMNS, 0.0)
    return zeros | {"pairs": 5, "verdict": "no difference shown"} | said


# ---- one sorting for all -----------------------------------------------------------------


def test_the_sorting_holds_every_metric_of_the_tables_once_and_no_other(many: Comparison) -> None:
    found = sort_out(many.tables.values())
    assert sorted(found.moved + found.equal + found.undefined) == sorted(many.table.index)
    assert len(found.moved) == 36
    assert found.undefined == ["cloud.filing_on_time"]
    assert set(METRICS) - set(many.table.index), "some metrics are disabled"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_table_picture_and_report_count_the_same_metrics_as_equal(
    many: Comparison, lang: str
) -> None:
    count = len(sort_out(many.tables.values()).equal)
    assert word("plot.unchanged", lang, count=count) in spoken(draw(many, lang=lang))
    said = {"zh": f"{count} 项在每对中都相同", "en": f"{count} equal in every pair"}[lang]
    assert said in verdicts(many.table, lang)
    assert word("plot.in_no_pair", lang, count=1) in spoken(draw(many, lang=lang))


def test_a_metric_that_one_variant_moves_is_moved() -> None:
    arms = {"one": arm({"air.alerts": 2.0}), "two": arm({})}
    found = sort_out(Comparison(arm({}), arms).tables.values())
    assert found.moved == ["air.alerts"]
    assert "air.alerts" not in found.equal


def test_one_pair_moves_where_it_differs_though_it_has_no_interval() -> None:
    alone = row(pairs=1, low=np.nan, high=np.nan)
    assert not moves(alone)
    assert told(alone) == EQUAL
    assert moves(alone | {"difference": 1.0})


# ---- pictures ------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_picture_that_leaves_metrics_out_says_how_many_and_where(
    many: Comparison, lang: str
) -> None:
    shown = sort_out(many.tables.values()).moved[:26]
    assert word("plot.more", lang, count=10) in spoken(draw(many, shown, lang=lang))
    assert word("plot.more", lang, count=10) not in spoken(draw(many, lang=lang))


def test_the_most_telling_are_what_planners_ask_first_and_then_the_surest(many: Comparison) -> None:
    tables = list(many.tables.values())
    chosen, moved = most_telling(tables, 20), sort_out(tables).moved
    assert len(chosen) == 20
    assert chosen == [name for name in moved if name in chosen], "in the order of the tables"
    assert {name for name in HEADLINES if name in moved} <= set(chosen)
    assert most_telling(tables, 99) == moved


@pytest.mark.parametrize("titled", [True, False])
def test_pictures_call_a_variant_by_its_title_where_it_has_one_of_its_own(titled: bool) -> None:
    made = arm({"air.alerts": 1.0}, "方案甲 / Plan A" if titled else "base")
    comparison = Comparison(arm({}), {"plan-a": made})
    said = "Plan A" if titled else "plan-a"
    assert arm_titles(comparison, "en") == {"plan-a": said}
    picture = next(picture for picture in PICTURES if picture.name == "compare")
    assert f"{said}\nagainst: base" in spoken(picture.draw(comparison, lang="en"))


def test_a_name_that_was_given_for_people_is_kept() -> None:
    names = ["三天 / three days", "faster", "law.alert.yellow.days=3", "horizon-96h", "x.toml"]
    made = {name: arm({}, f"title {name}") for name in names}
    called = arm_titles(Comparison(arm({}), made), "en")
    assert [name for name in names if called[name] == name] == names[:3]


# ---- verdicts in words -----------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_command_says_equal_and_leaves_the_pairing_blank(lang: str) -> None:
    made = Comparison(arm({}), {"v": arm({"air.alerts": 0.01})})
    lines = {key: (METRICS[key].zh if lang == "zh" else METRICS[key].en)
             for key in ("heating.mean_bill", "air.alerts", "cloud.filing_on_time")}  # fmt: skip
    text = compare_text(made, lang).splitlines()
    equal, moved, unknown = (
        next(line for line in text if line.startswith(f"{name} ")) for name in lines.values()
    )
    assert equal.rstrip().endswith(word(f"verdict.{EQUAL}", lang))
    assert word("verdict.no difference shown", lang) in moved
    assert "×" in moved
    assert "no difference" not in unknown
    assert made.table.loc["heating.mean_bill", "verdict"] == "no difference shown"


@pytest.mark.parametrize("name", ["air.heavy_days", "air.alerts", "cloud.opinion_on_time"])
def test_a_sentence_needs_no_verb_that_agrees_with_the_metric(name: str) -> None:
    said = moved_line(name, row(difference=1, low=0.5, high=1.5, verdict=RISES), "en")
    assert ": up, " in said
    assert not re.search(r"\b(rises|falls)\b", said)


# ---- differences of shares -------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "unit"), [("zh", "个百分点"), ("en", " pp")])
def test_differences_of_shares_are_percentage_points(lang: str, unit: str) -> None:
    said = row(base=0.816, variant=0.783, difference=-0.033, low=-0.05, high=-0.016)
    plain, fine = scales("cloud.opinion_on_time", said, lang)
    assert plain.figure(0.816) == "81.6%"
    assert fine.figure(-0.033, sign=True) == f"−3.3{unit}"
    assert fine.span(-0.05, -0.016, sign=True) == f"[−5.0, −1.6]{unit}"
    line = moved_line("cloud.opinion_on_time", said | {"verdict": "falls"}, lang)
    assert f"−3.3 [−5.0, −1.6]{unit}" in line
    made = Comparison(arm({}), {"v": arm({"cloud.opinion_on_time": -4.0})})
    assert f"]{unit}" in spoken(draw(made, lang=lang))


def test_other_differences_have_the_unit_of_their_values() -> None:
    said = row(base=74.2, variant=74.0, difference=-0.2, low=-0.3, high=-0.1)
    _, fine = scales("air.pm25_mean", said, "en")
    assert fine.figure(-0.2, sign=True) == "−0.20"
    assert fine.span(-0.3, -0.1, sign=True) == "[−0.30, −0.10]"


# ---- scenario files --------------------------------------------------------------------------


def test_the_files_of_a_report_load_to_its_scenarios(tmp_path: Path) -> None:
    base = load("horizon-96h").replace({"period.start": date(2018, 12, 1), "title": 'A "q" <b> #1'})
    law = {"law.alert.yellow.days": 3, "law.alert.yellow.days.reading": "calendar"}
    scenarios = [load(), base, base.replace({**law, "cloud.audit.servers": 2})]
    for name, scenario in zip(file_names(3), scenarios, strict=True):
        (tmp_path / name).write_text(short_toml(scenario, "zh"), encoding="utf-8")
        assert load(tmp_path / name) == scenario
    assert len(short_toml(scenarios[2], "en").splitlines()) < 30


def test_a_comparison_from_two_files_is_told_by_their_titles() -> None:
    week = load().replace({"period.start": date(2019, 1, 5), "period.end": date(2019, 1, 9)})
    other = week.replace({"cloud.audit.servers": 2, "title": "两人审核 / Two auditors"})
    made = compare(week, other, replications=2, names=["two-auditors"])
    assert "Two auditors" in spoken(draw(made, lang="en"))
