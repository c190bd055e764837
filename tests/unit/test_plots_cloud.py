"""Pictures of the government cloud: timelines, backlog and utilisation are those of the ledger."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zibo_sim import plots
from zibo_sim.cloud.outcomes import STOPS, step_times, utilisation
from zibo_sim.cloud.parameters import SYSTEMS
from zibo_sim.cloud.steps import STAGES
from zibo_sim.experiment import run
from zibo_sim.plots.desks import WAITS, busy_shares, in_hand
from zibo_sim.plots.timelines import sample, stretches
from zibo_sim.results import Run
from zibo_sim.scenario import load


@pytest.fixture(scope="module", params=["winter-2018-19", "half-the-reviewers"])
def winter(request: pytest.FixtureRequest) -> Run:
    return run(load(request.param), seed=2)


def axes() -> Axes:
    return Figure(layout="constrained").subplots()


def marks(ax: Axes, gid: str) -> set[tuple[float, int]]:
    return {
        (round(float(x), 6), round(float(y)))
        for line in ax.lines if line.get_gid() == gid
        for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)
    }  # fmt: skip


# ---- timelines ---------------------------------------------------------------------------


def chosen(winter: Run) -> list:
    ledger = winter.outcome.cloud
    times = step_times(ledger)
    return [r for r in ledger.requests if r.kind in SYSTEMS and (r.id, "submitted") in times]


def test_late_marks_are_the_clocks_that_were_missed(winter: Run) -> None:
    ledger, every = winter.outcome.cloud, chosen(winter)
    times, end = step_times(ledger), winter.outcome.clock.hours
    ax = plots.requests(winter, axes(), "en", count=len(every))
    late, kept = set(), set()
    rows = {request.id: row for row, request in enumerate(every)}
    for clock in (d for d in ledger.deadlines if d.clock != "filing"):
        done = min(times.get((clock.request, step), np.inf) for step in STOPS[clock.clock])
        at = round((min(done, end) - times[clock.request, "submitted"]) / 24, 6)
        if done < clock.due_h:
            kept.add((at, rows[clock.request]))
        elif clock.due_h <= end:
            late.add((at, rows[clock.request]))
    assert marks(ax, "late") == late
    assert marks(ax, "on_time") == kept
    assert late
    assert kept


def test_due_marks_are_the_ends_of_the_clocks(winter: Run) -> None:
    ledger, every = winter.outcome.cloud, chosen(winter)
    times = step_times(ledger)
    rows = {request.id: row for row, request in enumerate(every)}
    due = {
        (round((d.due_h - times[d.request, "submitted"]) / 24, 6), rows[d.request])
        for d in ledger.deadlines if d.clock != "filing"
    }  # fmt: skip
    assert marks(plots.requests(winter, axes(), "en", count=len(every)), "due") == due


def test_a_bar_begins_where_the_one_before_it_ends(winter: Run) -> None:
    ledger, every = winter.outcome.cloud, chosen(winter)
    found = list(stretches(ledger, every))
    for before, after in pairwise(found):
        if before.row == after.row:
            assert after.start == before.end
    assert all(s.start == 0 for s in found if s.stage == "papers")
    ax = plots.requests(winter, axes(), "en", count=len(every))
    drawn = sum(
        np.ptp(path.vertices[:4, 0])
        for c in ax.collections if str(c.get_gid()).startswith("stage-") for path in c.get_paths()
    )  # fmt: skip
    assert drawn == pytest.approx(sum(s.end - s.start for s in found))


def test_refused_requests_are_marked_and_end_there(winter: Run) -> None:
    times = step_times(winter.outcome.cloud)
    ax = plots.requests(winter, axes(), "en", count=10_000)
    refused = [r for r in chosen(winter) if (r.id, "refused") in times]
    drawn = [line for line in ax.lines if line.get_gid() == "refused"]
    assert sum(len(line.get_xdata()) for line in drawn) == len(refused)


def test_a_sample_is_evenly_spaced_and_named(winter: Run) -> None:
    every = chosen(winter)
    some = sample(every, 10)
    assert (some[0], some[-1], len(some)) == (every[0], every[-1], 10)
    ax = plots.requests(winter, axes(), "en", count=10)
    assert [t.get_text().split(" · ")[0] for t in ax.get_yticklabels()] == [r.id for r in some]
    assert f"10 of {len(every)}" in ax.texts[0].get_text()


def test_a_period_without_requests_says_so() -> None:
    holiday = {"period.start": date(2018, 10, 2), "period.end": date(2018, 10, 5)}
    idle = run(load().replace(holiday), seed=1)
    ax = plots.requests(idle, axes(), "en")
    assert "no request" in ax.texts[0].get_text()
    assert not {"requests", "backlog"} & {picture.name for picture in plots.pictures(idle)}


def test_the_legend_says_the_laws_limits(winter: Run) -> None:
    reform = run(winter.scenario.replace({"law.cloud.opinion.days": 7}), seed=2)
    for its, said in ((winter, "within 3 working days"), (reform, "within 7 working days")):
        legend = plots.requests(its, axes(), "en").get_legend()
        texts = [text.get_text() for text in legend.get_texts()]
        assert f"→ opinion ({said})" in texts
        assert "→ accepted (within 1 working day)" in texts


# ---- backlog -----------------------------------------------------------------------------


def test_the_area_under_the_backlog_is_the_metric(winter: Run) -> None:
    ax = plots.backlog(winter, axes(), "en")
    (line,) = (line for line in ax.lines if line.get_gid() == "total")
    x, y = line.get_xdata(), line.get_ydata()
    mean = float(np.dot(np.diff(x), y[:-1]) / (x[-1] - x[0]))
    assert mean == pytest.approx(winter.metrics["cloud.backlog_mean"])
    (dashed,) = (line for line in ax.lines if line.get_gid() == "mean")
    assert dashed.get_ydata()[0] == pytest.approx(mean)


def test_every_waiting_request_waits_for_one_thing(winter: Run) -> None:
    times, counts = in_hand(winter.outcome.cloud)
    known = step_times(winter.outcome.cloud)
    assert counts.shape == (len(WAITS), len(times))
    assert counts.min() == 0
    hour = 1500.0
    waiting = [
        r for r in winter.outcome.cloud.requests
        if r.kind in SYSTEMS and known.get((r.id, "assessed"), np.inf) <= hour
        and min(known.get((r.id, s), np.inf) for s in ("accepted", "refused")) > hour
    ]  # fmt: skip
    at = np.searchsorted(times, hour, side="right") - 1
    assert counts[list(WAITS).index("to_accept"), at] == len(waiting)


# ---- utilisation -------------------------------------------------------------------------


def test_days_average_to_the_utilisation_of_the_period(winter: Run) -> None:
    ledger = winter.outcome.cloud
    table = busy_shares(ledger, list(STAGES))
    for row, stage in zip(table, STAGES, strict=True):
        assert np.nanmean(row) == pytest.approx(utilisation(ledger, stage))
    assert np.nanmax(table) <= 1 + 1e-9
    assert np.nanmin(table) >= 0


def test_the_map_holds_the_table_and_days_off_stay_empty(winter: Run) -> None:
    ax = plots.utilisation(winter, axes(), "en")
    (mesh,) = (c for c in ax.collections if c.get_gid() == "busy")
    table = busy_shares(winter.outcome.cloud, list(STAGES))
    drawn = np.ma.getdata(mesh.get_array())
    off = np.ma.getmaskarray(mesh.get_array())
    np.testing.assert_array_equal(off, np.isnan(table))
    np.testing.assert_allclose(drawn[~off], 100 * table[~off])
    first = winter.outcome.clock.start
    assert off[:, (date(2018, 10, 1) - first).days].all()
    assert not off[:, (date(2018, 10, 8) - first).days].any()


def test_a_desk_that_is_off_is_not_listed_and_one_that_is_on_is(winter: Run) -> None:
    on = run(winter.scenario.replace({"cloud.prereview.on": True}), seed=2)
    for its, listed in ((winter, False), (on, True)):
        labels = [t.get_text() for t in plots.utilisation(its, axes(), "en").get_yticklabels()]
        assert any("pre-review" in label for label in labels) == listed
        assert "audit (1)" in labels
