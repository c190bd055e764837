"""The desk in a notebook: a list or log goes in as file or frame, the answers come as a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import pandas as pd

from zibo_sim.air.observed import MeasuredAir
from zibo_sim.desk.alerts import alerts_file
from zibo_sim.desk.bills import bill_file
from zibo_sim.desk.observed import load
from zibo_sim.desk.sla import sla_file
from zibo_sim.desk.subsidies import subsidy_file
from zibo_sim.errors import Refused
from zibo_sim.law import Law
from zibo_sim.scenario import Scenario
from zibo_sim.tables.said import Lang

Source: TypeAlias = "str | Path | pd.DataFrame"
_MARK = "utf-8-sig"


def bill(
    customers: Source,
    *,
    season: int = 2018,
    encoding: str | None = None,
    law: Law | None = None,
    lang: Lang = "en",
) -> pd.DataFrame:
    """Bill a list of customers for a heating season (139号 一).

    Parameters
    ----------
    customers : path or DataFrame
        One row a space, columns as in ``zibo-sim template customers``.
    season : int
        Year the season begins in.
    encoding : str, optional
        Of a CSV file.
    law : Law, optional
        A changed law book (``scenario.law_book()``).
    lang : {"en", "zh"}
        Language of ``basis`` and ``message``.

    Returns
    -------
    DataFrame
        One row a customer: ``customer_id, amount`` (yuan), ``status, basis, message``, and the
        columns carried through. A bad row has ``status`` "error" and says why.

    Raises
    ------
    Refused
        Where it is no list of customers.

    Examples
    --------
    >>> flat = {"customer_id": ["A1"], "district": ["张店区"], "use": ["residential"],
    ...         "charging": ["area"], "kind": ["flat"], "area": [90]}
    >>> bill(pd.DataFrame(flat))["amount"].tolist()
    [1980.0]
    """

    def work(source: Path, out: Path) -> object:
        return bill_file(source, out, season=season, encoding=encoding, law=law, lang=lang)

    return _answers(customers, work, numbers=["amount"])


def subsidy(
    households: Source,
    *,
    year: int = 2018,
    encoding: str | None = None,
    law: Law | None = None,
    lang: Lang = "en",
) -> pd.DataFrame:
    """Work out heating subsidies for a list of household members (139号 二).

    Takes what `bill` takes, with the columns of ``zibo-sim template households``; returns one row
    a household, payer and funder, with ``amount`` in yuan, ``status`` and ``message``.
    """

    def work(source: Path, out: Path) -> object:
        return subsidy_file(source, out, year=year, encoding=encoding, law=law, lang=lang)

    return _answers(households, work, numbers=["amount"])


def alerts(air: Source, *, encoding: str | None = None, law: Law | None = None) -> pd.DataFrame:
    """Apply the alert plan to an hourly series (145号 四).

    Parameters
    ----------
    air : path or DataFrame
        ``time`` and ``aqi``, or any of ``pm25 pm10 so2 no2 co o3``, optional ``dust``.
    encoding : str, optional
    law : Law, optional

    Returns
    -------
    DataFrame
        One row an episode: ``level, start, end, hours_over_200, peak_24h, days_over_200,
        days_over_300, signed_by, publish_by, clause``.

    Raises
    ------
    Refused
        Where it is no hourly series, or holds no value.
    """

    def work(source: Path, out: Path) -> object:
        return alerts_file(source, out, encoding=encoding, law=law)

    counts = ["hours_over_200", "peak_24h", "days_over_200", "days_over_300"]
    return _answers(air, work, counts, ["start", "end", "publish_by"])


def sla(
    requests: Source,
    *,
    as_of: date | None = None,
    encoding: str | None = None,
    law: Law | None = None,
    lang: Lang = "en",
) -> pd.DataFrame:
    """Hold a log of requests against the clocks of the government cloud (147号 第十一条).

    Takes what `bill` takes, with the columns of ``zibo-sim template requests`` or an event log;
    returns one row a request and clock with ``due, done, on_time`` and the clause. `as_of` is the
    day of judgement, the log's latest where it is left out.
    """

    def work(source: Path, out: Path) -> object:
        return sla_file(source, out, as_of=as_of, encoding=encoding, law=law, lang=lang)

    return _answers(requests, work, [], ["due", "done"])


def measured(air: Source, scenario: Scenario, *, encoding: str | None = None) -> MeasuredAir:
    """Read measured air for ``run(scenario, observed=...)``: the rules run, the air is what it was.

    Parameters
    ----------
    air : path or DataFrame
        As `alerts` takes it.
    scenario : Scenario
        Its period must overlap the record.
    encoding : str, optional

    Raises
    ------
    Refused
        Where it is no hourly series, or lies outside the period.
    """
    with TemporaryDirectory() as folder, _named(folder):
        return load(_file(air, Path(folder)), scenario, encoding).air


@contextmanager
def _named(folder: str) -> Iterator[None]:
    try:
        yield
    except Refused as refusal:
        raise Refused(*(fault.replace(f"{folder}/", "") for fault in refusal.faults)) from None


def _answers(
    given: Source,
    work: Callable[[Path, Path], object],
    numbers: Sequence[str],
    times: Sequence[str] = (),
) -> pd.DataFrame:
    with TemporaryDirectory() as folder, _named(folder):
        out = Path(folder) / "out.csv"
        work(_file(given, Path(folder)), out)
        frame = pd.read_csv(out, dtype=str, keep_default_na=False, encoding=_MARK)
    read: dict[str, Callable[[Any], Any]] = dict.fromkeys(numbers, pd.to_numeric)
    read |= dict.fromkeys(times, pd.to_datetime)
    return frame.assign(**{name: read[name](frame[name].replace("", None)) for name in read})


def _file(given: Source, folder: Path) -> Path:
    if not isinstance(given, pd.DataFrame):
        return Path(given)
    index = any(given.index.names)  # a named index is a column, such as the time of a series
    path = folder / "frame.csv"
    given.to_csv(path, index=index, encoding=_MARK)
    return path
