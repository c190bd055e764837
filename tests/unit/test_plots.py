"""Pictures are checked by the data in their Axes; no test looks at pixels."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from zibo_sim import plots
from zibo_sim.comparison import Comparison
from zibo_sim.experiment import Replications, run
from zibo_sim.metrics import METRICS
from zibo_sim.plots import pen
from zibo_sim.plots.forest import VERDICT_MARKS
from zibo_sim.plots.levels import ALERT_COLOURS, ALERT_HATCHES
from zibo_sim.plots.strip import heavy_pm25
from zibo_sim.results import Run
from zibo_sim.scenario import Scenario, load

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def winter() -> Run:
    return run(load(), seed=1)


def axes() -> Axes:
    return Figure(layout="constrained").subplots()


def by_gid(ax: Axes, gid: str) -> list:
    return [artist for artist in [*ax.lines, *ax.patches] if artist.get_gid() == gid]


def season(winter: Run, series: pd.DataFrame | None = None, lang: str = "en", **law: float) -> Axes:
    scenario = winter.scenario.replace({f"law.{k}": v for k, v in law.items()})
    shown = winter.series if series is None else series
    return plots.season_of(shown, scenario, 1, 0, winter.metrics, axes(), lang)


def texts(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.figure.findobj(Text)]


def spans(ax: Axes, gid: str, start: pd.Timestamp) -> list[tuple[int, int]]:
    """Return the hours [from, to) of the spans with a gid."""
    zero = mdates.date2num(start)
    found = []
    for patch in by_gid(ax, gid):
        ends = patch.get_path().vertices @ np.diag([1.0, 1.0])
        x = patch.get_patch_transform().transform(ends)[:, 0]
        found.append((round((x.min() - zero) * 24), round((x.max() - zero) * 24)))
    return sorted(found)


# ---- the season --------------------------------------------------------------------------


def test_the_thin_line_is_the_hourly_series(winter: Run) -> None:
    (line,) = by_gid(season(winter), "hourly")
    np.testing.assert_array_equal(line.get_ydata(), winter.series["pm25"])


@pytest.mark.parametrize(
    ("gid", "column"), [("trailing", "pm25"), ("no-measures", "pm25_no_measures")]
)
def test_the_thick_lines_are_means_of_the_24_hours_before(
    winter: Run, gid: str, column: str
) -> None:
    (line,) = by_gid(season(winter), gid)
    drawn, hourly = line.get_ydata(), winter.series[column].to_numpy()
    for hour in (23, 1000, 4367):
        assert drawn[hour] == pytest.approx(hourly[hour - 23 : hour + 1].mean())
    assert np.isnan(drawn[:19]).all()


def test_the_coloured_ground_covers_the_hours_under_alert_and_no_others(winter: Run) -> None:
    ax, levels = season(winter), winter.series["alert"].to_numpy()
    for level in ALERT_COLOURS:
        for gid in (f"alert-{level}", f"band-{level}"):
            covered = np.zeros(len(levels), dtype=bool)
            for start, end in spans(ax, gid, winter.series.index[0]):
                covered[start:end] = True
            np.testing.assert_array_equal(covered, levels == level)
    assert (levels != "none").any()


def test_levels_differ_by_hatch_as_well_as_by_colour(winter: Run) -> None:
    ax = season(winter)
    for level, hatch in ALERT_HATCHES.items():
        assert {p.get_hatch() or "" for p in by_gid(ax, f"band-{level}")} <= {hatch}
    assert len(set(ALERT_HATCHES.values())) == len(ALERT_COLOURS)


def test_the_limits_are_the_laws(winter: Run) -> None:
    ax = season(winter)
    assert set(by_gid(ax, "heavy-line")[0].get_ydata()) == {150.0}
    assert set(by_gid(ax, "target-line")[0].get_ydata()) == {72}


def test_the_limits_follow_a_reform(winter: Run) -> None:
    ax = season(winter, **{"target.pm25_mean": 60, "alert.aqi.heavy": 150})
    assert set(by_gid(ax, "target-line")[0].get_ydata()) == {60}
    assert set(by_gid(ax, "heavy-line")[0].get_ydata()) == {115.0}


def test_200_of_the_index_are_150_micrograms() -> None:
    assert heavy_pm25(load().law_book()) == 150.0


def test_a_gap_is_shown_and_no_line_crosses_it(winter: Run) -> None:
    series = winter.series.copy()
    series.iloc[1500:1642, series.columns.get_loc("pm25")] = np.nan
    ax = season(winter, series)
    assert spans(ax, "gap", series.index[0]) == [(1500, 1642)]
    for gid in ("hourly", "trailing"):
        assert np.isnan(by_gid(ax, gid)[0].get_ydata()[1500:1642]).all()
    assert "no data" in texts(ax)
    assert not by_gid(season(winter), "gap")


def test_measured_air_has_no_line_without_measures(winter: Run) -> None:
    ax = season(winter, winter.series.assign(pm25_no_measures=np.nan))
    assert not by_gid(ax, "no-measures")
    assert "24-hour mean without measures" not in texts(ax)


def test_a_record_of_the_index_alone_is_drawn_as_index(winter: Run) -> None:
    ax = season(winter, winter.series.assign(pm25=np.nan, pm25_no_measures=np.nan))
    assert ax.get_ylabel() == "AQI"
    assert set(by_gid(ax, "heavy-line")[0].get_ydata()) == {200}
    assert not by_gid(ax, "target-line")


def test_the_picture_names_scenario_seed_replication_and_units(winter: Run) -> None:
    said = " ".join(texts(plots.season(winter, axes(), "en")))
    for part in ("seed 1", "replication 0", "µg/m³", "Oct", "2018"):
        assert part in said
    assert ("Winter 2018" in said) == ("Winter 2018" in winter.scenario.title)


def test_the_axes_given_are_the_axes_returned_and_no_figure_is_opened(winter: Run) -> None:
    ax = axes()
    assert plots.season(winter, ax, "en") is ax
    assert not plt.get_fignums()
    assert plots.season(winter, lang="en").figure.get_layout_engine() is not None


@pytest.mark.parametrize("days", [1, 20, 90, 182])
def test_any_length_has_dates_inside_the_picture(winter: Run, days: int) -> None:
    series = winter.series.iloc[: 24 * days]
    ax = season(winter, series)
    low, high = ax.get_xlim()
    assert all(low <= tick <= high for tick in ax.get_xticks())
    assert len(ax.get_xticks()) >= 1


# ---- language and fonts ------------------------------------------------------------------


def draw_strictly(ax: Axes) -> None:
    """Draw; a missing glyph or font is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ax.figure.savefig("/dev/null", format="png")


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.skipif(pen.chinese_family() is None, reason="no Chinese font is installed")
def test_every_letter_of_a_picture_has_a_glyph(winter: Run, lang: str) -> None:
    ax = season(winter, lang=lang)
    draw_strictly(ax)
    assert any("\u4e00" <= c <= "\u9fff" for c in ax.get_ylabel() + "".join(texts(ax))) or (
        lang == "en"
    )


@pytest.mark.skipif(pen.chinese_family() is None, reason="no Chinese font is installed")
def test_chinese_stands_before_latin_and_only_installed_families_are_listed() -> None:
    zh, en = pen.Pen.of("zh"), pen.Pen.of("en")
    assert zh.families == (pen.chinese_family(), "DejaVu Sans")
    assert en.families[0] == "DejaVu Sans"
    assert set(zh.families + en.families) <= pen.installed_families()


@pytest.fixture
def no_chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pen, "installed_families", lambda: {"DejaVu Sans"})
    monkeypatch.setattr(pen, "_add_new_fonts", lambda: None)
    pen._warn_once.cache_clear()
    yield
    pen._warn_once.cache_clear()


@pytest.mark.usefixtures("no_chinese")
def test_without_a_chinese_font_the_labels_are_english_and_one_warning_says_how(
    winter: Run,
) -> None:
    renamed = Run(winter.outcome)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        first = plots.season(renamed, axes(), "zh")
        second = plots.season(renamed, axes(), "zh")
    assert [str(w.message).count("fonts-noto-cjk") for w in caught] == [1]
    for ax in (first, second):
        assert not any(ord(c) > 0x2E7F for text in texts(ax) for c in text)
        assert ax.get_ylabel() == "PM2.5 (µg/m³)"
        draw_strictly(ax)


@pytest.mark.usefixtures("no_chinese")
def test_a_chinese_title_without_a_font_is_not_drawn_as_boxes(winter: Run) -> None:
    scenario = Scenario.model_validate({"title": "只有中文", "question": "?"})
    ax = plots.season_of(winter.series, scenario, 1, 0, winter.metrics, axes(), "en")
    assert "(title in Chinese)" in texts(ax)
    draw_strictly(ax)


def test_dollars_and_control_characters_in_a_title_are_harmless(winter: Run) -> None:
    scenario = Scenario.model_validate({"title": "$x_{1}$ \x1b[31m$\\frac", "question": "?"})
    ax = plots.season_of(winter.series, scenario, 1, 0, winter.metrics, axes(), "en")
    draw_strictly(ax)
    assert "$x_{1}$  [31m$\\frac" in texts(ax)


# ---- comparisons -------------------------------------------------------------------------


def arm(
    shifts: dict[str, float] | None = None, runs: int = 12, title: str = "base"
) -> Replications:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame({name: 50.0 + rng.normal(size=runs) for name in METRICS})
    for name, shift in (shifts or {}).items():
        frame[name] += shift + 0.1 * rng.normal(size=runs)
    frame.insert(0, "replication", np.arange(runs))
    return Replications(Scenario(title=title, question="?"), 3, frame)


@pytest.fixture
def comparison() -> Comparison:
    moved = {"air.pm25_mean": -5.0, "cloud.requests": 8.0, "heating.subsidy": 0.0}
    return Comparison(arm(), {"variant": arm(moved)})


def test_points_and_bars_are_the_differences_in_per_cent_of_the_base(
    comparison: Comparison,
) -> None:
    ax, row = plots.compare(comparison, ax=axes(), lang="en"), comparison.table.loc["air.pm25_mean"]
    (point,) = by_gid(ax, "difference-air.pm25_mean")
    (bar,) = by_gid(ax, "interval-air.pm25_mean")
    assert point.get_xdata()[0] == pytest.approx(100 * row["difference"] / row["base"])
    assert list(bar.get_xdata()) == pytest.approx(
        [100 * row["low"] / row["base"], 100 * row["high"] / row["base"]]
    )


def test_a_verdict_has_a_shape_and_a_colour_of_its_own(comparison: Comparison) -> None:
    ax = plots.compare(comparison, ax=axes(), lang="en")
    for name in ("air.pm25_mean", "cloud.requests"):
        (point,) = by_gid(ax, f"difference-{name}")
        marks = VERDICT_MARKS[comparison.table.loc[name, "verdict"]]
        assert (point.get_marker(), point.get_color()) == marks
    assert len({m for m, _ in VERDICT_MARKS.values()}) == len(VERDICT_MARKS)
    assert len({c for _, c in VERDICT_MARKS.values()}) == len(VERDICT_MARKS)


def test_metrics_equal_in_every_pair_are_left_out_and_counted(comparison: Comparison) -> None:
    ax = plots.compare(comparison, ax=axes(), lang="en")
    assert len(ax.get_yticks()) == 3
    assert any(f"{len(comparison.table) - 3} metrics are equal" in text for text in texts(ax))


def test_a_variant_is_left_out_of_the_metrics_it_does_not_move() -> None:
    both = Comparison(arm(), {"one": arm({"air.alerts": 2.0}), "two": arm()})
    ax = plots.compare(both, ax=axes(), lang="en")
    assert [label.get_text() for label in ax.get_yticklabels()] == ["alerts published — one"]


def test_the_caption_says_seed_pairs_and_whether_intervals_hold_together() -> None:
    alone = Comparison(arm(), {"one": arm({"air.alerts": 2.0})})
    together = Comparison(arm(), {"one": arm({"air.alerts": 2.0})}, simultaneous=True)
    for comparison, said in ((alone, False), (together, True)):
        text = " ".join(texts(plots.compare(comparison, ax=axes(), lang="en")))
        assert "seed 3" in text
        assert "12 pairs" in text
        assert ("all variants together" in text) == said


def test_metrics_asked_for_are_drawn_in_that_order(comparison: Comparison) -> None:
    names = ["heating.revenue", "air.pm25_mean"]
    ax = plots.compare(comparison, names, axes(), "en")
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == [METRICS[name].en for name in names]


def test_values_and_their_interval_are_printed_with_the_unit(comparison: Comparison) -> None:
    row = comparison.table.loc["air.pm25_mean"]
    said = next(t for t in texts(plots.compare(comparison, ax=axes(), lang="en")) if "→" in t)
    assert f"{row['base']:.1f} → {row['variant']:.1f} µg/m³" in said
    assert f"{row['difference']:+.1f}".replace("-", "−") in said


def test_several_variants_have_a_line_each() -> None:
    both = Comparison(arm(), {"one": arm({"air.alerts": 2.0}), "two": arm({"air.alerts": -2.0})})
    ax = plots.compare(both, ax=axes(), lang="en")
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "alerts published — one", "alerts published — two"
    ]  # fmt: skip
    points = by_gid(ax, "difference-air.alerts")
    assert points[0].get_xdata()[0] > 0 > points[1].get_xdata()[0]


def test_a_change_beyond_the_picture_ends_in_an_arrow() -> None:
    small = arm()
    small.metrics["air.red"] = 0.0
    small.metrics["air.alert_days_red"] = 0.01
    large = arm({"air.alert_days_red": 0.5})
    ax = plots.compare(Comparison(small, {"v": large}), ["air.alert_days_red"], axes(), "en")
    assert any("arrow" in text for text in texts(ax))
    assert by_gid(ax, "difference-air.alert_days_red")[0].get_xdata()[0] <= 100.0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_comparison_in_which_nothing_moves_says_so(lang: str) -> None:
    ax = plots.compare(Comparison(arm(), {"same": arm()}), ax=axes(), lang=lang)
    draw_strictly(ax)
    assert not by_gid(ax, "difference-air.pm25_mean")


# ---- many runs ---------------------------------------------------------------------------


def test_a_histogram_holds_every_run_and_parts_at_the_target() -> None:
    reps = arm()
    reps.metrics["air.pm25_mean"] = np.linspace(66.0, 80.0, 12)
    ax = plots.replications(reps, "air.pm25_mean", axes(), "en")
    bars = [p for p in ax.patches if p.get_gid() is None]
    assert sum(bar.get_height() for bar in bars) == 12
    met = sum(b.get_height() for b in bars if b.get_x() + b.get_width() <= 72 + 1e-9)
    assert met == (reps.metrics["air.pm25_mean"] <= 72).sum()
    assert set(by_gid(ax, "target")[0].get_xdata()) == {72}
    assert any(f"met in {met} of 12 winters" in text for text in texts(ax))


def test_days_have_a_bar_each_and_the_limit_itself_meets_the_target() -> None:
    reps = arm()
    reps.metrics["air.heavy_days"] = [8.0, 9, 10, 10, 11, 12, 12, 12, 13, 14, 15, 20]
    ax = plots.replications(reps, "air.heavy_days", axes(), "en")
    heights = {b.get_x() + 0.5: b.get_height() for b in ax.patches if b.get_gid() is None}
    assert heights[10.0] == 2
    assert heights[12.0] == 3
    assert any("met in 4 of 12" in text for text in texts(ax))


def test_mean_and_interval_are_those_of_the_summary() -> None:
    reps = arm()
    ax = plots.replications(reps, "air.pm25_mean", axes(), "en")
    row = reps.summary.loc["air.pm25_mean"]
    assert by_gid(ax, "mean")[0].get_xdata()[0] == pytest.approx(row["mean"])
    (band,) = by_gid(ax, "interval")
    assert band.get_x() == pytest.approx(row["low"])
    assert band.get_x() + band.get_width() == pytest.approx(row["high"])


def test_a_metric_no_run_defines_is_said_not_drawn() -> None:
    reps = arm()
    reps.metrics["air.lead_time_h"] = np.nan
    ax = plots.replications(reps, "air.lead_time_h", axes(), "en")
    assert any("no run defines this metric" in text for text in texts(ax))
    draw_strictly(ax)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_can_be_drawn(name: str) -> None:
    assert plots.replications(arm(), name, axes(), "zh").get_title(loc="left")


def test_equal_pictures_have_equal_bytes() -> None:
    first, second = (
        plots.png(lambda ax: plots.replications(arm(), "air.pm25_mean", ax, "en"), 4, 3)
        for _ in range(2)
    )
    assert first == second
    assert first.startswith(b"\x89PNG")
