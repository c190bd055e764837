"""A study's results point by point: what the words, tables and pictures of its page go by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from zibo_sim.metrics import METRICS
from zibo_sim.report.spoken import HEADLINES
from zibo_sim.report.summary import said_value
from zibo_sim.scenario import FILES
from zibo_sim.study.spec import Study
from zibo_sim.words import Scale, scale

#: Outputs that are drawn and listed point by point.
MOST_DRAWN = 6


def drawn_outputs(study: Study) -> list[str]:
    """Return the outputs that are drawn: what planners ask first."""
    order = [*(n for n in HEADLINES if n in study.outputs), *study.outputs]
    chosen = list(dict.fromkeys(order))[:MOST_DRAWN]
    return [name for name in study.outputs if name in chosen]


def failed(frame: pd.DataFrame) -> pd.Series[bool]:
    """Say of every run whether it failed."""
    return frame["error"].fillna("") != ""


def means_of(frame: pd.DataFrame, output: str) -> pd.Series:
    """Return an output's mean at each point, of the runs that went well."""
    well = frame[~failed(frame)]
    return well.groupby("point")[output].mean().dropna()


def scale_of(name: str, means: pd.Series, lang: str) -> Scale:
    """Return how an output's means are written."""
    return scale(name, METRICS[name].unit, float(means.abs().max()), lang)


def level(value: Any) -> str:
    """Return a factor's value as a table shows it."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def said_level(key: str, value: Any) -> str:
    """Return a value as people write it; of a file its name alone."""
    return Path(value).name if key in FILES and value else said_value(value)
