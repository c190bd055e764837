"""Weather of a season: regimes, wind, mixing, humidity, temperature, dust.

Regimes follow a semi-Markov chain with gamma durations: a front (V) is followed by a transition
(A), a transition by stagnation (S) or a front, stagnation mostly by a front. Everything else
follows their smoothed weights. The physics starts `SPIN_UP_DAYS` before the period, under a front;
arrays with that lead are called *whole* here, and `Weather` shows the period alone.

Each quantity has a stream of its own (``air.weather.*``), drawn in bulk as standard numbers and
then scaled, so that a changed parameter moves one quantity and moves it smoothly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from zibo_sim.air.calendar import SPIN_UP_DAYS, SPIN_UP_H, AirCalendar
from zibo_sim.air.parameters import Air, Dust, WeatherModel
from zibo_sim.streams import Streams

__all__ = [
    "SPIN_UP_DAYS",
    "SPIN_UP_H",
    "AirCalendar",
    "Hourly",
    "Weather",
    "draw_weather",
    "mixing_shape",
    "temperature_normal",
]

FRONT, TRANSITION, STAGNATION = 0, 1, 2
SEASON_D = 182.0
YEAR_D = 365.25
HUMIDITY_RANGE = (5.0, 98.0)
_MID_MONTH = np.array([288.0, 318.5, 349.0, 15.0, 44.5, 74.0])
_MONTH_D = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Hourly(NamedTuple):
    """Hourly weather, every array of one length.

    Attributes
    ----------
    u : transport wind, m/s
    h : mixing height, m
    rh : relative humidity, %
    outdoor_c : air temperature, °C
    mean_c : its exponential mean over the heating memory, °C
    f_dir : what the upwind sector brings, against the region's mean; 1 on average
    noise : ln of the noise of the city mean
    dust : True in a dust storm
    regime : 0 front, 1 transition, 2 stagnation
    """

    u: Floats
    h: Floats
    rh: Floats
    outdoor_c: Floats
    mean_c: Floats
    f_dir: Floats
    noise: Floats
    dust: Flags
    regime: NDArray[np.int8]


@dataclass(frozen=True)
class Weather:
    """One season's weather; `whole` has the spin-up before it, the properties do not."""

    whole: Hourly

    @property
    def period(self) -> Hourly:
        """The hours of the period, without the spin-up."""
        return Hourly._make(array[SPIN_UP_H:] for array in self.whole)

    @property
    def outdoor_c(self) -> Floats:
        """Outdoor temperature of every hour of the period, °C."""
        return self.whole.outdoor_c[SPIN_UP_H:]

    @property
    def dust(self) -> Flags:
        """Is there a dust storm, hour by hour of the period."""
        return self.whole.dust[SPIN_UP_H:]


def draw_weather(air: Air, calendar: AirCalendar, streams: Streams) -> Weather:
    """Draw a season's weather.

    Parameters
    ----------
    air : Air
    calendar : AirCalendar
    streams : Streams
        Uses ``air.weather.regime``, ``.duration``, ``.wind``, ``.mixing``, ``.humidity``,
        ``.direction``, ``.noise``, ``.temperature``, ``.dust`` and ``.dust_duration``.

    Returns
    -------
    Weather
    """
    model, hours, days = air.weather, len(calendar.hour_of_day), len(calendar.year_day)
    regime = _draw_regimes(model, calendar.season_day, streams)
    normals = np.empty((5, hours))
    for row, name in zip(normals, _BY_HOUR, strict=True):
        streams(f"air.weather.{name}").standard_normal(out=row)
    fields = _fill(
        regime,
        calendar.hour_of_day,
        normals,
        streams("air.weather.mixing").standard_normal(days),
        temperature_normal(model, calendar.year_day),
        mixing_shape(model),
        _regime_table(model),
        _scalars(model, air.emissions.heating_memory_h),
        np.array(model.cycle_c),
    )
    dust = _draw_dust(air.dust, calendar, streams)
    return Weather(Hourly._make((*fields, dust, regime)))


_BY_HOUR = ("wind", "humidity", "direction", "noise", "temperature")


def mixing_shape(model: WeatherModel) -> Floats:
    """Return how far the mixed layer has grown (0 night, 1 peak) amid each hour, shape (24,)."""
    t, start, peak, end = np.arange(24) + 0.5, *_growth(model)
    rise = np.sin(np.pi / 2 * (t - start) / (peak - start)) ** 2
    fall = np.cos(np.pi / 2 * (t - peak) / (end - peak)) ** 2
    return np.where((t > start) & (t < end), np.where(t <= peak, rise, fall), 0.0)


def _growth(model: WeatherModel) -> tuple[float, float, float]:
    return model.growth_start_h, model.growth_peak_h, model.growth_end_h


@lru_cache(maxsize=64)
def _annual_harmonic(normals: tuple[float, ...]) -> tuple[float, float, float]:
    angle = 2 * np.pi * _MID_MONTH / YEAR_D
    terms = np.column_stack([np.ones(6), np.cos(angle), np.sin(angle)])
    mean, cosine, sine = np.linalg.lstsq(terms, np.array(normals), rcond=None)[0]
    return float(mean), float(cosine), float(sine)


def temperature_normal(model: WeatherModel, year_day: Floats) -> Floats:
    """Return the normal temperature of days of the year (0 is 1 January), °C.

    One annual harmonic, laid through the monthly normals of October to March by least squares.
    """
    mean, cosine, sine = _annual_harmonic(model.normal_c)
    angle = 2 * np.pi * (year_day + 0.5) / YEAR_D
    return mean + cosine * np.cos(angle) + sine * np.sin(angle)


def _draw_regimes(model: WeatherModel, season_day: Floats, streams: Streams) -> NDArray[np.int8]:
    """Return the regime of every hour; more sojourns are drawn until the season is filled."""
    regime = np.empty(len(season_day), np.int8)
    share = model.stagnation_share
    scalars = np.array(
        [
            math.log(share / (1.0 - share)),
            model.stagnation_seasonal,
            model.stagnation_peak_day,
            model.stagnation_to_front,
        ]
    )
    scale = np.array(model.duration_h) / model.duration_shape
    sojourns = 64 + len(regime) // 16
    while True:
        choice = streams("air.weather.regime").random(sojourns)
        gamma = streams("air.weather.duration").standard_gamma(model.duration_shape, sojourns)
        if _chain(regime, season_day, choice, gamma, scale, scalars):
            return regime
        sojourns *= 2


def _draw_dust(dust: Dust, calendar: AirCalendar, streams: Streams) -> Flags:
    """Return the hours of dust storms: a Poisson process whose rate follows the month."""
    weight = np.array(dust.month_weight)
    per_day = dust.storms_per_season * weight / max(weight.sum(), 1e-300) / _MONTH_D
    expected = np.concatenate([[0.0], np.cumsum(per_day[calendar.month[::24] - 1])])
    most = 20 + int(2 * expected[-1])
    arrivals = np.cumsum(streams("air.weather.dust").standard_exponential(most))
    arrivals = arrivals[arrivals < expected[-1]]
    starts = np.interp(arrivals, expected, 24.0 * np.arange(len(expected)))
    spread = streams("air.weather.dust_duration").standard_normal(len(starts))
    lasts = np.ceil(dust.duration_median_h * np.exp(dust.duration_sigma * spread))
    flags = np.zeros(len(calendar.month), bool)
    for start, last in zip(starts.astype(np.int64), lasts.astype(np.int64), strict=True):
        flags[start : start + last] = True
    return flags


def _regime_table(model: WeatherModel) -> Floats:
    """Return what each regime brings: ln wind, height at night and by day, humidity."""
    return np.array(
        [np.log(model.wind_median), model.mixing_night, model.mixing_day, model.humidity]
    )


def _scalars(model: WeatherModel, heating_memory_h: float) -> Floats:
    memories = (
        model.wind_memory_h,
        model.humidity_memory_h,
        model.direction_memory_h,
        model.noise_memory_h,
        model.temperature_memory_h,
        heating_memory_h,
    )
    return np.array(
        [
            *(math.exp(-1.0 / memory) for memory in memories),
            model.mixing_rho,
            model.wind_sigma,
            model.humidity_sigma,
            model.direction_sigma,
            model.noise_sigma,
            model.temperature_sigma,
            model.mixing_sigma,
            math.exp(-model.relaxation_front),
            math.exp(-model.relaxation_other),
            model.wind_midday,
            model.wind_floor,
            model.temperature_front,
            model.temperature_stagnation,
            model.temperature_drift,
        ]
    )


@njit(cache=True)
def _chain(
    regime: NDArray[np.int8],
    season_day: Floats,
    choice: Floats,
    gamma: Floats,
    scale: Floats,
    scalars: Floats,
) -> bool:  # pragma: no cover
    """Fill the regimes hour by hour; False when the drawn sojourns do not reach the end."""
    logit, seasonal, peak_day, to_front = scalars
    state, hour, end = FRONT, 0, 0.0
    for i in range(len(choice)):
        end += gamma[i] * scale[state]
        while hour < len(regime) and hour < end:
            regime[hour] = state
            hour += 1
        if hour == len(regime):
            return True
        if state == FRONT:
            state = TRANSITION
        elif state == STAGNATION:
            state = FRONT if choice[i] < to_front else TRANSITION
        else:
            season = math.cos(2 * math.pi * (season_day[hour] - peak_day) / SEASON_D)
            odds_against = math.exp(-(logit + seasonal * season))
            state = STAGNATION if choice[i] * (1.0 + odds_against) < 1.0 else FRONT
    return False


@njit(cache=True)
def _fill(
    regime: NDArray[np.int8],
    hour_of_day: NDArray[np.int64],
    normals: Floats,
    mixing: Floats,
    normal_c: Floats,
    shape: Floats,
    table: Floats,
    scalars: Floats,
    cycle: Floats,
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats, Floats]:  # pragma: no cover
    """Walk the hours once: regime weights, autoregressions and what follows from them."""
    n = len(regime)
    u, h, rh, outdoor = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    mean, f_dir, noise = np.empty(n), np.empty(n), np.empty(n)
    r_u, r_rh, r_dir, r_noise, r_t, r_mean, r_h = scalars[:7]
    s_u, s_rh, s_dir, s_noise, s_t, s_h = scalars[7:13]
    keep_front, keep_other, midday, floor, d_front, d_stagnation, drift = scalars[13:]
    e_u, e_rh, e_dir = math.sqrt(1 - r_u**2), math.sqrt(1 - r_rh**2), math.sqrt(1 - r_dir**2)
    e_noise, e_t, e_h = math.sqrt(1 - r_noise**2), math.sqrt(1 - r_t**2), math.sqrt(1 - r_h**2)
    x_u, x_rh, x_dir, x_noise = normals[0, 0], normals[1, 0], normals[2, 0], normals[3, 0]
    anomaly, x_h = s_t * normals[4, 0], mixing[0]
    smooth = normal_c[0] + anomaly
    weight = np.zeros(3)
    weight[regime[0]] = 1.0
    for k in range(n):
        clock, day = hour_of_day[k], k // 24
        keep = keep_front if regime[k] == FRONT else keep_other
        for j in range(3):
            target = 1.0 if regime[k] == j else 0.0
            weight[j] = target + (weight[j] - target) * keep
        w0, w1, w2 = weight
        if k > 0:
            x_u = r_u * x_u + e_u * normals[0, k]
            x_rh = r_rh * x_rh + e_rh * normals[1, k]
            x_dir = r_dir * x_dir + e_dir * normals[2, k]
            x_noise = r_noise * x_noise + e_noise * normals[3, k]
            anomaly = r_t * anomaly + s_t * e_t * normals[4, k]
            anomaly += d_front * w0 + d_stagnation * w2 + drift
            if clock == 0:
                x_h = r_h * x_h + e_h * mixing[day]
        if k == 0 or clock == 0:
            root = math.exp(0.5 * s_h * x_h)
        s = shape[clock]
        wind = math.exp(w0 * table[0, 0] + w1 * table[0, 1] + w2 * table[0, 2] + s_u * x_u)
        u[k] = math.sqrt((wind * (1.0 + midday * s)) ** 2 + floor**2)
        night = root * (w0 * table[1, 0] + w1 * table[1, 1] + w2 * table[1, 2])
        noon = root * root * (w0 * table[2, 0] + w1 * table[2, 1] + w2 * table[2, 2])
        h[k] = night + (noon - night) * s
        humid = w0 * table[3, 0] + w1 * table[3, 1] + w2 * table[3, 2] + s_rh * x_rh
        rh[k] = min(max(humid, HUMIDITY_RANGE[0]), HUMIDITY_RANGE[1])
        outdoor[k] = normal_c[day] + anomaly + cycle[clock]
        smooth += (1.0 - r_mean) * (outdoor[k] - smooth)
        mean[k] = smooth
        f_dir[k] = math.exp(s_dir * x_dir - 0.5 * s_dir**2)
        noise[k] = s_noise * x_noise - 0.5 * s_noise**2
    return u, h, rh, outdoor, mean, f_dir, noise
