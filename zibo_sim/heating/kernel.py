"""The compiled loops of bulk billing; whole numbers in floats below 2⁵³, so every sum is exact."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MAIN_HEATED, UPPER_HEATED, CERTIFIED, METERED, EXCHANGER = 1, 2, 4, 8, 16
"""Bits of a dwelling's flags; from `EXCHANGER` on they count small heat exchangers."""


@njit(cache=True, nogil=True, error_model="numpy")
def _total(
    main: Any, upper: Any, attic: Any, room: Any, heat: Any, flags: Any,
    home: Any, both: Any, single: Any, idle: Any, certified: Any, uncertified: Any, ancillary: Any,
    fee: Any, keeps: Any,
    m_home: Any, m_both: Any, m_single: Any, m_idle: Any, m_attic: Any, m_room: Any, m_rate: Any,
    m_fee: Any,
) -> Any:  # fmt: skip
    """Return one dwelling's bill without what is let, in units of the scale."""
    lower = main if flags & MAIN_HEATED else 0.0
    higher = upper if flags & UPPER_HEATED else 0.0
    heated, whole = lower + higher, main + upper
    duplex = upper > 0.0
    one = (lower > 0.0) != (higher > 0.0)
    exchangers = float(flags >> 4)
    metered = (flags & METERED) > 0
    # by area
    level = (single if one else both) if duplex else home
    spare = idle if duplex and one else 0.0
    top = attic * certified
    bare = (upper if duplex else main) * uncertified if attic > 0.0 else 0.0
    household = heated * level + (whole - heated) * spare + room * ancillary
    household += top if flags & CERTIFIED else bare
    by_area = (household if exchangers == 0.0 else household * keeps) + exchangers * fee
    # by meter
    level = (m_single if one else m_both) if duplex else m_home
    spare = m_idle if duplex and one else 0.0
    basic = heated * level + (whole - heated) * spare + attic * m_attic + room * m_room
    by_meter = basic + heat * m_rate + exchangers * m_fee
    return by_meter if metered else by_area


@njit(cache=True, nogil=True, error_model="numpy")
def _steps(total: Any, unit: Any, inverse: Any) -> Any:
    """Return total ÷ unit, rounded half up; the quotient by multiplication, then set right."""
    twice, double = 2.0 * total + unit, 2.0 * unit
    steps = np.floor(twice * inverse)
    rest = twice - steps * double
    steps = steps + 1.0 if rest >= double else steps
    return steps - 1.0 if rest < 0.0 else steps


@njit(cache=True, nogil=True, error_model="numpy")
def _bill(
    i: Any, extra: Any, main: Any, upper: Any, attic: Any, room: Any, heat: Any, flags: Any,
    w: Any, unit: Any, fen: Any, inverse: Any,
) -> Any:  # fmt: skip
    total = _total(
        float(main[i]), float(upper[i]), float(attic[i]), float(room[i]), float(heat[i]),
        flags[i], *w,
    )  # fmt: skip
    return np.int64(_steps(total + extra, unit, inverse) * fen)


@njit(cache=True, nogil=True, error_model="numpy")
def _unpacked(w: Any) -> Any:
    """Return the weights as numbers, or the loop would read them again for every dwelling."""
    return (w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8],
            w[9], w[10], w[11], w[12], w[13], w[14], w[15], w[16])  # fmt: skip


@njit(cache=True, nogil=True)
def meter_readings(season: Any, vintage: Any, exposure: Any, units: Any) -> Any:
    """Return the season heat of each dwelling's vintage × its exposure, in whole units."""
    out = np.empty(exposure.size, np.int64)
    for i in range(exposure.size):
        out[i] = np.int64(np.rint(season[vintage[i]] * exposure[i] * units))
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def household_bills(
    main: Any, upper: Any, attic: Any, room: Any, heat: Any, flags: Any, weights: Any, unit: Any,
    fen: Any, out: Any,
) -> None:  # fmt: skip
    """Write the bill of every dwelling, what is let left out, in fen."""
    w, inverse = _unpacked(weights), 0.5 / unit
    for i in range(main.size):
        out[i] = _bill(i, 0.0, main, upper, attic, room, heat, flags, w, unit, fen, inverse)


@njit(cache=True, nogil=True, error_model="numpy")
def letting_bills(
    index: Any, added: Any, main: Any, upper: Any, attic: Any, room: Any, heat: Any, flags: Any,
    weights: Any, unit: Any, fen: Any, out: Any,
) -> None:  # fmt: skip
    """Write once more the bills of the dwellings at `index`, with what each lets `added`."""
    w, inverse = _unpacked(weights), 0.5 / unit
    for j in range(index.size):
        i = index[j]
        out[i] = _bill(i, added[j], main, upper, attic, room, heat, flags, w, unit, fen, inverse)
