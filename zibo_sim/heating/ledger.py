"""What a winter's heating comes to: the fees of the stock, and the ledger a run fills."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from zibo_sim.heating.bulk import Packed, pack
from zibo_sim.heating.parameters import StockParameters, SubsidyParameters
from zibo_sim.heating.portfolio import area_fees
from zibo_sim.heating.practice_parameters import OptionParameters, PaymentParameters
from zibo_sim.heating.settlement import Receipts, anomalies, receipts, share_of
from zibo_sim.heating.stock import days_late, on_dibao, stock
from zibo_sim.heating.subsidies import PAYERS, Payer
from zibo_sim.heating.tariff import Tariff

Fen = NDArray[np.int64]
FEN_PER_YUAN = 100


@dataclass(frozen=True)
class AreaFees:
    """Fees by area, fen: of the dwellings charged so, and what the metered would have paid.

    Attributes
    ----------
    charged, of_metered : ndarray of int64
        Of dwellings that stopped supply, the fee for that.
    metered : Packed
        The metered dwellings, in the order of `of_metered`.
    stopped : ndarray of bool
        Which of the metered stopped supply.
    anomalies : int
        Of the dwellings charged by area, duplexes whose one heated level costs more than both.
    """

    charged: Fen
    of_metered: Fen
    metered: Packed
    stopped: NDArray[np.bool_]
    anomalies: int
    known: list[tuple[NDArray[np.int32], Receipts]] = field(default_factory=list)

    def receipts(self, late: NDArray[np.int32]) -> Receipts:
        """Return when the fees by area are paid; kept, as it is the same in every replication."""
        for days, found in self.known:
            if days is late:
                return found
        self.known[:] = [(late, receipts(self.charged, late))]
        return self.known[0][1]


@lru_cache(maxsize=4)
def fees_of_stock(
    count: int, p: StockParameters, tariff: Tariff, metered_share: float, o: OptionParameters
) -> AreaFees:
    """Return the area fees of the first `count` dwellings; kept, so closed to writing."""
    city = stock(count, p)
    metered = city.metered(metered_share)
    stopped = city.stopped(o.stopped_share) if o.stopped_share else np.zeros(count, bool)
    fees = area_fees(city.dwellings, tariff)
    fees[stopped] = share_of(fees[stopped], o.stopped_fee)
    index = np.flatnonzero(metered)
    charged, of_metered = fees[~metered], fees[index]
    for kept in (charged, of_metered):
        kept.flags.writeable = False
    homes = pack(city.dwellings.take(index), np.ones(len(index), bool))
    odd = anomalies(city.dwellings.take(np.flatnonzero(~metered & ~stopped)), tariff)
    return AreaFees(charged, of_metered, homes, stopped[index], odd)


@dataclass(frozen=True)
class Households:
    """Who lives in the dwellings charged by area, and in those charged by meter.

    Attributes
    ----------
    late : tuple of ndarray of int32
        Days after the due day each pays, of either.
    dibao : tuple of ndarray of int
        Indices of the households on dibao, of either.
    """

    late: tuple[NDArray[np.int32], NDArray[np.int32]]
    dibao: tuple[NDArray[np.int64], NDArray[np.int64]]


@lru_cache(maxsize=4)
def households(
    count: int, p: StockParameters, s: SubsidyParameters, pay: PaymentParameters, share: float
) -> Households:
    """Return the households of the first `count` dwellings, split by the metered share."""
    metered = stock(count, p).metered(share)
    late, dibao = days_late(count, p.seed, pay), on_dibao(count, p.seed, s)
    by_area, by_meter = dibao[~metered], dibao[metered]
    return Households(
        (late[~metered], late[metered]), (np.flatnonzero(by_area), np.flatnonzero(by_meter))
    )


def _yuan(bills: list[Fen]) -> NDArray[np.float64]:
    return np.concatenate([np.empty(0), *bills]) / FEN_PER_YUAN


def _sum(bills: list[Fen]) -> float | None:
    return sum(int(b.sum()) for b in bills) / FEN_PER_YUAN if bills else None


@dataclass
class HeatingLedger:
    """Filled as a run goes; figures of what lies outside the period are None.

    Attributes
    ----------
    heat_kwh : ndarray, shape (days,)
        Heat of all dwellings on each day of the period, kWh.
    area_fen, metered_fen, metered_at_area_fen : list of ndarray of int64
        One array a season, one bill a dwelling: by area; by meter; what the metered dwellings
        would have paid by area. Fen.
    premises_fen : list of ndarray of int64
        Bills of institutions and shops.
    season_kwh_m2 : list of float
        Heat of a whole season for each heated m², kWh/m².
    vintage_kwh_m2 : list of ndarray, shape (vintages,)
        The same of a m² of each vintage, as needed.
    mild_fen, hard_fen : int or None
        What the metered bills would be less in a mild winter, more in a hard one.
    arrears_fen, refund_fen, anomalies : int or None
        Overdue when the period ends; refunded for cold rooms; see `settlement.anomalies`.
    extension_kwh : float or None
        Heat supplied on days outside the season of the notice.
    low_income_fen : int
        Bills of households on dibao, of whole seasons.
    break_even : float or None
        kWh/m², see `settlement.break_even_kwh_m2`.
    heat_cost : float
        yuan/kWh.
    subsidy_fen : dict of int to int
        Subsidies by year, of the years of which both payers paid in the period.
    paid_fen : dict of int to dict
        What each payer paid, by year.
    household_subsidy_fen : int
        Paid to households on dibao.
    households_paid, persons_paid : int
    """

    heat_kwh: NDArray[np.float64]
    area_fen: list[Fen] = field(default_factory=list)
    metered_fen: list[Fen] = field(default_factory=list)
    metered_at_area_fen: list[Fen] = field(default_factory=list)
    premises_fen: list[Fen] = field(default_factory=list)
    season_kwh_m2: list[float] = field(default_factory=list)
    vintage_kwh_m2: list[NDArray[np.float64]] = field(default_factory=list)
    mild_fen: int | None = None
    hard_fen: int | None = None
    arrears_fen: int | None = None
    refund_fen: int | None = None
    anomalies: float | None = None
    extension_kwh: float | None = None
    low_income_fen: int = 0
    break_even: float | None = None
    heat_cost: float = 0.0
    subsidy_fen: dict[int, int] = field(default_factory=dict)
    paid_fen: dict[int, dict[Payer, int]] = field(default_factory=dict)
    household_subsidy_fen: int = 0
    households_paid: int = 0
    persons_paid: int = 0

    def pay(self, year: int, payer: Payer, count: int, fen: int) -> None:
        """Enter subsidies of a year paid to `count` households or persons, `fen` in all."""
        self.paid_fen.setdefault(year, {})[payer] = fen
        if len(self.paid_fen[year]) == len(PAYERS):
            self.subsidy_fen[year] = sum(self.paid_fen[year].values())
        self.households_paid += count if payer == "civil_affairs" else 0
        self.household_subsidy_fen += fen if payer == "civil_affairs" else 0
        self.persons_paid += count if payer == "human_resources" else 0

    @property
    def area_bills(self) -> NDArray[np.float64]:
        """Amounts of the bills by area, yuan."""
        return _yuan(self.area_fen)

    @property
    def metered_bills(self) -> NDArray[np.float64]:
        """Amounts of the bills by meter, yuan."""
        return _yuan(self.metered_fen)

    @property
    def _whole(self) -> list[Fen]:
        """Bills by area of the seasons that were also settled; one cut short comes last."""
        return self.area_fen[: len(self.season_kwh_m2)]

    @property
    def revenue(self) -> float | None:
        """Yuan billed, of seasons billed by area and settled by meter in the period."""
        return _sum(self._whole + self.metered_fen + self.premises_fen)

    @property
    def revenue_metered(self) -> float | None:
        """Yuan billed by meter."""
        return _sum(self.metered_fen)

    @property
    def mean_bill(self) -> float | None:
        """Mean of the dwellings' bills of the same seasons, yuan."""
        homes = self._whole + self.metered_fen
        count = sum(map(len, homes))
        return (_sum(homes) or 0.0) / count if count else None

    @property
    def metered_paying_less(self) -> float | None:
        """Share of metered dwellings whose bill is below their bill by area."""
        pairs = zip(self.metered_fen, self.metered_at_area_fen, strict=True)
        less = [metered < area for metered, area in pairs]
        return float(np.concatenate(less).mean()) if any(map(len, less)) else None

    @property
    def demand_kwh_m2(self) -> float | None:
        """Season heat for each heated m² of all dwellings, kWh/m²; mean over whole seasons."""
        seasons = self.season_kwh_m2
        return sum(seasons) / len(seasons) if seasons else None

    @property
    def subsidy(self) -> float | None:
        """Yuan of subsidies, of the years of which all were paid in the period."""
        return sum(self.subsidy_fen.values()) / FEN_PER_YUAN if self.subsidy_fen else None

    @property
    def arrears(self) -> float | None:
        """Yuan overdue when the period ends."""
        return _of_fen(self.arrears_fen)

    @property
    def refunds(self) -> float | None:
        """Yuan refunded for cold rooms."""
        return _of_fen(self.refund_fen)

    @property
    def revenue_at_risk(self) -> float | None:
        """Yuan by which metered bills would be less in a mild winter."""
        return _of_fen(self.mild_fen)

    @property
    def hard_winter_bills(self) -> float | None:
        """Yuan by which metered bills would be more in a hard winter."""
        return _of_fen(self.hard_fen)

    @property
    def extension_cost(self) -> float | None:
        """Yuan that supply outside the season of the notice costs."""
        return None if self.extension_kwh is None else self.extension_kwh * self.heat_cost

    @property
    def subsidy_share(self) -> float | None:
        """Household subsidies (二(二)) as a share of the bills of those who draw them."""
        low, paid = self.low_income_fen, self.household_subsidy_fen
        return paid / low if low and paid else None


def _of_fen(fen: int | None) -> float | None:
    return None if fen is None else fen / FEN_PER_YUAN
