"""In which region of its factors a study meets, or misses, what one asks of its outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from zibo_sim.errors import Refused
from zibo_sim.sensitivity.chance import mean_known
from zibo_sim.sensitivity.prim import Discovery, prim
from zibo_sim.sensitivity.when import Condition, condition
from zibo_sim.study.design import design_points
from zibo_sim.study.spec import Study

_FEWEST = 20


@dataclass(frozen=True)
class Region:
    """Boxes of factors in which a condition holds.

    Attributes
    ----------
    study : Study
    when : Condition
    often : float
        Share of a point's replications in which it must hold.
    factors : DataFrame
        One row a point, those left out taken away.
    cases : array, shape (points,)
        1 where the condition holds often enough, else 0.
    found : Discovery
        ``boxes`` and the peeling ``trajectory``.
    left_out : int
        Points of which no replication defines the outputs.
    """

    study: Study
    when: Condition
    often: float
    factors: pd.DataFrame
    cases: np.ndarray
    found: Discovery
    left_out: int

    @property
    def share(self) -> float:
        """Share of all points that are cases."""
        return self.found.cases / self.found.points

    @property
    def table(self) -> pd.DataFrame:
        """One row a box and factor it restricts.

        ``box, factor, low, high, allowed, p_value, coverage, density, points, cases``.
        """
        rows = [
            (i, name, limit.low, limit.high, limit.allowed, box.p_values[name],
             box.coverage, box.density, box.points, box.cases)
            for i, box in enumerate(self.found.boxes, 1) for name, limit in box.limits.items()
        ]  # fmt: skip
        names = ["box", "factor", "low", "high", "allowed", "p_value", "coverage", "density",
                 "points", "cases"]  # fmt: skip
        return pd.DataFrame(rows, columns=names)


def discover(
    frame: pd.DataFrame, study: Study, when: str, *, boxes: int = 3, often: float = 0.5
) -> Region:
    """Find the region of a study's factors in which a condition on its outputs holds.

    Parameters
    ----------
    frame : DataFrame
        What `zibo_sim.study.sweep.sweep` returned for the study.
    study : Study
    when : str
        As `zibo_sim.sensitivity.when.condition` reads it: ``"air.target_met = 0"``.
    boxes : int
        At most so many boxes.
    often : float
        A point is a case when the condition holds in at least this share of its replications (of
        those that define the outputs).

    Returns
    -------
    Region

    Raises
    ------
    Refused
        For a condition that cannot be read, results that are not this study's, or too few points.

    Examples
    --------
    >>> from zibo_sim.study.spec import study_of
    >>> study = study_of({
    ...     "design": "lhs", "points": 60, "outputs": ["air.heavy_days"],
    ...     "factors": {"air.response.compliance": {"low": 0.5, "high": 1.0},
    ...                 "air.emissions.scale": {"low": 0.8, "high": 1.2}},
    ... })
    >>> frame = design_points(study).reset_index().assign(replication=0, error="")
    >>> high = frame["air.response.compliance"] > 0.8
    >>> frame["air.heavy_days"] = np.where(high, 5.0, 15.0)  # as if run
    >>> discover(frame, study, "air.heavy_days <= 10").table["factor"].tolist()
    ['air.response.compliance']
    """
    if not 1 <= boxes <= 20:
        raise Refused(f"boxes: {boxes} is refused; allowed is 1 to 20")
    if not 0 < often <= 1:
        raise Refused(f"often: {often!r} is refused; allowed is above 0 and at most 1")
    asked = condition(when, study.outputs)
    rows, each = study.rows, study.replications
    ordered = frame.sort_values(["point", "replication"])
    if len(ordered) != rows * each:
        raise Refused(
            f"results: {len(frame)} rows are refused; the study has {rows} points × "
            f"{each} replications"
        )
    held = asked.of(ordered)
    well = (ordered["error"].fillna("") == "").to_numpy()
    share = mean_known(np.where(well, held, np.nan).reshape(rows, each))
    there = np.isfinite(share)
    if there.sum() < _FEWEST:
        raise Refused(
            f"points: {there.sum()} with the outputs defined are refused; a region needs at least "
            f"{_FEWEST}"
        )
    factors = design_points(study)[there].reset_index(drop=True)
    cases = (share[there] >= often).astype(float)
    found = prim(factors, cases, boxes=boxes)
    return Region(study, asked, often, factors, cases, found, int((~there).sum()))
