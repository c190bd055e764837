"""Replications of the whole winter per second, and what each part of one takes.

Run with ``python tests/benchmarks/bench_run.py``. Times are of this machine and this moment; the
shares are what to compare.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import simpy

import zibo_sim as zs
from zibo_sim.air.process import alert_plan
from zibo_sim.air.simulated import SimulatedAir
from zibo_sim.air.weather import AirCalendar, draw_weather
from zibo_sim.cloud.process import cloud_desk
from zibo_sim.heating.process import heating_season
from zibo_sim.heating.season import heated_days
from zibo_sim.metrics import measure
from zibo_sim.model import run_once
from zibo_sim.streams import Streams

RUNS, REPEATS = 10, 5


def parts(scenario: zs.Scenario) -> dict[str, Callable[[int], object]]:
    """Return the parts of a replication, each alone on an Environment."""
    clock, law = scenario.clock(), scenario.law_book()
    calendar = AirCalendar.of(clock, heated_days(clock.dates(), law))

    def air(replication: int) -> SimulatedAir:
        weather = draw_weather(scenario.air, calendar, Streams(1, replication))
        return SimulatedAir(scenario.air, calendar, weather, law, scenario.clean_heating)

    def shared(replication: int) -> dict[str, object]:
        streams = Streams(1, replication)
        return {"clock": clock, "law": law, "streams": streams, "in_force_only": False}

    def plan(replication: int) -> None:
        env = simpy.Environment()
        alert_plan(env, [], air=air(replication), parameters=scenario.air, **shared(replication))
        env.run(until=clock.hours)

    def cloud(replication: int) -> None:
        env = simpy.Environment()
        cloud_desk(env, [], cloud=scenario.cloud, **shared(replication))
        env.run(until=clock.hours)

    def heating(replication: int) -> None:
        env = simpy.Environment()
        outdoor = draw_weather(scenario.air, calendar, Streams(1, replication)).outdoor_c
        heating_season(env, [], heating=scenario.heating, outdoor_c=outdoor, **shared(replication))
        env.run(until=clock.hours)

    return {
        "whole winter with metrics": lambda r: measure(run_once(scenario, 1, r)),
        "whole winter": lambda r: run_once(scenario, 1, r),
        "weather and air without measures": air,
        "air with the alert plan": plan,
        "cloud desk": cloud,
        "heating season": heating,
    }


def main() -> None:
    """Print a line a part: milliseconds a run, runs a second, share; medians of repeats."""
    found = parts(zs.load())
    for part in found.values():
        part(0)
    times: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(REPEATS):
        for name, part in found.items():
            start = time.perf_counter()
            for replication in range(RUNS):
                part(replication)
            times[name].append((time.perf_counter() - start) / RUNS)
    whole = statistics.median(times["whole winter with metrics"])
    for name, measured in times.items():
        median = statistics.median(measured)
        print(f"{name:34} {1000 * median:7.1f} ms  {1 / median:7.1f} /s  {median / whole:5.0%}")


if __name__ == "__main__":
    main()
