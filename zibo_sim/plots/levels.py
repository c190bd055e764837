"""The plan's colours, each with a hatch and a letter for readers who do not tell them apart."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
import pandas as pd
from matplotlib.patches import Patch
from numpy.typing import NDArray

from zibo_sim.plots.pen import Pen

#: 淄政办字〔2018〕145号 四(一): yellow, orange, red.
ALERT_COLOURS = {"yellow": "#f5c800", "orange": "#f57c00", "red": "#c62828"}
ALERT_HATCHES = {"yellow": "", "orange": "///", "red": "xxx"}
UNKNOWN = -1


def codes(levels: pd.Series) -> NDArray[np.int64]:
    """Return levels as numbers: 0 none, 1 to 3 the alerts, `UNKNOWN` where nothing is known."""
    known = {"none": 0, **{level: i for i, level in enumerate(ALERT_COLOURS, 1)}}
    places, names = pd.factorize(levels)
    numbers = np.array([*(known.get(name, UNKNOWN) for name in names), UNKNOWN], dtype=np.int64)
    found: NDArray[np.int64] = numbers[places]
    return found


def level_patch(pen: Pen, level: str, letter: bool = False) -> Patch:
    """Return a level's entry in a legend; with its letter where the picture shows letters."""
    said = pen.word(f"level.{level}")
    label = f"{pen.word(f'letter.{level}')} = {said}" if letter else said
    return Patch(
        facecolor=ALERT_COLOURS[level], edgecolor="white", hatch=ALERT_HATCHES[level], label=label
    )


def level_patches(pen: Pen, seen: Container[str], letter: bool = False) -> list[Patch]:
    """Return the legend's entries of the levels seen, from the lowest."""
    return [level_patch(pen, level, letter) for level in ALERT_COLOURS if level in seen]
