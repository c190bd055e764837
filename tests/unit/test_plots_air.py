"""Pictures of the air and its alerts: what their Axes hold is what the run holds."""

from __future__ import annotations

from datetime import date

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from zibo_sim import plots
from zibo_sim.air.aqi import pm25_aqi
from zibo_sim.air.forecast import BLOCK, Vintages
from zibo_sim.air.inventory import ALERTS, COUNTED
from zibo_sim.air.observed import MeasuredAir
from zibo_sim.air.sectors import SECTORS
from zibo_sim.air.verification import skill
from zibo_sim.errors import Refused
from zibo_sim.experiment import Replications, replicate, run
from zibo_sim.plots.days import day_levels
from zibo_sim.plots.leads import skill_of
from zibo_sim.plots.levels import ALERT_COLOURS, ALERT_HATCHES, codes
from zibo_sim.plots.sectors import GROUPS, cuts_of
from zibo_sim.results import Run
from zibo_sim.scenario import load

LEVEL = {"none": 0, "yellow": 1, "orange": 2, "red": 3}


@pytest.fixture(scope="module")
def winter() -> Run:
    return run(load(), seed=1)


@pytest.fixture(scope="module")
def many() -> Replications:
    return replicate(load(), 6, seed=1, keep=True)


def axes() -> Axes:
    return Figure(layout="constrained").subplots()


def artist(ax: Axes, gid: str) -> list:
    every = [*ax.lines, *ax.patches, *ax.collections, *ax.texts]
    return [one for one in every if one.get_gid() == gid]


def texts(ax: Axes) -> str:
    return " | ".join(text.get_text() for text in ax.figure.findobj(Text))


# ---- the season --------------------------------------------------------------------------


def test_the_hours_without_measures_are_drawn_too(winter: Run) -> None:
    (line,) = artist(plots.season(winter, axes(), "en"), "hourly-no-measures")
    np.testing.assert_array_equal(line.get_ydata(), winter.series["pm25_no_measures"])


def test_marks_stand_where_alerts_were_signed_and_lifted(winter: Run) -> None:
    ax, events = plots.season(winter, axes(), "en"), winter.events
    marked = {"signed": ["published", "upgraded", "lowered"], "lifted": ["lifted"]}
    for level in ALERT_COLOURS:
        for mark, kinds in marked.items():
            gid = f"{mark}-{level}"
            of = events[events["event"].isin(kinds) & (events["level"] == level)]["time"]
            drawn = [x for line in artist(ax, gid) for x in line.get_xdata()]
            assert [pd.Timestamp(x) for x in drawn] == list(of)
    assert (events["event"] == "lifted").any()


def test_signing_happens_at_the_marks(winter: Run) -> None:
    events = winter.events
    signed = set(events.loc[events["event"] == "signed", "time"])
    assert set(events.loc[events["event"].isin(["published", "lifted"]), "time"]) <= signed


def test_without_events_nothing_is_marked(winter: Run) -> None:
    ax = plots.season_of(winter.series, winter.scenario, 1, 0, winter.metrics, axes(), "en")
    assert not artist(ax, "signed-yellow")
    assert "lifted" not in texts(ax)


@pytest.mark.parametrize("column", ["pm25", "pm25_no_measures"])
def test_bands_hold_the_middle_nine_tenths_of_the_replications(
    winter: Run, many: Replications, column: str
) -> None:
    ax = plots.season(winter, axes(), "en", many=many)
    (band,) = artist(ax, f"most-{column}")
    hour = 2000
    rows = many.series[column].to_numpy().reshape(len(many), -1)[:, hour - 23 : hour + 1]
    low, high = np.quantile(rows.mean(axis=1), [0.05, 0.95])
    drawn = band.get_paths()[0].vertices
    at = mdates.date2num(winter.series.index[hour])
    here = drawn[np.abs(drawn[:, 0] - at) < 1e-6, 1]
    assert here.min() == pytest.approx(low)
    assert here.max() == pytest.approx(high)
    assert "6 runs" in texts(ax)


def test_of_replications_the_median_winter_is_drawn(many: Replications) -> None:
    ax = plots.season(many, axes(), "en")
    ordered = many.metrics.sort_values("air.pm25_mean")["replication"].tolist()
    number = ordered[(len(ordered) - 1) // 2]
    (line,) = artist(ax, "hourly")
    its = many.series[many.series["replication"] == number]["pm25"]
    np.testing.assert_array_equal(line.get_ydata(), its)
    assert f"replication {number}" in texts(ax)


@pytest.mark.parametrize("draw", [plots.season, plots.calendar])
def test_replications_without_their_hours_are_refused(draw: object) -> None:
    bare = Replications(load(), 1, pd.DataFrame({"replication": [0], "air.pm25_mean": [1.0]}))
    with pytest.raises(Refused, match="keep=True"):
        draw(bare, ax=axes())  # type: ignore[operator]


# ---- the calendar ------------------------------------------------------------------------


def cells(ax: Axes, gid: str) -> dict[tuple[int, int], float]:
    """Return the height of each box with a gid, by row and day of the month."""
    found = {}
    for collection in artist(ax, gid):
        for path in collection.get_paths():
            corners = path.vertices[:4]
            x, low, high = corners[:, 0].mean(), corners[:, 1].min(), corners[:, 1].max()
            found[round(high - 0.43) if gid == "day" else round(low), round(x)] = high - low
    return found


def test_levels_become_numbers_and_what_is_missing_stays_unknown() -> None:
    words = pd.Series(["none", "red", None, "yellow", np.nan], dtype=object)
    assert codes(words).tolist() == [0, 3, -1, 1, -1]


def test_a_day_has_the_highest_level_of_its_hours(winter: Run) -> None:
    days, levels = day_levels(winter)
    hourly = winter.series["alert"].map(LEVEL).to_numpy().reshape(-1, 24)
    np.testing.assert_array_equal(levels[0], hourly.max(axis=1))
    assert days[0] == date(2018, 10, 1)
    assert len(days) == 182


def test_every_alert_day_is_a_cell_of_its_colour_with_its_letter(winter: Run) -> None:
    ax, (days, levels) = plots.calendar(winter, axes(), "en"), day_levels(winter)
    months = list(dict.fromkeys((d.year, d.month) for d in days))
    for level, colour in ALERT_COLOURS.items():
        wanted = {
            (months.index((d.year, d.month)), d.day)
            for d, its in zip(days, levels[0], strict=True) if its == LEVEL[level]
        }  # fmt: skip
        assert set(cells(ax, f"level-{level}")) == wanted
        for collection in artist(ax, f"level-{level}"):
            assert (collection.get_hatch() or "") == ALERT_HATCHES[level]
            assert to_hex(collection.get_facecolor()[0]) == colour
    letters = artist(ax, "letter")
    for letter in letters:
        day, row = map(round, letter.get_position())
        at = days.index(date(*months[row], day))
        assert levels[0][at] == {"Y": 1, "O": 2, "R": 3}[letter.get_text()]
    assert len(letters) == (levels[0] > 0).sum()


def test_the_calendar_has_a_cell_for_every_day(winter: Run) -> None:
    assert len(cells(plots.calendar(winter, axes(), "zh"), "day")) == 182


def test_of_replications_cells_are_filled_by_shares(many: Replications) -> None:
    ax, (days, levels) = plots.calendar(many, axes(), "en"), day_levels(many)
    assert levels.shape == (6, 182)
    filled = sum(sum(cells(ax, f"level-{level}").values()) for level in ALERT_COLOURS)
    assert filled == pytest.approx(0.86 * (levels > 0).mean(axis=0).sum())
    busiest = int((levels > 0).sum(axis=0).argmax())
    share = f"{100 * (levels[:, busiest] > 0).mean():.0f}"
    column = [t for t in artist(ax, "letter") if round(t.get_position()[0]) == days[busiest].day]
    assert share in [t.get_text() for t in column]


def test_days_after_a_record_ends_are_marked_as_unknown(winter: Run) -> None:
    class Short(Run):
        @property
        def series(self) -> pd.DataFrame:  # type: ignore[override]
            series = Run(self.outcome).series.copy()
            series.iloc[-48:, series.columns.get_loc("alert")] = None
            return series

    ax = plots.calendar(Short(winter.outcome), axes(), "en")
    assert len(artist(ax, "gap")[0].get_paths()) == 2
    assert "no data" in texts(ax)


# ---- forecasts ---------------------------------------------------------------------------


def test_a_perfect_forecast_has_no_error_and_misses_nothing() -> None:
    law = load().law_book()
    truth = np.repeat([60.0, 240.0, 80.0, 300.0], 24)
    issued = np.array([0, 24])
    hourly = truth[issued[:, None] + np.arange(48)]
    blocks = hourly.reshape(2, 2, 24).mean(axis=2)
    found = skill(Vintages(issued, pm25_aqi(hourly, law), blocks), truth, law)
    assert found.pairs.tolist() == [2, 2]
    assert found.rmse.tolist() == [0, 0]
    assert found.hit_rate.tolist() == [1, 1]
    assert found.false.tolist() == [0, 0]


def test_misses_false_alarms_bias_and_error_are_counted_by_lead() -> None:
    law = load().law_book()
    truth = np.repeat([60.0, 240.0, 80.0], 24)
    foreseen = np.repeat([[240.0, 60.0], [200.0, 90.0]], 24, axis=1)
    means = foreseen.reshape(2, 2, 24).mean(axis=2)
    found = skill(Vintages(np.array([0, 24]), pm25_aqi(foreseen, law), means), truth, law)
    assert found.hits.tolist() == [1, 0]
    assert found.misses.tolist() == [0, 1]
    assert found.false.tolist() == [1, 0]
    assert found.bias.tolist() == pytest.approx([(180 - 40) / 2, (-180 + 10) / 2])
    assert found.rmse[0] == pytest.approx(np.sqrt((180**2 + 40**2) / 2))
    np.testing.assert_array_equal((found + found).pairs, 2 * found.pairs)


def test_an_outcome_beyond_the_period_is_no_pair(winter: Run) -> None:
    found = skill_of(winter)
    issued, hours = winter.outcome.air.vintages.issued, winter.outcome.clock.hours
    for lead, pairs in enumerate(found.pairs):
        assert pairs == (issued + BLOCK * (lead + 1) <= hours).sum()


def test_bars_and_lines_are_the_forecasts_skill(winter: Run) -> None:
    ax, found = plots.forecast(winter, axes(), "en"), skill_of(winter)
    right = next(other for other in ax.figure.axes if other is not ax)
    for gid, shares in (("hits", found.hit_rate), ("false", found.false_share)):
        container = next(c for c in ax.containers if c.get_label() and c[0].get_gid() == gid)
        assert [bar.get_height() for bar in container] == pytest.approx(list(100 * shares))
    for gid, values in (("rmse", found.rmse), ("bias", found.bias)):
        (line,) = artist(right, gid)
        np.testing.assert_array_equal(line.get_ydata(), values)
    assert f"{found.hits[0]:.0f}/{found.hits[0] + found.misses[0]:.0f}" in texts(ax)


def test_forecasts_of_replications_are_issued_again_as_they_were(winter: Run) -> None:
    again = skill_of(replicate(load(), 1, seed=1))
    np.testing.assert_allclose(again.error, skill_of(winter).error)
    np.testing.assert_array_equal(again.hits, skill_of(winter).hits)


def test_replications_on_measured_air_have_no_forecasts_to_draw(many: Replications) -> None:
    metrics = many.metrics.assign(**{"air.pm25_mean_no_measures": np.nan})
    with pytest.raises(Refused, match="measured"):
        plots.forecast(Replications(many.scenario, 1, metrics), axes())


# ---- cuts --------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ALERTS)
def test_the_accounted_cuts_add_up_to_the_credited_percent(winter: Run, level: str) -> None:
    account = winter.outcome.air.air.reductions.orders(level, True).account
    total = cuts_of(winter, level).accounted.sum(axis=0)
    assert list(total) == pytest.approx([account.percent[name] for name in COUNTED])


def test_the_ratios_asked_for_are_the_laws(winter: Run) -> None:
    law = winter.outcome.law
    ax = plots.cuts(winter, axes(), "en")
    for level in ALERTS:
        drawn = [line.get_xdata()[0] for line in artist(ax, f"demanded-{level}")]
        assert drawn == [100 * law(f"alert.cut.{level}.{name}") for name in COUNTED]


@pytest.mark.parametrize("ledger", ["accounted", "felt"])
def test_bars_hold_every_sector_of_both_ledgers(winter: Run, ledger: str) -> None:
    ax = plots.cuts(winter, axes(), "en")
    widths = {}
    for group in GROUPS:
        (collection,) = artist(ax, f"{ledger}-{group}")
        widths[group] = [np.ptp(path.vertices[:4, 0]) for path in collection.get_paths()]
    tables = [getattr(cuts_of(winter, level), ledger) for level in ALERTS]
    for group, (sectors, _, _) in GROUPS.items():
        at = [SECTORS.index(sector) for sector in sectors]
        wanted = np.concatenate([table[at].sum(axis=0) for table in tables])
        assert widths[group] == pytest.approx(list(wanted))
    assert sum(len(sectors) for sectors, _, _ in GROUPS.values()) == len(SECTORS)


def test_what_is_felt_is_less_where_fewer_comply(winter: Run) -> None:
    lax = run(load().replace({"air.response.compliance": 0.3}), seed=1)
    for level in ALERTS:
        few, usual = cuts_of(lax, level), cuts_of(winter, level)
        assert few.felt.sum() < usual.felt.sum()
        np.testing.assert_array_equal(few.accounted, usual.accounted)


def test_the_mean_of_the_runs_responses_is_that_of_its_hours(winter: Run) -> None:
    sky, seen = winter.outcome.air.air, cuts_of(winter, "orange").seen
    hours = [h for r in sky.responses if r.orders.level == "orange" for h in range(r.begin, r.end)]
    assert seen[0] == pytest.approx(100 * sky.cut[hours, 0].mean())


def test_a_run_without_alerts_still_shows_what_levels_would_cut() -> None:
    early = {"period.start": date(2018, 10, 1), "period.end": date(2018, 10, 7)}
    calm = run(load().replace(early), seed=1)
    assert not calm.outcome.air.air.responses
    found = cuts_of(calm, "red")
    assert np.isnan(found.seen).all()
    assert found.accounted.sum() > 0


def test_measured_air_does_not_say_what_was_cut(winter: Run) -> None:
    hours = winter.outcome.clock.hours
    aqi, pm25, dust = np.full(hours, 80.0), np.full(hours, 59.0), np.zeros(hours, dtype=bool)
    record = MeasuredAir(aqi, pm25, dust, truth=pm25, concentrations={"pm25": pm25})
    measured = run(load(), 1, observed=record)
    with pytest.raises(Refused, match="measured"):
        plots.cuts(measured, axes())
    assert "cuts" not in [picture.name for picture in plots.pictures(measured)]
