"""Alerts held against episodes, and the season's targets one by one."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan, nan
from types import SimpleNamespace
from typing import Any

import pytest

from zibo_sim.air.alerts import Episode
from zibo_sim.air.sky import Alert
from zibo_sim.experiment import replicate
from zibo_sim.law import book
from zibo_sim.metrics import METRICS, metric_names
from zibo_sim.outcomes import (
    TARGETS,
    base_winter,
    calling,
    false_alerts,
    in_time,
    late,
    lead_times,
    missed,
    response_days,
    target_met,
    targets_missed,
)
from zibo_sim.records import Event
from zibo_sim.scenario import load
from zibo_sim.words import is_count, is_share, scale

HOURS = 1000


def episode(start: int, end: int, level: str = "yellow") -> Episode:
    return Episode(level, start, end, 10, 220.0, 2, 0)


def alert(published: float, lifted: float | None) -> Alert:
    return Alert(f"alert-{published}", 0, published, [(published, 1)], lifted=lifted)


def facts(
    alerts: Sequence[Alert] = (),
    episodes: Sequence[Episode] = (),
    log: Sequence[Event] = (),
    **more: Any,
) -> Any:
    air = SimpleNamespace(alerts=alerts, hours=HOURS, until=HOURS)
    outcome = SimpleNamespace(log=log)
    more.setdefault("season_valid", True)
    known = SimpleNamespace(air=air, episodes=episodes, outcome=outcome, law=book(), **more)
    known.targets_missed = targets_missed(known) if "pm25_mean" in more else None
    return known


# ---- alerts against episodes -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "expected"),
    [
        (76.0, (1, 0, 0)),
        (76.01, (0, 1, 0)),
        (99.0, (0, 1, 0)),
        (140.0, (0, 1, 0)),
        (300.0, (0, 0, 1)),
    ],
)
def test_an_episode_is_warned_in_time_late_or_missed(
    published: float, expected: tuple[int, int, int]
) -> None:
    found = facts([alert(published, 400.0)], [episode(100, 150)])
    assert (in_time(found), late(found), missed(found)) == expected


def test_an_alert_lifted_before_the_episode_began_does_not_count() -> None:
    found = facts([alert(10.0, 90.0)], [episode(100, 150)])
    assert (in_time(found), late(found), missed(found)) == (0, 0, 1)


def test_one_alert_in_time_is_enough_among_several() -> None:
    found = facts([alert(70.0, 110.0), alert(120.0, 160.0)], [episode(100, 150)])
    assert (in_time(found), late(found)) == (1, 0)


def test_a_stretch_too_short_for_an_alert_counts_for_nothing_but_false_alerts() -> None:
    found = facts([alert(90.0, 200.0)], [episode(100, 150, "none")])
    assert (len(calling(found)), in_time(found), late(found), missed(found)) == (0, 0, 0, 0)
    assert false_alerts(found) == 0
    assert lead_times(found) == [10.0]


def test_an_alert_without_any_episode_is_false() -> None:
    assert false_alerts(facts([alert(90.0, None)])) == 1


# ---- days under response -----------------------------------------------------------------------


def step(time: float, entity: str, event: str) -> Event:
    return Event(time, "air", entity, event, clause="淄政办字〔2018〕145号 五(二)")


def test_days_under_response_run_from_its_first_start_to_its_end() -> None:
    log = [
        step(10.0, "alert-1", "response_started"),
        step(34.0, "alert-1", "response_started"),  # an upgrade
        step(58.0, "alert-1", "response_ended"),
        step(976.0, "alert-2", "response_started"),  # still on at the end of the run
    ]
    assert response_days(facts(log=log)) == pytest.approx((48 + 24) / 24)


def test_an_alert_whose_response_never_started_has_no_days() -> None:
    assert response_days(facts(log=[step(58.0, "alert-1", "response_ended")])) == 0


# ---- targets -----------------------------------------------------------------------------------


def test_the_winter_before_is_what_the_printed_targets_imply() -> None:
    mean, heavy = base_winter()
    assert mean == pytest.approx(73.846, abs=1e-3)
    assert heavy == 11


@pytest.mark.parametrize(
    ("mean", "heavy", "expected"),
    [
        (72.0, 10.0, ()),
        (72.01, 10.0, ("pm25_mean", "pm25_change")),
        (72.0, 11.0, ("heavy_days", "heavy_days_change")),
        (80.0, 20.0, TARGETS),
    ],
)
def test_targets_are_met_at_their_edge_and_missed_beyond(
    mean: float, heavy: float, expected: tuple[str, ...]
) -> None:
    found = facts(pm25_mean=mean, heavy_days=heavy)
    assert found.targets_missed == expected
    for target in TARGETS:
        assert target_met(found, target) == float(target not in expected)


def test_a_reform_of_the_mean_leaves_the_winter_before_alone() -> None:
    found = facts(pm25_mean=71.0, heavy_days=5.0)
    found.law = book().with_changes({"target.pm25_mean": 70})
    assert targets_missed(found) == ("pm25_mean",)


def test_targets_are_undefined_where_the_air_is() -> None:
    found = facts(pm25_mean=nan, heavy_days=5.0)
    assert found.targets_missed is None
    assert isnan(target_met(found, "pm25_mean"))


# ---- as metrics --------------------------------------------------------------------------------


def test_every_episode_is_in_time_late_or_missed_and_targets_agree() -> None:
    rows = replicate(load(), 8, seed=3).metrics
    parts = rows["air.episodes_in_time"] + rows["air.episodes_late"] + rows["air.missed_episodes"]
    assert (parts == rows["air.episodes"]).all()
    assert (rows["air.response_days"] <= rows["air.alert_days"] + 1).all()
    both = rows["air.target_pm25_mean_met"] * rows["air.target_heavy_days_met"]
    assert (both == rows["air.target_met"]).all()
    assert (rows["air.target_pm25_mean_met"] == (rows["air.pm25_mean"] <= 72)).all()


@pytest.mark.parametrize("name", ["air.episodes", "air.episodes_in_time", "air.episodes_late"])
def test_counts_are_written_as_counts(name: str) -> None:
    assert is_count(name, METRICS[name].unit)
    assert scale(name, METRICS[name].unit, 5.0, "en").unit == ""


@pytest.mark.parametrize("name", [n for n in METRICS if n.startswith("air.target_")])
def test_a_target_is_written_as_a_share(name: str) -> None:
    assert is_share(name, METRICS[name].unit)


def test_every_metric_is_said_in_both_languages_with_a_formula() -> None:
    for metric in METRICS.values():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in metric.zh), metric.name
        assert metric.en.isascii()
        assert metric.formula
        assert metric.formula_in("zh")
        assert metric.formula_in("en")
    assert metric_names(load()) == [n for n in METRICS if not n.startswith("valuation.")]


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        ("air.heavy_days", "GB/T 8170", "rounded before the index is taken"),
        ("air.target_met", "无定义", "undefined"),
        ("heating.revenue", "起止均在时段内", "begin and are settled"),
        ("heating.mean_bill", "起止均在时段内", "begin and are settled"),
        ("heating.subsidy", "10月31日", "31 October"),
    ],
)
def test_what_a_metric_is_of_is_said_in_both_languages(name: str, zh: str, en: str) -> None:
    assert zh in METRICS[name].formula_in("zh")
    assert en in METRICS[name].formula_in("en")
    assert en not in METRICS[name].formula_in("zh")
