"""One temperature heats dwellings and air in the same run, and the season's levers move both."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from zibo_sim import plots
from zibo_sim.air.emissions import activity
from zibo_sim.air.weather import SPIN_UP_H, AirCalendar, draw_weather
from zibo_sim.experiment import run
from zibo_sim.heating.outcomes import who_pays
from zibo_sim.metrics import METRICS
from zibo_sim.model import supply_days
from zibo_sim.results import Run
from zibo_sim.scenario import Scenario, load
from zibo_sim.streams import Streams

mpl.use("Agg")
SMALL = {"heating.dwellings": 3_000}


def heating_emission(scenario: Scenario, seed: int) -> Any:
    """Return the share of a normal season's heating emission by day, as the air of a run has it."""
    clock, law = scenario.clock(), scenario.law_book()
    calendar = AirCalendar.of(clock, supply_days(scenario, clock, law))
    weather = draw_weather(scenario.air, calendar, Streams(seed, 0))
    _, heat = activity(scenario.air, calendar.hour_of_day, calendar.heating, weather.whole.mean_c)
    return heat[SPIN_UP_H:].reshape(-1, 24).sum(axis=1)


@pytest.fixture(scope="module")
def base() -> Scenario:
    return load().replace(SMALL)


@pytest.fixture(scope="module")
def winter(base: Scenario) -> Run:
    return run(base, seed=1)


def test_a_cold_spell_raises_heat_and_emission_on_the_same_days(
    base: Scenario, winter: Run
) -> None:
    heat, emission = winter.outcome.heating.heat_kwh, heating_emission(base, 1)
    heated = np.flatnonzero(heat)
    outdoor = winter.outcome.outdoor_c.reshape(-1, 24).mean(axis=1)
    spell = heated[np.argsort(outdoor[heated])[:10]]
    for series in (heat, emission):
        assert series[spell].min() > series[heated].mean()
    assert np.corrcoef(heat[heated], emission[heated])[0, 1] > 0.9


def test_a_colder_winter_raises_metered_bills_and_emission_and_leaves_area_bills(
    base: Scenario, winter: Run
) -> None:
    normal = [t - 3.0 for t in base.air.weather.normal_c]
    colder = base.replace({"air.weather.normal_c": normal})
    cold = run(colder, seed=1)
    assert cold.metrics["heating.revenue_metered"] > winter.metrics["heating.revenue_metered"]
    assert heating_emission(colder, 1).sum() > 1.1 * heating_emission(base, 1).sum()
    assert np.array_equal(cold.outcome.heating.area_bills, winter.outcome.heating.area_bills)


def test_an_early_start_burns_fuel_on_the_days_it_adds(base: Scenario) -> None:
    longer = base.replace({"heating.season.early_days": 10, "heating.season.late_days": 5})
    added = (heating_emission(longer, 1) > 0) & (heating_emission(base, 1) == 0)
    assert 13 <= added.sum() <= 15  # a day warmer than the heating base needs none
    cost = run(longer, seed=1).metrics["heating.extension_cost"]
    assert cost > 0


def test_the_metrics_of_heating_come_out_of_one_run(winter: Run) -> None:
    names = [name for name in METRICS if name.startswith("heating.")]
    assert np.isfinite(winter.metrics[names]).all()
    assert winter.metrics["heating.break_even_kwh_m2"] == pytest.approx(99.35, abs=0.005)
    assert winter.metrics["heating.extension_cost"] == 0.0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_picture_of_both_tariffs_shows_the_table(winter: Run, lang: str) -> None:
    ax = plots.tariffs(winter, Figure(layout="constrained").subplots(), lang)
    outcome = winter.outcome
    table = who_pays(winter.scenario.heating, outcome.law, outcome.heating)
    (area,) = [c for c in ax.collections if c.get_gid() == "area"]
    np.testing.assert_allclose(area.get_offsets()[:, 0], table["by_area"])
    meter = [c.get_offsets()[0, 0] for c in ax.collections if c.get_gid() == "meter"]
    np.testing.assert_allclose(meter, table["by_meter"])
    assert len(ax.get_yticklabels()) == len(table)
