"""The points of a study: where in the space of its factors the runs stand.

Every factor has a dimension of its own, drawn from a stream named after it, so that another factor
moves the columns of the others only where the design itself must: a grid and a Morris design
change shape, and a Sobol sequence gives dimensions by order, so a new factor goes last.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zibo_sim.scenario import Scenario
from zibo_sim.streams import Streams
from zibo_sim.study.spec import Study

FloatArray = NDArray[np.float64]
#: Levels a Morris trajectory moves on, and how many it goes at a step: half the range.
MORRIS_LEVELS = 4
MORRIS_STEP = 2
#: Bits of a Sobol number.
_BITS = 30


def design_points(study: Study) -> pd.DataFrame:
    """Return the points of a study.

    Parameters
    ----------
    study : Study

    Returns
    -------
    DataFrame
        Index ``point`` from 0; one column a factor, plain Python values. Rows of ``saltelli``: the
        blocks A, B, then for each factor A with that factor's column of B. Rows of ``morris``: one
        trajectory of k + 1 points after another.
    """
    if study.design == "grid":
        rows = list(product(*(factor.values for factor in study.factors)))  # noqa: PD011
        columns = [list(column) for column in zip(*rows, strict=True)]
    else:
        u = unit_points(study)
        columns = [factor.native(u[:, i]) for i, factor in enumerate(study.factors)]
    series = {
        factor.key: pd.Series(_objects(column), dtype=object)
        for factor, column in zip(study.factors, columns, strict=True)
    }
    return pd.DataFrame(series).rename_axis("point").infer_objects()


def _objects(column: list[Any]) -> NDArray[Any]:
    cells = np.empty(len(column), dtype=object)
    cells[:] = column
    return cells


def unit_points(study: Study) -> FloatArray:
    """Return the points in the unit cube that the factors' quantiles are taken at.

    Returns
    -------
    ndarray of shape (rows, factors)
        Inside (0, 1); a grid has none and is refused with a ValueError.
    """
    makers = {"lhs": _lhs, "sobol": _sobol, "morris": _morris, "saltelli": _saltelli}
    if study.design not in makers:
        raise ValueError(f"a {study.design} has levels, not points of the unit cube")
    return makers[study.design](study)


def scenario_at(study: Study, values: Mapping[str, Any]) -> Scenario:
    """Return the scenario of one point: the base with the point's values."""
    return study.base.replace(dict(values))


def _draws(study: Study, key: str, what: str = "") -> np.random.Generator:
    return Streams(study.seed)(f"study.{study.design}.{key}{what}")


def _lhs(study: Study) -> FloatArray:
    from scipy.stats import qmc

    return np.hstack(
        [qmc.LatinHypercube(1, seed=_draws(study, key)).random(study.rows) for key in study.keys]
    )


def sobol_sequence(n: int, dimensions: int) -> NDArray[np.int64]:
    """Return the first `n` points of the Sobol sequence as whole numbers below 2 to the 30."""
    from scipy.stats import qmc

    engine = qmc.Sobol(dimensions, scramble=False, bits=_BITS)
    points = engine.random_base2(max(0, (n - 1).bit_length()))[:n]
    whole: NDArray[np.int64] = np.rint(points * 2**_BITS).astype(np.int64)
    return whole


def _shifted(column: NDArray[np.int64], generator: np.random.Generator) -> FloatArray:
    """Scramble one dimension by a random digital shift; the middle of a cell is never 0 or 1."""
    shift = int(generator.integers(2**_BITS))
    shifted: FloatArray = ((column ^ shift) + 0.5) / 2**_BITS
    return shifted


def _sobol(study: Study) -> FloatArray:
    sequence = sobol_sequence(study.rows, len(study.keys))
    return np.column_stack(
        [_shifted(sequence[:, i], _draws(study, key)) for i, key in enumerate(study.keys)]
    )


def _saltelli(study: Study) -> FloatArray:
    # Columns 2i and 2i + 1 are factor i's of A and B, so that a factor added last moves no other.
    n, k = study.points or 0, len(study.keys)
    sequence = sobol_sequence(n, 2 * k)
    first, second = (
        np.column_stack(
            [_shifted(sequence[:, 2 * i + b], _draws(study, key, f".{b}"))
             for i, key in enumerate(study.keys)]
        )
        for b in (0, 1)
    )  # fmt: skip
    blocks = [first, second]
    for i in range(k):
        mixed = first.copy()
        mixed[:, i] = second[:, i]
        blocks.append(mixed)
    return np.vstack(blocks)


def _morris(study: Study) -> FloatArray:
    # The middles of four cells: distributions without ends can be taken there too.
    r, k = study.trajectories, len(study.keys)
    start = np.column_stack(
        [_draws(study, key).integers(MORRIS_LEVELS, size=r) for key in study.keys]
    )
    order = np.column_stack([_draws(study, key, ".turn").random(r) for key in study.keys])
    turn = order.argsort(axis=1).argsort(axis=1)  # when each factor moves, 0 first
    step = np.where(start < MORRIS_LEVELS - MORRIS_STEP, MORRIS_STEP, -MORRIS_STEP)
    moved = turn[:, None, :] < np.arange(k + 1)[None, :, None]
    level = start[:, None, :] + moved * step[:, None, :]
    return (level.reshape(r * (k + 1), k) + 0.5) / MORRIS_LEVELS
