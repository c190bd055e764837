"""Paired comparison: base and variants on the same draws, differences with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from zibo_sim.errors import Refused
from zibo_sim.experiment import Progress, Replications, interval, replicate
from zibo_sim.metrics import METRICS, metric_names
from zibo_sim.scenario import Scenario

RISES, FALLS, NOTHING_SHOWN = "rises", "falls", "no difference shown"
REPLICATIONS = 60
COLUMNS = ("base", "variant", "difference", "low", "high", "pairs", "verdict")


@dataclass(frozen=True)
class Comparison:
    """Base and variants, run on common random numbers.

    Attributes
    ----------
    base : Replications
    variants : mapping of name to Replications
    """

    base: Replications
    variants: Mapping[str, Replications]

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """One table a variant, by its name."""
        return {name: _table(self.base, arm) for name, arm in self.variants.items()}

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a metric (and variant, where there are several), with the columns `COLUMNS`.

        ``low`` and ``high`` bound the mean difference variant − base at 95 % (Student's interval
        of the paired differences).
        """
        if len(self.tables) == 1:
            return next(iter(self.tables.values()))
        joined = pd.concat(self.tables, names=["variant_name", "metric"])
        return joined.swaplevel().sort_index(level="variant_name", sort_remaining=False)

    def tidy(self) -> pd.DataFrame:
        """Return every row in one frame: variant, metric, unit and the columns `COLUMNS`."""
        joined = pd.concat(self.tables, names=["variant_name", "metric"]).reset_index()
        joined.insert(2, "unit", [METRICS[name].unit for name in joined["metric"]])
        return joined


def verdict(low: float, high: float) -> str:
    """Say in words what an interval of a difference shows."""
    if low > 0:
        return RISES
    return FALLS if high < 0 else NOTHING_SHOWN


def paired(base: np.ndarray, variant: np.ndarray) -> tuple[float, float, float, float, float, int]:
    """Return both means, the mean difference, its 95 % interval and the number of pairs.

    Only replications that define the metric in both arms are pairs.
    """
    both = np.isfinite(base) & np.isfinite(variant)
    mean, low, high, pairs = interval(variant[both] - base[both])
    if pairs == 0:
        return np.nan, np.nan, np.nan, np.nan, np.nan, 0
    return float(base[both].mean()), float(variant[both].mean()), mean, low, high, pairs


def _table(base: Replications, variant: Replications) -> pd.DataFrame:
    rows = {}
    shared = set(metric_names(base.scenario)) & set(metric_names(variant.scenario))
    for name in (name for name in METRICS if name in shared):
        figures = paired(base.metrics[name].to_numpy(), variant.metrics[name].to_numpy())
        rows[name] = (*figures, verdict(figures[3], figures[4]))
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(COLUMNS)).rename_axis("metric")


def compare(
    base: Scenario,
    *variants: Scenario,
    replications: int = REPLICATIONS,
    seed: int = 0,
    jobs: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    names: Sequence[str] = (),
) -> Comparison:
    """Compare scenarios on common random numbers.

    Parameters
    ----------
    base, *variants : Scenario
        Every named stream is the same in all of them, replication by replication.
    replications : int
        Pairs; at least two.
    seed, jobs, executor, progress
        As `zibo_sim.experiment.replicate` takes them.
    names : sequence of str, optional
        What to call the variants; their titles where left out.

    Returns
    -------
    Comparison
    """
    if not variants:
        raise Refused("compare: no variant is given")
    if replications < 2:
        raise Refused(f"replications: {replications} is refused; a comparison needs at least 2")
    arms = [
        replicate(s, replications, seed, jobs=jobs, executor=executor, progress=progress)
        for s in (base, *variants)
    ]
    return Comparison(
        arms[0], dict(zip(_numbered(names or [v.title for v in variants]), arms[1:], strict=True))
    )


def _numbered(titles: Sequence[str]) -> list[str]:
    """Return the titles, numbered where two are the same."""
    titles = list(titles)
    return [t if titles.count(t) == 1 else f"{t} ({i + 1})" for i, t in enumerate(titles)]
