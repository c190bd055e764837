"""Changes of the law that say their status and source, and the scenarios that use them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from zibo_sim.errors import Refused
from zibo_sim.experiment import run
from zibo_sim.law import book
from zibo_sim.law.book import READING_SUFFIX
from zibo_sim.results import resolved_toml
from zibo_sim.scenario import Scenario, load, resolve
from zibo_sim.show import schema

HEAD = 'title = "A winter"\nquestion = "What if?"\n'
KEY = "alert.yellow.days"
NOTE = {"status": "literature", "source": "a paper"}
TABLE = {"value": 1, **NOTE}
Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> str:
        path = tmp_path / "mine.toml"
        path.write_text(HEAD + text, encoding="utf-8")
        return str(path)

    return written


# ---- the form --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '[law]\n"alert.yellow.days" = { value = 1, status = "literature", source = "a paper" }\n',
        '[law.alert.yellow.days]\nvalue = 1\nstatus = "literature"\nsource = "a paper"\n',
        '[law."alert.yellow.days"]\nvalue = 1\nstatus = "literature"\nsource = "a paper"\n',
    ],
)
def test_a_change_may_be_a_table_of_value_status_and_source(write: Write, text: str) -> None:
    scenario = load(write(text))
    assert (scenario.law, scenario.law_notes) == ({KEY: 1}, {KEY: NOTE})
    entry = scenario.law_book().entry(KEY)
    assert (entry.value, entry.status, entry.source) == (1, "literature", "a paper")


def test_the_plain_form_says_nothing_of_itself() -> None:
    scenario = load().replace({f"law.{KEY}": 1})
    assert scenario.law_notes == {}
    assert scenario.law_book().entry(KEY).status == book().entry(KEY).status


def test_what_differs_from_the_law_carries_status_and_source() -> None:
    (row,) = load().replace({f"law.{KEY}": TABLE}).differs_from_law()
    assert {k: row[k] for k in ("law", "scenario", *NOTE)} == {"law": 2, "scenario": 1, **NOTE}


def test_a_later_plain_change_drops_the_note() -> None:
    scenario = load().replace({f"law.{KEY}": TABLE}).replace({f"law.{KEY}": 3})
    assert (scenario.law, scenario.law_notes) == ({KEY: 3}, {})


def test_one_note_leaves_the_others(write: Write) -> None:
    both = load().replace({f"law.{KEY}": TABLE, "law.alert.red.days": {**TABLE, "value": 3}})
    assert set(both.replace({f"law.{KEY}": 3}).law_notes) == {"alert.red.days"}


def test_a_table_and_a_reading_of_the_same_id_go_together(write: Write) -> None:
    table = 'value = 1\nstatus = "literature"\nsource = "a paper"\nreading = "calendar"\n'
    scenario = load(write(f"[law.alert.yellow.days]\n{table}"))
    assert scenario.law == {KEY: 1, KEY + READING_SUFFIX: "calendar"}
    assert scenario.law_book().option(KEY) == "calendar"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"value": 1}, "missing 'status'"),
        ({"value": 1, "status": "literature"}, "missing 'source'"),
        (NOTE, "missing 'value'"),
        ({**TABLE, "status": "heard"}, "unknown status 'heard'"),
        ({**TABLE, "source": " "}, "source: ' ' is refused"),
        ({**TABLE, "source": 3}, "source: 3 is refused"),
        ({**TABLE, "page": 3}, "unknown key 'page'"),
        ({**TABLE, "value": -1}, "-1 is refused; allowed is a whole number"),
    ],
)
def test_a_faulty_table_is_refused(table: dict[str, object], said: str) -> None:
    with pytest.raises(Refused) as error:
        load().replace({f"law.{KEY}": table})
    assert any(said in fault for fault in error.value.faults)
    assert all(f"law.{KEY}" in fault for fault in error.value.faults)


def test_a_reading_cannot_be_a_table() -> None:
    with pytest.raises(Refused, match="is the name of an option"):
        load().replace({f"law.{KEY}{READING_SUFFIX}": TABLE})


def test_the_resolved_file_says_the_note_and_loads_to_the_same(tmp_path: Path) -> None:
    scenario = load().replace({f"law.{KEY}": TABLE, "law.alert.red.days": 5})
    text = resolved_toml(scenario)
    assert tomllib.loads(text)["law"][KEY] == TABLE
    path = tmp_path / "resolved.toml"
    path.write_text(text, encoding="utf-8")
    assert load(path) == scenario


def test_notes_cannot_be_written_by_themselves(write: Write) -> None:
    with pytest.raises(Refused, match="law_notes"):
        load(write('[law_notes]\n"alert.yellow.days" = { status = "literature" }\n'))
    assert "law_notes" not in schema(book())["properties"]


def test_where_a_noted_value_was_written_is_told_without_the_note() -> None:
    _, sources = resolve("plan-2017")
    (source,) = [s for s in sources if s.key == "law.alert.orange.days_over_300"]
    assert (source.value, source.origin) == (1, "plan-2017.toml")


# ---- the scenarios ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["plan-2017", "draft-2022"])
def test_thresholds_from_elsewhere_are_marked_as_literature(name: str) -> None:
    rows = load(name).differs_from_law()
    assert rows
    assert all(row["status"] == "literature" and row["source"] for row in rows)


def level(name: str, *days: tuple[float, int]) -> str:
    """The level a scenario's law calls for, given mean AQI and hours."""
    from zibo_sim.rulebook import rules

    aqi = [[value, hours] for value, hours in days]
    return str(rules["air.alert_level"](aqi=aqi, law=load(name).law_book())["level"])


@pytest.mark.parametrize(
    ("days", "plan_2018", "plan_2017", "draft_2022"),
    [
        ([(201, 1), (160, 47)], "none", "none", "yellow"),
        ([(160, 72)], "none", "none", "none"),
        ([(160, 48), (201, 24)], "none", "none", "orange"),
        ([(210, 48)], "yellow", "yellow", "yellow"),
        ([(250, 72)], "orange", "yellow", "orange"),
        ([(250, 48), (301, 24)], "orange", "orange", "red"),
        ([(250, 48), (301, 48)], "red", "red", "red"),
        ([(250, 96)], "orange", "yellow", "orange"),
        ([(500, 24)], "red", "red", "none"),
    ],
)
def test_the_same_air_calls_for_other_levels_under_other_standards(
    days: list[tuple[float, int]], plan_2018: str, plan_2017: str, draft_2022: str
) -> None:
    names = ("winter-2018-19", "plan-2017", "draft-2022")
    assert [level(name, *days) for name in names] == [plan_2018, plan_2017, draft_2022]


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("yellow-at-one-day", "law.alert.yellow.days", 1),
        ("days-by-calendar", "law.alert.yellow.days.reading", "calendar"),
        ("horizon-120h", "air.forecast.horizon_h", 120),
        ("no-emergency-measures", "air.response.compliance", 0.0),
        ("coal-half-converted", "clean_heating.completed_share", 0.5),
    ],
)
def test_a_variant_changes_what_it_says(name: str, key: str, value: object) -> None:
    assert load(name).get(key) == value
    assert load().get(key) != value


def alert_days(scenario: Scenario) -> float:
    return sum(float(run(scenario, seed).metrics["air.alert_days"]) for seed in range(3))


def test_without_measures_the_air_is_that_without_measures_to_the_last_bit() -> None:
    air = run(load("no-emergency-measures"), seed=1)
    np.testing.assert_array_equal(air.series["pm25"], air.series["pm25_no_measures"])
    assert air.metrics["air.alerts"] > 0
    assert air.metrics["air.output_lost"] == 0


def test_yellow_at_one_day_and_the_draft_of_2022_alert_on_more_days() -> None:
    base = alert_days(load())
    assert alert_days(load("yellow-at-one-day")) > base
    assert alert_days(load("draft-2022")) > base


def test_half_the_stoves_make_a_dirtier_winter() -> None:
    half, done = (run(load(n), seed=1).metrics for n in ("coal-half-converted", "winter-2018-19"))
    assert half["air.pm25_mean_no_measures"] > done["air.pm25_mean_no_measures"] + 0.2
