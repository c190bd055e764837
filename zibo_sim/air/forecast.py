"""Forecasts of the air as it would be without measures, wrong in the way real ones are.

A forecast is issued once a day for consecutive 24-hour blocks. The mean of a block is forecast in
logarithms: pulled towards the climate by a weight that falls with the lead, shifted by a bias, and
blurred by an error that is correlated between issues and between adjacent leads. Within a block
the forecast has the hours' true shape. The truth is the no-measures air: judged against air that
an alert has already cleaned, every alert that worked would look like a false alarm.

Source of the error model and its numbers: the model specification, §3 (literature anchors there).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from zibo_sim.air.aqi import pm25_aqi
from zibo_sim.air.parameters import Forecast
from zibo_sim.law import Law
from zibo_sim.streams import Streams

BLOCK = 24
#: Drawn whatever the horizon, so that a longer one shares the draws of a shorter one.
MOST_BLOCKS = 7


@dataclass(frozen=True)
class Vintages:
    """Every forecast of a season.

    Attributes
    ----------
    issued : ndarray of int, shape (issues,)
        Simulation hour of each issue.
    aqi : ndarray, shape (issues, horizon)
        Forecast hourly AQI; column 0 is the hour of issue. NaN where the truth is not known.
    block_pm25 : ndarray, shape (issues, blocks)
        Forecast 24-hour means of PM2.5, µg/m³.
    """

    issued: NDArray[np.int64]
    aqi: NDArray[np.float64]
    block_pm25: NDArray[np.float64]

    @property
    def horizon(self) -> int:
        """Hours a forecast reaches ahead."""
        return int(self.aqi.shape[1])

    def latest(self, hour: int) -> int:
        """Return the number of the newest issue at `hour`, -1 before the first."""
        return int(np.searchsorted(self.issued, hour, side="right")) - 1


def errors(
    issues: int, leads: int, rho_issue: float, rho_lead: float, streams: Streams
) -> NDArray[np.float64]:
    """Return standard normal errors, shape ``(issues, leads)``, correlated along both axes.

    Between issues `n` apart and leads `m` apart the correlation is ``rho_issue**n · rho_lead**m``.
    """
    field: NDArray[np.float64] = streams("air.forecast.error").standard_normal(
        (issues, MOST_BLOCKS)
    )[:, :leads]
    _correlate(field, rho_issue, rho_lead)
    return field


@njit(cache=True)
def _correlate(field, rho_issue, rho_lead):  # type: ignore[no-untyped-def]
    """Turn independent errors into ones correlated along both axes, in place."""
    rest_issue, rest_lead = np.sqrt(1.0 - rho_issue**2), np.sqrt(1.0 - rho_lead**2)
    issues, leads = field.shape
    for issue in range(issues):
        for lead in range(1, leads):
            before = rho_lead * field[issue, lead - 1]
            field[issue, lead] = before + rest_lead * field[issue, lead]
    for issue in range(1, issues):
        for lead in range(leads):
            before = rho_issue * field[issue - 1, lead]
            field[issue, lead] = before + rest_issue * field[issue, lead]


def _climate(forecast: Forecast, months: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the climate's mean ln PM2.5 of each issue's month."""
    log_climate: NDArray[np.float64] = np.log(np.asarray(forecast.climate_pm25))
    return log_climate[months - 1]


def issue_forecasts(
    truth: NDArray[np.float64],
    months: NDArray[np.int64],
    forecast: Forecast,
    law: Law,
    streams: Streams,
) -> Vintages:
    """Issue a season's forecasts at once.

    Parameters
    ----------
    truth : ndarray, shape (hours,)
        Hourly PM2.5 without measures, µg/m³; NaN where it is not known.
    months : ndarray of int, shape (hours,)
        Month of every hour.
    forecast : Forecast
    law : Law
    streams : Streams

    Returns
    -------
    Vintages
    """
    blocks = -(-forecast.horizon_h // BLOCK)
    issued = np.arange(forecast.issue_hour, len(truth), BLOCK)
    padded = np.concatenate([truth, np.full(blocks * BLOCK, np.nan)])
    hourly = padded[issued[:, None] + np.arange(blocks * BLOCK)].reshape(-1, blocks, BLOCK)
    known = np.isfinite(hourly)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, hourly, 0.0).sum(axis=2) / known.sum(axis=2)
        noise = errors(len(issued), blocks, forecast.rho_issue, forecast.rho_lead, streams)
        log_mean = _log_forecast(np.log(mean), _climate(forecast, months[issued]), noise, forecast)
        scaled = hourly * (np.exp(log_mean) / mean)[:, :, None]
    aqi = pm25_aqi(scaled.reshape(len(issued), -1), law)[:, : forecast.horizon_h]
    return Vintages(issued, np.ascontiguousarray(aqi), np.exp(log_mean))


def _log_forecast(
    log_truth: NDArray[np.float64],
    climate: NDArray[np.float64],
    noise: NDArray[np.float64],
    forecast: Forecast,
) -> NDArray[np.float64]:
    leads = log_truth.shape[1]
    scale = forecast.error_scale
    pull = scale * (1.0 - np.asarray(forecast.weight[:leads]))
    spread = scale * np.asarray(forecast.sigma[:leads])
    return (1.0 - pull) * log_truth + pull * climate[:, None] + forecast.bias + spread * noise
