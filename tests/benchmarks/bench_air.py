"""Seasons a second of the air, draws included, against the plainest hourly SimPy model.

Run ``python tests/benchmarks/bench_air.py [REPEATS]``. Both run in one process, in turn, so that
a busy machine slows both; trust the ratio, not the times.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from statistics import median
from time import perf_counter

import numpy as np
from plain_air import PlainAir

from zibo_sim.air.box import AirShed
from zibo_sim.air.parameters import Air
from zibo_sim.air.weather import AirCalendar, draw_weather
from zibo_sim.clock import Clock
from zibo_sim.streams import Streams

CLOCK = Clock(date(2018, 10, 1), date(2019, 3, 31))
HEATING = date(2018, 11, 15), date(2019, 3, 15)
SEASONS = 30


def timed(season: Callable[[int], object], first: int, count: int) -> float:
    """Return seconds a season."""
    started = perf_counter()
    for replication in range(first, first + count):
        season(replication)
    return (perf_counter() - started) / count


def main(repeats: int = 7) -> None:
    """Print seasons a second for both, and the median ratio."""
    air, days = Air(), CLOCK.dates()
    flags = (days >= np.datetime64(HEATING[0])) & (days <= np.datetime64(HEATING[1]))
    calendar = AirCalendar.of(CLOCK, flags)

    def fast(replication: int) -> object:
        return AirShed(air, calendar, draw_weather(air, calendar, Streams(1, replication)))

    def plain(replication: int) -> object:
        return PlainAir(air, CLOCK, *HEATING, Streams(1, replication)).run()

    fast(0)
    times = [
        (timed(fast, SEASONS * i, SEASONS), timed(plain, SEASONS * i, 1)) for i in range(repeats)
    ]
    ours, theirs = (median(column) for column in zip(*times, strict=True))
    ratio = median(slow / quick for quick, slow in times)
    print(f"zibo_sim   {1 / ours:8.1f} seasons/s  ({1e3 * ours:.2f} ms each)")
    print(f"plain      {1 / theirs:8.1f} seasons/s  ({1e3 * theirs:.2f} ms each)")
    print(f"ratio      {ratio:8.1f}  (median of {repeats} interleaved repeats, draws included)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))
