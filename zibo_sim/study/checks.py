"""What must be true of a study's levels, points and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zibo_sim.errors import Refused, unknown
from zibo_sim.metrics import METRICS, metric_names
from zibo_sim.scenario import Scenario
from zibo_sim.study.factor import Factor

DESIGNS = ("grid", "lhs", "sobol", "morris", "saltelli")
MOST_POINTS = 1_000_000
_LEAST_TRAJECTORIES = 2


def level_faults(base: Scenario, factor: Factor) -> list[str]:
    """Try each level, or both ends of a range, on the base."""
    faults: list[str] = []
    for value in factor.extremes():
        try:
            base.replace({factor.key: value})
        except Refused as refusal:
            faults += refusal.at("factors").faults
    if faults and factor.kind == "distribution":
        faults.append(f"factors: {factor.key}: its tails leave what is allowed; give low and high")
    return faults


def points_faults(design: str, points: Any, factors: tuple[Factor, ...]) -> list[str]:
    """Say what is wrong with the number of points, or with ranges in a grid."""
    if design == "grid":
        ranged = [f.key for f in factors if f.kind != "list"]
        faults = [
            f'factors: {key}: a grid takes lists; write [a, b, …], or take design = "lhs"'
            for key in ranged
        ]
        if points is not None:
            faults.append("points: is not for a grid, which takes every combination of its levels")
        return faults
    if type(points) is not int or not 1 <= points <= MOST_POINTS:
        said = "missing" if points is None else f"{points!r} is refused"
        return [f"points: {said}; {design} takes a whole number from 1 to {MOST_POINTS}"]
    least = _LEAST_TRAJECTORIES * (len(factors) + 1)
    if design == "morris" and points < least:
        return [
            f"points: {points} is refused; morris takes at least {least}: "
            f"{_LEAST_TRAJECTORIES} trajectories of {len(factors) + 1} points"
        ]
    if design == "saltelli" and points & (points - 1):
        near = 1 << points.bit_length()
        return [f"points: {points} is refused; saltelli takes a power of 2: {near // 2} or {near}"]
    return []


def outputs_of(
    table: Mapping[str, Any],
    base: Scenario | None,
    factors: tuple[Factor, ...],
    faults: list[str],
) -> tuple[str, ...]:
    """Return the metrics a study asks for; faults are added to `faults`."""
    given = table.get("outputs")
    if given is None:
        return () if base is None else tuple(available(base, factors))
    if not isinstance(given, list | tuple) or not given:
        faults.append(f"outputs: {given!r} is refused; allowed is a list of metrics")
        return ()
    names = [str(name) for name in given]
    faults += [f"outputs: {unknown('metric', n, METRICS)}" for n in names if n not in METRICS]
    faults += [f"outputs: {n} stands twice" for n in dict.fromkeys(names) if names.count(n) > 1]
    if base is not None:
        there = available(base, factors)
        faults += [
            f"outputs: {n} is there only with valuation.enabled = true in the base or a factor"
            for n in names if n in METRICS and n not in there
        ]  # fmt: skip
    return tuple(names)


def available(base: Scenario, factors: tuple[Factor, ...]) -> list[str]:
    """Return the metrics that the base or one of the factors' levels brings, in `METRICS` order."""
    found = set(metric_names(base))
    for factor in factors:
        if factor.key.startswith("valuation.") and factor.kind == "list":
            for value in factor.values:
                try:
                    found |= set(metric_names(base.replace({factor.key: value})))
                except Refused:  # said already, of the level
                    continue
    return [name for name in METRICS if name in found]
