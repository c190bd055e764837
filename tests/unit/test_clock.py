"""Hours and dates, working days, and working time."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import chinese_calendar
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from zibo_sim.clock import Clock, WorkingTime, working_calendar
from zibo_sim.errors import Refused

WINTER = Clock(date(2018, 10, 1), date(2019, 3, 31))
DAY = timedelta(days=1)
YEARS = [date(2018, 1, 1) + i * DAY for i in range(4 * 365 + 1)]
hours = st.floats(0, WINTER.hours, allow_nan=False)
work = st.floats(0, 400, allow_nan=False)


def at(text: str) -> float:
    return WINTER.hour(datetime.fromisoformat(text))


@pytest.fixture(scope="module")
def office() -> WorkingTime:
    return WorkingTime(WINTER)


# Hours and dates


def test_the_winter_has_182_days_both_ends_counted() -> None:
    assert (WINTER.days, WINTER.hours) == (182, 4368)


def test_a_period_of_one_day_has_24_hours() -> None:
    assert Clock(date(2018, 10, 1), date(2018, 10, 1)).hours == 24


def test_hour_0_is_midnight_of_the_first_day() -> None:
    assert WINTER.datetime(0) == WINTER.midnight == datetime(2018, 10, 1)


@pytest.mark.parametrize(
    ("hour", "when"),
    [
        (23.5, "2018-10-01T23:30"),
        (24, "2018-10-02T00:00"),
        (-1, "2018-09-30T23:00"),
        (45 * 24 + 9, "2018-11-15T09:00"),
        (4368, "2019-04-01T00:00"),
    ],
)
def test_a_known_hour_is_a_known_time(hour: float, when: str) -> None:
    assert WINTER.datetime(hour) == datetime.fromisoformat(when)
    assert WINTER.hour(datetime.fromisoformat(when)) == hour


def test_a_date_is_its_midnight() -> None:
    assert WINTER.hour(date(2018, 10, 3)) == WINTER.hour(datetime(2018, 10, 3)) == 48


def test_the_last_second_belongs_to_its_day_and_midnight_to_the_next() -> None:
    assert WINTER.date(24 - 1 / 3600) == date(2018, 10, 1)
    assert WINTER.date(24) == date(2018, 10, 2)


@given(st.integers(-(10**7), 10**8))
def test_whole_seconds_survive_the_way_there_and_back(seconds: int) -> None:
    when = WINTER.midnight + timedelta(seconds=seconds)
    assert WINTER.datetime(WINTER.hour(when)) == when


@given(hours)
def test_an_hour_comes_back_to_the_second(hour: float) -> None:
    assert abs(WINTER.hour(WINTER.datetime(hour)) - hour) <= 0.5 / 3600 + 1e-9


def test_the_axes_agree_with_the_clock() -> None:
    days, times = WINTER.dates(), WINTER.times()
    assert (len(days), len(times)) == (WINTER.days, WINTER.hours)
    assert (days[0].item(), days[-1].item()) == (WINTER.start, WINTER.end)
    assert [t.item() for t in times[[0, 25, -1]]] == [WINTER.datetime(h) for h in (0, 25, 4367)]


# Working days


def walked(day: date, count: int, step: timedelta) -> date:
    """Walk day by day and count the working days: slow, and plainly right."""
    while count:
        day += step
        count -= chinese_calendar.is_workday(day)
    return day


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_adding_working_days_agrees_with_walking(count: int) -> None:
    add = working_calendar().add
    assert [d for d in YEARS if add(d, count) != walked(d, count, DAY)] == []


@pytest.mark.parametrize("count", [1, 2])
def test_going_back_agrees_with_walking(count: int) -> None:
    back = working_calendar().back
    assert [d for d in YEARS if back(d, count) != walked(d, count, -DAY)] == []


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2018-11-16", 1, "2018-11-19"),  # a Friday
        ("2018-11-17", 1, "2018-11-19"),  # a Saturday is not counted, nor does it push the end
        ("2018-11-18", 1, "2018-11-19"),
        ("2018-12-28", 1, "2018-12-29"),  # a Saturday made up for New Year
        ("2018-12-28", 2, "2019-01-02"),
        ("2019-02-01", 2, "2019-02-03"),  # the weekend made up for Spring Festival
        ("2019-02-03", 1, "2019-02-11"),
        ("2019-02-05", 1, "2019-02-11"),  # from within the holiday
        ("2019-02-05", 3, "2019-02-13"),
    ],
)
def test_the_day_a_period_starts_is_never_counted(start: str, count: int, end: str) -> None:
    assert working_calendar().add(date.fromisoformat(start), count) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("end", "count", "start"),
    [
        ("2018-11-19", 1, "2018-11-16"),
        ("2018-11-18", 1, "2018-11-16"),  # from a Sunday
        ("2019-02-11", 1, "2019-02-03"),
        ("2019-02-11", 2, "2019-02-02"),
        ("2019-01-02", 1, "2018-12-29"),
    ],
)
def test_going_back_steps_over_holidays(end: str, count: int, start: str) -> None:
    assert working_calendar().back(date.fromisoformat(end), count) == date.fromisoformat(start)


@pytest.mark.parametrize("day", [date(2018, 11, 16), date(2018, 11, 17), date(2004, 1, 1)])
def test_no_working_days_from_a_day_are_that_day(day: date) -> None:
    calendar = working_calendar()
    assert calendar.add(day, 0) == calendar.back(day, 0) == day


@pytest.mark.parametrize("step", ["add", "back"])
def test_a_negative_count_is_refused(step: str) -> None:
    with pytest.raises(Refused, match="0 or more"):
        getattr(working_calendar(), step)(date(2018, 11, 16), -1)


def test_a_time_of_day_counts_as_its_date() -> None:
    calendar = working_calendar()
    assert calendar.add(datetime(2018, 11, 16, 23, 59), 1) == date(2018, 11, 19)
    assert calendar.is_working(datetime(2018, 12, 29, 8))


def test_the_winter_has_121_working_days() -> None:
    assert working_calendar().between(date(2018, 9, 30), date(2019, 3, 31)) == 121


@given(st.sampled_from(YEARS), st.integers(1, 60))
def test_as_many_working_days_lie_between_as_were_added(day: date, count: int) -> None:
    calendar = working_calendar()
    end = calendar.add(day, count)
    assert calendar.is_working(end)
    assert calendar.between(day, end) == count


@pytest.mark.parametrize("step", [(-1, "first"), (1, "last")])
def test_a_date_outside_the_calendar_is_refused_with_the_range(step: tuple[int, str]) -> None:
    calendar = working_calendar()
    day = getattr(calendar, step[1]) + step[0] * DAY
    asked = (
        lambda: calendar.is_working(day),
        lambda: calendar.add(day, 1),
        lambda: calendar.back(day, 1),
        lambda: calendar.between(day, date(2018, 11, 16)),
    )
    for ask in asked:
        with pytest.raises(Refused) as refusal:
            ask()
        for said in (day, calendar.first, calendar.last):
            assert str(said) in str(refusal.value)


def test_a_period_that_leaves_the_calendar_is_refused_with_the_range() -> None:
    calendar = working_calendar()
    covered = f"{calendar.first} to {calendar.last}"
    with pytest.raises(Refused, match=covered):
        calendar.add(calendar.last, 1)
    with pytest.raises(Refused, match=covered):
        calendar.back(calendar.first, 1)
    with pytest.raises(Refused, match=covered):
        WorkingTime(Clock(calendar.last, calendar.last + DAY))


# Working time


@pytest.mark.parametrize(
    ("start", "needs", "end"),
    [
        ("2018-11-15T09:00", 8, "2018-11-15T17:00"),  # a full day ends at its close
        ("2018-11-15T03:00", 1, "2018-11-15T10:00"),  # before the office opens
        ("2018-11-15T20:00", 1, "2018-11-16T10:00"),  # after it has closed
        ("2018-11-16T16:00", 2, "2018-11-19T10:00"),  # over a weekend
        ("2018-11-16T09:00", 20, "2018-11-20T13:00"),
        ("2018-11-17T12:00", 8, "2018-11-19T17:00"),  # from a Saturday
        ("2019-02-01T16:00", 2, "2019-02-02T10:00"),  # a Saturday that works
        ("2019-02-03T16:00", 2, "2019-02-11T10:00"),  # over Spring Festival
        ("2019-02-01T09:00", 32, "2019-02-11T17:00"),
        ("2019-02-06T12:00", 8.5, "2019-02-12T09:30"),
    ],
)
def test_fixed_work_ends_at_a_known_instant(
    office: WorkingTime, start: str, needs: float, end: str
) -> None:
    assert office.advance(at(start), needs) == pytest.approx(at(end), abs=1e-9)


@pytest.mark.parametrize("start", ["2018-10-01T00:00", "2018-11-17T02:30", "2018-11-16T12:00"])
def test_no_work_ends_at_once_even_at_night(office: WorkingTime, start: str) -> None:
    assert office.advance(at(start), 0) == at(start)


@pytest.mark.parametrize("closes", [17.0, 17.3])
@pytest.mark.parametrize("parts", [3, 7, 10, 30, 90])
def test_a_day_in_equal_parts_ends_at_its_close_and_not_the_next_morning(
    closes: float, parts: int
) -> None:
    office = WorkingTime(WINTER, closes=closes)
    for day in WINTER.dates():
        hour = WINTER.hour(day.item()) + office.opens
        if working_calendar().is_working(day.item()):
            for _ in range(parts):
                hour = office.advance(hour, office.per_day / parts)
            assert hour == pytest.approx(WINTER.hour(day.item()) + closes, abs=1e-9)


def test_a_moment_of_work_before_the_first_opening_waits_for_it(office: WorkingTime) -> None:
    assert office.advance(0, 1e-13) == pytest.approx(at("2018-10-08T09:00"))


def test_the_period_holds_eight_hours_a_working_day(office: WorkingTime) -> None:
    assert office.elapsed(WINTER.hours) == 121 * 8


def test_work_beyond_what_is_known_never_ends() -> None:
    office = WorkingTime(WINTER, margin_days=0)
    assert office.advance(0, 121 * 8) == pytest.approx(at("2019-03-29T17:00"))
    assert office.advance(0, 121 * 8 + 1) == np.inf
    assert office.advance(0, np.inf) == np.inf


@given(hours, work)
@example(at("2018-11-17T12:00"), 1e-12)
def test_elapsed_undoes_advance(office: WorkingTime, hour: float, needs: float) -> None:
    done = office.advance(hour, needs)
    assert done >= hour
    assert office.elapsed(done) - office.elapsed(hour) == pytest.approx(needs, abs=1e-6)


@given(hours, st.sampled_from(["2018-11-15", "2018-12-29", "2019-02-11"]), st.floats(0.01, 8))
def test_advance_undoes_elapsed_in_office_hours(
    office: WorkingTime, hour: float, day: str, into: float
) -> None:
    target = at(day + "T09:00") + into
    needs = office.elapsed(target) - office.elapsed(hour)
    if hour < target and needs > 1e-6:
        assert office.advance(hour, needs) == pytest.approx(target, abs=1e-6)


@given(hours, work, work)
def test_work_in_two_parts_ends_when_the_whole_does(
    office: WorkingTime, hour: float, first: float, second: float
) -> None:
    there = office.advance(office.advance(hour, first), second)
    whole = office.advance(hour, first + second)
    # A part of no length that ends at closing time may stand for the next opening.
    assert office.elapsed(there) == pytest.approx(office.elapsed(whole), abs=1e-6)


@given(hours, hours)
def test_elapsed_never_runs_faster_than_time(office: WorkingTime, one: float, two: float) -> None:
    early, late = sorted((one, two))
    passed = office.elapsed(late) - office.elapsed(early)
    assert -1e-9 <= passed <= late - early + 1e-9


def test_elapsed_agrees_with_counting_open_minutes() -> None:
    office = WorkingTime(WINTER, opens=8.5, closes=17.5)
    open_hours = 0.0
    for quarter in range(24 * 4 * 30):
        assert office.elapsed(quarter / 4) == pytest.approx(open_hours)
        when = WINTER.datetime(quarter / 4)
        of_day = when.hour + when.minute / 60
        open_hours += 0.25 * (chinese_calendar.is_workday(when.date()) and 8.5 <= of_day < 17.5)


@pytest.mark.parametrize(("opens", "closes"), [(17, 9), (9, 9), (-1, 8), (9, 25)])
def test_office_hours_that_do_not_open_are_refused(opens: float, closes: float) -> None:
    with pytest.raises(Refused, match="office hours"):
        WorkingTime(WINTER, opens, closes)
