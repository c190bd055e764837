"""Which part of a package of changes does what: Shapley values on common random numbers.

A part's effect is what it adds to the sub-packages without it, averaged so that no order among the
parts counts more than another; the effects of all parts add up to that of the package. Shapley
L. S. (1953), A value for n-person games; sampled orders: Castro J. et al. (2009), Computers &
Operations Research 36:1726.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import ValidationError

from zibo_sim.arms import Arm, Progress, checked, judge_arms
from zibo_sim.comparison import COLUMNS, NOTHING_SHOWN, verdict
from zibo_sim.errors import Refused, from_pydantic, unknown
from zibo_sim.experiment import interval
from zibo_sim.metrics import METRICS
from zibo_sim.scenario import HEADER, Scenario, known_keys, settable_keys
from zibo_sim.shapley import Mask, Values, exact_effects, sampled_effects, wanted_runs

Floats = NDArray[np.float64]
REPLICATIONS = 30
#: Parts up to which every sub-package is run: 2 ** 8 = 256 scenarios.
MOST_EXACT = 8
PART_COLUMNS = ("effect", "low", "high", "share", "alone", "last", "pairs", "verdict")
_LAW = "law."
_ROUNDING, _DUST = 1e-9, 1e-13


@dataclass(frozen=True)
class Attribution:
    """A package of changes split into its parts.

    Attributes
    ----------
    base, variant : Scenario
    parts : mapping of str to tuple of str
        The keys that each part changes.
    seed, replications : int
    samples : int or None
        Orders drawn a replication; None where every sub-package was run.
    table : DataFrame
        Index ``metric, part``, columns `PART_COLUMNS`. ``low, high`` bound the effect at 95 %
        (Student's interval over paired replications). ``share`` is of the package's effect, NaN
        where that shows no difference. ``alone`` is the effect of the part by itself, ``last``
        what it adds to all the others; they differ where parts act on one another. NaN where
        orders were sampled.
    package : DataFrame
        Index ``metric``, columns as a comparison has them. A replication counts where every
        sub-package it ran defines the metric.
    runs : int
        Runs of the model it took.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": "2018-10-14"})
    >>> both = base.replace({"law.alert.yellow.days": 1, "air.response.compliance": 1.0})
    >>> found = zs.attribute(base, both, replications=2)
    >>> list(found.parts)
    ['air.response.compliance', 'law.alert.yellow.days']
    >>> list(found.table.index.names)
    ['metric', 'part']
    """

    base: Scenario
    variant: Scenario
    parts: Mapping[str, tuple[str, ...]]
    seed: int
    replications: int
    samples: int | None
    table: pd.DataFrame = field(repr=False)
    package: pd.DataFrame = field(repr=False)
    runs: int = 0

    def tidy(self) -> pd.DataFrame:
        """Return every row with its unit and keys, the package's below its parts.

        Examples
        --------
        >>> import zibo_sim as zs
        >>> base = zs.load().replace({"period.end": "2018-10-14"})
        >>> both = base.replace({"law.alert.yellow.days": 1, "air.response.compliance": 1.0})
        >>> found = zs.attribute(base, both, replications=2)
        >>> found.tidy()["part"].nunique()
        3
        """
        parts = self.table.reset_index()
        parts.insert(2, "keys", [" ".join(self.parts[part]) for part in parts["part"]])
        shared = ["effect", "low", "high", "pairs", "verdict"]
        whole = self.package.rename(columns={"difference": "effect"})[shared].reset_index()
        frame = pd.concat([parts, whole.assign(part="", keys="")], ignore_index=True)
        frame.insert(1, "unit", [METRICS[name].unit for name in frame["metric"]])
        order = {name: i for i, name in enumerate(self.package.index)}
        frame = frame.sort_values("metric", key=lambda c: c.map(order), kind="stable")
        return frame.reset_index(drop=True)


def attribute(
    base: Scenario,
    variant: Scenario,
    *,
    replications: int = REPLICATIONS,
    seed: int = 0,
    groups: Mapping[str, Sequence[str]] | None = None,
    samples: int | None = None,
    jobs: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Attribution:
    """Split what a variant changes into the effects of its parts.

    Parameters
    ----------
    base, variant : Scenario
        Each dotted key in which they differ is a part.
    replications : int
        At least two; every sub-package runs them on the same draws.
    seed : int
    groups : mapping of str to sequence of str, optional
        Keys that make one part together, by its name; a table (``cloud``) stands for every
        differing key in it. Keys in no group remain parts of their own.
    samples : int, optional
        Draw so many orders of the parts a replication (the second half are the first reversed)
        and do not run every sub-package. Needed where there are more than 8 parts.
    jobs, executor, progress
        As `zibo_sim.experiment.replicate` takes them.

    Returns
    -------
    Attribution

    Raises
    ------
    Refused
        For scenarios that do not differ, unknown or doubled keys of groups, more than 8 parts
        without `samples`, and sub-packages that are no scenario.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": zs.load().period.start})
    >>> parts = {"law.alert.yellow.days": 1, "air.response.compliance": 1.0}
    >>> found = zs.attribute(base, base.replace(parts), replications=2)
    >>> list(found.parts)
    ['air.response.compliance', 'law.alert.yellow.days']
    """
    checked(seed, replications)
    parts = parts_of(base, variant, groups or {})
    names = list(parts)
    if samples is None and len(names) > MOST_EXACT:
        raise Refused(_too_many(len(names)))
    if samples is not None and (samples < 2 or samples % 2):
        raise Refused(f"samples: {samples} is refused; allowed is an even number from 2")
    walks, wanted = wanted_runs(len(names), replications, samples, seed)
    packages = _packages(base, variant, parts, wanted)
    arms = {mask: Arm(packages[mask], wanted[mask]) for mask in wanted}
    frames = judge_arms(arms, seed, jobs=jobs, executor=executor, progress=progress)
    values = Values(frames, replications)
    effects = exact_effects(values, len(names)) if walks is None else sampled_effects(values, walks)
    table, package = _tables(values, effects, names, samples is None)
    runs = sum(len(arm.replications) for arm in arms.values())
    return Attribution(base, variant, parts, seed, replications, samples, table, package, runs)


# ---- the parts ---------------------------------------------------------------------------


def differing(base: Scenario, variant: Scenario) -> list[str]:
    """Return the dotted keys in which two scenarios differ, law-book ids as ``law.<id>``."""
    plain = [k for k in known_keys() if k not in HEADER and base.get(k) != variant.get(k)]
    law = dict.fromkeys([*base.law, *variant.law])
    changed = [_LAW + k for k in law if base.get(_LAW + k) != variant.get(_LAW + k)]
    return [*plain, *changed]


def parts_of(
    base: Scenario, variant: Scenario, groups: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the parts of a package by name, groups first; what is wrong with groups is refused."""
    keys = differing(base, variant)
    if not keys:
        raise Refused("attribute: base and variant do not differ; change at least one key")
    found, owner, faults = dict[str, tuple[str, ...]](), dict[str, str](), list[str]()
    for name, given in groups.items():
        members = dict.fromkeys(k for key in given for k in _members(key, keys, name, faults))
        for key in members:
            if key in owner:
                faults.append(f"group {name}: {key} stands in group {owner[key]} already")
            owner.setdefault(key, name)
        found[name] = tuple(members)
    if faults:
        raise Refused(*faults)
    alone = {key: (key,) for key in keys if key not in owner}
    if clash := [name for name in found if name in alone]:
        raise Refused(f"group {clash[0]}: a key of that name is a part by itself")
    return {**found, **alone}


def _members(key: str, keys: Sequence[str], group: str, faults: list[str]) -> list[str]:
    members = [k for k in keys if k == key or k.startswith(f"{key}.")]
    if not members:
        known = key in settable_keys()
        said = f"{key} does not differ" if known else unknown("key", key, keys)
        faults.append(f"group {group}: {said}; base and variant differ in {', '.join(keys)}")
    return members


def _too_many(count: int) -> str:
    return (
        f"{count} parts make 2^{count} sub-packages; up to {MOST_EXACT} are split exactly. Put "
        "keys that belong together into one part (groups, --group NAME=key,key), or draw orders "
        "(samples=8, --samples 8)"
    )


def count_runs(parts: int, replications: int, samples: int | None = None, seed: int = 0) -> int:
    """Return how many runs of the model an attribution takes; 0 where it would be refused."""
    checked(seed, replications)
    if samples is None and parts > MOST_EXACT:
        return 0
    return sum(map(len, wanted_runs(parts, replications, samples, seed)[1].values()))


# ---- the sub-packages --------------------------------------------------------------------


def _packages(
    base: Scenario,
    variant: Scenario,
    parts: Mapping[str, tuple[str, ...]],
    masks: Iterable[Mask],
) -> dict[Mask, Scenario]:
    """Return the scenario of every sub-package; those that are none are refused together."""
    names, whole = list(parts), 2 ** len(parts) - 1
    found, faults = {0: base, whole: variant}, list[str]()
    for mask in masks:
        inside = [name for i, name in enumerate(names) if mask >> i & 1]
        try:
            if mask not in found:
                keys = [key for name in inside for key in parts[name]]
                found[mask] = _mixed(base, variant, keys)
        except Refused as refusal:
            outside = [name for name in names if name not in inside]
            faults.append(
                f"{' + '.join(inside)} without {' + '.join(outside)} is no scenario "
                f"({'; '.join(refusal.faults)}); put what belongs together into one group"
            )
    if faults:
        more = [f"and {len(faults) - 3} more sub-packages"] if len(faults) > 3 else []
        raise Refused(*faults[:3], *more)
    return found


def _mixed(base: Scenario, variant: Scenario, keys: Iterable[str]) -> Scenario:
    """Return the base with some keys as the variant has them."""
    tree = base.model_dump()
    for key in keys:
        if key.startswith(_LAW):
            name = key.removeprefix(_LAW)
            for group in ("law", "law_notes"):
                theirs = getattr(variant, group)
                kept = {k: v for k, v in tree[group].items() if k != name}
                tree[group] = kept | ({name: theirs[name]} if name in theirs else {})
            continue
        *groups, last = key.split(".")
        inner: dict[str, Any] = tree
        for group in groups:
            inner = inner[group]
        inner[last] = variant.get(key)
    try:
        return Scenario.model_validate(tree)
    except ValidationError as error:
        raise from_pydantic(error) from None


# ---- the tables --------------------------------------------------------------------------


def _tables(
    values: Values, effects: Floats, names: Sequence[str], exact: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    whole = values.variant - values.base
    whole[~np.isfinite(effects).all(axis=0)] = np.nan
    effects[:, np.isnan(whole)] = np.nan
    size = np.maximum(np.abs(values.base), np.abs(values.variant)) + 1.0
    effects[np.abs(effects) < _DUST * size] = 0.0  # rounding alone, which no verdict is to see
    _add_up(effects, whole, size)
    parts, package = {}, {}
    full = 2 ** len(names) - 1
    for m, metric in enumerate(values.metrics):
        mean, low, high, pairs = interval(whole[:, m])
        both = np.isfinite(whole[:, m])
        means = [float(v[both, m].mean()) if pairs else np.nan for v in (values.base,
                                                                       values.variant)]  # fmt: skip
        shown = verdict(low, high)
        package[metric] = (*means, mean, low, high, pairs, shown)
        for i, name in enumerate(names):
            effect, below, above, _ = interval(effects[i, :, m])
            share = effect / mean + 0.0 if shown != NOTHING_SHOWN else np.nan
            ends = [np.nan, np.nan]
            if exact and pairs:
                alone = values[1 << i] - values.base
                last = values.variant - values[full ^ 1 << i]
                ends = [float(v[both, m].mean()) for v in (alone, last)]
            said = verdict(below, above)
            parts[metric, name] = (effect, below, above, share, *ends, pairs, said)
    table = pd.DataFrame.from_dict(parts, orient="index", columns=list(PART_COLUMNS))
    table.index = pd.MultiIndex.from_tuples(list(parts), names=["metric", "part"])
    whole_table = pd.DataFrame.from_dict(package, orient="index", columns=list(COLUMNS))
    return table, whole_table.rename_axis("metric")


def _add_up(effects: Floats, whole: Floats, size: Floats) -> None:
    """Make sure that the parts add up to the package in every replication."""
    off = np.abs(effects.sum(axis=0) - whole) > _ROUNDING * size
    if off[np.isfinite(whole)].any():
        raise ArithmeticError("the parts' effects do not add up to the package's")
