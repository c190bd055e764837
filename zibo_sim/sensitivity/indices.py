"""Sensitivity of a finished study: the design decides the method.

``saltelli`` gives Sobol indices of first and total order, ``morris`` a screening, a complete
``grid`` first and total order exactly, any other design first order from the points given. Beside
them stands what chance makes of the variance, from the replications.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zibo_sim.errors import Refused, unknown
from zibo_sim.fields import STATUSES
from zibo_sim.sensitivity.chance import SOURCES, components
from zibo_sim.sensitivity.given import bins, first_order, grid_indices, is_complete
from zibo_sim.sensitivity.morris import elementary_effects, screening
from zibo_sim.sensitivity.resample import widened
from zibo_sim.sensitivity.sobol import group_bounds, sobol_indices
from zibo_sim.study.design import design_points, unit_points
from zibo_sim.study.spec import Study, load_study

FloatArray = NDArray[np.float64]
SOBOL, MORRIS, GRID, GIVEN = "sobol", "morris", "grid", "given"
_FEWEST_FOR_GRID = 3


@dataclass(frozen=True)
class Sensitivity:
    """What the factors of a study make of its outputs.

    Attributes
    ----------
    study : Study
    method : {"sobol", "morris", "grid", "given"}
        ``sobol`` and ``grid``: first and total order; ``given``: first order alone.
    table : DataFrame
        One row an output and factor: ``output, factor, status``, then ``first, first_low,
        first_high`` and where known ``total, total_low, total_high``; for ``morris`` ``mu, mu_low,
        mu_high, mu_star, mu_star_low, mu_star_high, sigma, sigma_low, sigma_high, by_chance``, in
        the output's unit per whole range of the factor.
    chance : DataFrame
        One row an output and source (parameters, chance, interaction): ``output, source, share,
        low, high``, of the variance over points and replications; empty with one replication. Of a
        Morris design the points are not spread as the factors are, so the shares are the design's.
    groups : DataFrame
        One row an output and status of factors: ``output, status, factors, total_least,
        total_most``: bounds on the share of variance that its factors have a part in; with
        ``sobol`` and ``grid`` only.
    failed : int
        Runs left out because they ended in an error.
    undefined : mapping of str to int
        By output, other runs that do not define it.
    """

    study: Study
    method: str
    table: pd.DataFrame
    chance: pd.DataFrame
    groups: pd.DataFrame
    failed: int
    undefined: dict[str, int]


def indices(
    frame: pd.DataFrame,
    study: Study,
    outputs: Sequence[str] | None = None,
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> Sensitivity:
    """Say how much each factor of a study moves its outputs.

    Parameters
    ----------
    frame : DataFrame
        What `zibo_sim.study.sweep.sweep` returned for the study.
    study : Study
    outputs : sequence of str, optional
        Default: all of the study's.
    confidence : float
    resamples, seed : int
        Of the bootstrap.

    Returns
    -------
    Sensitivity

    Raises
    ------
    Refused
        For unknown outputs, and results that are not this study's.

    Examples
    --------
    >>> from zibo_sim.study.spec import study_of
    >>> study = study_of({
    ...     "design": "grid", "outputs": ["cloud.requests"],
    ...     "factors": {"cloud.audit.servers": [1, 2], "cloud.audit.cv": [0.2, 0.4]},
    ... })
    >>> frame = design_points(study).reset_index().assign(replication=0, error="")
    >>> frame["cloud.requests"] = [1.0, 1.0, 3.0, 3.0]  # as if run
    >>> indices(frame, study).table[["factor", "first", "total"]].to_numpy().tolist()
    [['cloud.audit.servers', 1.0, 1.0], ['cloud.audit.cv', 0.0, 0.0]]
    """
    names = list(outputs if outputs is not None else study.outputs)
    if faults := [unknown("output", n, study.outputs) for n in names if n not in study.outputs]:
        raise Refused(*faults)
    y = outcomes(frame, study, names)
    method = _method(study)
    settings = {"confidence": confidence, "resamples": resamples, "seed": seed}
    found = {name: _ONE[method](study, y[name], settings) for name in names}
    table = _long(found, study)
    failed = int((frame["error"].fillna("") != "").sum())
    missing = {n: int(np.isnan(y[n]).sum()) - failed for n in names}
    return Sensitivity(
        study, method, table, _chance(study, y, confidence), _groups(study, found), failed,
        {name: count for name, count in missing.items() if count > 0},
    )  # fmt: skip


def read_sweep(folder: str | Path) -> tuple[pd.DataFrame, Study]:
    """Return the results and the study of a finished sweep's folder.

    Parameters
    ----------
    folder : str or Path
        Made by ``sweep(..., out=...)`` or ``zibo-sim sweep --out``.

    Returns
    -------
    results : DataFrame
        As `zibo_sim.study.sweep.sweep` returns it.
    study : Study

    Raises
    ------
    Refused
        Where they are not there, or the sweep has not ended.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> import zibo_sim as zs
    >>> two = {"base": zs.load().replace({"period.end": "2018-10-14"}), "design": "grid",
    ...        "outputs": ["cloud.requests"], "factors": {"cloud.audit.servers": [1, 3]}}
    >>> with TemporaryDirectory() as place:
    ...     kept = zs.sweep(two, jobs=1, out=place)
    ...     results, study = zs.read_sweep(place)
    >>> study.keys, results.equals(kept)
    (('cloud.audit.servers',), True)
    """
    folder = Path(folder)
    results, study = folder / "results.parquet", folder / "study.toml"
    if not study.is_file():
        raise Refused("is no folder of a sweep: study.toml is missing", where=str(folder))
    if not results.is_file():
        raise Refused(
            "results.parquet is missing: the sweep has not ended; go on with sweep --resume",
            where=str(folder),
        )
    try:
        frame = pd.read_parquet(results)
    except (OSError, ValueError) as error:
        said = str(error).partition(":")[2].strip() or error
        raise Refused(f"is no Parquet file: {said}", where=str(results)) from None
    return frame, load_study(study)


def _method(study: Study) -> str:
    if study.design == "saltelli":
        return SOBOL
    if study.design == "morris":
        return MORRIS
    return GRID if study.design == "grid" else GIVEN


def outcomes(frame: pd.DataFrame, study: Study, names: Sequence[str]) -> dict[str, FloatArray]:
    """Return each output as a points × replications table."""
    lacking = [c for c in ("point", "replication", "error", *names) if c not in frame.columns]
    if lacking:
        raise Refused(f"results: columns {', '.join(lacking)} are missing")
    shape = (study.rows, study.replications)
    ordered = frame.sort_values(["point", "replication"])
    where = ordered[["point", "replication"]].to_numpy()
    if not np.array_equal(where, np.indices(shape).reshape(2, -1).T):
        raise Refused(
            f"results: {len(frame)} rows are refused; the study has {shape[0]} points × "
            f"{shape[1]} replications"
        )
    _same_points(ordered, study)
    well = (ordered["error"].fillna("") == "").to_numpy()
    return {
        n: np.where(well, ordered[n].to_numpy(dtype=float), np.nan).reshape(shape) for n in names
    }


def _same_points(ordered: pd.DataFrame, study: Study) -> None:
    points = design_points(study)
    for key in study.keys:
        planned = points[key].to_numpy()
        if key not in ordered.columns or planned.dtype.kind not in "fiu":
            continue
        there = ordered[key].to_numpy(dtype=float)[:: study.replications]
        if not np.allclose(there, planned.astype(float), rtol=1e-12, atol=0):
            raise Refused(f"results: the values of {key} are not those of the study's design")


# ---- one output --------------------------------------------------------------------------

Columns = dict[str, FloatArray]


def _sobol(study: Study, y: FloatArray, settings: dict[str, Any]) -> Columns:
    n, k = study.points or 0, len(study.factors)
    blocks = y.reshape(k + 2, n, -1)
    found = sobol_indices(blocks[0], blocks[1], blocks[2:], **settings)
    return {name: value for name, value in asdict(found).items() if name != "variance"}


def _morris(study: Study, y: FloatArray, settings: dict[str, Any]) -> Columns:
    return asdict(screening(elementary_effects(unit_points(study), y), **settings))


def _given(study: Study, y: FloatArray, settings: dict[str, Any]) -> Columns:
    found = first_order(_levels(study), y, **settings)
    return {"first": found.first, "first_low": found.low, "first_high": found.high}


def _levels(study: Study) -> list[NDArray[np.intp]]:
    points = design_points(study)
    return [bins(points[key].to_numpy()) for key in study.keys]


def _grid(study: Study, y: FloatArray, settings: dict[str, Any]) -> Columns:
    """Split a grid; its one error is chance, judged by leaving out one replication at a time."""
    points = design_points(study)
    levels = [pd.factorize(points[key])[0].astype(np.intp) for key in study.keys]
    whole = y[:, np.isfinite(y).all(axis=0)]
    if not is_complete(levels) or not whole.shape[1]:
        return _given(study, y, settings)
    value = _grid_values(levels, whole)
    unknown_ = np.full(value.shape, np.nan) if whole.shape[1] < _FEWEST_FOR_GRID else value
    _, low, high = widened(
        (value, unknown_, unknown_),
        lambda chosen: _grid_values(levels, whole[:, chosen]), whole.shape[1],
        settings["confidence"],
    )  # fmt: skip
    columns = Columns()
    for i, name in enumerate(("first", "total")):
        columns |= {name: value[i], f"{name}_low": low[i], f"{name}_high": high[i]}
    return columns


def _grid_values(levels: list[NDArray[np.intp]], y: FloatArray) -> FloatArray:
    found = grid_indices(levels, y)
    return np.array([found.first, found.total])


_ONE = {SOBOL: _sobol, MORRIS: _morris, GRID: _grid, GIVEN: _given}


# ---- frames ------------------------------------------------------------------------------


def _long(found: dict[str, Columns], study: Study) -> pd.DataFrame:
    parts = []
    for name, columns in found.items():
        head = {"output": name, "factor": study.keys, "status": [f.status for f in study.factors]}
        parts.append(pd.DataFrame({**head, **columns}))
    return pd.concat(parts, ignore_index=True)


def independent(study: Study, y: FloatArray) -> FloatArray:
    """Return the points that are draws of the factors: of a Saltelli design A and B alone."""
    return y[: 2 * (study.points or 0)] if study.design == "saltelli" else y


def _chance(study: Study, y: dict[str, FloatArray], confidence: float) -> pd.DataFrame:
    rows = []
    for name, outcome in y.items():
        split = components(independent(study, outcome), confidence)
        if split is not None:
            shares = zip(SOURCES, split.shares, split.low, split.high, strict=True)
            rows += [(name, *row) for row in shares]
    return pd.DataFrame(rows, columns=["output", "source", "share", "low", "high"])


def _groups(study: Study, found: dict[str, Columns]) -> pd.DataFrame:
    rows = []
    status = np.array([f.status for f in study.factors])
    for name, columns in found.items():
        if "total" in columns and np.isfinite(columns["total"]).all():
            for said in (s for s in STATUSES if s in status):
                inside = status == said
                bounds = group_bounds(columns["first"], columns["total"], inside)
                rows.append((name, said, int(inside.sum()), *bounds))
    names = ["output", "status", "factors", "total_least", "total_most"]
    return pd.DataFrame(rows, columns=names)
