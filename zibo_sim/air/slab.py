"""The compiled arithmetic of the two boxes; `box` says what it means.

All compiled functions that call one another stand in this one file: the compiler's cache does not
notice a change in an imported one.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

SULFATE_PER_SO2 = 132 / 64
NITRATE_PER_NOX = 80 / 46

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Columns of the hourly rows: how layers mix between hours, then what both boxes share, then each.
KEEP, TAKE, CLEAN, STAY, LEAVE, PER_H, K_SO2, K_NOX, STEADY, HEAT, F_DIR, NOISE = range(12)
REGION, CITY, COLUMNS = 12, 20, 28
INFLOW, FLUSH, L_PM, E_PM, L_SO2, E_SO2, L_NOX, E_NOX = range(8)
# Columns of a box's trace: C and R at the hour's end and the hourly means of C, by species.
C_END, R_END, MEAN, TRACE = 0, 6, 12, 18
# First rows of the control table, a column a sector: what is ordered, what is reached and what is
# still owed have a row a pollutant each; the last row holds the scalars named next.
TARGET, REALISED, OWED, DECAY, AVERAGE, SWITCH, CONTROL = 0, 5, 10, 15, 16, 17, 18
TOUCHED, ORDERED, WINDOW, REBOUND_H, REBOUND_SHARE, ELASTICITY, JOINS, JOINED = range(8)
# Columns of pollutants, as `emissions.POLLUTANTS` has them.
SO2, NOX, PM, PM25, VOC = range(5)
GONE = 1e-12


@njit(cache=True)
def lid_height(h: Floats, sink: float) -> Floats:  # pragma: no cover
    """Return the lid above each hour's layer: raised at once, sinking with its memory."""
    lid = np.empty(len(h))
    above = h[0]
    for k in range(len(h)):
        above = max(h[k], h[k] + (above - h[k]) * sink)
        lid[k] = above
    return lid


@njit(cache=True)
def coefficients(
    h: Floats,
    lid: Floats,
    k_so2: Floats,
    k_nox: Floats,
    steady: Floats,
    heat: Floats,
    u: Floats,
    f_dir: Floats,
    noise: Floats,
    scalars: Floats,
) -> Floats:  # pragma: no cover
    """Return the coefficients of every hour, shape ``(hours, COLUMNS)``."""
    rows = np.zeros((len(h), COLUMNS))
    residual_wind, v_pm, v_so2, v_nox = scalars[2:]
    for k in range(len(h)):
        row, h1 = rows[k], h[k]
        h0, top = (h[k - 1], lid[k - 1]) if k > 0 else (h1, h1)
        row[KEEP], row[STAY] = 1.0, 1.0
        if h1 >= h0:
            row[KEEP] = h0 / h1
            row[TAKE] = (min(h1, top) - h0) / h1
            row[CLEAN] = max(h1 - top, 0.0) / h1
        else:
            row[STAY] = (top - h0) / (top - h1)
            row[LEAVE] = (h0 - h1) / (top - h1)
        row[PER_H], row[K_SO2], row[K_NOX] = 1.0 / h1, k_so2[k], k_nox[k]
        row[STEADY], row[HEAT], row[F_DIR], row[NOISE] = steady[k], heat[k], f_dir[k], noise[k]
        for box in range(2):
            at = REGION if box == 0 else CITY
            inflow = 3.6 * u[k] / scalars[box]
            row[at + INFLOW], row[at + FLUSH] = inflow, 1.0 - math.exp(-residual_wind * inflow)
            row[at + L_PM] = inflow + v_pm / h1
            row[at + L_SO2] = inflow + v_so2 / h1 + k_so2[k]
            row[at + L_NOX] = inflow + v_nox / h1 + k_nox[k]
            row[at + E_PM] = math.exp(-row[at + L_PM])
            row[at + E_SO2] = math.exp(-row[at + L_SO2])
            row[at + E_NOX] = math.exp(-row[at + L_NOX])
    return rows


@njit(cache=True)
def _hour(
    row: Floats,
    at: int,
    state: Floats,
    inflow: Floats,
    residual: Floats,
    clean: Floats,
    emission: Floats,
    mean: Floats,
) -> None:  # pragma: no cover
    """Step one box by one hour: layers exchange, the residual layer is flushed, C is solved.

    `emission` is what comes into a square metre in the hour, by species; `mean` is filled.
    """
    for i in range(6):
        c, r = state[i], state[6 + i]
        state[i] = row[KEEP] * c + row[TAKE] * r + row[CLEAN] * clean[i]
        r = row[STAY] * r + row[LEAVE] * c
        state[6 + i] = r + (residual[i] - r) * row[at + FLUSH]
    for i in (4, 5, 0, 1, 2, 3):
        source = row[at + INFLOW] * inflow[i] + emission[i] * row[PER_H]
        loss, left = row[at + L_PM], row[at + E_PM]
        if i == 1:
            source += row[K_SO2] * SULFATE_PER_SO2 * mean[4]
        elif i == 2:
            source += row[K_NOX] * NITRATE_PER_NOX * mean[5]
        elif i == 4:
            loss, left = row[at + L_SO2], row[at + E_SO2]
        elif i == 5:
            loss, left = row[at + L_NOX], row[at + E_NOX]
        before = state[i]
        state[i] = before * left + source / loss * (1.0 - left)
        mean[i] = (source + before - state[i]) / loss


@njit(cache=True)
def _spread(amounts: Floats, organic_yield: float, emission: Floats) -> None:  # pragma: no cover
    """Turn pollutants emitted into species emitted."""
    emission[0] = amounts[PM25]
    emission[3] = organic_yield * amounts[VOC]
    emission[4] = amounts[SO2]
    emission[5] = amounts[NOX]


@njit(cache=True)
def run_region(
    rows: Floats, totals: Floats, clean: Floats, organic_yield: float, trace: Floats
) -> None:  # pragma: no cover
    """Compute the region's season; `trace` is filled with C, R and means."""
    state, mean = np.empty(12), np.empty(6)
    state[:6], state[6:] = clean, clean
    emission, amounts = np.zeros(6), np.empty(5)
    for k in range(len(rows)):
        row = rows[k]
        for p in range(5):
            amounts[p] = row[STEADY] * totals[0, p] + row[HEAT] * totals[1, p]
        _spread(amounts, organic_yield, emission)
        _hour(row, REGION, state, clean, clean, clean, emission, mean)
        trace[k, :12] = state
        trace[k, 12:] = mean


@njit(cache=True)
def _avoid(
    row: Floats, sectors: Floats, heating: Flags, control: Floats, avoided: Floats
) -> None:  # pragma: no cover
    """Move every cut on by an hour; fill what the city does not emit, by pollutant."""
    switch = control[SWITCH]
    paying = switch[WINDOW] > 0.0
    making = switch[REBOUND_SHARE] if paying or switch[ORDERED] > 0.0 else 0.0
    due = 1.0 / switch[WINDOW] if paying else 0.0
    avoided[:] = 0.0
    for s in range(len(heating)):
        output = row[HEAT] if heating[s] else row[STEADY]
        decay, average = control[DECAY, s], control[AVERAGE, s]
        for p in range(5):
            target, cut = control[TARGET + p, s], control[REALISED + p, s]
            forgone = (target + (cut - target) * average) * output
            cut = target + (cut - target) * decay
            control[REALISED + p, s] = cut if cut > GONE or target > 0.0 else 0.0
            paid = control[OWED + p, s] * due
            control[OWED + p, s] = control[OWED + p, s] - paid + making * forgone
            avoided[p] += (forgone - paid) * sectors[s, p]
    if paying:
        switch[WINDOW] -= 1.0


@njit(cache=True)
def _join(
    k: int,
    row: Floats,
    region: Floats,
    totals: Floats,
    share: Floats,
    clean: Floats,
    organic_yield: float,
    state: Floats,
    switch: Floats,
    mean: Floats,
) -> None:  # pragma: no cover
    """Step a region that cuts a part of what the city cuts; `state` and `mean` are filled."""
    if switch[JOINED] == 0.0:
        state[:] = region[k - 1, :12]
        switch[JOINED] = 1.0
    emission, amounts = np.zeros(6), np.empty(5)
    for p in range(5):
        amount = row[STEADY] * totals[0, p] + row[HEAT] * totals[1, p]
        amounts[p] = amount * (1.0 - switch[JOINS] * share[p])
    _spread(amounts, organic_yield, emission)
    _hour(row, REGION, state, clean, clean, clean, emission, mean)


@njit(cache=True)
def run_city(
    first: int,
    last: int,
    plain: bool,
    rows: Floats,
    region: Floats,
    sectors: Floats,
    heating: Flags,
    totals: Floats,
    clean: Floats,
    organic_yield: float,
    base: Floats,
    region_totals: Floats,
    state: Floats,
    control: Floats,
    out: Floats,
    cut: Floats,
    trace: Floats,
) -> None:  # pragma: no cover
    """Compute the city from hour `first` up to `last`; all results are filled in place.

    `state` holds the city's layers and, behind them, those of a region that joins in.
    """
    mean, inflow, residual, upwind = np.empty(6), np.empty(6), np.empty(6), np.empty(6)
    emission, amounts, avoided = np.zeros(6), np.empty(5), np.zeros(5)
    measures = not plain and control[SWITCH, TOUCHED] > 0.0
    elasticity = control[SWITCH, ELASTICITY]
    joins = measures and control[SWITCH, JOINS] > 0.0
    for k in range(first, last):
        row = rows[k]
        if measures:
            _avoid(row, sectors, heating, control, avoided)
        for p in range(5):
            amount = row[STEADY] * totals[0, p] + row[HEAT] * totals[1, p]
            amounts[p] = amount - avoided[p]
            if measures and amount > 0.0:
                cut[k, p] = avoided[p] / amount
        _spread(amounts, organic_yield, emission)
        if joins:
            _join(
                k, row, region, region_totals, cut[k], clean, organic_yield, state[12:],
                control[SWITCH], upwind,
            )  # fmt: skip
        for i in range(6):
            inflow[i] = (upwind[i] if joins else region[k, MEAN + i]) * row[F_DIR]
            residual[i] = (state[18 + i] if joins else region[k, R_END + i]) * row[F_DIR]
        _hour(row, CITY, state, inflow, residual, clean, emission, mean)
        pm25 = mean[0] + mean[1] + mean[2] + mean[3]
        if plain:
            base[k] = pm25
        else:
            pm25 = base[k] + elasticity * (pm25 - base[k])
        out[0, k] = pm25 * row[NOISE]
        out[1, k] = mean[4]
        out[2, k] = mean[5]
        if len(trace) > 0:
            trace[k, :12] = state[:12]
            trace[k, 12:] = mean
