"""One winter of heating as SimPy processes: supply, bills, meter readings, subsidies.

Bills are seasonal. Those by area are issued when the season begins (assumed: the fee is one for
the season, and the notice names no day); those by meter on the day after the last day with heat,
when meters are read, if the whole season lies in the period. A year's subsidies are simulated
where the day that decides who is unemployed lies in the period.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from zibo_sim.clock import HOURS_PER_DAY, Clock, WorkingTime
from zibo_sim.errors import Refused
from zibo_sim.heating.bulk import bills
from zibo_sim.heating.demand import Exposure, daily_heat, daily_means, exposure, readings
from zibo_sim.heating.ledger import (
    FEN_PER_YUAN,
    AreaFees,
    Fen,
    HeatingLedger,
    Households,
    fees_of_stock,
    households,
)
from zibo_sim.heating.money import FEN
from zibo_sim.heating.parameters import Heating
from zibo_sim.heating.portfolio import PER_UNIT
from zibo_sim.heating.premises import premises, premises_fees
from zibo_sim.heating.season import (
    day_of,
    force_span,
    heated_days,
    season_dates,
    season_in_force,
)
from zibo_sim.heating.settlement import (
    Receipts,
    break_even_kwh_m2,
    cold_days,
    cold_refunds,
    receipts,
    set_off,
    settled,
)
from zibo_sim.heating.stock import City, Floats, ListedStock, city_of, claims, normal, stock
from zibo_sim.heating.subsidies import PAYERS, Funder, Payer, last_day_to_pay, subsidy_in_force
from zibo_sim.heating.tariff import Tariff, tariff_of
from zibo_sim.law import Law
from zibo_sim.law.rule import exact
from zibo_sim.records import Event
from zibo_sim.streams import Streams

UTILITY = "utility"
A_SECOND = 1 / 3600
BOOKING_DAYS = 30
"""Late payments are booked once in so many days."""
BY_AREA, BY_METER = "dwellings by area", "dwellings by meter"
FINANCE: dict[Funder, str] = {
    "city": "市财政",
    "zhangdian": "张店区财政",
    "gaoxin": "高新区财政",
}
#: What each payer counts: unit of its lists, law-book entry of the sum each is paid.
PAID: dict[Payer, tuple[str, str]] = {
    "civil_affairs": ("households", "heating.subsidy.household"),
    "human_resources": ("persons", "heating.subsidy.person"),
}
Steps = Generator[simpy.Event, Any, None]


@dataclass(frozen=True)
class _Winter:
    """What the processes of one run share."""

    env: simpy.Environment
    log: list[Event]
    clock: Clock
    heating: Heating
    city: City
    law: Law
    streams: Streams
    daily: NDArray[np.float64]
    outdoor_c: NDArray[np.float64]
    heated: NDArray[np.bool_]
    ledger: HeatingLedger
    in_force_only: bool
    tariff: Tariff
    office: WorkingTime

    def within(self, hour: float) -> bool:
        """Say whether an hour lies in the period."""
        return 0 <= hour < self.clock.hours

    def until(self, hour: float) -> simpy.Event:
        """Wait for a simulation hour."""
        return self.env.timeout(hour - self.env.now)

    def write(
        self,
        entity: str,
        event: str,
        entry: str,
        amount: tuple[float, str] = (math.nan, ""),
        stage: str = "",
    ) -> None:
        """Record an event of now under the clause of the law-book entry `entry`."""
        about = (entity, event, stage, None, *amount, self.law.clause(entry))
        self.log.append(Event(float(self.env.now), "heating", *about))

    def fees(self) -> AreaFees:
        """Return the stock's fees by area."""
        count, homes, share = self.city
        return fees_of_stock(count, homes, self.tariff, share, self.heating.options)

    def households(self) -> Households:
        """Return who lives in them."""
        h, (count, homes, share) = self.heating, self.city
        return households(count, homes, h.subsidy, h.payment, share)

    def exposure(self) -> Exposure:
        """Return what the heat of one m² is multiplied by."""
        h, (count, homes, share) = self.heating, self.city
        return exposure(count, homes, h.demand, share, h.options.stopped_share)


def _supply(w: _Winter, year: int) -> Steps:
    """一(一)5: heat from the first to the last day; bills by area first, by meter at the end.

    What is supplied before and after the season costs heat; only those with a meter pay for it.
    A period that ends with the last day with heat holds the settlement in its last second.
    """
    first, last = season_dates(year, w.law)
    season, lever = w.clock.hour(first), w.heating.season
    start = season - lever.early_days * HOURS_PER_DAY
    end = w.clock.hour(last) + (1 + lever.late_days) * HOURS_PER_DAY
    if w.within(start):
        yield w.until(start)
        stage = "early" if lever.early_days else ""
        w.write(UTILITY, "supply_started", "heating.season.start", stage=stage)
    prepaid: Receipts | None = None
    if w.within(season):
        yield w.until(season)
        prepaid = _bill_by_area(w)
    if w.within(settled := end - A_SECOND if end == w.clock.hours else end):
        yield w.until(settled)
        stage = "extended" if lever.late_days else ""
        w.write(UTILITY, "supply_ended", "heating.season.end", stage=stage)
        if w.within(start):
            final = _bill_by_meter(w, slice(int(start) // HOURS_PER_DAY, int(end) // HOURS_PER_DAY))
            if final.size:
                _settle(w, final, prepaid, season)


def _bill_by_area(w: _Winter) -> Receipts | None:
    """一(一): the season's fee of every dwelling without a meter; a prepayment of the others."""
    fees, entry = w.fees(), "heating.price.residential"
    late = w.households().late
    w.ledger.area_fen.append(fees.charged)
    w.ledger.anomalies = float(fees.anomalies)
    if fees.charged.size:
        w.write(BY_AREA, "billed", entry, _yuan(fees.charged), "residential")
        w.env.process(_collect(w, BY_AREA, entry, fees.receipts(late[0])))
    if w.heating.options.prepayment == "none" or not fees.of_metered.size:
        return None
    w.write(BY_METER, "prepayment_billed", entry, _yuan(fees.of_metered), "residential")
    prepaid = receipts(fees.of_metered, late[1])
    w.env.process(_collect(w, BY_METER, entry, prepaid))
    return prepaid


def _bill_by_meter(w: _Winter, days: slice) -> Fen:
    """一(二): meters are read, and each dwelling pays its basic and its metered fee."""
    exposed, fees, ledger = w.exposure(), w.fees(), w.ledger
    season_kwh_m2 = w.daily[:, days].sum(axis=1)
    heat, final = _metered(w, season_kwh_m2)
    ledger.season_kwh_m2.append(float(season_kwh_m2 @ exposed.by_vintage) / exposed.area_m2)
    ledger.vintage_kwh_m2.append(season_kwh_m2)
    ledger.metered_fen.append(final)
    ledger.metered_at_area_fen.append(fees.of_metered)
    dibao = w.households().dibao
    ledger.low_income_fen += int(fees.charged[dibao[0]].sum() + final[dibao[1]].sum())
    if final.size:
        kwh = int(heat.sum()) / PER_UNIT
        w.write(BY_METER, "read", "heating.metered.heat_fee", (kwh, "kWh"), "residential")
        w.write(BY_METER, "billed", "heating.metered.total", _yuan(final), "residential")
    _weigh_winters(w, days, int(final.sum()))
    _bill_premises(w, season_kwh_m2)
    _refund(w, days, [fees.charged, final])
    return final


def _metered(w: _Winter, season_kwh_m2: Floats) -> tuple[Fen, Fen]:
    """Return readings, 0.01 kWh, and what the metered dwellings pay in the end, fen."""
    exposed, fees, o = w.exposure(), w.fees(), w.heating.options
    heat, let = readings(exposed, season_kwh_m2), None
    if len(fees.metered.let_index):
        let = readings(exposed, season_kwh_m2, let=True)
    final = settled(bills(fees.metered, heat, w.tariff, let), fees.of_metered, o)
    final = np.where(fees.stopped, fees.of_metered, final) if o.stopped_share else final
    return heat if let is None else heat + let, final


def _settle(w: _Winter, final: Fen, prepaid: Receipts | None, billed_h: float) -> None:
    """Collect the metered bills, or what they differ from the prepayment of `billed_h` by."""
    entry, late = "heating.metered.total", w.households().late[1]
    if prepaid is None:
        w.env.process(_collect(w, BY_METER, entry, receipts(final, late)))
        return
    more = final - w.fees().of_metered
    refund, extra = np.maximum(-more, 0), np.maximum(more, 0)
    w.write(BY_METER, "settled", entry, _yuan(refund), "refund")
    w.write(BY_METER, "settled", entry, _yuan(extra), "extra")
    due = billed_h + w.heating.payment.due_days * HOURS_PER_DAY
    credit = set_off(refund, late, (w.env.now - due) / HOURS_PER_DAY)
    if credit.total:
        w.write(BY_METER, "settled", entry, (credit.total / FEN_PER_YUAN, "yuan"), "set_off")
        over = credit.overdue((w.clock.hours - due) / HOURS_PER_DAY)
        w.ledger.arrears_fen = (w.ledger.arrears_fen or 0) - over
        prepaid.set_off(credit)
    w.env.process(_collect(w, BY_METER, entry, receipts(extra, late)))


def _weigh_winters(w: _Winter, days: slice, billed: int) -> None:
    """Bill the same winter once more, milder and harder by as much every day."""
    p, heated = w.heating.season, w.heated[days]
    for name, shift in (("mild_fen", p.mild_c), ("hard_fen", -p.hard_c)):
        daily = daily_heat(w.outdoor_c[days] + shift, heated, w.heating.demand)
        other = int(_metered(w, daily.sum(axis=1))[1].sum())
        change = (other - billed) * (1 if shift < 0 else -1)
        setattr(w.ledger, name, (getattr(w.ledger, name) or 0) + change)


def _bill_premises(w: _Winter, season_kwh_m2: Floats) -> None:
    """一(一)2-3, (二)2-3: institutions and shops, by area and by meter, at the season's end."""
    h = w.heating
    customers = premises(h.premises, w.city.stock, h.demand, w.city.metered_share)
    if not len(customers):
        return
    heat = customers.heat(season_kwh_m2, h.demand.metering_saving)
    fen = premises_fees(customers, heat, w.tariff)
    w.ledger.premises_fen.append(fen)
    institution = customers.institution[customers.first]
    groups = (("institution", institution), ("non_residential", ~institution))
    for group, members in groups:
        if members.any():
            entry = f"heating.price.{group}"
            w.write("premises", "billed", entry, _yuan(fen[members]), group)


def _refund(w: _Winter, days: slice, billed: list[Fen]) -> None:
    """Refund the days on which rooms were too cold, where the option is on."""
    h, o = w.heating, w.heating.options
    if not o.cold_refund:
        w.ledger.refund_fen = w.ledger.refund_fen or 0
        return
    heated = w.heated[days]
    rooms = h.demand.indoor_c + o.room_sigma_c * normal(w.city.stock.seed, "room", w.city.dwellings)
    cold = cold_days(rooms, w.outdoor_c[days][heated], o)
    metered = stock(w.city.dwellings, w.city.stock).metered(w.city.metered_share)
    cold[stock(w.city.dwellings, w.city.stock).stopped(o.stopped_share)] = 0  # none supplied
    total = sum(
        int(cold_refunds(fen, cold[at], int(heated.sum()), o).sum())
        for fen, at in zip(billed, (~metered, metered), strict=True)
    )
    w.ledger.refund_fen = (w.ledger.refund_fen or 0) + total
    w.write(UTILITY, "refunded", "heating.metered.total", (total / FEN_PER_YUAN, "yuan"), "cold")


def _collect(w: _Winter, who: str, entry: str, paid: Receipts) -> Steps:
    """Book what is paid by the due day, then month by month what comes late."""
    due = w.env.now + w.heating.payment.due_days * HOURS_PER_DAY
    overdue = paid.overdue((w.clock.hours - due) / HOURS_PER_DAY)
    w.ledger.arrears_fen = (w.ledger.arrears_fen or 0) + overdue
    done = 0
    while w.within(due):
        yield w.until(due)
        now = int(paid.by_day[done : 1 if not done else done + BOOKING_DAYS].sum())
        done = 1 if not done else done + BOOKING_DAYS
        stage = "on_time" if done == 1 else "late"
        w.write(who, "collected", entry, (now / FEN_PER_YUAN, "yuan"), stage)
        due += BOOKING_DAYS * HOURS_PER_DAY


def _yuan(fen: Fen) -> tuple[float, str]:
    return int(fen.sum()) / FEN_PER_YUAN, "yuan"


def _verification_hours(w: _Winter, payer: Payer, year: int) -> float:
    p = w.heating.subsidy
    sigma = math.sqrt(math.log1p(p.verification_cv**2))
    draw = w.streams(f"heating.subsidy.verification.{payer}.{year}").standard_normal()
    days = p.verification_days * math.exp(sigma * draw - sigma**2 / 2)
    return days * w.office.per_day


def _subsidise(w: _Winter, year: int, payer: Payer, begin: float) -> Steps:
    """二(三): list, verify with finance, announce, pay by 15 November."""
    p, law = w.heating.subsidy, w.law
    office, (unit, _) = law(PAYERS[payer]), PAID[payer]
    household_only = law.option("heating.subsidy.cumulation") == "household_only"
    count, homes, _ = w.city
    listed = homes if isinstance(homes, ListedStock) else None
    due = claims(count, homes.seed, p, household_only, listed)[payer]
    counted = (float(sum(due.values())), unit)

    yield w.until(begin)
    w.write(office, "listed", "heating.subsidy.snapshot", counted)
    yield w.until(w.office.advance(w.env.now, _verification_hours(w, payer, year)))
    w.write(office, "verified", "heating.subsidy.verify", counted)
    w.write(office, "announced", "heating.subsidy.announce", counted)
    yield w.env.timeout(p.announcement_days * HOURS_PER_DAY)
    yield w.until(w.office.advance(w.env.now, p.payment_days * w.office.per_day))
    _pay(w, year, payer, due)


def _pay(w: _Winter, year: int, payer: Payer, due: dict[Funder, int]) -> None:
    """二(三): paid to the persons themselves, in time or late, and charged to who funds it."""
    office, (unit, rate) = w.law(PAYERS[payer]), PAID[payer]
    each, count = exact(w.law(rate)), sum(due.values())
    on_time = w.clock.date(w.env.now) <= last_day_to_pay(year, w.law)
    stage = "on_time" if on_time else "late"
    w.write(office, "paid", PAYERS[payer], (float(each * count), "yuan"), stage)
    for funder, persons in due.items():
        entry = f"heating.subsidy.funder.{'local' if funder != 'city' else 'central_provincial'}"
        if persons:
            w.write(FINANCE[funder], "funded", entry, (float(each * persons), "yuan"), unit)
    w.ledger.pay(year, payer, count, int(each * count / FEN))


def _start_of_subsidy(w: _Winter, year: int) -> float:
    """Return when the offices list who is due: at the close of the day that decides it.

    An office that waits for the notice begins on its first day in force.
    """
    snapshot = day_of(year, w.law("heating.subsidy.snapshot"))
    begin = w.clock.hour(snapshot) + w.office.closes
    if w.in_force_only and snapshot < force_span(w.law)[0]:
        return w.clock.hour(force_span(w.law)[0]) + w.office.opens
    return begin


def _winter(w: _Winter, year: int) -> None:
    """Start the processes of the season that begins in `year`."""
    if not w.in_force_only or season_in_force(year, w.law):
        w.env.process(_supply(w, year))
    begin = _start_of_subsidy(w, year)
    snapshot = w.clock.hour(day_of(year, w.law("heating.subsidy.snapshot")))
    in_force = not w.in_force_only or subsidy_in_force(year, w.law)
    if in_force and w.within(snapshot):
        for payer in PAYERS:
            w.env.process(_subsidise(w, year, payer, begin))


def heating_season(
    env: simpy.Environment,
    log: list[Event],
    *,
    clock: Clock,
    heating: Heating,
    law: Law,
    streams: Streams,
    outdoor_c: NDArray[np.float64],
    in_force_only: bool,
) -> HeatingLedger:
    """Register the heating of the period on `env`; the ledger is full when the run has ended.

    Parameters
    ----------
    env : simpy.Environment
        At hour 0 of the period.
    log : list of Event
        Where events are written.
    clock : Clock
    heating : Heating
    law : Law
    streams : Streams
    outdoor_c : ndarray, shape (hours,)
        Outdoor temperature of every hour of the period, °C.
    in_force_only : bool
        Acts before the notice is in force wait for its first day; seasons and subsidies it does
        not cover are left out. Otherwise it is applied throughout.

    Raises
    ------
    Refused
        When `outdoor_c` is not one number an hour of the period.
    """
    if outdoor_c.shape != (clock.hours,):
        raise Refused(f"outdoor_c has shape {outdoor_c.shape}, not ({clock.hours},)")
    lever, means = heating.season, daily_means(outdoor_c)
    heated = heated_days(clock.dates(), law, lever.early_days, lever.late_days)
    daily = daily_heat(means, heated, heating.demand)
    ledger = HeatingLedger(heat_kwh=np.zeros(clock.days), heat_cost=lever.heat_cost)
    ledger.break_even = break_even_kwh_m2(tariff_of(law))
    winter = _Winter(
        env=env,
        log=log,
        clock=clock,
        heating=heating,
        city=city_of(heating, law),
        law=law,
        streams=streams,
        daily=daily,
        outdoor_c=means,
        heated=heated,
        ledger=ledger,
        in_force_only=in_force_only,
        tariff=tariff_of(law),
        office=WorkingTime(clock),
    )
    ledger.heat_kwh = winter.exposure().by_vintage @ daily
    if heated.any():
        ledger.extension_kwh = float(ledger.heat_kwh[~heated_days(clock.dates(), law)].sum())
    for year in range(clock.start.year - 1, clock.end.year + 1):
        _winter(winter, year)
    return ledger
