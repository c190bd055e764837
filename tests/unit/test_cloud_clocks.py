"""The clocks of 淄政办字〔2018〕147号 as plain functions and as the rule `cloud.deadlines`."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zibo_sim.clock import working_calendar
from zibo_sim.cloud import clocks
from zibo_sim.errors import Refused
from zibo_sim.law.book import book

DAYS = st.dates(date(2017, 1, 1), date(2023, 12, 31))
FILES = [Path(__file__).parents[1] / "policy" / name for name in ("cases.toml", "cloud.toml")]
CASES = [
    case
    for file in FILES
    for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]
    if case["rule"] == "cloud.deadlines"
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']} {case['name']}")
def test_the_worked_cases_hold(case):
    if case["expect"].get("refused"):
        with pytest.raises(Refused):
            clocks.deadlines(**case["input"])
    else:
        assert case["expect"].items() <= clocks.deadlines(**case["input"]).items()


def test_only_what_follows_from_the_given_steps_is_returned():
    assert set(clocks.deadlines(opinion=date(2018, 12, 3))) == {"test_by", "test_ends"}
    assert set(clocks.deadlines(live=date(2018, 12, 3))) == {"filing_by"}


def test_every_fault_is_named_at_once():
    with pytest.raises(Refused) as refusal:
        clocks.deadlines(
            assessed=date(2018, 12, 5), accepted=date(2018, 12, 4), maintenance=date(1999, 1, 1)
        )
    assert len(refusal.value.faults) == 2
    assert "maintenance" in str(refusal.value)
    assert "accepted 2018-12-04 lies before assessed 2018-12-05" in str(refusal.value)


def test_a_limit_beyond_the_calendar_is_refused_not_guessed():
    with pytest.raises(Refused, match="calendar"):
        clocks.deadlines(opinion=working_calendar().last)


def test_counting_the_day_itself_brings_working_and_test_days_one_day_forward():
    law = book().with_changes({"cloud.counting.reading": "start_included"})
    assert clocks.deadlines(assessed=date(2018, 12, 3), law=law) == {
        "accept_by": date(2018, 12, 3),
        "opinion_by": date(2018, 12, 5),
        "test_by": date(2018, 12, 6),
        "test_ends": date(2018, 12, 20),
    }


def test_counting_the_day_itself_starts_with_the_next_working_day_when_it_is_free():
    law = book().with_changes({"cloud.counting.reading": "start_included"})
    assert clocks.accept_by(date(2018, 12, 8), law) == date(2018, 12, 10)


def test_one_clear_day_lies_between_notice_and_maintenance():
    law = book().with_changes({"cloud.maintenance.days.reading": "one_clear_day"})
    assert clocks.notice_by(date(2018, 12, 10), law) == date(2018, 12, 6)
    assert clocks.notice_by(date(2019, 1, 2), law) == date(2018, 12, 28)


@pytest.mark.parametrize(
    ("key", "given", "due"),
    [
        ("cloud.accept.days", "assessed", "accept_by"),
        ("cloud.opinion.days", "accepted", "opinion_by"),
        ("cloud.test.days", "opinion", "test_by"),
        ("cloud.test_period.days", "test_from", "test_ends"),
        ("cloud.filing.months", "live", "filing_by"),
        ("cloud.maintenance.days", "maintenance", "notice_by"),
    ],
)
def test_every_number_comes_from_the_law(key, given, due):
    changed = book().with_changes({key: book()(key) + 1})
    day = {given: date(2018, 12, 3)}
    assert clocks.deadlines(**day, law=changed)[due] != clocks.deadlines(**day)[due]


def test_a_limit_of_no_days_is_the_day_itself_even_a_free_one():
    law = book().with_changes({"cloud.accept.days": 0, "cloud.maintenance.days": 0})
    saturday = date(2018, 12, 8)
    assert clocks.accept_by(saturday, law) == clocks.notice_by(saturday, law) == saturday


@pytest.mark.parametrize("key", ["cloud.filing.months", "cloud.test_period.days"])
def test_a_reform_beyond_the_end_of_dates_is_refused(key):
    law = book().with_changes({key: 10**12})
    with pytest.raises(Refused, match="beyond"):
        clocks.deadlines(test_from=date(2018, 12, 3), live=date(2018, 12, 3), law=law)


@given(DAYS)
def test_limits_of_working_days_are_working_days(day):
    found = clocks.deadlines(assessed=day, accepted=day, opinion=day, maintenance=day)
    for limit in ("accept_by", "opinion_by", "test_by", "notice_by"):
        assert working_calendar().is_working(found[limit])
    assert found["notice_by"] < day < found["accept_by"]


@given(DAYS, st.integers(0, 1439))
def test_the_time_of_day_changes_no_limit(day, minute):
    time = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    assert clocks.deadlines(assessed=time, live=time) == clocks.deadlines(assessed=day, live=day)


@given(DAYS, DAYS)
def test_a_later_step_never_has_an_earlier_limit(one, other):
    first, second = sorted((one, other))
    before, after = (clocks.deadlines(assessed=d, live=d) for d in (first, second))
    assert all(before[limit] <= after[limit] for limit in before)
