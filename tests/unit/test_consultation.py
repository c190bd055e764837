"""Looking ahead changes nothing: hour by hour the plan takes the same decisions."""

from __future__ import annotations

import pytest

import zibo_sim as zs
from zibo_sim.air.consultation import Consultations, Meeting
from zibo_sim.model import run_once

DECIDED = {
    "published", "upgraded", "lowered", "lifted", "response_started", "response_ended", "consulted",
    "regional_alert",
}  # fmt: skip


def decisions(scenario: zs.Scenario, replication: int) -> list[tuple[float, str, str, str | None]]:
    outcome = run_once(scenario, 11, replication)
    found = [e for e in outcome.log if e.domain == "air" and e.event in DECIDED]
    return sorted((e.time, e.event, e.stage, e.level) for e in found)


@pytest.mark.parametrize("replication", range(3))
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"air.regional.threshold_pm25": 60.0},
        {"air.forecast.horizon_h": 96, "air.response.compliance": 1.0},
        {"law.alert.lift.hours.reading": "hourly"},
    ],
)
def test_looking_ahead_takes_the_decisions_of_going_hour_by_hour(
    monkeypatch: pytest.MonkeyPatch, replication: int, changes: dict[str, object]
) -> None:
    scenario = zs.load().replace(changes)
    ahead = decisions(scenario, replication)

    def each_hour(self: Consultations, first: int, level: int, begun: int) -> Meeting:
        return Meeting(max(first, self.opens), begun, [])

    monkeypatch.setattr(Consultations, "next", each_hour)
    assert decisions(scenario, replication) == ahead
    assert {"published", "lifted", "consulted"} <= {event for _, event, *_ in ahead}


def test_what_arrives_from_above_is_logged_at_its_own_level_even_during_a_signature() -> None:
    for replication in range(4):
        outcome = run_once(zs.load().replace({"air.regional.threshold_pm25": 70.0}), 6, replication)
        arrived = [e for e in outcome.log if e.event == "regional_alert"]
        lifted = [e for e in outcome.log if e.event == "regional_alert_lifted"]
        assert arrived
        assert all(e.level in ("yellow", "orange", "red") for e in (*arrived, *lifted))
        in_force = outcome.air.level_by_hour()
        for event in arrived:
            later = int(event.time) + 4
            asked = ("none", "yellow", "orange", "red").index(event.level or "none")
            risen = not any(event.time < e.time <= later for e in (*lifted, *arrived))
            if later < outcome.clock.hours and risen:
                assert in_force[later] >= asked


def test_a_regional_alert_is_published_within_four_hours_at_the_higher_level() -> None:
    scenario = zs.load().replace({"air.regional.threshold_pm25": 45.0})
    outcome = run_once(scenario, 3)
    levels = ("none", "yellow", "orange", "red")
    arrived = [e for e in outcome.log if e.event == "regional_alert" and e.level != "none"]
    assert arrived
    in_force = outcome.air.level_by_hour()
    for event in arrived:
        assert in_force[min(int(event.time) + 4, outcome.clock.hours - 1)] >= levels.index(
            event.level or "none"
        )


@pytest.mark.parametrize("hours", [0.0, 1.0, 2.0])
def test_a_signature_on_the_full_hour_starts_its_response_at_once(hours: float) -> None:
    given = {f"air.consultation.approval_{part}_h": hours for part in ("low", "mode", "high")}
    for replication in range(3):
        outcome = run_once(zs.load().replace(given), 1, replication)
        assert outcome.air.alerts


def test_a_signature_hurried_by_a_regional_alert_ends_the_run_no_earlier() -> None:
    scenario = zs.load().replace(
        {"law.alert.regional.hours": 1, "air.regional.threshold_pm25": 70.0}
    )
    for replication in range(6):
        assert run_once(scenario, 1, replication).air.alerts
