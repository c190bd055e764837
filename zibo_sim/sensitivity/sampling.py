"""Draws of all inputs for two sides, A and B, in combinations that the scenario accepts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zibo_sim.errors import Refused
from zibo_sim.scenario import Scenario
from zibo_sim.sensitivity.groups import BLOCKS, GROUPS
from zibo_sim.sensitivity.inputs import GROUP_OF, Input, Inputs
from zibo_sim.streams import Streams

FloatArray = NDArray[np.float64]
#: So many candidates a point are tried before the ranges are refused.
_TRIES = 4


@dataclass(frozen=True)
class Plan:
    """The draws of both sides, point by point, and which of them make a block."""

    scenario: Scenario
    inputs: Inputs
    seed: int
    draws: Mapping[str, tuple[FloatArray, FloatArray]]  # input → (A, B), each (points, width)
    changes: list[list[dict[str, Any]]]  # point → block → what to change
    redrawn: int
    refusals: Counter[str]

    @property
    def points(self) -> int:
        """How many points were accepted."""
        return len(self.changes)

    @classmethod
    def of(cls, scenario: Scenario, inputs: Inputs, points: int, seed: int) -> Plan:
        """Draw both sides, a refused point anew.

        Raises
        ------
        Refused
            Where most combinations are refused, with the commonest reason.
        """
        drawn = {i.key: tuple(_draw(i, side, points, seed) for side in "AB") for i in inputs.varied}
        values = {i.key: [i.native(side) for side in drawn[i.key]] for i in inputs.varied}
        kept, changes, refusals = list[int](), list[list[dict[str, Any]]](), Counter[str]()
        for row in range(points * _TRIES):
            if len(kept) == points:
                break
            found = _blocks(inputs.varied, values, row)
            faults = _faults(scenario, found)
            if faults:
                refusals.update(faults)
            else:
                kept.append(row)
                changes.append(found)
        redrawn = (kept[-1] + 1 if len(kept) == points else points * _TRIES) - len(kept)
        if len(kept) < points:
            worst, times = refusals.most_common(1)[0]
            raise Refused(
                f"ranges: {redrawn} of {points * _TRIES} combinations are refused by the scenario, "
                f"most often ({times} times): {worst}; narrow the ranges or hold an input"
            )
        draws = {key: (a[kept], b[kept]) for key, (a, b) in drawn.items()}
        return cls(scenario, inputs, seed, draws, changes, redrawn, refusals)


def _draw(input_: Input, side: str, points: int, seed: int) -> FloatArray:
    """Draw one input for all candidates: Latin-hypercube points first, spare ones after them.

    The draws are its own: they do not depend on which other inputs vary.
    """
    rng = Streams(seed)(f"assumptions.{side}.{input_.key}")
    shape = (points, input_.width)
    stratum = rng.permuted(np.tile(np.arange(points)[:, None], (1, input_.width)), axis=0)
    first = (stratum + rng.random(shape)) / points
    spare = rng.random((points * (_TRIES - 1), input_.width))
    return np.clip(np.vstack([first, spare]), 1e-12, 1 - 1e-12)


def _blocks(
    varied: Sequence[Input], values: Mapping[str, list[list[Any]]], row: int
) -> list[dict[str, Any]]:
    """Return what each block changes at one candidate."""
    return [
        {i.key: values[i.key]["AB".index(block[group_of(i)])][row] for i in varied}
        for block in BLOCKS
    ]


def group_of(input_: Input) -> int:
    """Return the number of an input's group."""
    return GROUPS.index(GROUP_OF.get(input_.status, "evidence"))


def _faults(scenario: Scenario, blocks: Iterable[Mapping[str, Any]]) -> list[str]:
    for changes in list(blocks)[: len(BLOCKS) - 1]:  # the last differs in chance alone
        try:
            scenario.replace(changes)
        except Refused as refusal:
            return [fault.split(" (got")[0] for fault in refusal.faults]
    return []
