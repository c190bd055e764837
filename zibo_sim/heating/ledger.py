"""What a winter's heating comes to: the fees of the stock, and the ledger a run fills."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from zibo_sim.heating.parameters import StockParameters
from zibo_sim.heating.portfolio import Dwellings, area_fees
from zibo_sim.heating.stock import stock
from zibo_sim.heating.subsidies import Payer
from zibo_sim.heating.tariff import Tariff

Fen = NDArray[np.int64]
FEN_PER_YUAN = 100


@dataclass(frozen=True)
class AreaFees:
    """Fees by area, fen: of the dwellings charged so, and what the metered would have paid.

    Attributes
    ----------
    charged, of_metered : ndarray of int64
    metered : Dwellings
        The metered dwellings, in the order of `of_metered`.
    """

    charged: Fen
    of_metered: Fen
    metered: Dwellings


@lru_cache(maxsize=4)
def fees_of_stock(count: int, p: StockParameters, tariff: Tariff, metered_share: float) -> AreaFees:
    """Return the area fees of the first `count` dwellings; kept, so closed to writing."""
    city = stock(count, p)
    metered = city.metered(metered_share)
    fees = area_fees(city.dwellings, tariff)
    index = np.flatnonzero(metered)
    charged, of_metered = fees[~metered], fees[index]
    for kept in (charged, of_metered):
        kept.flags.writeable = False
    return AreaFees(charged, of_metered, city.dwellings.take(index))


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
    season_kwh_m2 : list of float
        Heat of a whole season for each heated m², kWh/m².
    subsidy_fen : int or None
        Subsidies paid; None where no season's subsidy begins in the period.
    households_paid, persons_paid : int
    """

    heat_kwh: NDArray[np.float64]
    area_fen: list[Fen] = field(default_factory=list)
    metered_fen: list[Fen] = field(default_factory=list)
    metered_at_area_fen: list[Fen] = field(default_factory=list)
    season_kwh_m2: list[float] = field(default_factory=list)
    subsidy_fen: int | None = None
    households_paid: int = 0
    persons_paid: int = 0

    def pay(self, payer: Payer, count: int, fen: int) -> None:
        """Enter subsidies paid to `count` households or persons, `fen` in all."""
        self.subsidy_fen = (self.subsidy_fen or 0) + fen
        self.households_paid += count if payer == "civil_affairs" else 0
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
    def revenue(self) -> float | None:
        """Yuan billed; without the meters' part where the season ends after the period."""
        return _sum(self.area_fen + self.metered_fen)

    @property
    def revenue_metered(self) -> float | None:
        """Yuan billed by meter."""
        return _sum(self.metered_fen)

    @property
    def mean_bill(self) -> float | None:
        """Mean of the bills issued, yuan."""
        count = sum(len(b) for b in self.area_fen + self.metered_fen)
        return (self.revenue or 0.0) / count if count else None

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
        """Yuan of subsidies paid."""
        return None if self.subsidy_fen is None else self.subsidy_fen / FEN_PER_YUAN
