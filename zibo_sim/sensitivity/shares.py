"""The share of an outcome's variance that comes from values marked as assumed.

All numeric inputs of a scenario vary at once over their ranges, in three groups: *assumed* values,
values with *evidence* (calibrated, literature), and *chance* (the replication). Blocks of runs take
each group from one of two independent draws A and B: A, B, and A with one group from B. Runs that
share only a group correlate by its closed index (what it makes alone, with all that happens inside
it); runs that share all but a group lack its total index (what it makes with the others too).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import fdtrc

from zibo_sim.errors import Refused, unknown
from zibo_sim.experiment import Progress
from zibo_sim.metrics import measure, metric_names
from zibo_sim.model import run_once
from zibo_sim.scenario import Scenario
from zibo_sim.sensitivity.chance import mean_known
from zibo_sim.sensitivity.groups import BLOCKS, GROUPS, group_indices
from zibo_sim.sensitivity.inputs import SPREAD, Inputs, Scalar, inputs_of
from zibo_sim.sensitivity.sampling import Plan, group_of
from zibo_sim.streams import check_seed
from zibo_sim.study.engine import execute
from zibo_sim.study.pools import Pool, pool_of
from zibo_sim.study.spec import Study
from zibo_sim.study.work import Group, Rows, Work

FloatArray = NDArray[np.float64]
POINTS = 128
_FEWEST, _MOST = 8, 100_000
#: Runs that must differ from the most common outcome; a rarer one has no shares.
_FEWEST_MOVED = 20


@dataclass(frozen=True)
class Shares:
    """Where the variance of each outcome comes from.

    Attributes
    ----------
    scenario : Scenario
    points, seed : int
        The runs are five times the points.
    groups : DataFrame
        One row an output and group: ``output, group, alone, alone_low, alone_high, total,
        total_low, total_high`` (closed and total index, 95 % intervals); NaN where an outcome does
        not vary, or does in fewer than 20 runs.
    top : DataFrame
        One row an output and assumed input, the largest first: ``output, input, share, low, high,
        direction, told``. ``share`` is the straight-line part of its first-order index (adjusted
        for chance); ``told`` says whether it is told from nothing at 95 %, all inputs considered
        (F test, Bonferroni).
    inputs : Inputs
        What varied over which range, and what did not.
    redrawn : int
        Points drawn anew because the scenario refused their combination of values.
    refusals : mapping of str to int
        What was refused, and how often.
    failed : int
        Runs that ended in an error; their outcomes are missing.
    """

    scenario: Scenario
    points: int
    seed: int
    groups: pd.DataFrame
    top: pd.DataFrame
    inputs: Inputs
    redrawn: int
    refusals: Mapping[str, int]
    failed: int


def assumption_shares(
    base: Scenario | Study,
    points: int = POINTS,
    seed: int = 1,
    *,
    outputs: Sequence[str] | None = None,
    ranges: Mapping[str, Any] | None = None,
    hold: Sequence[str] = (),
    spread: float = SPREAD,
    jobs: int = 0,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Shares:
    """Estimate the share of outcome variance that comes from values marked as assumed.

    Parameters
    ----------
    base : Scenario or Study
        Of a study, its base with its factors and their ranges instead of all inputs.
    points, seed : int
        Five runs a point.
    outputs : sequence of str, optional
        Default: every metric (of a study, its outputs).
    ranges, hold, spread
        As `inputs_of` takes them; ranges a study has are its own.
    jobs : int
        Processes where no executor is given; 0 takes one a processor.
    executor : concurrent.futures.Executor, optional
    progress : callable, optional
        Told how many runs were finished each time some are.

    Returns
    -------
    Shares
        The same for any number of jobs and any executor.

    Raises
    ------
    Refused
        For arguments out of range, and for ranges of which most combinations are refused.

    Examples
    --------
    >>> from zibo_sim.scenario import load
    >>> from zibo_sim.study.spec import study_of
    >>> study = study_of({
    ...     "base": load().replace({"period.end": "2018-10-14"}), "outputs": ["cloud.requests"],
    ...     "design": "lhs", "points": 8,
    ...     "factors": {"cloud.arrivals.new_per_day": {"low": 0.2, "high": 0.6}},
    ... })
    >>> assumption_shares(study, 8, jobs=1).groups["group"].tolist()
    ['assumed', 'evidence', 'chance']
    """
    scenario = base.base if isinstance(base, Study) else base
    if not _FEWEST <= points <= _MOST:
        raise Refused(f"points: {points} is refused; allowed is {_FEWEST} to {_MOST}")
    check_seed(seed)
    if isinstance(base, Study):
        inputs = Inputs(tuple(Scalar(f) for f in base.factors), {}, base.keys)
        names = list(outputs or base.outputs)
    else:
        inputs = inputs_of(scenario, ranges, hold, spread)
        names = list(outputs or metric_names(scenario))
    _known(names, scenario)
    plan = Plan.of(scenario, inputs, points, seed)
    y, failed = _run(plan, names, pool_of(executor, jobs), progress)
    groups, top = [], []
    for name, outcome in zip(names, y, strict=True):
        groups += _group_rows(name, outcome, plan)
        top += _top_rows(name, outcome, plan)
    return Shares(
        scenario, points, seed, _group_frame(groups), _top_frame(top), inputs,
        plan.redrawn, dict(plan.refusals.most_common()), failed,
    )  # fmt: skip


def _known(names: Sequence[str], scenario: Scenario) -> None:
    there = metric_names(scenario)
    faults = [unknown("metric", name, there) for name in names if name not in there]
    if faults:
        raise Refused(*faults)


# ---- the runs ----------------------------------------------------------------------------


def prepared(
    context: tuple[Scenario, int, tuple[str, ...]], changes: Mapping[str, Any]
) -> Callable[[int], list[float]]:
    """Return the model of one point: replication to outcomes."""
    base, seed, names = context
    scenario = base.replace(changes)

    def model(replication: int) -> list[float]:
        measured = measure(run_once(scenario, seed, replication))
        return [float(measured[name]) for name in names]

    return model


def _run(
    plan: Plan, names: Sequence[str], pool: Pool, progress: Progress | None
) -> tuple[FloatArray, int]:
    """Return the outcomes, shape (outputs, blocks, points), and how many runs failed."""
    n, said, failed = plan.points, progress or (lambda done: None), 0
    y = np.full((len(names), len(BLOCKS), n), np.nan)
    fresh = {block[:2]: [b for b in range(len(BLOCKS)) if BLOCKS[b][:2] == block[:2]]
             for block in BLOCKS}  # fmt: skip
    members = [(point, blocks) for point in range(n) for blocks in fresh.values()]

    def told(rows: Rows) -> None:
        nonlocal failed
        failed += len(rows.errors)
        for group, replication, values in zip(
            rows.point, rows.replication, rows.values, strict=True
        ):
            point, blocks = members[group]
            side = "AB"[int(replication >= n)]
            y[:, next(b for b in blocks if BLOCKS[b][2] == side), point] = values
        said(len(rows))

    groups = (
        Group(i, plan.changes[point][blocks[0]], tuple(_replication(b, point, n) for b in blocks))
        for i, (point, blocks) in enumerate(members)
    )
    context = (plan.scenario, plan.seed, tuple(names))
    execute(Work(prepared, context, len(names)), groups, len(BLOCKS) * n, pool, told)
    return y, failed


def _replication(block: int, point: int, points: int) -> int:
    """Return the replication of a block: its own for every point, and other ones for B."""
    return point + points * (BLOCKS[block][2] == "B")


# ---- what came of it ---------------------------------------------------------------------


def _moves(y: FloatArray) -> bool:
    """Say whether enough runs differ from the most common outcome to split its variance."""
    known = y[np.isfinite(y)]
    return len(known) > 0 and int(np.unique(known, return_counts=True)[1].max()) <= (
        len(known) - _FEWEST_MOVED
    )


def _group_rows(name: str, y: FloatArray, plan: Plan) -> list[tuple[Any, ...]]:
    lacking = np.full((2, 3), np.nan)
    value, low, high = group_indices(y) if _moves(y) else (lacking, lacking, lacking)
    rows = []
    for g, group in enumerate(GROUPS):
        figures = np.column_stack([value[:, g], low[:, g], high[:, g]]).ravel()
        if group != "chance" and not plan.inputs.keys(group):
            figures = np.where(np.isnan(figures), np.nan, 0.0)
        rows.append((name, group, *figures.tolist()))
    return rows


def _group_frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    names = ["alone", "alone_low", "alone_high", "total", "total_low", "total_high"]
    return pd.DataFrame(rows, columns=["output", "group", *names])


def _top_rows(name: str, y: FloatArray, plan: Plan) -> list[tuple[Any, ...]]:
    """Return every assumed input's straight-line share of the variance, the largest first.

    Runs that share the assumed values are averaged first, which quietens the other groups.
    """
    taken = np.array([block[0] for block in BLOCKS])
    outcome = np.concatenate([mean_known(y[taken == side], axis=0) for side in "AB"])
    assumed = [i for i in plan.inputs.varied if group_of(i) == 0]
    there = np.isfinite(outcome)
    if not _moves(y):
        return []
    whole = float(np.nanvar(y))
    rows = []
    for input_ in assumed:
        u = np.vstack(plan.draws[input_.key])[there]
        share, error, chance, way = _line(u, outcome[there])
        part = float(outcome[there].var()) / whole
        ends = np.clip([share - 1.96 * error, share + 1.96 * error], 0.0, 1.0) * part
        told = bool(chance * len(assumed) < 0.05)
        rows.append((name, input_.key, max(share, 0.0) * part, *ends.tolist(), way, told))
    return sorted(rows, key=lambda row: -row[2])


def _line(u: FloatArray, outcome: FloatArray) -> tuple[float, float, float, str]:
    """Return a regression's adjusted share of variance, its error, its p-value, its direction."""
    n, p = u.shape
    if n <= p + 2:
        return 0.0, 1.0, 1.0, ""
    x, y = u - u.mean(axis=0), outcome - outcome.mean()
    slopes = np.linalg.lstsq(x, y, rcond=None)[0]
    explained = float(1 - ((y - x @ slopes) ** 2).sum() / (y**2).sum()) if y.any() else 0.0
    left = n - p - 1
    share = 1 - (1 - explained) * (n - 1) / left
    error = np.sqrt(4 * explained * (1 - explained) ** 2 / n + 2 * p * (1 - explained) ** 2 / n**2)
    ratio = explained / p / max((1 - explained) / left, 1e-300)
    way = "" if p > 1 else ("rises" if slopes[0] > 0 else "falls")
    return share, float(error), float(fdtrc(p, left, ratio)), way


def _top_frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    names = ["output", "input", "share", "low", "high", "direction", "told"]
    return pd.DataFrame(rows, columns=names)
