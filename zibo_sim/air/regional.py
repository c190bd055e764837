"""Regional alerts from above: what the province or the state asks for, by hour.

Their rule is not in the gazette, which only says what the city does when one arrives
(淄政办字〔2018〕145号 四(五)). Here the upper level forecasts the region's air as the city
forecasts its own, and asks for a level when the 24-hour mean stays over a threshold for two, three
or four days.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from zibo_sim.air.parameters import Air
from zibo_sim.air.stretches import NONE, ORANGE, RED, YELLOW
from zibo_sim.clock import HOURS_PER_DAY
from zibo_sim.streams import Streams

_DAYS = {YELLOW: 2, ORANGE: 3, RED: 4}
_MOST_DAYS = max(_DAYS.values())


def regional_floor(
    region_pm25: NDArray[np.float64],
    parameters: Air,
    issued: NDArray[np.int64],
    streams: Streams,
) -> NDArray[np.int8]:
    """Return the level that the upper level asks of the city, hour by hour.

    Parameters
    ----------
    region_pm25 : ndarray, shape (hours,)
        The region's PM2.5, µg/m³; NaN where it is not known.
    parameters : Air
    issued : ndarray of int, shape (issues,)
        Hours at which forecasts are issued; an alert arrives some hours later.
    streams : Streams

    Returns
    -------
    ndarray of int8, shape (hours,)
        An index into `alerts.LEVELS`; 0 where nothing is asked.
    """
    floor = np.zeros(len(region_pm25), dtype=np.int8)
    given = parameters.regional
    if not given.enabled or not len(issued):
        return floor
    noise = streams("air.regional.error").standard_normal(len(issued))
    lasting = _lasting(region_pm25, issued, np.exp(given.sigma * noise), given.threshold_pm25)
    levels = np.select(
        [lasting >= _DAYS[level] for level in (RED, ORANGE, YELLOW)], [RED, ORANGE, YELLOW], NONE
    )
    arrived = np.minimum(issued + given.arrives_after_h, len(floor))
    floor[arrived[0] :] = np.repeat(levels, np.diff(arrived, append=len(floor)))
    return floor


@njit(cache=True)
def _lasting(pm25, issued, factor, threshold):  # type: ignore[no-untyped-def]
    """Return for how many days from each issue on the forecast mean is over the threshold."""
    lasting = np.zeros(len(issued), dtype=np.int64)
    for issue in range(len(issued)):
        for day in range(_MOST_DAYS):
            first = issued[issue] + day * HOURS_PER_DAY
            whole = first + HOURS_PER_DAY <= len(pm25)
            mean = pm25[first : first + HOURS_PER_DAY].mean() if whole else np.nan
            if not mean * factor[issue] > threshold:
                break
            lasting[issue] += 1
    return lasting
