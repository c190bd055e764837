"""The best of several scenarios, chosen so that the choice is right with a stated probability.

The procedure of Kim & Nelson ("A fully sequential procedure for indifference-zone selection in
simulation", ACM TOMACS 11, 2001), which allows common random numbers and unequal variances: a
first stage of every arm; the variance of every pairwise difference in it sets how long two arms may
stay together; after that one replication at a time, and an arm that falls too far behind another
leaves. With probability `confidence` or more the arm chosen is the best, where the best is better
than every other by `delta` or more; where it is not, the arm chosen is that good or less than
`delta` worse. Means are taken as normal, as they nearly are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zibo_sim.errors import Refused, unknown
from zibo_sim.experiment import Progress, Replications, interval, replicate
from zibo_sim.metrics import metric_names
from zibo_sim.scenario import Scenario
from zibo_sim.workers import workers

Floats = NDArray[np.float64]
Sampler = Callable[[int, int, int], Floats]
FIRST_STAGE, MOST, BATCH = 30, 2000, 10
CHOSEN, LEFT, STILL_IN = "best", "worse", "not told apart"


@dataclass(frozen=True)
class Race:
    """What became of the arms.

    Attributes
    ----------
    best : int
        The arm chosen; where it is not decided, the one that is ahead.
    decided : bool
        Whether the guarantee holds: False where the bound on replications was hit.
    runs : list of ndarray
        Of each arm, the replications its fate was decided on.
    left : list of bool
        Whether an arm fell behind and left.
    """

    best: int
    decided: bool
    runs: list[Floats]
    left: list[bool]


def race(
    sample: Sampler,
    arms: int,
    delta: float,
    *,
    confidence: float = 0.95,
    first_stage: int = FIRST_STAGE,
    most: int = MOST,
    batch: int = BATCH,
) -> Race:
    """Find the arm with the largest mean by the procedure of Kim & Nelson.

    Parameters
    ----------
    sample : callable
        Given an arm, the number of its first replication and how many, it returns their values;
        replication `k` of all arms may share draws.
    arms : int
    delta : float
        The smallest difference worth finding.
    confidence : float
    first_stage, most : int
        Replications of each arm before the first look, and at most.
    batch : int
        How many are asked for at a time; no answer depends on it.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(1).standard_normal(1000)
    >>> found = race(lambda arm, first, n: arm + noise[first : first + n], 3, delta=0.5)
    >>> found.best, found.decided
    (2, True)
    """
    values = [sample(arm, 0, first_stage) for arm in range(arms)]
    allowed = _allowed(values, delta, confidence)
    inside, n, counts = list(range(arms)), first_stage, [first_stage] * arms
    while True:
        inside = _screened(inside, values, n, allowed, delta)
        for arm in inside:
            counts[arm] = n
        over = len(inside) == 1 or n > max(int(allowed[i, j]) for i in inside for j in inside)
        if over or n >= most:
            break
        if n == len(values[inside[0]]):
            more = min(batch, most - n)
            for arm in inside:
                values[arm] = np.concatenate([values[arm], sample(arm, n, more)])
        n += 1
    seen = [v[:count] for v, count in zip(values, counts, strict=True)]
    best = max(inside, key=lambda arm: float(seen[arm].mean()))
    return Race(best, over, seen, [arm not in inside for arm in range(arms)])


def _allowed(values: Sequence[Floats], delta: float, confidence: float) -> Floats:
    """Return h²S²/δ² of every pair of arms: replications until both are told apart or alike."""
    first, rivals = len(values[0]), max(len(values) - 1, 1)
    eta = ((2 * (1 - confidence) / rivals) ** (-2 / (first - 1)) - 1) / 2
    stacked = np.vstack(values)
    differences = stacked[:, None, :] - stacked[None, :, :]
    found: Floats = 2 * eta * (first - 1) * differences.var(axis=2, ddof=1) / delta**2
    return found


def _screened(
    inside: Sequence[int], values: Sequence[Floats], n: int, allowed: Floats, delta: float
) -> list[int]:
    """Return the arms that are not behind any other by more than is still allowed."""
    mean = {arm: float(values[arm][:n].mean()) for arm in inside}
    return [
        i
        for i in inside
        if all(
            mean[i] >= mean[j] - max(0.0, delta / (2 * n) * (float(allowed[i, j]) - n))
            for j in inside
            if j != i
        )
    ]


@dataclass(frozen=True)
class Selection:
    """The best of several scenarios by one metric.

    Attributes
    ----------
    metric : str
    delta, confidence : float
    larger_is_better : bool
    best : str
    decided : bool
        False where the bound on replications was hit first; `best` is then the one ahead.
    table : DataFrame
        One row an arm: ``runs mean low high verdict`` (best, worse, not told apart).
    """

    metric: str
    delta: float
    confidence: float
    larger_is_better: bool
    best: str
    decided: bool
    table: pd.DataFrame


def select_best(
    arms: Mapping[str, Scenario],
    metric: str,
    delta: float,
    *,
    larger_is_better: bool,
    confidence: float = 0.95,
    first_stage: int = FIRST_STAGE,
    most: int = MOST,
    seed: int = 0,
    jobs: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    known: Mapping[str, Replications] | None = None,
) -> Selection:
    """Choose the scenario with the best mean of a metric, on common random numbers.

    Parameters
    ----------
    arms : mapping of name to Scenario
    metric : str
    delta : float
        Indifference zone: the smallest difference worth finding, in the metric's unit.
    larger_is_better : bool
    confidence, first_stage, most
        As `race` takes them.
    seed, jobs, executor, progress
        As `zibo_sim.experiment.replicate` takes them.
    known : mapping of name to Replications, optional
        Replications of the same seed, from the first on, that were run before.

    Returns
    -------
    Selection
        ``.best`` and the ``.table`` of all arms.

    Raises
    ------
    Refused
        For fewer than two arms, an unknown metric, a zone that is not above 0, or a metric that
        some replication does not define.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load().replace({"period.end": "2018-10-14"})
    >>> arms = {str(n): base.replace({"cloud.audit.servers": n}) for n in (1, 2)}
    >>> chosen = zs.select_best(
    ...     arms, "cloud.audit_utilisation", 0.2, larger_is_better=False, first_stage=5, most=10
    ... )
    >>> chosen.best in arms
    True
    """
    check_choice(arms, metric, delta, confidence, first_stage)
    sign = 1.0 if larger_is_better else -1.0
    names = list(arms)
    have = dict(known or {})
    with workers(jobs, executor) as pool:

        def sample(arm: int, first: int, count: int) -> Floats:
            name = names[arm]
            missing = first + count - (done := len(have[name]) if name in have else 0)
            if missing > 0:
                more = replicate(
                    arms[name], missing, seed, first=done, jobs=jobs, executor=pool,
                    progress=progress,
                )  # fmt: skip
                have[name] = have[name].followed_by(more) if done else more
            found = have[name].metrics[metric].to_numpy()[first : first + count]
            if not np.isfinite(found).all():
                raise Refused(f"{metric}: some replications of {name} do not define it")
            return np.asarray(sign * found)

        ran = race(
            sample, len(arms), delta, confidence=confidence, first_stage=first_stage, most=most
        )
    best = names[ran.best]
    table = _table(names, ran, sign)
    return Selection(metric, delta, confidence, larger_is_better, best, ran.decided, table)


def _table(names: Sequence[str], ran: Race, sign: float) -> pd.DataFrame:
    rows = {}
    for arm, name in enumerate(names):
        mean, low, high, runs = interval(sign * ran.runs[arm])
        alone = arm == ran.best and ran.decided
        said = CHOSEN if alone else LEFT if ran.left[arm] else STILL_IN
        rows[name] = (runs, mean, low, high, said)
    columns = ["runs", "mean", "low", "high", "verdict"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("arm")


def check_choice(
    arms: Mapping[str, Scenario],
    metric: str,
    delta: float,
    confidence: float = 0.95,
    first_stage: int = FIRST_STAGE,
) -> None:
    """Refuse what `select_best` would, before anything is run."""
    faults = []
    if len(arms) < 2:
        faults.append("a choice needs at least two scenarios")
    allowed = metric_names(next(iter(arms.values()))) if arms else []
    for scenario in arms.values():
        allowed = [name for name in allowed if name in metric_names(scenario)]
    if arms and metric not in allowed:
        faults.append(unknown("metric", metric, allowed))
    if not (np.isfinite(delta) and delta > 0):
        faults.append(f"indifference: {delta} is refused; allowed is a number above 0")
    if not 0.5 <= confidence < 1:
        faults.append(f"confidence: {confidence} is refused; allowed is 0.5 to below 1")
    if first_stage < 2:
        faults.append(f"first_stage: {first_stage} is refused; allowed is 2 or more")
    if faults:
        raise Refused(*faults)
