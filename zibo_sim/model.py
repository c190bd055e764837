"""One winter on one SimPy Environment: all coupling between the domains stands on this page.

The weather and the air without measures are computed before the first event; forecasts look at
them. The alert plan, the cloud desk and the heating season then run as processes on one clock.
What couples them is passed in here: the outdoor temperature heats dwellings, the heating season
heats the air, households converted from coal no longer burn it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from zibo_sim.air.observed import MeasuredAir
from zibo_sim.air.process import alert_plan
from zibo_sim.air.simulated import SimulatedAir
from zibo_sim.air.sky import AirOutcome
from zibo_sim.air.weather import AirCalendar, draw_weather
from zibo_sim.clock import Clock
from zibo_sim.cloud.ledger import CloudLedger
from zibo_sim.cloud.process import cloud_desk
from zibo_sim.heating.ledger import HeatingLedger
from zibo_sim.heating.process import heating_season
from zibo_sim.heating.season import heated_days
from zibo_sim.law import Law
from zibo_sim.records import Event
from zibo_sim.scenario import Scenario
from zibo_sim.streams import Streams


@dataclass(frozen=True)
class Outcome:
    """What one replication left behind: its log and the ledgers of the domains."""

    scenario: Scenario
    law: Law
    clock: Clock
    seed: int
    replication: int
    log: list[Event]
    air: AirOutcome
    cloud: CloudLedger
    heating: HeatingLedger
    outdoor_c: NDArray[np.float64]


def supply_days(scenario: Scenario, clock: Clock, law: Law) -> NDArray[np.bool_]:
    """Return the days with heat: those burn fuel and heat dwellings."""
    lever = scenario.heating.season
    return heated_days(clock.dates(), law, lever.early_days, lever.late_days)


def run_once(
    scenario: Scenario,
    seed: int,
    replication: int = 0,
    observed: MeasuredAir | None = None,
    *,
    streams: Streams | None = None,
) -> Outcome:
    """Run one replication of a scenario.

    Parameters
    ----------
    scenario : Scenario
    seed, replication : int
        Together they fix every draw.
    observed : MeasuredAir, optional
        Measured air in place of simulated air, aligned with the scenario's period.
    streams : Streams, optional
        Streams of that seed and replication that also watch who draws (`zibo_sim.audit`).

    Returns
    -------
    Outcome
    """
    env, log = simpy.Environment(), list[Event]()
    clock, law = scenario.clock(), scenario.law_book()
    streams = streams or Streams(seed, replication)
    in_force_only = scenario.law_from == "in_force"
    shared: dict[str, Any] = {
        "clock": clock, "law": law, "streams": streams, "in_force_only": in_force_only
    }  # fmt: skip

    calendar = AirCalendar.of(clock, supply_days(scenario, clock, law))
    weather = draw_weather(scenario.air, calendar, streams)
    air = observed or SimulatedAir(scenario.air, calendar, weather, law, scenario.clean_heating)
    plan = alert_plan(env, log, air=air, parameters=scenario.air, **shared)
    cloud = cloud_desk(env, log, cloud=scenario.cloud, **shared)
    heating = heating_season(
        env, log, heating=scenario.heating, outdoor_c=weather.outdoor_c, **shared
    )
    env.run(until=clock.hours)
    air.advance(clock.hours)
    return Outcome(
        scenario,
        law,
        clock,
        seed,
        replication,
        log,
        plan.outcome(),
        cloud,
        heating,
        weather.outdoor_c,
    )


def run_air(
    scenario: Scenario, seed: int, replication: int = 0, measures: bool = True
) -> SimulatedAir:
    """Run the air of one replication alone: weather, boxes and, unless told not, the alert plan.

    Parameters
    ----------
    scenario : Scenario
    seed, replication : int
        The air is that of `run_once` with the same.
    measures : bool
        Whether alerts are issued and carried out.

    Returns
    -------
    SimulatedAir
        Computed to its end.
    """
    clock, law, streams = scenario.clock(), scenario.law_book(), Streams(seed, replication)
    calendar = AirCalendar.of(clock, supply_days(scenario, clock, law))
    weather = draw_weather(scenario.air, calendar, streams)
    air = SimulatedAir(scenario.air, calendar, weather, law, scenario.clean_heating)
    if measures:
        env = simpy.Environment()
        alert_plan(
            env, [], air=air, parameters=scenario.air, clock=clock, law=law, streams=streams,
            in_force_only=scenario.law_from == "in_force",
        )  # fmt: skip
        env.run(until=clock.hours)
    air.advance(clock.hours)
    return air


def run_cloud(scenario: Scenario, seed: int, replication: int = 0) -> CloudLedger:
    """Run the government cloud of one replication alone.

    Parameters
    ----------
    scenario : Scenario
    seed, replication : int
        The cloud is that of `run_once` with the same: nothing of the air or the heating touches it.

    Returns
    -------
    CloudLedger
    """
    env, clock = simpy.Environment(), scenario.clock()
    ledger = cloud_desk(
        env, [], clock=clock, cloud=scenario.cloud, law=scenario.law_book(),
        streams=Streams(seed, replication), in_force_only=scenario.law_from == "in_force",
    )  # fmt: skip
    env.run(until=clock.hours)
    return ledger
