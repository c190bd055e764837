"""The optional valuation: off by default, its sums, and what is never added."""

from __future__ import annotations

import math

import numpy as np
import pytest

from zibo_sim.comparison import compare
from zibo_sim.errors import Refused
from zibo_sim.experiment import replicate
from zibo_sim.metrics import METRICS
from zibo_sim.report import summary_text
from zibo_sim.scenario import Scenario, known_keys, load
from zibo_sim.valuation import (
    ROWS,
    Valuation,
    acute_deaths,
    appraise,
    chronic_deaths,
    cost_yuan,
    daily_difference,
    valued,
)

GIVEN = Valuation(enabled=True)


@pytest.fixture(scope="module")
def on() -> Scenario:
    return load().replace({"valuation.enabled": True})


def days(fall: float, count: int = 1) -> np.ndarray:
    return np.full(count, fall)


# ---- the sums ----------------------------------------------------------------------------------


def test_a_day_ten_micrograms_cleaner_puts_off_a_fifth_of_a_death() -> None:
    # 4.7 million people, 7.2 deaths a thousand and year, 0.22 % per 10 µg/m³.
    a_day = 4.7e6 * 0.0072 / 365
    assert a_day == pytest.approx(92.7, abs=0.05)
    assert acute_deaths(GIVEN, days(10.0)) == pytest.approx(a_day * (1 - math.exp(-0.0022)))
    assert acute_deaths(GIVEN, days(10.0)) == pytest.approx(0.20, abs=0.005)


def test_deaths_add_up_over_days_and_rebound_takes_some_back() -> None:
    assert acute_deaths(GIVEN, days(10.0, 3)) == pytest.approx(3 * acute_deaths(GIVEN, days(10.0)))
    assert acute_deaths(GIVEN, np.array([10.0, -10.0])) == pytest.approx(0.0, abs=1e-3)
    assert acute_deaths(GIVEN, np.array([10.0, np.nan])) == acute_deaths(GIVEN, days(10.0))


def test_eight_per_cent_of_output_for_a_day_costs_some_28_million() -> None:
    lost = 0.08 * GIVEN.industry_sales_yuan
    assert cost_yuan(GIVEN, lost, 1.0, 0.0) == pytest.approx(28e6)


def test_schools_and_traffic_cost_nothing_unless_they_are_given() -> None:
    assert cost_yuan(GIVEN, 0.0, 10.0, 5.0) == 0.0
    told = GIVEN.model_copy(update={"school_yuan": 3.0, "traffic_yuan": 2.0})
    assert cost_yuan(told, 0.0, 10.0, 5.0) == 10 * 2.0 + 5 * 3.0


def test_a_chronic_effect_rises_with_the_yearly_mean_alone() -> None:
    told = GIVEN.model_copy(update={"chronic_risk_per_10ug": 1.08})
    whole_year = chronic_deaths(told, days(10.0, 365))
    assert whole_year == pytest.approx(4.7e6 * 0.0072 * (1 - 1 / 1.08))
    assert chronic_deaths(told, days(0.0, 365)) == 0.0


def test_days_are_means_of_their_known_hours() -> None:
    without = np.concatenate([np.full(24, 50.0), np.full(24, 80.0)])
    with_measures = np.concatenate([np.full(24, 40.0), np.full(12, 60.0), np.full(12, np.nan)])
    assert daily_difference(with_measures, without).tolist() == [10.0, 20.0]
    assert np.isnan(daily_difference(np.full(24, np.nan), np.full(24, 50.0))).all()


def test_benefits_are_acute_deaths_times_each_value_of_a_life() -> None:
    found = appraise(GIVEN, np.full(24, 90.0), np.full(24, 100.0), 1e9, 2.0, 0.0)
    assert found["exposure_avoided"] == pytest.approx(10.0)
    assert found["benefit_low"] == pytest.approx(found["deaths_avoided"] * 1.47e6)
    assert found["benefit_high"] == pytest.approx(found["deaths_avoided"] * 5.54e6)
    assert found["break_even"] == pytest.approx(found["cost"] / found["benefit_high"])
    assert found["cost_per_response_day"] == pytest.approx(found["cost"] / 2)


def test_ten_micrograms_for_a_day_are_worth_a_third_to_one_million() -> None:
    found = appraise(GIVEN, np.full(24, 90.0), np.full(24, 100.0), 0.0, 1.0, 0.0)
    assert 0.28e6 < found["benefit_low"] < 0.32e6
    assert 1.05e6 < found["benefit_high"] < 1.2e6


def test_the_chronic_effect_stands_apart() -> None:
    told = GIVEN.model_copy(update={"chronic": True})
    season = np.full(24, 90.0), np.full(24, 100.0), 1e9, 2.0, 0.0
    plain, both = appraise(GIVEN, *season), appraise(told, *season)
    assert set(both) - set(plain) == {"chronic_deaths_avoided"}
    assert {k: both[k] for k in plain} == plain


def test_nothing_is_valued_where_the_air_without_measures_is_not_known() -> None:
    found = appraise(GIVEN, np.full(24, 90.0), np.full(24, np.nan), 1e6, 1.0, 0.0)
    assert math.isnan(found["deaths_avoided"])
    assert math.isnan(found["break_even"])
    assert found["cost"] > 0


# ---- the switch --------------------------------------------------------------------------------


def test_the_valuation_is_off_and_absent_by_default() -> None:
    assert not load().valuation.enabled
    assert valued(load().valuation) == ()
    assert not [c for c in replicate(load(), 2, seed=1).metrics if c.startswith("valuation.")]


def test_every_assumption_can_be_set_and_says_what_it_is() -> None:
    keys = {k: said for k, said in known_keys().items() if k.startswith("valuation.")}
    assert {k.partition(".")[2] for k in keys} == set(Valuation.model_fields)
    assert all(said["status"] in ("assumed", "literature") and said["source"]
               for said in keys.values())  # fmt: skip


def test_switched_on_it_adds_its_columns_and_moves_no_other(on: Scenario) -> None:
    plain, valued_too = replicate(load(), 3, seed=2), replicate(on, 3, seed=2)
    added = [c for c in valued_too.summary.index if c not in plain.summary.index]
    assert added == [name for name, *_ in ROWS if "chronic" not in name]
    shared = list(plain.summary.index)
    assert valued_too.metrics[shared].equals(plain.metrics[shared])
    assert valued_too.summary.loc["valuation.cost", "unit"] == "yuan"


def test_chronic_adds_one_column_more(on: Scenario) -> None:
    names = valued(on.replace({"valuation.chronic": True}).valuation)
    assert set(names) - set(valued(on.valuation)) == {"valuation.chronic_deaths_avoided"}
    assert valued(load().replace({"valuation.chronic": True}).valuation) == ()


def test_a_comparison_shows_what_both_sides_have(on: Scenario) -> None:
    assert not [n for n in compare(load(), on, replications=2).table.index if "valuation" in n]
    twice = on.replace({"air.response.compliance": 1.0})
    assert "valuation.cost" in compare(on, twice, replications=2).table.index


def test_no_measures_cost_nothing_and_save_nothing(on: Scenario) -> None:
    row = replicate(on.replace({"air.response.compliance": 0.0}), 2, seed=1).metrics
    assert (row["valuation.cost"] == 0).all()
    assert (row["valuation.deaths_avoided"] == 0).all()
    assert row["valuation.break_even"].isna().all()


def test_a_low_value_of_life_above_the_high_one_is_refused() -> None:
    with pytest.raises(Refused, match="is above life_high_yuan"):
        load().replace({"valuation.life_low_yuan": 9e6})


def test_the_table_of_metrics_has_every_row_once() -> None:
    names = [name for name, *_ in ROWS]
    assert len(names) == len(set(names))
    assert all(name in METRICS for name in names)


@pytest.mark.parametrize(
    ("lang", "title", "labels"),
    [
        (
            "zh",
            "效益与成本（公报之外的估算）",
            ("避免的过早死亡（急性）", "减排成本", "盈亏平衡倍数"),
        ),
        ("en", "Benefit and cost", ("Deaths put off (acute)", "Cost of the measures")),
    ],
)
def test_the_summary_shows_it_where_it_is_asked_for(
    on: Scenario, lang: str, title: str, labels: tuple[str, ...]
) -> None:
    text = summary_text(replicate(on, 2, 1), lang)
    assert title in text
    assert all(label in text.split(title)[1] for label in labels)
    off = on.replace({"valuation.enabled": False})
    assert title not in summary_text(replicate(off, 2, 1), lang)
