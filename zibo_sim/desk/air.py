"""A measured or forecast series of hourly air, read from a file: nothing is filled or guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.aqi import POLLUTANTS, hourly_aqi
from zibo_sim.errors import Refused
from zibo_sim.law import Law
from zibo_sim.tables.columns import Column, plain
from zibo_sim.tables.files import Row, Table, open_table
from zibo_sim.tables.said import BadRow, Said, at_row
from zibo_sim.tables.schema import Layout, Schema

FAULTS_SHOWN = 20
LONGEST_YEARS = 50
NO_DATA = ("na", "nan", "n/a", "null", "none", "_", "—", "__")
DAILY = (
    "holds daily values, and the plan cannot be applied to them: its 24-hour mean may begin at any "
    "hour (淄政办字〔2018〕145号 四(一)); give hourly values with a column 'time'"
)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


def _concentration(name: str, zh: str, *also: str, unit: str = "µg/m³") -> Column:
    about = Said(f"{zh}小时浓度，{unit}；空为无数据", f"hourly mean, {unit}; no data when empty")
    return Column(
        name, zh, "number", about, required=False, empty=True, also=also, unit=unit, low=0, high=1e5
    )


AIR = Schema(
    "air",
    (
        Column(
            "time", "时间", "instant", also=("监测时间", "日期时间"),
            about=Said("北京时间，整点，一行一小时", "Beijing time, on the hour, one row an hour"),
        ),
        Column(
            "aqi", "空气质量指数", "number", low=0, high=500, required=False, empty=True,
            about=Said("小时AQI，0至500；有则用之，无则由浓度计算",
                       "hourly AQI, 0 to 500; where it is empty it is formed from concentrations"),
        ),
        _concentration("pm25", "PM2.5", "pm2_5"),
        _concentration("pm10", "PM10", "可吸入颗粒物"),
        _concentration("so2", "SO2", "二氧化硫"),
        _concentration("no2", "NO2", "二氧化氮"),
        _concentration("co", "CO", "一氧化碳", unit="mg/m³"),
        _concentration("o3", "O3", "臭氧"),
        Column(
            "dust", "沙尘", "yes_no", required=False, empty=True, also=("沙尘暴",),
            about=Said("该小时是否受沙尘影响；空为否", "an hour of dust; false when empty"),
        ),
    ),
)  # fmt: skip


class Gap(NamedTuple):
    """Hours without data that follow one another; both ends inside."""

    first: datetime
    last: datetime
    hours: int


@dataclass(frozen=True)
class AirRecord:
    """An hourly series as a file has it, every hour from its first to its last.

    Attributes
    ----------
    source : str
    start : datetime
        First hour, Beijing time.
    aqi : ndarray, shape (hours,)
        Hourly AQI: as given, else from the concentrations; NaN where there is no data.
    columns : mapping of str to ndarray, shape (hours,)
        What the file has of ``aqi pm25 pm10 so2 no2`` (µg/m³) ``co`` (mg/m³) ``o3``, NaN where a
        cell is empty.
    dust : ndarray of bool, shape (hours,)
    gaps : tuple of Gap
        Every stretch of hours without an AQI.
    formed : int
        Hours whose AQI was formed from concentrations.
    """

    source: str
    start: datetime
    aqi: NDArray[np.float64]
    columns: Mapping[str, NDArray[np.float64]]
    dust: NDArray[np.bool_]
    gaps: tuple[Gap, ...]
    formed: int

    @property
    def hours(self) -> int:
        """Hours from the first to the last, gaps included."""
        return len(self.aqi)

    @property
    def missing(self) -> int:
        """Hours without an AQI."""
        return sum(gap.hours for gap in self.gaps)

    def time(self, hour: int) -> datetime:
        """Return the Beijing time at which an hour of the series begins."""
        return self.start + hour * _HOUR

    def statements(self) -> list[Said]:
        """Say what the series covers and what it lacks."""
        first, last = minutes(self.start), minutes(self.time(self.hours - 1))
        known = self.hours - self.missing
        found = [
            Said(
                f"{first} 至 {last}：共 {self.hours} 小时，其中 {known} 小时有数据",
                f"{first} to {last}: {self.hours} hours, {known} of them with data",
            )
        ]
        if self.gaps:
            found.append(_gap_statement(self.gaps, self.missing))
        if self.formed:
            found.append(
                Said(
                    f"{self.formed} 小时的AQI由小时浓度按 HJ 633-2012 计算",
                    f"AQI of {self.formed} hours formed from concentrations by HJ 633-2012",
                )
            )
        return found


def _gap_statement(gaps: tuple[Gap, ...], missing: int) -> Said:
    longest = max(gaps, key=lambda gap: gap.hours)
    first, last = minutes(longest.first), minutes(longest.last)
    return Said(
        f"缺 {missing} 小时，未作填补；最长一段 {longest.hours} 小时：{first} 至 {last}",
        f"{missing} hours without data, not filled; the longest gap is {longest.hours} hours, "
        f"{first} to {last}",
    )


def minutes(when: datetime) -> str:
    """Write a time to the minute."""
    return when.isoformat(sep=" ", timespec="minutes")


def read_air(source: Path, encoding: str | None = None, law: Law | None = None) -> AirRecord:
    """Read an hourly series of air.

    Parameters
    ----------
    source : Path
        ``.csv`` or ``.xlsx``, columns as in `AIR`, rows in any order.
    encoding : str, optional
        Of a CSV file.
    law : Law, optional
        For the table of HJ 633-2012 where AQI is formed.

    Raises
    ------
    Refused
        For daily values, times that stand twice or not on the hour, and wrong values: the first
        faults, by row.
    """
    with open_table(source, encoding) as table:
        _refuse_daily_header(table)
        layout = AIR.layout(table)
        values = [name for name in layout.heads if name not in ("time", "dust")]
        if not values:
            raise Refused(
                f"has no column of values; allowed: aqi, {', '.join(POLLUTANTS)}", where=table.where
            )
        rows = _read_rows(table, layout)
    return _record(str(source), rows, values, law)


def _refuse_daily_header(table: Table) -> None:
    known = {plain(header) for header in table.header}
    if known & {"date", "日期"} and not known & AIR["time"].headers():
        raise Refused(f"has a column of dates and none of times, so it {DAILY}", where=table.where)


def _read_rows(table: Table, layout: Layout) -> dict[datetime, dict[str, Any]]:
    """Return the values of each hour; refuse all faults of the file together."""
    found: dict[datetime, dict[str, Any]] = {}
    numbers: dict[datetime, int] = {}
    faults: list[Said] = []
    for row in table.rows:
        values, wrong = layout.read(_without_marks(row, layout))
        faults += wrong
        time = values.pop("time", None)
        if time is not None:
            try:
                _check_time(time, row, numbers, layout)
            except BadRow as bad:
                faults.append(bad.said)
            numbers.setdefault(time, row.number)
            found[time] = values
    _refuse_daily(found, table.where)
    _refuse_all(faults, table.where)
    return found


def _without_marks(row: Row, layout: Layout) -> Row:
    """Empty the cells of values that say in a word that there is no data."""
    cells = list(row.cells)
    for column, place in layout.found:
        cell = cells[place]
        if column.empty and isinstance(cell, str) and _is_mark(cell):
            cells[place] = None
    return row._replace(cells=cells)


def _is_mark(cell: str) -> bool:
    text = cell.strip().casefold()
    return text in NO_DATA or (bool(text) and not text.strip("-"))


def _check_time(time: datetime, row: Row, numbers: Mapping[datetime, int], layout: Layout) -> None:
    if time.minute or time.second:
        said = Said(f"{time} 不是整点", f"{time} is not on the hour")
    elif time in numbers:
        before = numbers[time]
        said = Said(
            f"{minutes(time)} 已在第{before}行出现",
            f"{minutes(time)} stands in row {before} already",
        )
    else:
        return
    raise BadRow(at_row(row.number, layout.heads["time"], said))


def _refuse_daily(found: Mapping[datetime, Any], where: str) -> None:
    times = sorted(found)
    steps = [later - earlier for earlier, later in pairwise(times)]
    if steps and min(steps) >= _DAY:
        raise Refused(f"steps of a day or more between its times: it {DAILY}", where=where)


def _refuse_all(faults: list[Said], where: str) -> None:
    if not faults:
        return
    shown = [said.en for said in faults[:FAULTS_SHOWN]]
    if len(faults) > FAULTS_SHOWN:
        shown.append(f"and {len(faults) - FAULTS_SHOWN} faults more")
    raise Refused(*shown, where=where)


def _record(
    source: str, rows: Mapping[datetime, Mapping[str, Any]], values: list[str], law: Law | None
) -> AirRecord:
    first, last = min(rows), max(rows)
    if last - first > LONGEST_YEARS * 366 * _DAY:
        raise Refused(
            f"its times reach from {minutes(first)} to {minutes(last)}, over {LONGEST_YEARS} years",
            where=source,
        )
    hours = (last - first) // _HOUR + 1
    columns = {name: np.full(hours, np.nan) for name in values}
    dust = np.zeros(hours, dtype=bool)
    for time, row in rows.items():
        hour = (time - first) // _HOUR
        dust[hour] = row.get("dust", False)
        for name, column in columns.items():
            column[hour] = row.get(name, np.nan)
    aqi, formed = _aqi(columns, hours, law)
    return AirRecord(source, first, aqi, columns, dust, tuple(_gaps(aqi, first)), formed)


def _aqi(
    columns: Mapping[str, NDArray[np.float64]], hours: int, law: Law | None
) -> tuple[NDArray[np.float64], int]:
    given = columns.get("aqi", np.full(hours, np.nan))
    measured = {name: column for name, column in columns.items() if name in POLLUTANTS}
    if not measured:
        return given, 0
    formed = np.isnan(given) & ~np.isnan(indices := hourly_aqi(measured, law))
    return np.where(formed, indices, given), int(formed.sum())


def _gaps(aqi: NDArray[np.float64], start: datetime) -> Iterator[Gap]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.isnan(aqi).astype(int), [0]])))
    for first, after in edges.reshape(-1, 2).tolist():
        yield Gap(start + first * _HOUR, start + (after - 1) * _HOUR, after - first)
