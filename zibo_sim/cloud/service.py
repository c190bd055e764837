"""What a service desk reads from an event log: states, pauses, lead times, ageing, throughput.

Every function takes a log as `zibo_sim.cloud.eventlog.event_log` returns it or as a process-mining
tool holds it (a simulated or a real one), and counts working days of the State Council's calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from zibo_sim.clock import Clock, WorkingTime
from zibo_sim.cloud.eventlog import ACTIVITY, CASE, KIND, TIME, TRANSITION

#: With these a request is done; the protection filing comes after.
FINAL = frozenset((
    "live", "refused", "changed", "exited", "out_of_scope", "exempt", "prereview_declined", "filed",
    "exception_granted",
))  # fmt: skip
#: What a lead time runs to.
DELIVERED = ("test_from", "changed", "exited")
QUANTILES = (50, 85, 90)
SPANS = ("case", "kind", "state", "paused", "start", "end", "working_days", "open")
PAUSED = "paused: "
#: What a case is in once a step or service is done, whatever is written next.
_AFTER = {"test_from": "test", "extended": "test", "test_ends": "until live"}
#: What an open case waits for, where the log has no next row.
_NEXT = {
    "completeness": "waiting for assessment",
    "assessed": "waiting for acceptance",
    "accepted": "waiting for audit",
    "opinion": "waiting for provisioning",
}


class WorkingDays:
    """Working days between two times of a log.

    Parameters
    ----------
    log : DataFrame
    at : datetime, optional
        A time after its last.
    opens, closes : float
        Office hours.
    """

    def __init__(
        self,
        log: pd.DataFrame,
        at: datetime | None = None,
        opens: float = 9.0,
        closes: float = 17.0,
    ) -> None:
        last = max(log[TIME].max(), at or log[TIME].max())
        self.clock = Clock(log[TIME].min().date(), last.date())
        self.time = WorkingTime(self.clock, opens, closes)

    def between(self, start: datetime, end: datetime) -> float:
        """Return the working days from `start` to `end`."""
        hours = (self.time.elapsed(self.clock.hour(when)) for when in (start, end))
        first, last = hours
        return (last - first) / self.time.per_day


def spans(log: pd.DataFrame, at: datetime | None = None) -> pd.DataFrame:
    """Return in which state each case was from when to when.

    A state is the service under way; ``paused: …`` with the suspended activity; ``waiting for …``
    the service that starts next; ``until …`` the step that comes next; ``after …`` the last step
    of a case that is not done.

    Parameters
    ----------
    log : DataFrame
    at : datetime, optional
        Until when open cases are counted; the log's last time when left out.

    Returns
    -------
    DataFrame
        Columns ``case, kind, state, paused, start, end, working_days, open``.
    """
    if log.empty:
        return pd.DataFrame(columns=list(SPANS))
    at = at or log[TIME].max().to_pydatetime()
    days = WorkingDays(log, at)
    rows = []
    for case, kind, events in cases(log):
        for state, start, end, still in _states(events, at):
            worked = days.between(start, end)
            rows.append((case, kind, state, state.startswith(PAUSED), start, end, worked, still))
    return pd.DataFrame(rows, columns=list(SPANS))


Event = tuple[str, str, datetime]  # activity, transition, time


def cases(log: pd.DataFrame) -> Iterator[tuple[str, str, list[Event]]]:
    """Yield each case, its kind and its events in order of time."""
    kinds = log[KIND] if KIND in log else pd.Series("", index=log.index)
    found: dict[str, tuple[str, list[Event]]] = {}
    times = log[TIME].dt.to_pydatetime() if hasattr(log[TIME].dt, "to_pydatetime") else log[TIME]
    columns: Iterable[Any] = zip(
        log[CASE], kinds, log[ACTIVITY], log[TRANSITION], times, strict=True
    )
    for case, kind, activity, transition, when in columns:
        found.setdefault(case, (kind, []))[1].append((activity, transition, when))
    for case, (kind, events) in found.items():
        yield case, kind, sorted(events, key=lambda event: event[2])


def _states(events: list[Event], at: datetime) -> Iterator[tuple[str, datetime, datetime, bool]]:
    running: list[str] = []
    paused: str | None = None
    activity, _, when = events[0]
    for (activity, transition, when), (coming, how, then) in pairwise([*events, ("", "", at)]):
        running, paused = _moved(running, paused, activity, transition)
        if coming and when < then:
            label = f"{'waiting for' if how == 'start' else 'until'} {coming}"
            yield _named(running, paused, _AFTER.get(activity, label)), when, then, False
    if not done(events):
        label = _NEXT.get(activity, f"after {activity}")
        yield _named(running, paused, _AFTER.get(activity, label)), when, max(when, at), True


def _moved(
    running: list[str], paused: str | None, activity: str, transition: str
) -> tuple[list[str], str | None]:
    if transition == "start":
        return [*running, activity], None
    if transition == "suspend":
        return running, paused or activity
    if transition == "resume":
        return running, None
    return [name for name in running if name != activity], paused


def _named(running: list[str], paused: str | None, otherwise: str) -> str:
    if paused is not None:
        return PAUSED + paused
    return running[-1] if running else otherwise


def done(events: list[Event]) -> bool:
    """Say whether a case needs nothing more of the desk."""
    return any(e[0] in FINAL and e[1] == "complete" for e in events)


def time_in_state(found: pd.DataFrame) -> pd.DataFrame:
    """Return, for each state of `spans`, how many cases were in it and how long in working days.

    A case that was in a state several times counts once, with the sum.
    """
    sums = found.groupby(["state", "case"], sort=False)["working_days"].sum().reset_index()
    return _spread(sums, "state")


def pauses(found: pd.DataFrame) -> pd.DataFrame:
    """Return the paused time by cause: what was suspended, how often, how long."""
    held = found[found["paused"]]
    causes = held.assign(cause=held["state"].str.removeprefix(PAUSED))
    return _spread(causes, "cause").assign(
        still=causes.groupby("cause", sort=False)["open"].sum().astype(int)
    )


def lead_times(log: pd.DataFrame) -> pd.DataFrame:
    """Return the lead time from submission to delivery by kind, in working days."""
    days = WorkingDays(log) if len(log) else None
    rows = []
    for _, kind, events in cases(log):
        first = _first(events, ("submitted",))
        last = _first(events, DELIVERED)
        if first and last and days:
            rows.append((kind, days.between(first, last)))
    return _spread(pd.DataFrame(rows, columns=["kind", "working_days"]), "kind")


def _first(events: list[Event], steps: tuple[str, ...]) -> datetime | None:
    return next((e[2] for e in events if e[0] in steps and e[1] == "complete"), None)


def _spread(rows: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return count, sum, mean and the quantiles of working days by one column."""
    found = {
        name: (len(values), values.sum(), values.mean(), *np.percentile(values, QUANTILES))
        for name, values in rows.groupby(by, sort=False)["working_days"]
    }
    names = ["cases", "working_days", "mean", *(f"p{q}" for q in QUANTILES)]
    return pd.DataFrame.from_dict(found, orient="index", columns=names).rename_axis(by)


def ageing(log: pd.DataFrame, at: datetime | None = None) -> pd.DataFrame:
    """Return the open cases, the oldest first: state, working days since submission, in state."""
    names = ["case", "kind", "state", "age", "in_state"]
    if log.empty:
        return pd.DataFrame(columns=names)
    at = at or log[TIME].max().to_pydatetime()
    days, rows = WorkingDays(log, at), []
    for case, kind, events in cases(log):
        if not done(events):
            state = next((s for s, _, _, still in _states(events, at) if still), "")
            since, last = events[0][2], events[-1][2]
            rows.append((case, kind, state, days.between(since, at), days.between(last, at)))
    frame = pd.DataFrame(rows, columns=names)
    return frame.sort_values("age", ascending=False, kind="stable", ignore_index=True)


def throughput(log: pd.DataFrame) -> pd.DataFrame:
    """Return how many cases were submitted and done in each week, by its Monday, and open after."""
    came, left = [], []
    for _, _, events in cases(log):
        came += [_first(events, ("submitted",)) or events[0][2]]
        left += [when] if (when := _first(events, tuple(FINAL - {"filed"}))) else []
    weeks = pd.DataFrame({"submitted": _weekly(came), "done": _weekly(left)}).fillna(0).astype(int)
    if len(weeks):
        weeks = weeks.reindex(
            pd.date_range(weeks.index[0], weeks.index[-1], freq="7D"), fill_value=0
        )
    weeks["open_after"] = (weeks["submitted"] - weeks["done"]).cumsum()
    return weeks.rename_axis("week")


def _weekly(times: list[datetime]) -> pd.Series:
    days = pd.Series(pd.to_datetime(times)).dt.normalize()
    return (days - pd.to_timedelta(days.dt.day_of_week, unit="D")).value_counts().sort_index()


def reopen_rate(log: pd.DataFrame) -> dict[str, float]:
    """Return the share of cases that were suspended at least once, and how often on average.

    NaN where the log has no case.
    """
    times = [sum(e[1] == "suspend" for e in events) for _, _, events in cases(log)]
    share = sum(count > 0 for count in times) / len(times) if times else np.nan
    return {"share": share, "mean_returns": float(np.mean(times)) if times else np.nan}
