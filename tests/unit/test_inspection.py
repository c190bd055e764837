"""Inspection: teams are a lever, what they find raises compliance, nobody is made up."""

from __future__ import annotations

import numpy as np
import pytest

import zibo_sim as zs
from zibo_sim.air.inspection.process import after_inspection
from zibo_sim.model import Outcome, run_once


def winter(**changes: float) -> Outcome:
    named = {key.replace("__", "."): value for key, value in changes.items()}
    return run_once(zs.load().replace(named), seed=11)


def total(outcome: Outcome, event: str) -> float:
    return sum(e.value for e in outcome.log if e.event == event)


def test_every_visit_and_every_order_cites_its_clause() -> None:
    outcome = winter()
    cited = {e.event: e.clause for e in outcome.log if e.event in ("inspected", "ordered_to_stop")}
    assert cited == {
        "inspected": "淄政办字〔2018〕145号 八(八)",
        "ordered_to_stop": "淄政办字〔2018〕145号 八(九)",
    }


def test_a_team_visits_no_more_plants_in_a_day_than_it_can() -> None:
    outcome = winter(air__inspection__visits_per_round=3)
    by_day: dict[int, float] = {}
    for event in (e for e in outcome.log if e.event == "inspected"):
        day = int(event.time // 24)
        by_day[day] = by_day.get(day, 0) + event.value
    given = outcome.scenario.air.inspection
    teams = given.city_teams + 11 * given.district_teams
    assert max(by_day.values()) == 3 * teams


def test_more_teams_catch_more_and_the_air_gains() -> None:
    few, many = (
        winter(air__inspection__district_teams=1),
        winter(air__inspection__district_teams=20),
    )
    assert total(many, "ordered_to_stop") > total(few, "ordered_to_stop") > 0
    assert np.nanmean(many.air.air.pm25) < np.nanmean(few.air.air.pm25)


def test_without_teams_nobody_is_visited() -> None:
    outcome = winter(air__inspection__city_teams=0, air__inspection__district_teams=0)
    assert total(outcome, "inspected") == 0


def test_what_is_never_found_out_is_never_stopped() -> None:
    outcome = winter(air__inspection__detection=0.0)
    assert total(outcome, "inspected") > 0
    assert total(outcome, "ordered_to_stop") == 0


def test_where_nobody_complies_the_air_is_that_without_measures_to_the_last_bit() -> None:
    air = winter(air__response__compliance=0.0).air.air
    assert np.array_equal(air.pm25, air.pm25_no_measures)


def test_inspection_moves_no_weather_and_no_forecast() -> None:
    few, many = winter(air__inspection__city_teams=0), winter(air__inspection__city_teams=50)
    assert np.array_equal(few.air.vintages.aqi, many.air.vintages.aqi, equal_nan=True)
    assert np.array_equal(few.air.air.pm25_no_measures, many.air.air.pm25_no_measures)


@pytest.mark.parametrize(
    ("compliance", "caught", "after"),
    [(0.75, 0.0, 0.75), (0.75, 0.5, 6 / 7), (0.75, 1.0, 1.0), (0.0, 0.9, 0.0), (1.0, 0.5, 1.0)],
)
def test_the_odds_of_not_complying_fall_by_the_share_caught(
    compliance: float, caught: float, after: float
) -> None:
    assert after_inspection(compliance, caught) == pytest.approx(after)
