"""What the dashboard's table and picture say is left out, and what it hands over."""

from __future__ import annotations

import re
from datetime import date

import pytest

pytest.importorskip("ipywidgets")

from matplotlib.text import Text

from zibo_sim.experiment import replicate
from zibo_sim.metrics import said_metric
from zibo_sim.report.spoken import HEADLINES
from zibo_sim.scenario import load
from zibo_sim.verdicts import EQUAL, sort_out
from zibo_sim.widgets import exports, tables
from zibo_sim.widgets.engine import Result
from zibo_sim.widgets.pictures import COMPARE, tabs
from zibo_sim.words import word

SHORT = {"period.start": date(2018, 12, 1), "period.end": date(2019, 1, 5)}
MUCH = {"law.alert.yellow.days": 3, "cloud.audit.servers": 2, "heating.metered_share": 0.5,
        "air.emissions.scale": 1.2, "cloud.assessment.servers": 1}  # fmt: skip


@pytest.fixture(scope="module")
def result() -> Result:
    base = load().replace(SHORT)
    scenarios = (base, base.replace({**MUCH, "title": "much"}))
    return Result(scenarios, 3, 4, tuple(replicate(s, 4, 3) for s in scenarios))


def said(result: Result, lang: str) -> str:
    figure = tabs()[COMPARE].draw(result, lang)
    assert figure is not None
    return "\n".join(text.get_text() for text in figure.findobj(Text))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_table_and_picture_count_the_same_metrics_as_equal(result: Result, lang: str) -> None:
    found = sort_out(result.comparison.tables.values())
    shown = tables.results(result, lang)
    assert word("dash.left_out", lang, count=len(found.equal)) in shown
    assert shown.count('class="zs-name"') == len(found.moved)
    assert word("plot.unchanged", lang, count=len(found.equal)) in said(result, lang)
    every = tables.results(result, lang, every=True)
    assert every.count('class="zs-name"') == len(result.comparison.table)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_picture_of_the_most_telling_says_how_many_more_there_are(
    result: Result, lang: str
) -> None:
    moved = sort_out(result.comparison.tables.values()).moved
    assert len(moved) > 26
    assert word("plot.more", lang, count=len(moved) - 26) in said(result, lang)
    asked = [said_metric(name, lang) for name in HEADLINES if name in moved]
    assert all(name in said(result, lang) for name in asked)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_equal_in_every_pair_is_no_doubt_about_a_difference(result: Result, lang: str) -> None:
    found, every = sort_out(result.comparison.tables.values()), tables.results(result, lang, True)
    equal = f"= {word(f'verdict.{EQUAL}', lang)}"
    assert every.count(equal) == len(found.equal) > 0


@pytest.mark.parametrize(("lang", "unit"), [("zh", "个百分点"), ("en", " pp")])
def test_differences_of_shares_are_percentage_points(result: Result, lang: str, unit: str) -> None:
    name = said_metric("cloud.audit_utilisation", lang)
    shown = tables.results(result, lang)
    row = next(row for row in shown.split("<tr>") if f">{name}<" in row)
    assert re.search(rf"−\d+\.\d{unit}<", row)
    assert f"]{unit}<" in row


def test_data_and_report_name_the_files_alike(result: Result) -> None:
    names = [name for name in exports.data(result) if name.endswith(".toml")]
    assert names == ["scenario.toml", "variant_1.toml"]
    text = exports.report(result, {}, "en").decode()
    assert f"zibo-sim compare {' '.join(names)} --replications 4 --seed 3" in text
    assert all(f"<h4>{name}</h4>" in text for name in names)


def test_the_report_of_the_dashboard_draws_all_that_differs(
    result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = list[str]()
    monkeypatch.setattr("zibo_sim.report.forests.panel", lambda _, part, *rest: drawn.extend(part))
    exports.report(result, {COMPARE: b"not shown"}, "en")
    assert sorted(drawn) == sorted(sort_out(result.comparison.tables.values()).moved)
    assert COMPARE not in exports.keys("report")
