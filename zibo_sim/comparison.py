"""Paired comparison: base and variants on the same draws, differences with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from zibo_sim.contrasts import (
    COLUMNS,
    CONFIDENCE,
    FALLS,
    NOTHING_SHOWN,
    QUANTILES,
    RISES,
    both_known,
    paired,
    paired_quantiles,
    pairing_gain,
    verdict,
)
from zibo_sim.errors import Refused
from zibo_sim.experiment import (
    Progress,
    Replications,
    changed_inputs,
    plain_input,
    replicate,
)
from zibo_sim.metrics import METRICS, metric_names
from zibo_sim.precision import LEAST, MOST, Aim, Asked, Precision, Wish, until_precise, wish
from zibo_sim.scenario import Scenario
from zibo_sim.words import SIGNED, is_count, is_share
from zibo_sim.workers import workers

__all__ = [
    "COLUMNS", "FALLS", "NOTHING_SHOWN", "RISES", "YES_NO", "Comparison", "compare", "paired",
    "verdict",
]  # fmt: skip
REPLICATIONS = 60
PAIRING = ("correlation", "variance_ratio", "narrowing", "pairs")
#: A count with a smaller mean than this is rare: its share of the mean is no yardstick.
_RARE = 1.0
#: How the metrics end that are yes or no of one winter.
YES_NO = "_met"
Floats = np.ndarray


@dataclass(frozen=True)
class Comparison:
    """Base and variants, run on common random numbers.

    Attributes
    ----------
    base : Replications
    variants : mapping of name to Replications
    simultaneous : bool
        Whether the intervals of a metric hold for all variants together at 95 %, by Bonferroni:
        each at 1 − 5 % ÷ variants. That holds however the variants depend on each other, which
        they do on common random numbers. It is not widened over metrics.
    precision : Precision or None
        What became of a precision that was asked for.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": "2018-10-14"})
    >>> diff = zs.compare(base, base.replace({"cloud.audit.servers": 2}), replications=2, seed=5)
    >>> list(diff.table.columns)
    ['base', 'variant', 'difference', 'low', 'high', 'pairs', 'verdict']
    >>> diff.table.loc["air.heavy_days", "verdict"]
    'no difference shown'
    """

    base: Replications
    variants: Mapping[str, Replications]
    simultaneous: bool = False
    precision: Precision | None = None

    @property
    def confidence(self) -> float:
        """Confidence of each single interval.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> base = zs.load().replace({"period.end": "2018-10-14"})
        >>> diff = zs.compare(base, base.replace({"cloud.audit.servers": 2}), replications=2)
        >>> round(diff.confidence, 3)
        0.95
        """
        share = len(self.variants) if self.simultaneous else 1
        return 1 - (1 - CONFIDENCE) / share

    def __repr__(self) -> str:
        base, variants = self.base.scenario.title, ", ".join(map(repr, self.variants))
        return (
            f"Comparison({base!r} with {variants}; {len(self.base)} pairs, seed={self.base.seed})"
        )

    @cached_property
    def tables(self) -> dict[str, pd.DataFrame]:
        """One table a variant, by its name.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> base = zs.load().replace({"period.end": "2018-10-14"})
        >>> arms = [base.replace({"cloud.audit.servers": n}) for n in (2, 3)]
        >>> diff = zs.compare(base, *arms, replications=2, names=["two", "three"])
        >>> list(diff.tables)
        ['two', 'three']
        """
        return {name: self._by_metric(arm) for name, arm in self.variants.items()}

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a metric (and variant, where there are several), with the columns `COLUMNS`.

        ``low`` and ``high`` bound the mean difference variant − base at 95 % (Student's interval
        of the paired differences).

        Examples
        --------
        >>> import zibo_sim as zs
        >>> base = zs.load().replace({"period.end": "2018-10-14"})
        >>> diff = zs.compare(base, base.replace({"cloud.audit.servers": 2}), replications=2)
        >>> diff.table.loc["air.alerts", "verdict"], diff.table.index.name
        ('no difference shown', 'metric')
        """
        return self._stacked(self.tables)

    @cached_property
    def quantiles(self) -> pd.DataFrame:
        """The same of P10, P50 and P90 across replications: one row a metric and ``quantile``.

        Intervals by bootstrap of whole pairs, see `zibo_sim.contrasts.paired_quantiles`.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> base = zs.load().replace({"period.end": "2018-10-14"})
        >>> diff = zs.compare(base, base.replace({"cloud.audit.servers": 2}), replications=2)
        >>> diff.quantiles.loc["air.heavy_days"].index.tolist()
        [0.1, 0.5, 0.9]
        """
        return self._stacked({name: self._by_quantile(arm) for name, arm in self.variants.items()})

    @cached_property
    def pairing(self) -> pd.DataFrame:
        """What the shared draws gained, metric by metric: the columns `PAIRING`.

        ``variance_ratio`` is the variance of the difference that independent arms would have had ÷
        that of the pairs; ``narrowing``, its square root, says how many times narrower the
        interval is. Infinite where all pairs differ alike, NaN where neither arm varies.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> base = zs.load().replace({"period.end": "2018-10-14"})
        >>> diff = zs.compare(base, base.replace({"cloud.audit.servers": 2}), replications=2)
        >>> list(diff.pairing.columns)
        ['correlation', 'variance_ratio', 'narrowing', 'pairs']
        """
        return self._stacked(self.pairings)

    @cached_property
    def pairings(self) -> dict[str, pd.DataFrame]:
        """`pairing`, one table a variant.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> base = zs.load().replace({"period.end": "2018-10-14"})
        >>> diff = zs.compare(base, base.replace({"cloud.audit.servers": 2}), replications=2)
        >>> [len(table) == len(diff.table) for table in diff.pairings.values()]
        [True]
        """
        return {name: self._by_pairing(arm) for name, arm in self.variants.items()}

    def tidy(self) -> pd.DataFrame:
        """Return every row in one frame: variant, metric, unit, `COLUMNS`, ``narrowing``.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> base = zs.load().replace({"period.end": "2018-10-14"})
        >>> diff = zs.compare(base, base.replace({"cloud.audit.servers": 2}), replications=2)
        >>> list(diff.tidy().columns)[:3]
        ['variant_name', 'metric', 'unit']
        """
        joined = pd.concat(self.tables, names=["variant_name", "metric"])
        gained = pd.concat(self.pairings, names=["variant_name", "metric"])
        joined = joined.assign(narrowing=gained["narrowing"]).reset_index()
        joined.insert(2, "unit", [METRICS[name].unit for name in joined["metric"]])
        return joined

    def tidy_quantiles(self) -> pd.DataFrame:
        """Return `quantiles` in one frame: variant, metric, unit, quantile and `COLUMNS`.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> base = zs.load().replace({"period.end": "2018-10-14"})
        >>> diff = zs.compare(base, base.replace({"cloud.audit.servers": 2}), replications=2)
        >>> list(diff.tidy_quantiles().columns)[:4]
        ['variant_name', 'metric', 'unit', 'quantile']
        """
        frames = {name: self._by_quantile(arm) for name, arm in self.variants.items()}
        joined = pd.concat(frames, names=["variant_name", "metric", "quantile"]).reset_index()
        joined.insert(2, "unit", [METRICS[name].unit for name in joined["metric"]])
        return joined

    def runs(self) -> pd.DataFrame:
        """Return every run of every arm: ``arm`` (base, or the variant's name), then as in `base`.

        An input that some arm changes is there for all of them.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> base = zs.load().replace({"period.end": "2018-10-14"})
        >>> diff = zs.compare(base, base.replace({"cloud.audit.servers": 2}), replications=2)
        >>> diff.runs()["cloud.audit.servers"].tolist()
        [1, 1, 2, 2]
        """
        arms = {"base": self.base, **self.variants}
        changed = dict.fromkeys(k for reps in arms.values() for k in changed_inputs(reps.scenario))
        frames = []
        for name, reps in arms.items():
            head = reps.metrics[["replication", "seed"]]
            inputs = {key: plain_input(reps.scenario, key) for key in changed}
            values = reps.metrics[metric_names(reps.scenario)]
            frames.append(pd.concat([head.assign(arm=name, **inputs), values], axis=1))
        joined = pd.concat(frames, ignore_index=True)
        joined.insert(0, "arm", joined.pop("arm"))
        return joined

    def _stacked(self, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        if len(tables) == 1:
            return next(iter(tables.values()))
        inner = list(next(iter(tables.values())).index.names)
        joined = pd.concat(tables, names=["variant_name", *inner])
        joined = joined.reorder_levels([inner[0], "variant_name", *inner[1:]])
        return joined.sort_index(level="variant_name", sort_remaining=False)

    def _by_metric(self, arm: Replications) -> pd.DataFrame:
        rows = {}
        for name, base, variant in shared(self.base, arm):
            figures = paired(base, variant, self.confidence)
            rows[name] = (*figures, verdict(figures[3], figures[4]))
        return _frame(rows, COLUMNS)

    def _by_quantile(self, arm: Replications) -> pd.DataFrame:
        rows = {}
        for name, base, variant in shared(self.base, arm):
            found = paired_quantiles(base, variant, self.confidence)
            for share, figures in zip(QUANTILES, found, strict=True):
                rows[name, share] = (*figures, verdict(figures[3], figures[4]))
        index = pd.MultiIndex.from_tuples(rows, names=["metric", "quantile"])
        return pd.DataFrame(list(rows.values()), index=index, columns=list(COLUMNS))

    def _by_pairing(self, arm: Replications) -> pd.DataFrame:
        rows = {name: pairing_gain(base, varied) for name, base, varied in shared(self.base, arm)}
        return _frame(rows, PAIRING)


def _frame(rows: Mapping[str, Sequence[object]], columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(columns))
    return frame.rename_axis("metric")


def shared(base: Replications, variant: Replications) -> Iterator[tuple[str, Floats, Floats]]:
    """Yield the metrics that both arms have, with their values by replication."""
    both = set(metric_names(base.scenario)) & set(metric_names(variant.scenario))
    for name in METRICS:
        if name in both:
            yield name, base.metrics[name].to_numpy(), variant.metrics[name].to_numpy()


def compare(
    base: Scenario,
    *variants: Scenario,
    replications: int | None = None,
    precision: Asked | None = None,
    most: int | None = None,
    simultaneous: bool = False,
    seed: int = 0,
    jobs: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    planned: Callable[[int], object] = lambda total: None,
    names: Sequence[str] = (),
) -> Comparison:
    """Compare scenarios on common random numbers.

    Parameters
    ----------
    base, *variants : Scenario
        Every named stream is the same in all of them, replication by replication.
    replications : int, optional
        Pairs, at least two; 60 where left out. With `precision`, the pairs of the first stage,
        never fewer than 30; 60 where left out, or `most` where that is less.
    precision : float, or mapping of metric to float or str, optional
        Pairs are added until the half-width of the difference is no more than this. A plain number
        is a share of the base's mean (0.05: ±5 %) and asked of every metric that differs in some
        pair, save those whose mean is no yardstick: signed ones, counts with a mean below one, yes
        or no of a winter (``…_met``), and those that some replication does not define. By metric, a
        number is in its unit and ``"5%"`` a share: ``{"air.heavy_days": 0.5}``; then only those
        count.
    most : int, optional
        The bound on pairs with `precision`; 2000 where left out.
    simultaneous : bool
        Let the intervals hold for all variants together, see `Comparison`.
    seed, jobs, executor, progress
        As `zibo_sim.experiment.replicate` takes them.
    planned : callable, optional
        Told how many runs there will be, each time that changes.
    names : sequence of str, optional
        What to call the variants; their titles where left out.

    Returns
    -------
    Comparison
        With ``.table``, ``.quantiles``, ``.pairing`` and, where it was asked for, ``.precision``.

    Raises
    ------
    Refused
        Without a variant, for fewer than two pairs, and for a precision that cannot be read.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": "2018-10-14"})
    >>> fewer = base.replace({"air.response.compliance": 0.5, "cloud.audit.servers": 2})
    >>> diff = zs.compare(base, fewer, replications=2, seed=5)
    >>> diff.table.loc["cloud.audit_utilisation", "verdict"] in (
    ...     "rises", "falls", "no difference shown"
    ... )
    True
    """
    _checked(variants, replications, precision, most)
    wanted = None if precision is None else wish(precision, metric_names(base))
    called = _numbered(names or [v.title for v in variants])
    with workers(jobs, executor) as pool:

        def run(scenario: Scenario, first: int, count: int) -> Replications:
            return replicate(
                scenario, count, seed, first=first, jobs=jobs, executor=pool, progress=progress
            )

        arms = _Arms((base, *variants), called, simultaneous, run)
        if wanted is None or precision is None:
            return arms.extend(None, 0, replications or REPLICATIONS)
        first_stage = None if replications is None else max(replications, LEAST)
        found, told = until_precise(
            arms.extend,
            lambda have: list(aims(have, wanted)),
            asked=precision,
            first_stage=first_stage,
            most=most or max(MOST, first_stage or 0),
            planned=lambda pairs: planned(pairs * len(arms.scenarios)),
        )
    return replace(found, precision=told)


@dataclass(frozen=True)
class _Arms:
    """The scenarios of a comparison, and how replications of them are run."""

    scenarios: Sequence[Scenario]
    names: Sequence[str]
    simultaneous: bool
    run: Callable[[Scenario, int, int], Replications]

    def extend(self, have: Comparison | None, first: int, count: int) -> Comparison:
        """Return the comparison with `count` pairs more, from number `first` on."""
        arms = [self.run(scenario, first, count) for scenario in self.scenarios]
        if have is not None:
            before = [have.base, *have.variants.values()]
            arms = [old.followed_by(new) for old, new in zip(before, arms, strict=True)]
        variants = dict(zip(self.names, arms[1:], strict=True))
        return Comparison(arms[0], variants, self.simultaneous)


def _checked(
    variants: Sequence[Scenario],
    replications: int | None,
    precision: Asked | None,
    most: int | None,
) -> None:
    if not variants:
        raise Refused("compare: no variant is given")
    if replications is not None and replications < 2:
        raise Refused(f"replications: {replications} is refused; a comparison needs at least 2")
    if most is not None and precision is None:
        raise Refused(f"most: {most} is refused; it bounds a precision, and none is asked for")


def aims(have: Comparison, wanted: Wish) -> Iterator[Aim]:
    """Yield how wide each interval is and may be, and whether it counts."""
    for name, arm in have.variants.items():
        for metric, base, variant in shared(have.base, arm):
            middle, _, _, low, high, _ = paired(base, variant, have.confidence)
            half = (high - low) / 2
            if metric in wanted.absolute:
                yield Aim(name, metric, half, wanted.absolute[metric])
            elif metric in wanted.relative:
                yield Aim(name, metric, half, wanted.relative[metric] * abs(middle))
            elif wanted.overall is not None:
                why_not = _no_yardstick(metric, base, variant)
                yield Aim(name, metric, half, wanted.overall * abs(middle), not why_not, why_not)


def _no_yardstick(metric: str, base: Floats, variant: Floats) -> str:
    """Say why a share of the base's mean cannot be asked of a metric; empty where it can."""
    known_base, known_variant = both_known(base, variant)
    if np.array_equal(known_base, known_variant):
        return "equal"
    unit, mean = METRICS[metric].unit, float(known_base.mean())
    reasons = {
        "undefined": len(known_base) < len(base),
        "signed": metric.startswith(SIGNED) or mean <= 0,
        "yes_no": is_share(metric, unit) and metric.endswith(YES_NO),
        "rare": is_count(metric, unit) and mean < _RARE,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _numbered(titles: Sequence[str]) -> list[str]:
    """Return the titles, numbered where two are the same."""
    titles = list(titles)
    return [t if titles.count(t) == 1 else f"{t} ({i + 1})" for i, t in enumerate(titles)]
