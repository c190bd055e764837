"""Heating subsidies for low-income groups: 淄政办字〔2018〕139号 二."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from zibo_sim.heating.money import plain, yuan
from zibo_sim.heating.scope import in_scope
from zibo_sim.heating.season import Year, day_of, in_force
from zibo_sim.law import Law, book
from zibo_sim.law.rule import Day, RuleInput, YesNo, exact, rule

Affiliation = Literal["city", "zhangdian", "gaoxin", "central", "provincial"]
Funder = Literal["city", "zhangdian", "gaoxin"]
Payer = Literal["civil_affairs", "human_resources"]

#: The law-book entry that names each paying office.
PAYERS: dict[Payer, str] = {
    "civil_affairs": "heating.subsidy.payer.household",
    "human_resources": "heating.subsidy.payer.person",
}

FUNDERS: dict[Affiliation, Funder] = {
    "city": "city",
    "zhangdian": "zhangdian",
    "gaoxin": "gaoxin",
    "central": "city",
    "provincial": "city",
}


class Member(RuleInput):
    """One member of a household.

    Attributes
    ----------
    unemployed_from, unemployed_to : date, optional
        First and last day of unemployment benefit; without a last day it is still drawn.
    laid_off : bool
        Draws the basic-living relief for laid-off staff of specially poor enterprises.
    """

    unemployed_from: Day | None = None
    unemployed_to: Day | None = None
    laid_off: YesNo = False

    @model_validator(mode="after")
    def _has_a_period(self) -> Member:
        first, last = self.unemployed_from, self.unemployed_to
        if last is not None and first is None:
            raise ValueError(f"unemployed_to {last} stands without unemployed_from")
        if first is not None and last is not None and last < first:
            raise ValueError(f"unemployed_to {last} lies before unemployed_from {first}")
        return self

    def draws_benefit(self, day: dt.date) -> bool:
        """Say whether unemployment benefit is drawn on `day`; both ends of its span count."""
        begun = self.unemployed_from is not None and self.unemployed_from <= day
        return begun and (self.unemployed_to is None or day <= self.unemployed_to)


def last_day_to_pay(year: int, law: Law) -> dt.date:
    """淄政办字〔2018〕139号 二(三): the last day on which a payment of `year` is in time."""
    deadline = day_of(year, law("heating.subsidy.deadline"))
    strict = law.option("heating.subsidy.deadline") == "strict"
    return deadline - dt.timedelta(days=1 if strict else 0)


def subsidy_in_force(year: int, law: Law) -> bool:
    """Say whether the notice covers the subsidy of `year`: by the last day it may be paid on."""
    return in_force(last_day_to_pay(year, law), law)


def funder(affiliation: Affiliation) -> Funder:
    """淄政办字〔2018〕139号 二(三): who funds; central and provincial staff fall to the city."""
    return FUNDERS[affiliation]


def eligible(member: Member, year: int, law: Law) -> bool:
    """淄政办字〔2018〕139号 二(一): unemployed on the snapshot date, or laid off."""
    return member.laid_off or member.draws_benefit(day_of(year, law("heating.subsidy.snapshot")))


def _part(payer: Payer, member: int | None, law: Law) -> dict[str, Any]:
    entry = "heating.subsidy.household" if member is None else "heating.subsidy.person"
    return {
        "payer": payer,
        "member": member,
        "amount": exact(law(entry)),
        "clause": law.clause(entry),
    }


def _parts(dibao: bool, members: list[Member], year: int, law: Law) -> list[dict[str, Any]]:
    parts = [_part("civil_affairs", None, law)] if dibao else []
    if dibao and law.option("heating.subsidy.cumulation") == "household_only":
        return parts
    persons = [i for i, member in enumerate(members) if eligible(member, year, law)]
    return parts + [_part("human_resources", i, law) for i in persons]


def _sum(parts: list[dict[str, Any]], payer: Payer | None = None) -> str:
    wanted = (p["amount"] for p in parts if payer in (None, p["payer"]))
    return yuan(sum(wanted, Fraction()))


@rule("heating.subsidy")
def subsidy(
    *,
    year: Year,
    district: str,
    dibao: YesNo,
    members: Annotated[list[Member], Field(min_length=1)],
    law: Law | None = None,
) -> dict[str, Any]:
    """淄政办字〔2018〕139号 二: what one household is paid before 15 November of `year`.

    Parameters
    ----------
    year : int
        Year of the payment's deadline.
    district : str
        A district, county or zone of Zibo.
    dibao : bool
        The household is registered for the urban minimum living guarantee (城市低保).
    members : list of Member
    law : Law, optional

    Returns
    -------
    dict
        ``amount``, of it ``household`` (paid by civil affairs) and ``persons`` (by human
        resources), yuan with two decimals as text; ``parts``, one a payment, with ``payer``,
        ``member`` (its index; None for the household's), ``amount`` and ``clause``; or
        ``status``: ``out_of_scope`` before ``not_in_force``.

    Raises
    ------
    Refused
        For members, districts or years that do not fit, all faults at once.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> found = rules["heating.subsidy"](
    ...     year=2018, district="张店区", dibao=True, members=[{"laid_off": True}]
    ... )
    >>> found["household"], found["persons"], found["amount"]
    ('626.00', '313.00', '939.00')
    """
    law = law or book()
    if not in_scope(district, law):
        return {"status": "out_of_scope"}
    if not subsidy_in_force(year, law):
        return {"status": "not_in_force"}
    parts = _parts(dibao, members, year, law)
    return {
        "amount": _sum(parts),
        "household": _sum(parts, "civil_affairs"),
        "persons": _sum(parts, "human_resources"),
        "parts": [{**part, "amount": yuan(part["amount"])} for part in parts],
        "basis": [
            {
                "line": f"1 × {plain(p['amount'])} yuan",
                "amount": plain(p["amount"]),
                "clause": p["clause"],
            }
            for p in parts
        ],
    }
