"""What warning more costs: missed heavy days against false alarms against output lost.

Every setting is run on the same winters and judged by one yardstick, the base's law: a setting that
moves the threshold of alerts does not move what a heavy day, an episode or a false alarm is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim.air.observed import MeasuredAir
from zibo_sim.arms import Arm, Progress, checked, judge_arms
from zibo_sim.clock import HOURS_PER_DAY
from zibo_sim.dominance import OFF_FRONTIER, ON_FRONTIER, OPEN, judge_settings
from zibo_sim.errors import Refused, unknown
from zibo_sim.experiment import interval
from zibo_sim.metrics import METRICS
from zibo_sim.model import Outcome
from zibo_sim.outcomes import Facts
from zibo_sim.scenario import HEADER, Scenario

__all__ = [
    "FACTORS", "FIGURES", "OBJECTIVES", "OBJECTIVES_MEASURED", "OFF_FRONTIER", "ON_FRONTIER",
    "OPEN", "REPLICATIONS", "SIMULATED", "Figure", "Frontier", "count_settings", "frontier",
    "judge_settings", "judged", "said_figure",
]  # fmt: skip

REPLICATIONS = 20
SIMULATED = "simulated"
#: The grid where none is given: 27 settings.
FACTORS: Mapping[str, tuple[Any, ...]] = {
    "law.alert.aqi.start": (150, 200, 250),
    "air.forecast.horizon_h": (72, 96, 120),
    "air.response.compliance": (0.5, 0.75, 1.0),
}
#: What is to be small, in simulated and in measured winters. A record has its own history: alerts
#: change no day of it, and what they would have cost is told by the days under response.
OBJECTIVES = ("missed_heavy_days", "false_alerts", "output_lost", "heavy_days")
OBJECTIVES_MEASURED = ("missed_heavy_days", "false_alerts", "response_days")
_MOST_SETTINGS = 1000


@dataclass(frozen=True)
class Figure:
    """What a figure of a frontier is: unit, words, formula."""

    unit: str
    zh: str
    en: str
    formula: str


def _metric(name: str) -> Figure:
    metric = METRICS[name]
    return Figure(metric.unit, metric.zh, metric.en, metric.formula)


FIGURES: Mapping[str, Figure] = {
    "missed_heavy_days": Figure(
        "d", "未预警的重污染天数", "heavy days not under alert",
        "无应急措施的空气（没有时取实测空气）的重污染天中，全天没有任何一小时处于预警的天数 / "
        "heavy days of the no-measures air (of the measured air, where there is no other) with no "
        "alert in force at any hour",
    ),
    "false_alerts": _metric("air.false_alerts"),
    "output_lost": _metric("air.output_lost"),
    "heavy_days": _metric("air.heavy_days"),
    "missed_episodes": _metric("air.missed_episodes"),
    "alerts": _metric("air.alerts"),
    "alert_days": _metric("air.alert_days"),
    "response_days": _metric("air.response_days"),
    "pm25_mean": _metric("air.pm25_mean"),
}  # fmt: skip


def said_figure(name: str, lang: str) -> str:
    """Return what a figure of a frontier is called."""
    return FIGURES[name].zh if lang == "zh" else FIGURES[name].en


def judged(outcome: Outcome, yardstick: Scenario) -> dict[str, float]:
    """Judge one winter by the law of `yardstick`, whatever law its alerts were issued under.

    Parameters
    ----------
    outcome : Outcome
    yardstick : Scenario

    Returns
    -------
    dict of str to float
        By the names of `FIGURES`.
    """
    facts = Facts(replace(outcome, law=yardstick.law_book()))
    daily = facts.daily_aqi_no_measures
    daily = daily if np.isfinite(daily).any() else facts.daily_aqi
    alerted = facts.level.reshape(-1, HOURS_PER_DAY).max(axis=1) > 0
    missed = (daily > facts.law("alert.aqi.heavy")) & ~alerted
    known = bool(np.isfinite(daily).any())
    rest = [name for name in FIGURES if name != "missed_heavy_days"]
    return {
        "missed_heavy_days": float(missed.sum()) if known else np.nan,
        **{name: METRICS[f"air.{name}"].measure(facts) for name in rest},
    }


@dataclass(frozen=True)
class Frontier:
    """Settings, what each comes to, and which no other beats.

    Attributes
    ----------
    base : Scenario
    settings : DataFrame
        Index ``setting``, one column a key that varies.
    replications, seed : int
    objectives : mapping of str to tuple of str
        What is to be small, by source.
    runs : mapping of str to list of DataFrame
        By source, the figures of each setting, one row a replication.
    table : DataFrame
        Index ``source, setting``: the keys; of every figure its mean, ``…_low``, ``…_high`` (95 %,
        Student's); ``frontier``: no other setting's means are as good in every objective and
        better in one; ``shown``: whether that is sure, judged on paired differences;
        ``resampled``: the share of 1,000 paired resamplings of the winters in which the setting
        is on the frontier; ``beaten_by``: a setting that surely, else by its means, beats it
        (−1 for none).

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": "2018-10-14"})
    >>> found = zs.frontier(base, {"law.alert.yellow.days": [1, 2]}, replications=2)
    >>> found.sources, found.objectives["simulated"]
    (['simulated'], ('missed_heavy_days', 'false_alerts', 'output_lost', 'heavy_days'))
    >>> found.table["frontier"].dtype == bool
    True
    """

    base: Scenario
    settings: pd.DataFrame
    replications: int
    seed: int
    objectives: Mapping[str, tuple[str, ...]]
    runs: Mapping[str, list[pd.DataFrame]] = field(repr=False)
    table: pd.DataFrame = field(repr=False)

    @property
    def sources(self) -> list[str]:
        """``simulated`` and the names of the measured records."""
        return list(self.runs)


def frontier(
    base: Scenario,
    factors: Mapping[str, Sequence[Any]] | None = None,
    *,
    settings: Sequence[Mapping[str, Any]] | None = None,
    replications: int = REPLICATIONS,
    seed: int = 0,
    observed: Mapping[str, MeasuredAir] | MeasuredAir | None = None,
    objectives: Sequence[str] | None = None,
    jobs: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Frontier:
    """Run a grid of settings over the same winters and find those that no other beats.

    Parameters
    ----------
    base : Scenario
        Its law is the yardstick of all settings.
    factors : mapping of str to sequence, optional
        Values of each dotted key; every combination is a setting. Default: `FACTORS`.
    settings : sequence of mapping, optional
        The settings themselves, in place of factors; each names the same keys.
    replications : int
        Winters, the same for every setting; at least two.
    seed : int
    observed : MeasuredAir or mapping of str to MeasuredAir, optional
        Measured winters, by name, over which the settings are run as well; replications then
        differ in their forecasts alone.
    objectives : sequence of str, optional
        Which of `FIGURES` are to be small. Default: `OBJECTIVES`, and `OBJECTIVES_MEASURED` over
        measured winters.
    jobs, executor, progress
        As `zibo_sim.experiment.replicate` takes them.

    Returns
    -------
    Frontier

    Raises
    ------
    Refused
        For keys or values that the scenario refuses, and for fewer than two settings.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": zs.load().period.start})
    >>> found = zs.frontier(base, {"law.alert.yellow.days": [1, 2]}, replications=2)
    >>> found.settings["law.alert.yellow.days"].tolist()
    [1, 2]
    """
    checked(seed, replications)
    if faults := [unknown("objective", name, FIGURES) for name in objectives or ()
                  if name not in FIGURES]:  # fmt: skip
        raise Refused(*faults)
    grid = _grid(FACTORS if factors is None else factors) if settings is None else settings
    scenarios = _scenarios(base, grid)
    airs = {"measured": observed} if isinstance(observed, MeasuredAir) else dict(observed or {})
    numbers = range(replications)
    arms = {(SIMULATED, i): Arm(s, numbers) for i, s in enumerate(scenarios)}
    for name, air in airs.items():
        arms |= {(name, i): Arm(s, numbers, air) for i, s in enumerate(scenarios)}
    judge = partial(judged, yardstick=base)
    frames = judge_arms(arms, seed, judge, jobs=jobs, executor=executor, progress=progress)
    sources = [SIMULATED, *airs]
    runs = {s: [frames[s, i] for i in range(len(scenarios))] for s in sources}
    wanted = {s: _objectives(s, objectives, runs[s]) for s in sources}
    columns = {key: [dict(s)[key] for s in grid] for key in grid[0]}
    shown = pd.DataFrame(columns, index=pd.RangeIndex(len(grid), name="setting"), dtype=object)
    tables = {s: _table(shown, runs[s], wanted[s], seed) for s in sources}
    table = pd.concat(tables, names=["source"])
    return Frontier(base, shown.infer_objects(), replications, seed, wanted, runs, table)


def _objectives(
    source: str, asked: Sequence[str] | None, runs: list[pd.DataFrame]
) -> tuple[str, ...]:
    """Return what is to be small over a source; what it does not know is refused."""
    default = OBJECTIVES if source == SIMULATED else OBJECTIVES_MEASURED
    chosen = default if asked is None else tuple(dict.fromkeys(asked))
    unknown_here = [n for n in chosen if any(not np.isfinite(f[n]).all() for f in runs)]
    if unknown_here:
        raise Refused(f"{unknown_here[0]} is not known in {source} winters; leave it out")
    return chosen


# ---- settings ----------------------------------------------------------------------------


def count_settings(factors: Mapping[str, Sequence[Any]]) -> int:
    """Return how many settings a grid has."""
    return int(np.prod([len(values) for values in factors.values()], dtype=int))


def _grid(factors: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    faults = [f"{key}: no value is given" for key, values in factors.items() if not len(values)]
    faults += [
        f"{key}: {list(values)} names a value twice"
        for key, values in factors.items()
        if len({repr(v) for v in values}) < len(values)
    ]
    if faults:
        raise Refused(*faults)
    if (count := count_settings(factors)) > _MOST_SETTINGS:
        raise Refused(f"{count} settings are refused; allowed are up to {_MOST_SETTINGS}")
    return [dict(zip(factors, values, strict=True)) for values in product(*factors.values())]


def _scenarios(base: Scenario, grid: Sequence[Mapping[str, Any]]) -> list[Scenario]:
    if len(grid) < 2:
        raise Refused(f"{len(grid)} setting is refused; a frontier needs at least 2")
    keys = set(grid[0])
    if any(set(setting) != keys for setting in grid):
        raise Refused("settings: each must name the same keys")
    if not keys:
        raise Refused("settings: no key is given")
    if own := keys & {*HEADER, "period.start", "period.end"}:
        raise Refused(f"{sorted(own)[0]}: is no setting of alerts; the winters are the same in all")
    found, faults = [], list[str]()
    for setting in grid:
        try:
            found.append(base.replace(setting))
        except Refused as refusal:
            faults += refusal.faults
    if faults:
        raise Refused(*dict.fromkeys(faults))
    return found


# ---- the table -----------------------------------------------------------------


def _table(
    settings: pd.DataFrame, runs: list[pd.DataFrame], objectives: tuple[str, ...], seed: int
) -> pd.DataFrame:
    figures: dict[str, list[float]] = {}
    for name in FIGURES:
        rows = [interval(frame[name].to_numpy()) for frame in runs]
        for i, end in enumerate(("", "_low", "_high")):
            figures[name + end] = [float(row[i]) for row in rows]
    values = np.array([frame[list(objectives)].to_numpy() for frame in runs])
    frame = pd.concat([settings, pd.DataFrame(figures, index=settings.index)], axis=1)
    return frame.assign(**judge_settings(values, seed))
