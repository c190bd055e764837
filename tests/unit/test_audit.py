"""The audit of streams finds what is out of step, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Generator
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from zibo_sim.audit import IN_STEP, ONE_ARM, OUT_OF_STEP, OWN_INPUTS, WatchedStreams, audit
from zibo_sim.cloud.process import Desk
from zibo_sim.cloud.requests import Request
from zibo_sim.metrics import measure
from zibo_sim.model import run_once
from zibo_sim.scenario import Scenario, load
from zibo_sim.show_experiments import audit_json, audit_text
from zibo_sim.streams import Streams


@pytest.fixture(scope="module")
def base() -> Scenario:
    return load().replace({"period.start": date(2018, 11, 15), "period.end": date(2018, 12, 31)})


def strays(frame: pd.DataFrame) -> set[str]:
    return set(frame.loc[frame["verdict"] == OUT_OF_STEP, "stream"])


def test_watching_changes_no_result(base: Scenario) -> None:
    plain = measure(run_once(base, 3))
    watched = measure(run_once(base, 3, streams=WatchedStreams(3)))
    np.testing.assert_equal(watched, plain)


@pytest.mark.parametrize(
    "change",
    [
        {"cloud.audit.servers": 5},
        {"cloud.queue": "priority"},
        {"air.emissions.scale": 0.5, "law.alert.yellow.days": 3},
        {"air.forecast.horizon_h": 72},
        {"air.response.compliance": 0.3, "heating.metered_share": 0.5},
        {"heating.dwellings": 200_000},
    ],
)
def test_a_change_of_policy_leaves_every_stream_in_step(
    base: Scenario, change: dict[str, Any]
) -> None:
    frame = audit(base, base.replace(change), seed=3)
    assert set(frame["verdict"]) <= {IN_STEP, ONE_ARM}  # without alerts nobody inspects
    compared = frame.set_index(["stream", "kind"])["compared"]
    assert compared["air.weather.wind", "draws"] > 1000
    assert compared["cloud.service.audit", "work"] > 0


def test_a_change_of_what_is_drawn_is_its_own_doing(base: Scenario) -> None:
    changed = base.replace({"cloud.audit.mean_days": 3.0, "air.weather.duration_shape": 3.0})
    frame = audit(base, changed, seed=3).set_index(["stream", "kind"])["verdict"]
    assert OUT_OF_STEP not in set(frame)
    assert frame["cloud.service.audit", "request"] == OWN_INPUTS
    assert frame["cloud.service.audit", "work"] == OWN_INPUTS
    assert frame["air.weather.duration", "draws"] == OWN_INPUTS
    assert frame["cloud.service.audit.new", "draws"] == IN_STEP


def test_a_stream_that_only_one_arm_asks_for_is_no_fault(base: Scenario) -> None:
    frame = audit(base, base.replace({"air.regional.enabled": False}), seed=3)
    verdicts = frame.set_index(["stream", "kind"])["verdict"]
    assert verdicts["air.regional.error", "draws"] == ONE_ARM
    assert not strays(frame)


# ---- models that are wrong on purpose ----------------------------------------------------


def break_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let auditors draw their work from one generator, in the order in which they serve."""
    plain = Desk.serve
    shared: dict[int, np.random.Generator] = {}
    started = Desk.expect

    def expect(self: Desk, requests: list[Request]) -> None:
        shared[id(self)] = streams_of[-1]("cloud.service.shared")
        started(self, requests)

    def serve(self: Desk, request: Request, stage: str, work: float) -> Generator[Any, Any, None]:
        if stage != "audit":
            yield from plain(self, request, stage, work)
            return
        with self.staff[stage].request(*self.rank(request)) as turn:
            yield turn
        work = float(shared[id(self)].standard_exponential())
        yield from plain(self, request, "audit", work)

    streams_of: list[Streams] = []

    monkeypatch.setattr("zibo_sim.audit.run_once", run_with(streams_of))
    monkeypatch.setattr(Desk, "expect", expect)
    monkeypatch.setattr(Desk, "serve", serve)


def run_with(streams_of: list[Streams]) -> Any:
    def run(*args: Any, streams: Streams, **kwargs: Any) -> Any:
        streams_of.append(streams)
        return run_once(*args, streams=streams, **kwargs)

    return run


def test_a_generator_shared_in_the_order_of_service_is_found_and_named(
    base: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_service(monkeypatch)
    busy = base.replace({"cloud.arrivals.new_per_day": 3.0, "cloud.queue": "priority"})
    frame = audit(busy, busy.replace({"cloud.assessment.servers": 6}), seed=3)
    found = frame.set_index(["stream", "kind"]).loc[("cloud.service.shared", "draws")]
    assert found["verdict"] == OUT_OF_STEP
    assert found["differing"] > 0
    assert found["first"][0] in "NMCXD"  # the id of a request
    assert frame.set_index(["stream", "kind"]).loc[("cloud.service.audit", "work"), "verdict"] == (
        OUT_OF_STEP
    )
    assert strays(frame) == {"cloud.service.shared", "cloud.service.audit"}
    for lang in ("zh", "en"):
        assert "cloud.service.shared" in audit_text(frame, lang, "v", 3)


def test_a_quantity_behind_another_on_one_stream_is_found(
    base: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One generator gives first a number that depends on the arm, then another quantity."""

    def run(scenario: Scenario, *args: Any, streams: Streams, **kwargs: Any) -> Any:
        rng = streams("toy.both")
        rng.random(scenario.cloud.audit.servers)
        rng.standard_normal((4, 2))
        return run_once(scenario, *args, streams=streams, **kwargs)

    monkeypatch.setattr("zibo_sim.audit.run_once", run)
    frame = audit(base, base.replace({"cloud.audit.servers": 4}), seed=3)
    assert strays(frame) == {"toy.both"}
    row = frame.set_index("stream").loc["toy.both"]
    assert (row["differing"], row["first"]) == (4, "row 0")


def test_draws_in_a_loop_are_told_by_their_place(
    base: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(scenario: Scenario, *args: Any, streams: Streams, **kwargs: Any) -> Any:
        rng = streams("toy.loop")
        for _ in range(scenario.cloud.audit.servers):
            rng.normal(1.0, 2.0, size=3)
        return run_once(scenario, *args, streams=streams, **kwargs)

    monkeypatch.setattr("zibo_sim.audit.run_once", run)
    assert not strays(audit(base, base.replace({"cloud.audit.servers": 4}), seed=3))


def test_rows_are_plain_values(base: Scenario) -> None:
    json.dumps(audit_json(audit(base, base, seed=1)), allow_nan=False)
