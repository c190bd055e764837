"""Pictures of heating bills: bars, medians and counts are those of the ledger."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zibo_sim import plots
from zibo_sim.errors import Refused
from zibo_sim.experiment import run
from zibo_sim.heating.outcomes import who_pays
from zibo_sim.plots.billing import changes
from zibo_sim.results import Run
from zibo_sim.scenario import load

OCTOBER = {"period.end": date(2018, 10, 10)}


@pytest.fixture(scope="module")
def winter() -> Run:
    return run(load().replace({"heating.dwellings": 8000}), seed=1)


def axes() -> Axes:
    return Figure(layout="constrained").subplots()


def stairs(ax: Axes, gid: str) -> tuple[np.ndarray, np.ndarray]:
    (patch,) = (p for p in ax.patches if p.get_gid() == gid)
    return patch.get_data().values, patch.get_data().edges


def labels(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize("kind", ["area", "metered"])
def test_bars_are_the_histogram_of_the_bills(winter: Run, kind: str) -> None:
    ax = plots.bills(winter, axes(), "en")
    amounts = getattr(winter.outcome.heating, f"{kind}_bills")
    values, edges = stairs(ax, kind)
    np.testing.assert_allclose(values, 100 * np.histogram(amounts, edges)[0] / len(amounts))
    (line,) = (line for line in ax.lines if line.get_gid() == f"median-{kind}")
    assert line.get_xdata()[0] == np.median(amounts)
    assert any(f"{len(amounts):,} dwellings" in label for label in labels(ax))


def test_bills_beyond_the_picture_are_counted(winter: Run) -> None:
    ax, ledger = plots.bills(winter, axes(), "en"), winter.outcome.heating
    every = np.concatenate([ledger.area_bills, ledger.metered_bills])
    beyond = (every > stairs(ax, "area")[1][-1]).sum()
    assert f"beyond the picture: {beyond:,}" in ax.texts[0].get_text()


def test_winners_and_losers_part_at_zero(winter: Run) -> None:
    ax, change = plots.winners(winter, axes(), "en"), changes(winter)
    for gid, its, side in (("winners", change[change < 0], -1), ("losers", change[change > 0], 1)):
        values, edges = stairs(ax, gid)
        middles = (edges[1:] + edges[:-1]) / 2
        assert not values[np.sign(middles) != side].any()
        inside = ((its >= edges[0]) & (its <= edges[-1])).sum()
        assert values.sum() * len(change) / 100 == pytest.approx(inside)
        said = f"pay {'less' if side < 0 else 'more'}: {len(its):,}"
        assert any(label.startswith(said) for label in labels(ax))


def test_the_share_of_winners_is_the_metric(winter: Run) -> None:
    change = changes(winter)
    assert (change < 0).mean() == pytest.approx(winter.metrics["heating.metered_paying_less"])


def test_when_all_pay_less_there_are_no_losers() -> None:
    cheap = run(
        load().replace({"heating.dwellings": 4000, "law.heating.metered.residential.rate": 0.0}), 1
    )
    ax = plots.winners(cheap, axes(), "en")
    assert stairs(ax, "losers")[0].sum() == 0
    assert any(label.startswith("pay more: 0 (0%)") for label in labels(ax))


def test_the_groups_of_the_two_tariffs_are_those_of_the_table(winter: Run) -> None:
    ax = plots.tariffs(winter, axes(), "en")
    table = who_pays(winter.scenario.heating, winter.outcome.law, winter.outcome.heating)
    table = table[table["dwellings"] > 0]
    meter = [c.get_offsets()[0] for c in ax.collections if c.get_gid() == "meter"]
    assert sorted(x for x, _ in meter) == pytest.approx(sorted(table["by_meter"]))
    assert any("seed 1" in text.get_text() for text in ax.texts)


@pytest.mark.parametrize("draw", [plots.bills, plots.winners, plots.tariffs])
def test_a_period_without_bills_is_refused(draw: object) -> None:
    with pytest.raises(Refused, match=r"season|bill"):
        draw(run(load().replace(OCTOBER), 1), axes(), "en")  # type: ignore[operator]


def test_without_meters_bills_are_drawn_and_winners_refused() -> None:
    plain = run(load().replace({"heating.dwellings": 2000, "heating.metered_share": 0.0}), 1)
    ax = plots.bills(plain, axes(), "en")
    assert [p.get_gid() for p in ax.patches] == ["area"]
    with pytest.raises(Refused, match="meter"):
        plots.winners(plain, axes(), "en")
