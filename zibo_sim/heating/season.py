"""The heating season: 15 November to 15 March, by 淄政办字〔2018〕139号 一(一)5."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from zibo_sim.errors import Refused
from zibo_sim.law import Law, book
from zibo_sim.law.rule import Day, Whole, rule

#: A year that dates can be made of; a slip of the pen such as 218 is refused.
FIRST_YEAR, LAST_YEAR = 1900, 2200
Year = Annotated[Whole, Field(ge=FIRST_YEAR, le=LAST_YEAR)]


def day_of(year: int, month_day: str) -> dt.date:
    """Return the date of a law value written ``MM-DD`` in `year`."""
    return dt.date.fromisoformat(f"{year:04d}-{month_day}")


def season_dates(year: int, law: Law) -> tuple[dt.date, dt.date]:
    """淄政办字〔2018〕139号 一(一)5: first and last day with heat of the season begun in `year`."""
    start, end = law("heating.season.start"), law("heating.season.end")
    outside = 1 if law.option("heating.season.end") == "half_open" else 0
    ends_in = year if end > start else year + 1
    return day_of(year, start), day_of(ends_in, end) - dt.timedelta(days=outside)


def force_span(law: Law) -> tuple[dt.date, dt.date]:
    """淄政办字〔2018〕139号 落款前: first and last day the notice is in force."""
    first, last = law("heating.force.from"), law("heating.force.until")
    return dt.date.fromisoformat(first), dt.date.fromisoformat(last)


def in_force(day: dt.date, law: Law) -> bool:
    """Say whether the notice is in force on `day`; both ends are inside."""
    first, last = force_span(law)
    return first <= day <= last


def season_in_force(year: int, law: Law) -> bool:
    """Say whether the notice covers the season begun in `year`: by the season's first day."""
    return in_force(season_dates(year, law)[0], law)


def refuse_year(option: str, year: int, covered: Callable[[int, Law], bool], law: Law) -> None:
    """Refuse a year that no date can be made of.

    Parameters
    ----------
    option : str
        What the year was given by.
    year : int
    covered : callable
        Whether the notice is in force for a year; those years are said.
    law : Law

    Raises
    ------
    Refused
    """
    if FIRST_YEAR <= year <= LAST_YEAR:
        return
    first, last = (day.year for day in force_span(law))
    years = [y for y in range(first - 1, last + 2) if covered(y, law)]
    said = f"; the notice is in force for {years[0]} to {years[-1]}" if years else ""
    raise Refused(
        f"{option}: {year} is refused; allowed: a year from {FIRST_YEAR} to {LAST_YEAR}{said}"
    )


def heated_days(
    dates: NDArray[np.datetime64], law: Law, early: int = 0, late: int = 0
) -> NDArray[np.bool_]:
    """Return which of `dates` (``datetime64[D]``) are heated, same shape.

    Parameters
    ----------
    dates : ndarray
    law : Law
    early, late : int
        Days of supply before the season and after it.
    """
    heated = np.zeros(dates.shape, bool)
    years = np.unique(dates.astype("datetime64[Y]").astype(int)) + 1970
    for year in {y - back for y in years.tolist() for back in (0, 1)}:
        first, last = season_dates(year, law)
        begins, ends = np.datetime64(first) - early, np.datetime64(last) + late
        heated |= (dates >= begins) & (dates <= ends)
    return heated


@rule("heating.in_season")
def in_season(*, date: Day, law: Law | None = None) -> dict[str, Any]:
    """淄政办字〔2018〕139号 一(一)5: the season runs from 15 November to 15 March.

    Parameters
    ----------
    date : date
    law : Law, optional
        Reading ``heating.season.end``: ``inclusive`` or ``half_open`` (15 March outside).

    Returns
    -------
    dict
        ``in_season`` (bool). The calendar alone is asked, not whether the notice is in force.

    Raises
    ------
    Refused
        For what is no date.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> rules["heating.in_season"](date="2019-03-15")
    {'in_season': True}
    """
    law = law or book()
    start, end = law("heating.season.start"), law("heating.season.end")
    today = f"{date.month:02d}-{date.day:02d}"
    begun = today >= start
    going = today < end if law.option("heating.season.end") == "half_open" else today <= end
    return {"in_season": begun or going if end <= start else begun and going}
