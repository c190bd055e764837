"""A million mixed dwellings billed, beside the time of adding two arrays of the same bytes.

Run ``python tests/benchmarks/bench_bills.py [DWELLINGS [REPEATS]]``. Everything runs in one warm
process, in turn, so that a busy machine slows all alike; trust the ratios. The bound is `numpy.add`
on arrays which, with its result, hold as many bytes as the loop reads and writes. OpenFisca-core
(extra ``bench``) does the two main formulas only, 22 a m² and 6.6 a m² with 0.155 a kWh.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim.heating.bulk import Packed, bills, pack
from zibo_sim.heating.portfolio import Dwellings, area_fees, metered_fees
from zibo_sim.heating.tariff import tariff_of
from zibo_sim.law import book

TARIFF = tariff_of(book())


def dwellings(count: int) -> tuple[Packed, Any]:
    """Return flats, duplexes, attics, rooms and let garages, half of them metered; their heat."""
    rng = np.random.default_rng(139)

    def some(share: float, low: int, high: int) -> Any:
        drawn = rng.integers(low, high, count)
        return np.where(rng.random(count) < share, drawn, 0).astype(np.int32)

    upper = some(0.10, 3_000, 9_000)
    homes = Dwellings(
        main=rng.integers(3_000, 20_000, count).astype(np.int32),
        upper=upper,
        main_heated=rng.random(count) < 0.95,
        upper_heated=(upper > 0) & (rng.random(count) < 0.8),
        attic=some(0.05, 500, 6_000),
        attic_certified=rng.random(count) < 0.5,
        ancillary=some(0.05, 500, 5_000),
        exchangers=some(0.02, 1, 3).astype(np.int8),
        let=some(0.01, 500, 8_000),
        let_height=rng.integers(280, 700, count).astype(np.int16),
    )
    return pack(homes, rng.random(count) < 0.5), some(0.95, 100_000, 2_000_000)


def with_pandas(p: Packed, heat: Any) -> Callable[[], Any]:
    """Return the households' formulas written with pandas, in floats, without what is let."""
    d = p.dwellings
    names = ("main", "upper", "attic", "ancillary", "exchangers", "attic_certified")
    f = pd.DataFrame({name: getattr(d, name) for name in names})
    f["lower_on"], f["upper_on"] = d.main_heated, d.upper_heated
    f["metered"], f["heat"] = p.metered, heat

    def run() -> Any:
        heated = f["main"] * f["lower_on"] + f["upper"] * f["upper_on"]
        single = (f["upper"] > 0) & (f["lower_on"] ^ f["upper_on"])
        below = f["upper"].where(f["upper"] > 0, f["main"])
        attic = f["attic"].where(f["attic_certified"], 0.5 * below * (f["attic"] > 0))
        area = 0.22 * (heated * (1 + 0.3 * single) + attic + f["ancillary"])
        basic = 0.066 * (heated + f["attic"] + f["ancillary"])
        by_meter = basic + 0.00155 * f["heat"]
        return by_meter.where(f["metered"], area + 300.0 * f["exchangers"]).round(2)

    return run


def with_openfisca(area_m2: Any, heat_kwh: Any) -> Callable[[], Any] | None:
    """Return the two main formulas in OpenFisca-core, None where it is not installed."""
    try:
        from openfisca_core import entities, periods, simulations, taxbenefitsystems, variables
    except ImportError:
        return None
    person = entities.Entity("dwelling", "dwellings", "A dwelling", "")

    def variable(name: str, formula: Any = None) -> Any:
        about = {"value_type": float, "entity": person, "definition_period": periods.DateUnit.YEAR}
        body = {**about, "label": name, **({"formula": formula} if formula else {})}
        return type(name, (variables.Variable,), body)

    def by_area(dwelling: Any, period: Any) -> Any:
        return 22 * dwelling("area", period)

    def by_meter(dwelling: Any, period: Any) -> Any:
        return 6.6 * dwelling("area", period) + 0.155 * dwelling("heat", period)

    system = taxbenefitsystems.TaxBenefitSystem([person])
    formulas = {"by_area": by_area, "by_meter": by_meter, "area": None, "heat": None}
    for name, formula in formulas.items():
        system.add_variable(variable(name, formula))

    def run() -> Any:
        built = simulations.SimulationBuilder().build_default_simulation(system, len(area_m2))
        built.set_input("area", "2018", area_m2)
        built.set_input("heat", "2018", heat_kwh)
        return built.calculate("by_area", "2018"), built.calculate("by_meter", "2018")

    return run


def bound(p: Packed, heat: Any) -> Callable[[], Any]:
    """Return the addition of two arrays that touches as many bytes as the bills do."""
    touched = sum(c.nbytes for c in p.columns) + p.flags.nbytes + heat.nbytes + 8 * len(p)
    size = touched // (3 * 8)
    a, b, c = np.ones(size), np.ones(size), np.empty(size)
    return lambda: np.add(a, b, out=c)


def main(count: int = 1_000_000, repeats: int = 15) -> None:
    """Print milliseconds and the ratio to the bound."""
    p, heat = dwellings(count)
    d = p.dwellings
    plain = lambda: np.where(p.metered, metered_fees(d, heat, TARIFF), area_fees(d, TARIFF))  # noqa: E731
    ways: dict[str, Callable[[], Any] | None] = {
        "numpy.add, same bytes": bound(p, heat),
        "zibo_sim, exact fen": lambda: bills(p, heat, TARIFF),
        "NumPy, exact fen": plain,
        "pandas, floats": with_pandas(p, heat),
        "OpenFisca, two formulas": with_openfisca(d.main / 100.0, heat / 100.0),
    }
    if not np.array_equal(bills(p, heat, TARIFF), plain()):
        raise SystemExit("the loop and the plain formulas differ")
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            if way is not None:
                way()  # warm, after what the others left in the caches
                started = perf_counter()
                way()
                times[name].append(1e3 * (perf_counter() - started))
    print(
        f"{count} dwellings, {repeats} interleaved repeats: median ms, ratio of medians, of bests"
    )
    base = times["numpy.add, same bytes"]
    for name, found in times.items():
        if not found:
            print(f"{name:26}  not installed: pip install 'zibo-sim[bench]'")
            continue
        ratio, best = median(found) / median(base), min(found) / min(base)
        print(f"{name:26} {median(found):9.2f} {ratio:8.1f} {best:8.1f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
