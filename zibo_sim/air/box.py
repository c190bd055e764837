"""Two nested slab boxes: the region, whose air flows into the city, and the city.

Each box has a mixed layer [0, h] of concentration C and, above it up to a lid H, a residual layer
of concentration R. Within an hour heights and weather are constant and the mixed layer has the
exact solution of

    dC/dt = (u/L) C_in + E/(A h) + chemistry - (u/L + v_d/h + k) C.

Between hours a growing layer takes in residual air (and clean background from above the lid), a
collapsing one leaves its air behind, the lid sinks slowly, and wind flushes the residual layer.
Whatever depends on C within the hour (outflow, deposition, inflow of the city, SO2 to sulfate, NOx
to nitrate) uses its exact hourly mean, so that every budget closes. Six species: primary PM2.5,
ammonium sulfate, ammonium nitrate, secondary organics, SO2, NOx; PM2.5 is the sum of the first
four.

The season without measures is computed whole at once. Measures change the city alone, and the city
is then stepped through the same compiled function, so that no measures give the same bits.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.emissions import KT_KM2, activity, city_emission, region_emission
from zibo_sim.air.parameters import Air, Box, Response
from zibo_sim.air.sectors import IS_HEATING, PACE, POLLUTANTS, SECTORS
from zibo_sim.air.slab import (
    AVERAGE,
    CONTROL,
    DECAY,
    ELASTICITY,
    JOINS,
    MEAN,
    ORDERED,
    REALISED,
    REBOUND_H,
    REBOUND_SHARE,
    SWITCH,
    TARGET,
    TOUCHED,
    TRACE,
    WINDOW,
    coefficients,
    lid_height,
    run_city,
    run_region,
)
from zibo_sim.air.weather import SPIN_UP_H, AirCalendar, Hourly, Weather
from zibo_sim.errors import Refused

SPECIES = ("primary", "sulfate", "nitrate", "organic", "so2", "nox")

Floats = NDArray[np.float64]


class Rates(NamedTuple):
    """First-order rates and heights of every hour, from which budgets can be written.

    Attributes
    ----------
    h, lid : ndarray, shape (hours,)
        Mixing height and lid of the residual layer, m.
    k_so2, k_nox : ndarray, shape (hours,)
        Conversion rates, 1/h.
    steady, heat : ndarray, shape (hours,)
        Share of the year's, of a normal heating season's, emission, 1/h.
    """

    h: Floats
    lid: Floats
    k_so2: Floats
    k_nox: Floats
    steady: Floats
    heat: Floats


def rates(air: Air, calendar: AirCalendar, weather: Hourly) -> Rates:
    """Return heights and rates of every hour, spin-up included."""
    box, humidity = air.box, weather.rh
    sor = box.sulfur_base + box.sulfur_slope * np.exp(humidity / box.sulfur_humidity)
    most = box.sulfur_cap * box.oxidation_time_h
    sor = np.minimum(sor, most / (1.0 + most))
    nor = box.nitrogen_base + box.nitrogen_slope * np.maximum(humidity - box.nitrogen_humidity, 0.0)
    nor = np.minimum(nor, box.nitrogen_cap)
    steady, heat = activity(air, calendar.hour_of_day, calendar.heating, weather.mean_c)
    return Rates(
        h=weather.h,
        lid=lid_height(weather.h, math.exp(-1.0 / box.lid_memory_h)),
        k_so2=sor / ((1.0 - sor) * box.oxidation_time_h),
        k_nox=nor / ((1.0 - nor) * box.oxidation_time_h),
        steady=steady,
        heat=heat,
    )


def background(box: Box) -> Floats:
    """Return the clean air's concentrations by species, µg/m³."""
    return np.array([box.background_factor * getattr(box, f"background_{s}") for s in SPECIES])


def sides_km(box: Box) -> tuple[float, float]:
    """Return the sides of the region's and the city's box."""
    return box.region_side_km, math.sqrt(box.city_area_km2)


def deposition_m_h(box: Box) -> tuple[float, float, float]:
    """Return deposition velocities of PM2.5, SO2 and NOx in m/h."""
    return 36.0 * box.deposition_pm, 36.0 * box.deposition_so2, 36.0 * box.deposition_nox


class AirShed:
    """The air of one season, without measures at once and with measures as they are ordered.

    Parameters
    ----------
    air : Air
    calendar : AirCalendar
    weather : Weather
    extra_coal_kt : ndarray, shape (5,), optional
        Emission of households not yet converted, from `emissions.extra_coal`.
    trace : bool
        Keep the city's concentrations of every hour too (for budgets).

    Attributes
    ----------
    done : int
        Hours of the period computed with measures so far.
    sector_emission, region_emission : ndarray, shape (13, 5)
        µg/m² a year, or a normal heating season for the sectors that heat.
    background : ndarray, shape (6,)
        Clean air by species, µg/m³.
    rates : Rates
    region_trace, city_trace : ndarray, shape (SPIN_UP_H + hours, 18)
        C and R at the hour's end and the hourly mean of C, six species each, µg/m³.
    """

    def __init__(
        self,
        air: Air,
        calendar: AirCalendar,
        weather: Weather,
        extra_coal_kt: Floats | None = None,
        *,
        trace: bool = False,
    ) -> None:
        whole = len(calendar.hour_of_day)
        per_m2 = KT_KM2 / air.box.city_area_km2
        self.hours, self.done = calendar.hours, 0
        self.rates = rates(air, calendar, weather.whole)
        self.background = background(air.box)
        self.sector_emission = city_emission(air, extra_coal_kt) * per_m2
        self.region_emission = region_emission(air) * KT_KM2
        self.region_trace = np.empty((whole, TRACE))
        self.city_trace = np.empty((whole if trace else 0, TRACE))
        self._plain = np.empty((3, whole))
        self._out = np.full((3, whole), np.nan)
        self._cut = np.zeros((whole, len(POLLUTANTS)))
        self._control = _control(air.response, air.regional.joins)
        self._state = self._no_measures(_rows(air.box, weather.whole, self.rates), air.box)

    def _no_measures(self, rows: Floats, box: Box) -> Floats:
        """Compute the season without measures; return the city's state after the spin-up."""
        same = self.background, box.organic_yield
        run_region(rows, _totals(self.region_emission), *same, self.region_trace)
        totals, base = _totals(self.sector_emission), np.empty(len(rows))
        air = rows, self.region_trace, self.sector_emission, IS_HEATING, totals
        self._fixed = (*air, *same, base, _totals(self.region_emission))
        state = np.tile(self.background, 4)
        filled = self._control, self._plain, self._cut, self.city_trace
        run_city(0, SPIN_UP_H, True, *self._fixed, state, *filled)
        ready = state.copy()
        run_city(SPIN_UP_H, len(rows), True, *self._fixed, state, *filled)
        return ready

    @property
    def pm25(self) -> Floats:
        """PM2.5 of the city with measures, µg/m³, ``(hours,)``; NaN where not yet computed."""
        return self._out[0, SPIN_UP_H:]

    @property
    def so2(self) -> Floats:
        """SO2 of the city with measures, µg/m³, shape ``(hours,)``."""
        return self._out[1, SPIN_UP_H:]

    @property
    def nox(self) -> Floats:
        """NOx of the city with measures, as NO2, µg/m³, shape ``(hours,)``."""
        return self._out[2, SPIN_UP_H:]

    @property
    def pm25_no_measures(self) -> Floats:
        """PM2.5 of the city without measures, µg/m³, shape ``(hours,)``."""
        return self._plain[0, SPIN_UP_H:]

    @property
    def so2_no_measures(self) -> Floats:
        """SO2 of the city without measures, µg/m³, shape ``(hours,)``."""
        return self._plain[1, SPIN_UP_H:]

    @property
    def nox_no_measures(self) -> Floats:
        """NOx of the city without measures, as NO2, µg/m³, shape ``(hours,)``."""
        return self._plain[2, SPIN_UP_H:]

    @property
    def region_pm25(self) -> Floats:
        """PM2.5 of the region, µg/m³, ``(hours,)``; without noise, and no measures reach it."""
        pm25: Floats = self.region_trace[SPIN_UP_H:, MEAN : MEAN + 4].sum(axis=1)
        return pm25

    @property
    def cut(self) -> Floats:
        """Realised share of each hour's emission avoided, ``(hours, 5)``, as `POLLUTANTS`.

        Negative while lost output is made up.
        """
        return self._cut[SPIN_UP_H:]

    @property
    def realised(self) -> Floats:
        """Cut of each sector and pollutant reached by the hour `done`, shape ``(13, 5)``."""
        return self._rows_of(REALISED).T.copy()

    def _rows_of(self, first: int) -> Floats:
        """Return the rows of the control table, one a pollutant, that begin at `first`."""
        rows: Floats = self._control[first : first + len(POLLUTANTS)]
        return rows

    def advance(self, to_hour: float) -> None:
        """Compute the hours up to `to_hour` (not including it); hours done stay done.

        Parameters
        ----------
        to_hour : float
            A simulation hour; a part of an hour is computed whole.
        """
        end = min(math.ceil(to_hour), self.hours)
        if end > self.done:
            first, last = self.done + SPIN_UP_H, end + SPIN_UP_H
            args = self._state, self._control, self._out, self._cut, self.city_trace
            run_city(first, last, False, *self._fixed, *args)
            self.done = end

    def mark(self) -> tuple[int, Floats, Floats]:
        """Return where the computation stands, for `rewind`."""
        return self.done, self._state.copy(), self._control.copy()

    def rewind(self, mark: tuple[int, Floats, Floats]) -> None:
        """Take back every hour computed since `mark`, so that another order can be given there."""
        self.done = mark[0]
        self._state[:] = mark[1]
        self._control[:] = mark[2]

    def command(self, hour: float, target: Floats) -> None:
        """Order cuts from `hour` on; an order in force is replaced.

        Parameters
        ----------
        hour : float
            Simulation hour; the order works from the next whole hour.
        target : ndarray, shape (13, 5) or (13,)
            Cut of each sector's emission that will be carried out, compliance included, 0 to 1, by
            pollutant or alike for all of them.

        Raises
        ------
        Refused
            For an hour already computed, or a target of wrong shape or range.
        """
        target = np.asarray(target, dtype=np.float64)
        table = target[:, None] if target.ndim == 1 else target
        fits = target.shape in ((len(SECTORS),), (len(SECTORS), len(POLLUTANTS)))
        if not fits or not ((target >= 0.0) & (target <= 1.0)).all():
            raise Refused(
                f"target: {target!r} is not {len(SECTORS)} shares between 0 and 1, "
                f"nor as many for each of the {len(POLLUTANTS)} pollutants"
            )
        self._switch(hour, table, ordered=1.0)

    def release(self, hour: float) -> None:
        """End the order from `hour` on: cuts fade at their pace, and lost output is made up.

        Raises
        ------
        Refused
            For an hour already computed.
        """
        self._switch(hour, np.zeros((len(SECTORS), 1)), ordered=0.0)

    def _switch(self, hour: float, target: Floats, *, ordered: float) -> None:
        if math.ceil(hour) < self.done:
            raise Refused(f"hour {hour:g}: the air is computed up to hour {self.done} already")
        self.advance(hour)
        switch = self._control[SWITCH]
        was_ordered = switch[ORDERED] > 0.0
        self._rows_of(TARGET)[:] = target.T
        switch[TOUCHED] = max(switch[TOUCHED], ordered)
        switch[ORDERED] = ordered
        if ordered:
            switch[WINDOW] = 0.0
        elif was_ordered:
            switch[WINDOW] = switch[REBOUND_H]


def _totals(sector_emission: Floats) -> Floats:
    """Return what all sectors emit steadily and for heating, shape ``(2, 5)``."""
    return np.array([sector_emission[~IS_HEATING].sum(axis=0), sector_emission[IS_HEATING].sum(0)])


def _control(response: Response, region_joins: float) -> Floats:
    """Return a control table at rest."""
    tau = np.array([getattr(response, f"tau_{PACE[sector]}_h") for sector in SECTORS])
    control = np.zeros((CONTROL, len(SECTORS)))
    control[DECAY] = np.exp(-1.0 / tau)
    control[AVERAGE] = -tau * np.expm1(-1.0 / tau)
    control[SWITCH, REBOUND_H] = response.rebound_h
    control[SWITCH, REBOUND_SHARE] = response.rebound_share
    control[SWITCH, ELASTICITY] = response.elasticity
    control[SWITCH, JOINS] = region_joins
    return control


def _rows(box: Box, weather: Hourly, given: Rates) -> Floats:
    """Return the coefficients of every hour, shape ``(hours, COLUMNS)``."""
    region, city = sides_km(box)
    scalars = np.array([region, city, box.residual_wind, *deposition_m_h(box)])
    rows: Floats = coefficients(*given, weather.u, weather.f_dir, np.exp(weather.noise), scalars)
    return rows
