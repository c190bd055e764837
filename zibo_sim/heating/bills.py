"""Heating bills: area prices and the two-part tariff of 淄政办字〔2018〕139号 一."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field

from zibo_sim.errors import Refused
from zibo_sim.heating.money import plain, rounded, yuan
from zibo_sim.heating.scope import in_scope
from zibo_sim.heating.season import Year, season_in_force
from zibo_sim.heating.tariff import Use, tariff_of
from zibo_sim.law import Law, book
from zibo_sim.law.rule import Count, NonNegative, Positive, RuleInput, YesNo, exact, rule

Charging = Literal["area", "metered"]
Kind = Literal[
    "flat",
    "duplex_lower",
    "duplex_upper",
    "attic",
    "basement",
    "storeroom",
    "garage",
    "premises",
]
TALLEST_STOREY_M = 100.0  # a height over it is a slip, such as centimetres
ANCILLARY = ("basement", "storeroom", "garage")
LEVELS = ("duplex_lower", "duplex_upper")


class Space(RuleInput):
    """One space of a customer.

    Attributes
    ----------
    kind : str
    area : float
        m²: in-suite floor area (套内建筑面积) for dwellings, gross (建筑面积) otherwise.
    heated, certificate, let : bool
        Heating is installed; the attic stands on a title certificate; let out or in trade.
    height : float
        Storey height, m.
    heat_kwh : float, optional
        The space's own meter reading for the season, kWh.
    """

    kind: Kind
    area: Positive
    heated: YesNo = True
    certificate: YesNo = True
    let: YesNo = False
    height: Annotated[Positive, Field(le=TALLEST_STOREY_M)] = 3.0
    heat_kwh: NonNegative | None = None


@dataclass(frozen=True)
class Line:
    """One line of a bill: what is multiplied, the exact amount in yuan, and the clause."""

    kind: str
    text: str
    amount: Fraction
    clause: str
    dwelling: bool = False

    @classmethod
    def product(
        cls, kind: str, clause: str, *factors: tuple[Fraction, str], dwelling: bool = False
    ) -> Line:
        """Return the line of a product; a factor of 1 without a unit is not written."""
        amount, words = Fraction(1), []
        for value, unit in factors:
            amount *= value
            if unit or value != 1:
                words.append(f"{plain(value)} {unit}".strip())
        return cls(kind, " × ".join(words), amount, clause, dwelling)

    def row(self) -> dict[str, str]:
        """Return the line as the bill shows it."""
        return {
            "kind": self.kind,
            "line": self.text,
            "amount": plain(self.amount),
            "clause": self.clause,
        }


class _Bill:
    """The lines of one customer's bill."""

    def __init__(self, use: Use, spaces: Sequence[Space], law: Law) -> None:
        self.use, self.spaces, self.law = use, spaces, law
        self.tariff = tariff_of(law)

    def group(self, space: Space) -> Use:
        """一(一)3: what is let out or in trade is priced as non-residential."""
        if not space.let or (
            self.use == "institution" and not self.tariff.institution_let_excluded
        ):
            return self.use
        return "non_residential"

    def _height(self, space: Space, metered: bool) -> tuple[Fraction, str]:
        steps = self.tariff.steps_over(space.height)
        counts = self.tariff.height_counts(self.group(space), metered)
        return (self.tariff.height_factor(steps) if counts else Fraction(1)), ""

    def _of_kind(self, *kinds: str) -> list[Space]:
        return [s for s in self.spaces if s.kind in kinds]

    def area_lines(self) -> Iterator[Line]:
        """一(一)1-3: each heated space at its price by area."""
        for space in self.spaces:
            if self.group(space) != "residential":
                yield from self._at_area_price(space)
            elif space.kind not in LEVELS and space.heated:
                yield self._household_space(space)
        yield from self._duplex()

    def _at_area_price(self, space: Space) -> Iterator[Line]:
        if space.heated:
            group = self.group(space)
            yield Line.product(
                space.kind,
                self.law.clause(f"heating.price.{group}"),
                (exact(space.area), "m²"),
                (self.tariff.price(group).area, "yuan/m²"),
                self._height(space, metered=False),
            )

    def _household_space(self, space: Space) -> Line:
        """一(一)1: a flat, an attic, or a basement, storeroom or garage of a dwelling."""
        share, clause = Fraction(1), "heating.price.residential"
        area = exact(space.area)
        if space.kind == "attic" and space.certificate:
            share, clause = self.tariff.attic_certified_share, "heating.attic.certified_share"
        elif space.kind == "attic":
            area = exact(self._of_kind("flat", "duplex_upper")[0].area)
            share, clause = self.tariff.attic_uncertified_share, "heating.attic.uncertified_share"
        elif space.kind in ANCILLARY:
            share, clause = self.tariff.ancillary_share, "heating.ancillary.share"
        return self._household_line(space.kind, clause, area, share)

    def _household_line(self, kind: str, entry: str, area: Fraction, share: Fraction) -> Line:
        price = self.tariff.price("residential").area
        factors = ((area, "m²"), (price, "yuan/m²"), (share, ""))
        return Line.product(kind, self.law.clause(entry), *factors, dwelling=True)

    def _level_share(self, space: Space) -> Fraction:
        """一(一)1: the part of a duplex level that is charged, its surcharge with it.

        One level heated: that level and the surcharge; both: the whole area. A level that is let
        stands under item 3 and is not among those charged here.
        """
        tariff, heated = self.tariff, [s for s in self._of_kind(*LEVELS) if s.heated]
        if not heated or self.group(space) != "residential":
            return Fraction(0)
        if len(heated) > 1:
            return tariff.duplex_both_share
        if self.group(heated[0]) != "residential":
            return Fraction(0)
        idle_counts = tariff.duplex_reading == "whole_plus"
        return Fraction(space.heated or idle_counts) + tariff.duplex_surcharge * space.heated

    def _duplex(self) -> Iterator[Line]:
        levels = self._of_kind(*LEVELS)
        single = sum(s.heated for s in levels) == 1
        entry = "heating.duplex.surcharge" if single else "heating.duplex.both_share"
        for space in levels:
            share = self._level_share(space)
            if share:
                yield self._household_line(space.kind, entry, exact(space.area), share)

    def _basic_share(self, space: Space) -> Fraction:
        """一(二)4: the plain area; a duplex as by area where it is read so."""
        household = space.kind in LEVELS and self.group(space) == "residential"
        if household and self.tariff.duplex_metered == "as_by_area":
            return self._level_share(space)
        return Fraction(space.heated)

    def metered_lines(self) -> Iterator[Line]:
        """一(二): basic fee by area, metered fee by each space's own reading."""
        for space in self.spaces:
            group, share = self.group(space), self._basic_share(space)
            price, clause = self.tariff.price(group), f"heating.metered.{group}"
            if share:
                yield Line.product(
                    space.kind,
                    self.law.clause(f"{clause}.basic"),
                    (exact(space.area), "m²"),
                    (price.basic, "yuan/m²"),
                    (share, ""),
                    self._height(space, metered=True),
                )
            if space.heated:
                yield Line.product(
                    space.kind,
                    self.law.clause(f"{clause}.rate"),
                    (exact(space.heat_kwh or 0.0), "kWh"),
                    (price.rate, "yuan/kWh"),
                )

    def lines(self, charging: Charging, exchangers: int) -> list[Line]:
        """Return every line of the bill; exchangers (一(一)4) concern households only.

        Those that cost nothing, elsewhere or by meter, stand on the bill with nothing to pay.
        """
        metered = charging == "metered"
        found = list(self.metered_lines() if metered else self.area_lines())
        reading = self.tariff.exchanger_reading
        if not exchangers:
            return found
        due = self.use == "residential" and (not metered or reading == "metered_too")
        if due and reading == "instead":
            found = [line for line in found if not line.dwelling]
        fee = (self.tariff.exchanger_fee if due else Fraction(0), "yuan")
        clause = self.law.clause("heating.exchanger.fee")
        return [*found, Line.product("exchanger", clause, (Fraction(exchangers), "pcs"), fee)]


def _wrong_kinds(use: Use, spaces: Sequence[Space]) -> Iterator[str]:
    for i, space in enumerate(spaces):
        if use == "residential" and space.kind == "premises" and not space.let:
            yield f"spaces.{i}.kind: premises stand in a residential bill only where they are let"
        if use != "residential" and space.kind not in (*ANCILLARY, "premises"):
            allowed = ", ".join(("premises", *ANCILLARY))
            yield f"spaces.{i}.kind: {space.kind!r} has no place in {use} use; allowed: {allowed}"


def _wrong_dwelling(spaces: Sequence[Space]) -> Iterator[str]:
    kinds: list[str] = [space.kind for space in spaces]
    count = tuple(kinds.count(kind) for kind in ("flat", *LEVELS))
    if count not in ((1, 0, 0), (0, 1, 1)):
        yield (
            "spaces: a residential bill is for one dwelling, one flat or one duplex_lower and one "
            f"duplex_upper (got {count[0]} flat, {count[1]} duplex_lower, {count[2]} duplex_upper)"
        )


def _missing_readings(spaces: Sequence[Space]) -> Iterator[str]:
    for i, space in enumerate(spaces):
        if space.heated and space.heat_kwh is None:
            yield f"spaces.{i}.heat_kwh: a heated {space.kind} charged by meter needs its reading"


def space_faults(use: Use, spaces: Sequence[Space]) -> list[str]:
    """Say why spaces make no customer of a use; an empty list where they do."""
    faults = list(_wrong_kinds(use, spaces))
    return faults + list(_wrong_dwelling(spaces)) if use == "residential" else faults


def _check(use: Use, charging: Charging, spaces: Sequence[Space]) -> None:
    faults = space_faults(use, spaces)
    if charging == "metered":
        faults += _missing_readings(spaces)
    if faults:
        raise Refused(*faults, where="heating.bill")


@rule("heating.bill")
def bill(
    *,
    season: Year,
    district: str,
    use: Use,
    spaces: Annotated[list[Space], Field(min_length=1)],
    charging: Charging = "area",
    exchangers: Count = 0,
    law: Law | None = None,
) -> dict[str, Any]:
    """淄政办字〔2018〕139号 一: what one customer pays for one heating season.

    A let space leaves its clause for item 3 altogether: 36 yuan for each m² of its own area, with
    the height surcharge. Exchangers cost nothing outside households and, unless read otherwise,
    where charging is by meter; the bill says so in a line of 0 yuan.

    Parameters
    ----------
    season : int
        Year the season begins in.
    district : str
        A district, county or zone of Zibo.
    use : {"residential", "institution", "non_residential"}
    spaces : list of Space
        Residential: the spaces of one dwelling, a flat or both levels of a duplex.
    charging : {"area", "metered"}
    exchangers : int
        Small heat exchangers (小型换热设备) of the household.
    law : Law, optional

    Returns
    -------
    dict
        ``amount`` (yuan, two decimals, as text) and ``basis`` (lines with their clauses); or
        ``status``: ``out_of_scope`` before ``not_in_force``.

    Raises
    ------
    Refused
        For spaces, districts or seasons that do not fit, all faults at once.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> flat = {"kind": "flat", "area": 100.0}
    >>> found = rules["heating.bill"](
    ...     season=2018, district="张店区", use="residential", spaces=[flat]
    ... )
    >>> found["amount"], found["basis"][0]["clause"]
    ('2200.00', '淄政办字〔2018〕139号 一(一)1')
    """
    law = law or book()
    if not in_scope(district, law):
        return {"status": "out_of_scope"}
    if not season_in_force(season, law):
        return {"status": "not_in_force"}
    return account(use, spaces, charging, exchangers, law)


def account(
    use: Use, spaces: Sequence[Space], charging: Charging, exchangers: int, law: Law
) -> dict[str, Any]:
    """Return ``amount`` and ``basis`` of a customer within the notice's place and time.

    Raises
    ------
    Refused
        Where the spaces make no customer of that use, or a reading is missing.
    """
    _check(use, charging, spaces)
    sheet = _Bill(use, spaces, law)
    lines = sheet.lines(charging, exchangers)
    total = rounded(sum((line.amount for line in lines), Fraction()), sheet.tariff.rounding)
    return {"amount": yuan(total), "basis": [line.row() for line in lines]}
