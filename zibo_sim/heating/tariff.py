"""The prices of 淄政办字〔2018〕139号 一 as exact numbers, for one bill and for a whole stock."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from zibo_sim.law import Law
from zibo_sim.law.rule import exact

Use = Literal["residential", "institution", "non_residential"]
USES: tuple[Use, ...] = ("residential", "institution", "non_residential")


@dataclass(frozen=True)
class Prices:
    """What one group of users pays: yuan/m² by area; yuan/m² and yuan/kWh by meter."""

    area: Fraction
    basic: Fraction
    rate: Fraction


@dataclass(frozen=True)
class Tariff:
    """Every number and reading a heating bill rests on; shares are fractions of 1."""

    prices: tuple[Prices, Prices, Prices]
    duplex_surcharge: Fraction
    duplex_reading: str
    duplex_both_share: Fraction
    duplex_metered: str
    attic_certified_share: Fraction
    attic_uncertified_share: Fraction
    ancillary_share: Fraction
    institution_let_excluded: bool
    height_limit: Fraction
    height_step: Fraction
    height_surcharge: Fraction
    height_reading: str
    height_scope: str
    exchanger_fee: Fraction
    exchanger_reading: str
    rounding: Fraction

    def price(self, use: Use) -> Prices:
        """Return the prices of one group of users."""
        return self.prices[USES.index(use)]

    def steps_over(self, height: float) -> int:
        """淄政办字〔2018〕139号 一(一)3: metres over the limit, a started one counted whole.

        A step of zero, which a reform may set, leaves nothing to count.
        """
        excess = exact(height) - self.height_limit
        return math.ceil(excess / self.height_step) if excess > 0 and self.height_step else 0

    def height_factor(self, steps: int) -> Fraction:
        """Return what a fee is multiplied by, `steps` started metres over the limit."""
        if self.height_reading == "compound":
            return (1 + self.height_surcharge) ** steps
        return 1 + self.height_surcharge * steps

    def height_counts(self, use: Use, metered: bool) -> bool:
        """Say whom the height surcharge concerns, by the reading of ``heating.height.scope``."""
        if metered:
            return use == "non_residential" and self.height_scope == "area_and_metered"
        also = self.height_scope == "all_area_priced" and use == "institution"
        return use == "non_residential" or also


@lru_cache(maxsize=16)
def tariff_of(law: Law) -> Tariff:
    """Read the tariff from the law book; kept for each, as a law never changes."""

    def number(key: str) -> Fraction:
        return exact(law(f"heating.{key}"))

    def prices(use: str) -> Prices:
        parts = (f"price.{use}", f"metered.{use}.basic", f"metered.{use}.rate")
        return Prices(*(number(part) for part in parts))

    return Tariff(
        prices=(prices("residential"), prices("institution"), prices("non_residential")),
        duplex_surcharge=number("duplex.surcharge"),
        duplex_reading=law.option("heating.duplex.surcharge"),
        duplex_both_share=number("duplex.both_share"),
        duplex_metered=law.option("heating.duplex.metered"),
        attic_certified_share=number("attic.certified_share"),
        attic_uncertified_share=number("attic.uncertified_share"),
        ancillary_share=number("ancillary.share"),
        institution_let_excluded=law("heating.institution.let_excluded"),
        height_limit=number("height.limit"),
        height_step=number("height.step"),
        height_surcharge=number("height.surcharge"),
        height_reading=law.option("heating.height.surcharge"),
        height_scope=law.option("heating.height.scope"),
        exchanger_fee=number("exchanger.fee"),
        exchanger_reading=law.option("heating.exchanger.fee"),
        rounding=number("rounding.step"),
    )
