"""Simulated air as the plan sees it: the box model, its AQI, and the orders it carries out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.aqi import fill_pm25_aqi, pm25_aqi, pm25_table
from zibo_sim.air.box import AirShed
from zibo_sim.air.emissions import Households, extra_coal
from zibo_sim.air.parameters import Air, CleanHeating
from zibo_sim.air.response import ordered_cuts
from zibo_sim.air.weather import SPIN_UP_H, AirCalendar, Weather
from zibo_sim.law import Law

Floats = NDArray[np.float64]


class SimulatedAir:
    """The air of one run, computed up to the hour it was last asked for.

    The AQI is that of PM2.5, which leads on Zibo's heavy winter days; other pollutants are not
    simulated yet.

    Parameters
    ----------
    air : Air
    calendar : AirCalendar
    weather : Weather
    law : Law
    clean : CleanHeating

    Attributes
    ----------
    aqi, aqi_no_measures : ndarray, shape (hours,)
        Hourly AQI; with measures NaN for hours not yet computed.
    dust : ndarray of bool, shape (hours,)
    truth : ndarray, shape (hours,)
        What forecasts are made around: PM2.5 without measures, µg/m³.
    """

    def __init__(
        self, air: Air, calendar: AirCalendar, weather: Weather, law: Law, clean: CleanHeating
    ) -> None:
        kinds = ("gas", "electricity", "district")
        households = Households(*(law(f"cleanheat.households.{kind}") for kind in kinds))
        self._table = pm25_table(law)
        self._shed = AirShed(air, calendar, weather, extra_coal(clean, households))
        self._air, self._law = air, law
        self._heating = calendar.heating[SPIN_UP_H:]
        self.dust = weather.dust
        self.truth = self._shed.pm25_no_measures
        self.aqi_no_measures = pm25_aqi(self.truth, law)
        self.aqi = np.full(calendar.hours, np.nan)

    @property
    def pm25(self) -> Floats:
        """PM2.5 with measures, µg/m³, shape ``(hours,)``."""
        return self._shed.pm25

    @property
    def pm25_no_measures(self) -> Floats:
        """PM2.5 without measures, µg/m³, shape ``(hours,)``."""
        return self._shed.pm25_no_measures

    @property
    def region_pm25(self) -> Floats:
        """PM2.5 of the region, µg/m³, shape ``(hours,)``."""
        return self._shed.region_pm25

    @property
    def cut(self) -> Floats:
        """Share of the city's emission avoided by hour, shape ``(hours, 5)``."""
        return self._shed.cut

    def advance(self, hour: int) -> None:
        """Compute every hour before `hour`."""
        done = self._shed.done
        if hour > done:
            self._shed.advance(hour)
            fill_pm25_aqi(self.pm25, self._table, done, hour, self.aqi)

    def mark(self) -> Any:
        """Return where the computation stands."""
        return self._shed.mark()

    def rewind(self, mark: Any) -> None:
        """Take back every hour computed since `mark`."""
        self._shed.rewind(mark)

    def command(self, hour: int, level: str, compliance: float) -> None:
        """Order the measures of a level from `hour` on, carried out to a share of `compliance`."""
        heating = bool(self._heating[min(hour, len(self._heating) - 1)])
        cuts = ordered_cuts(level, heating, self._air.response, self._air.sectors, self._law)
        self._shed.command(hour, compliance * cuts)

    def release(self, hour: int) -> None:
        """End the response at `hour`."""
        self._shed.release(hour)
