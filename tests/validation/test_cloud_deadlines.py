"""Every working-day limit of 2018–2021 against a calendar typed by hand and counted day by day.

The free days and the working weekends are those of the State Council's notices for 2018 to 2022
(国办发明电), with the Spring Festival of 2020 prolonged to 2 February.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest

from zibo_sim.cloud.clocks import deadlines
from zibo_sim.law.book import book

FREE = """
2017-12-30..2018-01-01 2018-02-15..2018-02-21 2018-04-05..2018-04-07 2018-04-29..2018-05-01
2018-06-16..2018-06-18 2018-09-22..2018-09-24 2018-10-01..2018-10-07
2018-12-30..2019-01-01 2019-02-04..2019-02-10 2019-04-05..2019-04-07 2019-05-01..2019-05-04
2019-06-07..2019-06-09 2019-09-13..2019-09-15 2019-10-01..2019-10-07
2020-01-01..2020-01-01 2020-01-24..2020-02-02 2020-04-04..2020-04-06 2020-05-01..2020-05-05
2020-06-25..2020-06-27 2020-10-01..2020-10-08
2021-01-01..2021-01-03 2021-02-11..2021-02-17 2021-04-03..2021-04-05 2021-05-01..2021-05-05
2021-06-12..2021-06-14 2021-09-19..2021-09-21 2021-10-01..2021-10-07 2022-01-01..2022-01-03
"""
WORKED_WEEKENDS = """
2018-02-11 2018-02-24 2018-04-08 2018-04-28 2018-09-29 2018-09-30 2018-12-29
2019-02-02 2019-02-03 2019-04-28 2019-05-05 2019-09-29 2019-10-12
2020-01-19 2020-04-26 2020-05-09 2020-06-28 2020-09-27 2020-10-10
2021-02-07 2021-02-20 2021-04-25 2021-05-08 2021-09-18 2021-09-26 2021-10-09
"""
DAY = timedelta(days=1)
YEARS = (2018, 2019, 2020, 2021)


def _days(text: str) -> set[date]:
    found = set()
    for span in text.split():
        first, _, last = span.partition("..")
        day, end = date.fromisoformat(first), date.fromisoformat(last or first)
        while day <= end:
            found.add(day)
            day += DAY
    return found


FREE_DAYS, WEEKENDS = _days(FREE), _days(WORKED_WEEKENDS)


def works(day: date) -> bool:
    return day in WEEKENDS or (day.weekday() < 5 and day not in FREE_DAYS)


def counted(day: date, count: int, step: timedelta = DAY) -> date:
    """Walk day by day; the first is not counted."""
    while count:
        day += step
        count -= works(day)
    return day


def six_months_on(day: date) -> date:
    year, month = (day.year, day.month + 6) if day.month <= 6 else (day.year + 1, day.month - 6)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


@pytest.mark.parametrize("year", YEARS)
def test_every_limit_agrees_with_counting_day_by_day(year):
    day = date(year, 1, 1)
    while day.year == year:
        found = deadlines(assessed=day, live=day + 60 * DAY, maintenance=day)
        accept = counted(day, 1)
        opinion = counted(accept, 3)
        test = counted(opinion, 2)
        assert found == {
            "accept_by": accept,
            "opinion_by": opinion,
            "test_by": test,
            "test_ends": test + 15 * DAY,
            "filing_by": six_months_on(day + 60 * DAY),
            "notice_by": counted(day, 1, -DAY),
        }, day
        day += DAY


@pytest.mark.parametrize("year", YEARS)
def test_counting_the_day_itself_agrees_too(year):
    law = book().with_changes({"cloud.counting.reading": "start_included"})
    day = date(year, 1, 2)
    while day.year == year:
        found = deadlines(accepted=day, law=law)
        assert found["opinion_by"] == counted(day - DAY, 3), day
        assert found["test_by"] == counted(found["opinion_by"] - DAY, 2), day
        day += DAY
