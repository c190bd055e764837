"""Seasons a second under the alert plan, draws included, against the plainest hourly SimPy model.

Run ``python tests/benchmarks/bench_plan.py [REPEATS]``. Both run in one process, in turn, one
Environment a season, so that a busy machine slows both; trust the ratio, not the times. Both leave
out inspection teams; ours also writes the paperwork (notices, broadcasts, reports, summaries) that
the plain model does without. ``--memory`` prints instead what a thousand and ten thousand seasons
of ours leave resident, inspection teams included.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time

import simpy
from plain_plan import PlainPlan

import zibo_sim as zs
from zibo_sim.air.process import alert_plan
from zibo_sim.air.reductions import reduction_list
from zibo_sim.air.simulated import SimulatedAir
from zibo_sim.air.weather import AirCalendar, draw_weather
from zibo_sim.heating.season import heated_days
from zibo_sim.streams import Streams

NO_TEAMS = {"air.inspection.city_teams": 0, "air.inspection.district_teams": 0}
SEASONS = 20
FEW, MANY = 1_000, 10_000


def fast_season(scenario: zs.Scenario) -> Callable[[int], object]:
    """Return what runs a season of ours."""
    clock, law = scenario.clock(), scenario.law_book()
    calendar = AirCalendar.of(clock, heated_days(clock.dates(), law))

    def season(replication: int) -> object:
        env, streams = simpy.Environment(), Streams(1, replication)
        weather = draw_weather(scenario.air, calendar, streams)
        air = SimulatedAir(scenario.air, calendar, weather, law, scenario.clean_heating)
        plan = alert_plan(
            env, [], air=air, parameters=scenario.air, clock=clock, law=law, streams=streams,
            in_force_only=False,
        )  # fmt: skip
        env.run(until=clock.hours)
        air.advance(clock.hours)
        return plan.outcome()

    return season


def plain_season(scenario: zs.Scenario) -> Callable[[int], object]:
    """Return what runs a season of the plain model."""
    clock, law = scenario.clock(), scenario.law_book()
    heated = clock.dates()[heated_days(clock.dates(), law)].tolist()
    reductions = reduction_list(scenario.air, law)

    def season(replication: int) -> object:
        streams = Streams(1, replication)
        return PlainPlan(scenario.air, clock, heated[0], heated[-1], law, reductions, streams).run()

    return season


def timed(season: Callable[[int], object], first: int, count: int) -> float:
    """Return seconds of processor time a season; what the other left behind is cleared first."""
    gc.collect()
    started = process_time()
    for replication in range(first, first + count):
        season(replication)
    return (process_time() - started) / count


def compare(repeats: int) -> None:
    """Print seasons a second of both, and the median ratio."""
    scenario = zs.load().replace(NO_TEAMS)
    fast, plain = fast_season(scenario), plain_season(scenario)
    fast(0)
    times = [
        (timed(fast, SEASONS * i, SEASONS), timed(plain, SEASONS * i, SEASONS))
        for i in range(repeats)
    ]
    ours, theirs = (median(column) for column in zip(*times, strict=True))
    ratio = median(slow / quick for quick, slow in times)
    print(f"zibo_sim   {1 / ours:8.2f} seasons/s  ({1e3 * ours:.2f} ms each)")
    print(f"plain      {1 / theirs:8.2f} seasons/s  ({1e3 * theirs:.2f} ms each)")
    print(f"ratio      {ratio:8.1f}  (median of {repeats} interleaved repeats, draws included)")


def resident_mb() -> float:
    """Return the memory resident now, MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def memory() -> None:
    """Print what is resident after a thousand and after ten thousand seasons."""
    fast = fast_season(zs.load())
    timed(fast, 0, FEW)
    few = resident_mb()
    timed(fast, FEW, MANY - FEW)
    many = resident_mb()
    print(f"resident after {FEW} seasons {few:.1f} MB, after {MANY} {many:.1f} MB: "
          f"{many - few:+.1f} MB")  # fmt: skip


if __name__ == "__main__":
    if "--memory" in sys.argv:
        memory()
    else:
        compare(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
