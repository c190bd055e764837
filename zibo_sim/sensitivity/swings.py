"""How far an output moves between the lower and the upper end of each factor."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zibo_sim.experiment import interval
from zibo_sim.sensitivity.chance import mean_known
from zibo_sim.sensitivity.indices import independent, outcomes
from zibo_sim.study.design import design_points
from zibo_sim.study.spec import Study

#: A range's ends are its lowest and highest fifth of points.
_END = 0.2
COLUMNS = ("factor", "low", "high", "at_low", "at_low_from", "at_low_to",
           "at_high", "at_high_from", "at_high_to")  # fmt: skip


def swings(frame: pd.DataFrame, study: Study, output: str) -> pd.DataFrame:
    """Return an output's mean at both ends of each factor, all others as the design spreads them.

    Ends are the first and last level of a list of up to five, else the lowest and highest fifth of
    the points.

    Parameters
    ----------
    frame : DataFrame
        What `zibo_sim.study.sweep.sweep` returned for the study.
    study : Study
    output : str

    Returns
    -------
    DataFrame
        One row a factor, the largest swing first: `COLUMNS`, the means less the mean of all points
        with 95 % intervals, ``low`` and ``high`` the end nearest the middle (a level where it is
        one). Attribute ``attrs["mean"]`` holds the mean of all points.
    """
    y = mean_known(independent(study, outcomes(frame, study, [output])[output]))
    points = design_points(study).iloc[: len(y)]
    middle = float(np.nanmean(y)) if np.isfinite(y).any() else np.nan
    rows = []
    for factor in study.factors:
        column = points[factor.key]
        if factor.kind == "list" and (len(factor.values) <= 5 or column.dtype.kind not in "fiu"):
            low, high = factor.extremes()[0], factor.extremes()[-1]
            ends = [np.array([v == end for v in column]) for end in (low, high)]
        else:
            low, high = column.quantile(_END), column.quantile(1 - _END)
            ends = [(column <= low).to_numpy(), (column >= high).to_numpy()]
        figures = [interval(y[end])[:3] for end in ends]
        rows.append((factor.key, low, high, *(v - middle for three in figures for v in three)))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    order = (table["at_high"] - table["at_low"]).abs().sort_values(ascending=False).index
    table = table.loc[order].reset_index(drop=True)
    table.attrs["mean"] = middle
    return table
