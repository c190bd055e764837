"""Simulated air as the plan sees it: the box model, its AQI, and the orders it carries out."""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.aqi import pm25_aqi
from zibo_sim.air.box import AirShed
from zibo_sim.air.emissions import Households, extra_coal
from zibo_sim.air.inventory import DISTRICT_KEYS
from zibo_sim.air.parameters import Air, CleanHeating
from zibo_sim.air.pollutants import NAMES, equivalent_pm25, fill_air, index_tables
from zibo_sim.air.reductions import Orders, ReductionList, reduction_list
from zibo_sim.air.response import uniform_cuts
from zibo_sim.air.sectors import POLLUTANTS, SECTORS
from zibo_sim.air.weather import SPIN_UP_H, AirCalendar, Weather
from zibo_sim.law import Law

Floats = NDArray[np.float64]


class Response(NamedTuple):
    """Measures of one level in force from the hour `begin` up to the hour `end`."""

    begin: int
    end: int
    orders: Orders
    compliance: float


class SimulatedAir:
    """The air of one run, computed up to the hour it was last asked for.

    The AQI is the largest index of PM2.5, PM10, SO2, NO2 and CO. PM2.5 leads on Zibo's heavy winter
    days, PM10 in cleaner air and in dust.

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
        What forecasts are made around, µg/m³: PM2.5 without measures and, in hours that another
        pollutant leads, the PM2.5 whose index is theirs.
    concentrations, concentrations_no_measures : dict of str to ndarray, shape (hours,)
        By pollutant, as `pollutants.NAMES`; with measures known for the hours computed.
    """

    def __init__(
        self, air: Air, calendar: AirCalendar, weather: Weather, law: Law, clean: CleanHeating
    ) -> None:
        kinds = ("gas", "electricity", "district")
        households = Households(*(law(f"cleanheat.households.{kind}") for kind in kinds))
        self._shed = AirShed(air, calendar, weather, extra_coal(clean, households))
        self._air, self._law = air, law
        self._switches: list[tuple[int, Orders | None, float]] = []
        self._heating = calendar.heating[SPIN_UP_H:]
        self._fixed = weather.dust, air.pollutants.lines(), index_tables(law)
        self.dust = weather.dust
        self.concentrations_no_measures, self.aqi_no_measures = self._no_measures()
        self.truth = _leading(self.pm25_no_measures, self.aqi_no_measures, law)
        self.aqi = np.full(calendar.hours, np.nan)
        self.known_until = calendar.hours
        self._out = np.full((len(NAMES), calendar.hours), np.nan)
        self.concentrations = dict(zip(NAMES, self._out, strict=True))
        shed = self._shed
        self._species = shed.pm25, shed.so2, shed.nox, shed.cut[:, POLLUTANTS.index("pm")]

    def _no_measures(self) -> tuple[dict[str, Floats], Floats]:
        shed, hours = self._shed, self._shed.hours
        out, aqi, no_cut = np.empty((len(NAMES), hours)), np.empty(hours), np.zeros(hours)
        species = shed.pm25_no_measures, shed.so2_no_measures, shed.nox_no_measures
        fill_air(*species, no_cut, *self._fixed, 0, hours, out, aqi)
        return dict(zip(NAMES, out, strict=True)), aqi

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
            fill_air(*self._species, *self._fixed, done, hour, self._out, self.aqi)

    @cached_property
    def reductions(self) -> ReductionList:
        """What each level orders of every plant."""
        return reduction_list(self._air, self._law)

    def mark(self) -> Any:
        """Return where the computation stands."""
        return self._shed.mark(), len(self._switches)

    def rewind(self, mark: Any) -> None:
        """Take back every hour computed since `mark`."""
        self._shed.rewind(mark[0])
        del self._switches[mark[1] :]

    def command(self, hour: int, level: str, compliance: float) -> None:
        """Order the measures of a level from `hour` on, carried out to a share of `compliance`."""
        orders = self._orders(hour, level)
        uniform = self._air.response.measures == "uniform"
        cuts = uniform_cuts(level, self._law) if uniform else orders.physical
        self._shed.command(hour, compliance * cuts)
        self._switches.append((hour, orders, compliance))

    def plants_ordered(self, hour: int, level: str) -> int:
        """Return how many plants a level obliges to cut."""
        return self._orders(hour, level).obliged

    def _orders(self, hour: int, level: str) -> Orders:
        heating = bool(self._heating[min(hour, len(self._heating) - 1)])
        return self.reductions.orders(level, heating)

    def release(self, hour: int) -> None:
        """End the response at `hour`."""
        self._shed.release(hour)
        self._switches.append((hour, None, 0.0))

    @property
    def responses(self) -> list[Response]:
        """What was in force when, in order; an alert that changes its level is several."""
        hours = self._shed.hours
        return [
            Response(begin, min(end, hours), orders, compliance)
            for (begin, orders, compliance), (end, _, _) in pairwise(
                [*self._switches, (hours, None, 0.0)]
            )
            if orders is not None
        ]

    def output_lost(self) -> dict[str, Floats]:
        """Return the output value lost in the run, yuan.

        Returns
        -------
        dict
            ``sector``, shape ``(13,)``, and ``district``, shape ``(11,)``; both add up to the same.
        """
        days = [(r.orders, r.compliance * (r.end - r.begin) / 24.0) for r in self.responses]
        sector = sum((d * o.lost_by_sector for o, d in days), np.zeros(len(SECTORS)))
        district = sum((d * o.lost_by_district for o, d in days), np.zeros(len(DISTRICT_KEYS)))
        return {"sector": sector, "district": district}


def _leading(pm25: Floats, aqi: Floats, law: Law) -> Floats:
    """Return PM2.5 where it leads, elsewhere the PM2.5 whose index is the AQI."""
    return np.where(pm25_aqi(pm25, law) >= aqi, pm25, equivalent_pm25(aqi, law))
