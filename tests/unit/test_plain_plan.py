"""The fast plan takes the decisions of the plainest hourly model, and its air is the same."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import zibo_sim as zs
from zibo_sim.heating.season import heated_days
from zibo_sim.model import run_once
from zibo_sim.streams import Streams

DECIDED = ("published", "upgraded", "lowered", "lifted")
NO_TEAMS = {"air.inspection.city_teams": 0, "air.inspection.district_teams": 0}


@pytest.fixture
def plain_plan(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    return importlib.import_module("plain_plan")


@pytest.mark.parametrize(("seed", "replication"), [(1, 0), (1, 2)])
def test_the_plan_is_the_plain_hourly_plan_in_another_form(
    plain_plan: Any, seed: int, replication: int
) -> None:
    scenario = zs.load().replace(NO_TEAMS)
    ours = run_once(scenario, seed, replication)
    heated = ours.clock.dates()[heated_days(ours.clock.dates(), ours.law)].tolist()
    plain = plain_plan.PlainPlan(
        scenario.air, ours.clock, heated[0], heated[-1], ours.law,
        ours.air.air.reductions, Streams(seed, replication),
    )  # fmt: skip
    pm25 = plain.run()
    found = [(e.time, e.event, e.level) for e in ours.log if e.event in DECIDED]
    assert {"published", "lifted"} <= {event for _, event, _ in found}
    assert [decision[1:] for decision in plain.decided] == [decision[1:] for decision in found]
    times = np.array([decision[0] for decision in plain.decided])
    np.testing.assert_allclose(times, [time for time, *_ in found], rtol=0, atol=1e-9)
    np.testing.assert_allclose(pm25, ours.air.air.pm25, rtol=1e-9)
    np.testing.assert_array_equal(plain.aqi, ours.air.air.aqi)
