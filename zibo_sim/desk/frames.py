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

    Parameters
    ----------
    households : path or DataFrame
        One row a member, columns as in ``zibo-sim template households``; the rows of a household
        stand together.
    year : int
        Year of the payment's deadline, 15 November.
    encoding : str, optional
        Of a CSV file.
    law : Law, optional
        A changed law book (``scenario.law_book()``).
    lang : {"en", "zh"}
        Language of ``message``.

    Returns
    -------
    DataFrame
        One row a household, payer and funder: ``household_id, payer, funder, amount`` (yuan),
        ``status, message``, and the columns carried through. A bad row has ``status`` "error" and
        says why.

    Raises
    ------
    Refused
        Where it is no list of households.

    Examples
    --------
    >>> member = {"household_id": ["H1"], "district": ["张店区"], "dibao": [True],
    ...           "unemployed_from": [None], "unemployed_to": [None], "laid_off": [False],
    ...           "affiliation": ["city"]}
    >>> subsidy(pd.DataFrame(member))[["payer", "amount"]].to_numpy().tolist()
    [['civil_affairs', 626.0]]
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

    Examples
    --------
    >>> hours = pd.date_range("2018-12-01", periods=96, freq="h")
    >>> aqi = [100] * 24 + [250] * 48 + [80] * 24
    >>> (episode,) = alerts(pd.DataFrame({"time": hours, "aqi": aqi})).to_dict("records")
    >>> episode["level"], episode["clause"], str(episode["publish_by"])
    ('yellow', '淄政办字〔2018〕145号 四(一)1', '2018-11-30 17:00:00')
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

    Parameters
    ----------
    requests : path or DataFrame
        One row a request, columns as in ``zibo-sim template requests``, or an event log in the
        columns of process-mining tools.
    as_of : date, optional
        The day of judgement; the log's latest where it is left out.
    encoding : str, optional
        Of a CSV file.
    law : Law, optional
        A changed law book (``scenario.law_book()``).
    lang : {"en", "zh"}
        Language of ``message``.

    Returns
    -------
    DataFrame
        One row a request and clock: ``request_id, clock, due, done`` (dates), ``on_time``
        (``true``, ``false`` or ``open``), ``clause, status, message``.

    Raises
    ------
    Refused
        Where it is no log of requests.

    Examples
    --------
    >>> log = {"request_id": ["R1"], "assessed": ["2018-12-03"], "accepted": ["2018-12-04"],
    ...        "opinion": ["2018-12-10"]}
    >>> sla(pd.DataFrame(log))[["clock", "on_time"]].to_numpy().tolist()
    [['accept', 'true'], ['opinion', 'false'], ['test', 'open']]
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
        Of a CSV file.

    Returns
    -------
    MeasuredAir
        Hourly, aligned with the scenario's period; NaN where nothing was measured.

    Raises
    ------
    Refused
        Where it is no hourly series, or lies outside the period.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> days = zs.load().replace({"period.start": "2018-12-01", "period.end": "2018-12-04"})
    >>> hours = pd.date_range("2018-12-01", periods=96, freq="h")
    >>> air = measured(pd.DataFrame({"time": hours, "pm25": [50.0] * 96}), days)
    >>> float(zs.run(days, observed=air).metrics["air.pm25_mean"])
    50.0
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
