"""Pictures of a study: means, intervals and cells are those of its table."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from zibo_sim import plots
from zibo_sim.errors import Refused
from zibo_sim.experiment import interval

COMPLIANCE, HORIZON = "air.response.compliance", "air.forecast.horizon_h"


def study(*factors: tuple[str, list], runs: int = 4) -> pd.DataFrame:
    """Return a grid's table; the output rises with the first factor."""
    rng, rows = np.random.default_rng(3), []
    for point, values in enumerate(product(*(v for _, v in factors))):
        rows += [(point, k, *values, 60 + point + rng.normal(), "") for k in range(runs)]
    names = ["point", "replication", *(name for name, _ in factors), "air.pm25_mean", "error"]
    return pd.DataFrame(rows, columns=names)


def axes() -> Axes:
    return Figure(layout="constrained").subplots()


def line(ax: Axes, gid: str) -> object:
    (found,) = (line for line in ax.lines if line.get_gid() == gid)
    return found


def said(ax: Axes) -> str:
    return " | ".join(text.get_text() for text in ax.figure.findobj(Text))


def test_one_factor_gives_a_line_of_means_with_their_intervals() -> None:
    table = study((COMPLIANCE, [0.5, 0.7, 0.9]))
    ax = plots.sweep(table, "air.pm25_mean", ax=axes(), lang="en")
    drawn = line(ax, "mean")
    for x, y in zip(drawn.get_xdata(), drawn.get_ydata(), strict=True):
        rows = table.loc[table[COMPLIANCE] == x, "air.pm25_mean"]
        assert y == pytest.approx(rows.mean())
    bars = ax.collections[0].get_segments()
    _, low, high, _ = interval(table.loc[table[COMPLIANCE] == 0.5, "air.pm25_mean"])
    assert list(bars[0][:, 1]) == pytest.approx([low, high])
    assert "µg/m³" in ax.get_ylabel()


def test_a_list_gives_a_line_a_value() -> None:
    table = study((COMPLIANCE, [0.5, 0.6, 0.7, 0.8]), (HORIZON, [72, 96, 120]))
    ax = plots.sweep(table, "air.pm25_mean", ax=axes(), lang="en")
    for horizon in (72, 96, 120):
        means = table[table[HORIZON] == horizon].groupby(COMPLIANCE)["air.pm25_mean"].mean()
        np.testing.assert_allclose(line(ax, f"mean-{horizon}").get_ydata(), means)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["72", "96", "120"]
    assert len({line(ax, f"mean-{h}").get_marker() for h in (72, 96, 120)}) == 3


def test_two_factors_of_many_values_give_a_map_of_the_means() -> None:
    across, up = [round(0.3 + 0.1 * i, 1) for i in range(7)], list(range(72, 120, 6))
    table = study((COMPLIANCE, across), (HORIZON, up), runs=2)
    ax = plots.sweep(table, "air.pm25_mean", COMPLIANCE, HORIZON, axes(), "en")
    (mesh,) = (c for c in ax.collections if c.get_gid() == "map")
    wanted = table.pivot_table(index=HORIZON, columns=COMPLIANCE, values="air.pm25_mean")
    np.testing.assert_allclose(np.asarray(mesh.get_array()).reshape(wanted.shape), wanted)
    assert [t.get_text() for t in ax.get_xticklabels()] == [f"{v:g}" for v in across]
    assert f"{wanted.iloc[0, 0]:.1f}" in said(ax)


def test_points_that_fill_no_grid_give_contours_and_are_shown() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.random(40), rng.random(40)
    table = pd.DataFrame({"point": range(40), "replication": 0, COMPLIANCE: x, HORIZON: y,
                          "air.pm25_mean": 50 + x + y, "error": ""})  # fmt: skip
    ax = plots.sweep(table, "air.pm25_mean", COMPLIANCE, HORIZON, axes(), "en")
    (points,) = (c for c in ax.collections if c.get_gid() == "points")
    order = np.lexsort((y, x))
    np.testing.assert_allclose(points.get_offsets(), np.column_stack([x, y])[order])


def test_failed_runs_are_left_out_and_counted() -> None:
    table = study((COMPLIANCE, [0.5, 0.7]))
    table.loc[0, ["air.pm25_mean", "error"]] = [np.nan, "boom"]
    ax = plots.sweep(table, "air.pm25_mean", ax=axes(), lang="en")
    rest = table.loc[(table[COMPLIANCE] == 0.5) & (table["error"] == ""), "air.pm25_mean"]
    assert line(ax, "mean").get_ydata()[0] == pytest.approx(rest.mean())
    assert "failed runs, left out: 1" in said(ax)


def test_other_factors_are_averaged_over_and_named() -> None:
    table = study((COMPLIANCE, [0.5, 0.7]), (HORIZON, [72, 96]), ("cloud.audit.servers", [1, 2]))
    ax = plots.sweep(table, "air.pm25_mean", COMPLIANCE, ax=axes(), lang="en")
    drawn = line(ax, "mean").get_ydata()
    np.testing.assert_allclose(drawn, table.groupby(COMPLIANCE)["air.pm25_mean"].mean())
    assert "averaged over" in said(ax)


def test_the_caption_has_title_seed_points_and_replications() -> None:
    table = study((COMPLIANCE, [0.5, 0.7]))
    table.attrs = {"title": "Who complies", "seed": 11}
    text = said(plots.sweep(table, "air.pm25_mean", ax=axes(), lang="en"))
    for part in ("Who complies", "seed 11", "2 points", "4 replications each"):
        assert part in text


def test_factors_are_called_by_their_names_and_units() -> None:
    table = study(("law.alert.yellow.days", [2, 3]))
    zh = plots.sweep(table, "air.pm25_mean", ax=axes(), lang="zh").get_xlabel()
    en = plots.sweep(table, "air.pm25_mean", ax=axes(), lang="en").get_xlabel()
    assert "yellow" in en.lower()
    assert zh != "law.alert.yellow.days"
    assert "(h)" in plots.sweep(study((HORIZON, [72, 96])), "air.pm25_mean", ax=axes(),
                                lang="en").get_xlabel()  # fmt: skip


def test_a_factor_of_words_has_a_place_for_each() -> None:
    table = study(("cloud.queue", ["fifo", "priority"]))
    ax = plots.sweep(table, "air.pm25_mean", ax=axes(), lang="en")
    assert [t.get_text() for t in ax.get_xticklabels()] == ["fifo", "priority"]


def test_what_the_table_lacks_is_refused() -> None:
    table = study((COMPLIANCE, [0.5, 0.7]))
    with pytest.raises(Refused, match=r"air\.pm25_mean"):
        plots.sweep(table, "air.pm25", ax=axes())
    with pytest.raises(Refused, match="compliance"):
        plots.sweep(table, "air.pm25_mean", "air.response.complience", ax=axes())
    with pytest.raises(Refused, match="no run went well"):
        plots.sweep(table.assign(error="boom"), "air.pm25_mean", ax=axes())
    with pytest.raises(Refused, match="no factor"):
        plots.sweep(table.drop(columns=COMPLIANCE), "air.pm25_mean", ax=axes())
