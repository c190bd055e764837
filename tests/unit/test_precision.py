"""Replications until an interval is narrow enough, or a bound is hit."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from zibo_sim.comparison import compare
from zibo_sim.errors import Refused
from zibo_sim.experiment import interval
from zibo_sim.precision import FIRST_STAGE, Aim, Wish, until_precise, wish
from zibo_sim.scenario import Scenario, load
from zibo_sim.show_experiments import compare_json, compare_text

NAMES = ["air.heavy_days", "air.alerts"]


@pytest.fixture(scope="module")
def base() -> Scenario:
    return load().replace({"period.start": date(2018, 12, 1), "period.end": date(2018, 12, 21)})


@pytest.fixture(scope="module")
def cleaner(base: Scenario) -> Scenario:
    return base.replace({"air.emissions.scale": 0.8})


# ---- the loop ----------------------------------------------------------------------------


def coin(wanted: float, **given: int) -> tuple[np.ndarray, object, list[tuple[int, int]]]:
    values, asked = np.random.default_rng(1).normal(10, 3, 10_000), list[tuple[int, int]]()

    def extend(have: np.ndarray | None, first: int, count: int) -> np.ndarray:
        assert (0 if have is None else len(have)) == first
        asked.append((first, count))
        return values[: first + count]

    def aims(have: np.ndarray) -> list[Aim]:
        _, low, high, _ = interval(have)
        return [Aim("v", "m", (high - low) / 2, wanted)]

    have, told = until_precise(extend, aims, **given)
    return have, told, asked


def test_replications_are_added_to_those_there_until_it_is_precise() -> None:
    have, told, asked = coin(0.25)
    assert told.reached and told.replications == len(have) == sum(count for _, count in asked)
    assert told.aims[0].half_width <= 0.25
    assert told.stages[0] == FIRST_STAGE
    assert list(told.stages) == list(np.cumsum([count for _, count in asked]))
    _, low, high, _ = interval(have[: told.stages[-2]])
    assert (high - low) / 2 > 0.25  # it stopped at the first look that was precise


def test_looks_are_few_and_never_more_than_double() -> None:
    _, told, _ = coin(0.1)
    assert all(b <= 2 * a for a, b in zip(told.stages, told.stages[1:], strict=False))
    assert len(told.stages) < 12


def test_the_bound_stops_it_and_is_said() -> None:
    _, told, _ = coin(0.01, most=100)
    assert not told.reached and told.replications == 100 == told.most
    assert [aim.metric for aim in told.too_wide] == ["m"]


def test_an_interval_that_is_unknown_runs_to_the_bound() -> None:
    state, told = until_precise(
        lambda have, first, count: first + count, lambda have: [Aim("v", "m", math.nan, 1.0)],
        most=50,
    )  # fmt: skip
    assert state == 50 and not told.reached


def test_a_bound_below_the_first_stage_is_refused() -> None:
    with pytest.raises(Refused, match="30 or more"):
        coin(1.0, most=20)


# ---- what may be asked -------------------------------------------------------------------


def test_a_number_is_for_all_and_a_table_for_those_named() -> None:
    assert wish(0.05, NAMES) == Wish(0.05)
    named = wish({"air.heavy_days": 0.5, "air.alerts": "5%"}, NAMES)
    assert named == Wish(None, {"air.alerts": 0.05}, {"air.heavy_days": 0.5})


@pytest.mark.parametrize("asked", [0, -1, math.nan, math.inf, True, "x", {}, {"air.alerts": 0}])
def test_what_is_no_width_is_refused(asked: object) -> None:
    with pytest.raises(Refused, match="precision"):
        wish(asked, NAMES)  # type: ignore[arg-type]


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(Refused) as refusal:
        wish({"air.heavy_day": 1.0, "air.alerts": -1.0}, NAMES)
    assert len(refusal.value.faults) == 2
    assert "air.heavy_days" in str(refusal.value)


# ---- comparisons -------------------------------------------------------------------------


def test_every_metric_that_counts_is_within_its_share_of_the_base(
    base: Scenario, cleaner: Scenario
) -> None:
    diff = compare(base, cleaner, precision=0.2, seed=5, jobs=2)
    assert diff.precision is not None and diff.precision.reached
    rows = diff.precision.table.loc[diff.precision.table["counts"]].droplevel("variant")
    table = diff.table.loc[rows.index]
    assert len(rows)
    assert ((table["high"] - table["low"]) / 2 <= 0.2 * table["base"].abs()).all()
    assert len(diff.base) == diff.precision.replications
    left = diff.precision.table.query("not counts")["why_not"]
    assert set(left) <= {"equal", "rare", "signed", "undefined", "yes_no"}
    same = compare(base, cleaner, replications=len(diff.base), seed=5)
    pd.testing.assert_frame_equal(same.table, diff.table, check_exact=True)


def test_a_named_metric_is_held_to_its_width_alone(base: Scenario, cleaner: Scenario) -> None:
    diff = compare(base, cleaner, precision={"air.pm25_mean": 1.0}, seed=5)
    assert diff.precision is not None and diff.precision.reached
    assert [aim.metric for aim in diff.precision.aims] == ["air.pm25_mean"]
    row = diff.table.loc["air.pm25_mean"]
    assert (row["high"] - row["low"]) / 2 <= 1.0


@pytest.mark.parametrize(("lang", "said"), [("zh", "上限 40"), ("en", "bound of 40 pairs was hit")])
def test_a_bound_that_was_hit_is_printed_and_in_the_json(
    base: Scenario, cleaner: Scenario, lang: str, said: str
) -> None:
    diff = compare(base, cleaner, precision={"air.pm25_mean": 1e-6}, most=40, seed=5)
    assert said in compare_text(diff, lang)
    told = compare_json("b", diff)["precision"]
    assert told["reached"] is False and told["stopped_by"] == "bound"
    assert told["replications"] == told["most"] == 40
    (rows,) = told["metrics"].values()
    assert not rows["air.pm25_mean"]["reached"]


def test_arms_that_never_differ_stop_after_the_first_stage(base: Scenario) -> None:
    diff = compare(base, base, precision=0.05, seed=5)
    assert diff.precision is not None and diff.precision.stages == (FIRST_STAGE,)
    assert "no metric differs" in compare_text(diff, "en")


def test_a_bound_without_a_precision_is_refused(base: Scenario) -> None:
    with pytest.raises(Refused, match="none is asked for"):
        compare(base, base, most=100)


def test_the_runs_to_come_are_told_as_they_are_planned(base: Scenario, cleaner: Scenario) -> None:
    planned, done = list[int](), list[int]()
    diff = compare(
        base, cleaner, precision={"air.pm25_mean": 0.3}, most=200, seed=5,
        planned=planned.append, progress=done.append,
    )  # fmt: skip
    assert planned[-1] == sum(done) == 2 * len(diff.base)
