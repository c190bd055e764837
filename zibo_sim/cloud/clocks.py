"""淄政办字〔2018〕147号 第七条, 第十一条, 第二十二条: by which day each step must be done.

Every limit is a date: a step done on that date, at any hour, is in time. Working days are those of
the State Council's calendar. Calendar days and months never roll over a holiday.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from zibo_sim.clock import working_calendar
from zibo_sim.errors import Refused
from zibo_sim.law.book import Law, book
from zibo_sim.law.rule import Day, rule


def accept_by(assessed: date, law: Law) -> date:
    """第十一条(三): accepted or refused within 1 working day.

    The text does not say of what: counted from the day the assessment report (评估报告) comes in.
    """
    return _working_days_after(assessed, law("cloud.accept.days"), law)


def opinion_by(accepted: date, law: Law) -> date:
    """第十一条(三): the audit opinion (审核意见) within 3 working days of acceptance."""
    return _working_days_after(accepted, law("cloud.opinion.days"), law)


def test_by(opinion: date, law: Law) -> date:
    """第十一条(四): the test environment (测试环境) within 2 working days of the opinion."""
    return _working_days_after(opinion, law("cloud.test.days"), law)


def test_ends(test_from: date, law: Law) -> date:
    """第十一条(四): the last of the 15 calendar days (自然日) of the test."""
    counted = 1 if law.option("cloud.counting") == "start_included" else 0
    return _days_after(test_from, max(law("cloud.test_period.days") - counted, 0))


def filing_by(live: date, law: Law) -> date:
    """第七条(三): the protection filing (等级保护备案) within 6 months of formal operation."""
    return _months_after(live, law("cloud.filing.months"))


def notice_by(maintenance: date, law: Law) -> date:
    """第二十二条: planned maintenance is reported at least 1 working day before."""
    clear = law.option("cloud.maintenance.days") == "one_clear_day"
    count = law("cloud.maintenance.days") + (1 if clear else 0)
    return working_calendar().back(maintenance, count) if count else maintenance


def _working_days_after(day: date, count: int, law: Law) -> date:
    if count == 0:
        return day
    if law.option("cloud.counting") == "start_included":
        day -= timedelta(days=1)
    return working_calendar().add(day, count)


def _days_after(day: date, count: int) -> date:
    try:
        return day + timedelta(days=count)
    except OverflowError:
        raise Refused(f"{count} days after {day} end beyond {date.max}") from None


def _months_after(day: date, count: int) -> date:
    """民法总则 art. 202: the same day of the month, or the month's last where there is none."""
    years, month = divmod(day.month - 1 + count, 12)
    year = day.year + years
    if year > date.max.year:
        raise Refused(f"{count} months after {day} end beyond {date.max}")
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


#: Each step of the chain, the limit it sets, and how: a step not given happens at its limit.
_CHAIN = (
    ("assessed", "accept_by", accept_by),
    ("accepted", "opinion_by", opinion_by),
    ("opinion", "test_by", test_by),
    ("test_from", "test_ends", test_ends),
)


@rule("cloud.deadlines")
def deadlines(
    *,
    assessed: Day | None = None,
    accepted: Day | None = None,
    opinion: Day | None = None,
    test_from: Day | None = None,
    live: Day | None = None,
    maintenance: Day | None = None,
    law: Law | None = None,
) -> dict[str, Any]:
    """147号 第十一条(三)(四), 第七条(三), 第二十二条: the limits that follow from the steps done.

    Parameters
    ----------
    assessed : date
        The assessment report reached the department.
    accepted : date
        The application was accepted.
    opinion : date
        The audit opinion was given.
    test_from : date
        The test environment was supplied.
    live : date
        Formal operation began.
    maintenance : date
        Planned maintenance is to interrupt the service.
    law : Law, optional
        The law book as printed when left out.

    Returns
    -------
    dict
        Those of ``accept_by opinion_by test_by test_ends filing_by notice_by`` that follow, as
        dates. From the earliest step given on, a step not given is taken at its limit.

    Raises
    ------
    Refused
        When nothing is given, steps are out of order, or a date is outside the calendar.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> found = rules["cloud.deadlines"](assessed="2018-12-03")
    >>> found["accept_by"].isoformat(), found["opinion_by"].isoformat()
    ('2018-12-04', '2018-12-07')
    """
    law = law or book()
    steps = {
        "assessed": assessed,
        "accepted": accepted,
        "opinion": opinion,
        "test_from": test_from,
        "live": live,
    }
    done = {step: day for step, day in steps.items() if day is not None}
    _refuse_impossible(done, maintenance, [*steps, "maintenance"])
    due: dict[str, Any] = {}
    day: date | None = None
    for step, name, limit in _CHAIN:
        day = done.get(step, day)
        if day is not None:
            day = due[name] = limit(day, law)
    if live is not None:
        due["filing_by"] = filing_by(live, law)
    if maintenance is not None:
        due["notice_by"] = notice_by(maintenance, law)
    return due


def _refuse_impossible(done: dict[str, date], maintenance: date | None, allowed: list[str]) -> None:
    """Refuse no date at all, dates outside the calendar and steps in the wrong order, at once."""
    given = done if maintenance is None else {**done, "maintenance": maintenance}
    if not given:
        raise Refused(f"no date given; allowed: any of {', '.join(allowed)}")
    faults = []
    for name, day in given.items():
        try:
            working_calendar().is_working(day)
        except Refused as refusal:
            faults += [f"{name}: {fault}" for fault in refusal.faults]
    order = list(done.items())
    faults += [
        f"{later} {after} lies before {earlier} {before}; allowed is the same day or later"
        for (earlier, before), (later, after) in pairwise(order)
        if after < before
    ]
    if faults:
        raise Refused(*faults)
