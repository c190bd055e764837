"""The cheapest list against every list there is, on cities of a few plants."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from zibo_sim.air.cutplan import CutPlan, Fairness, plan_cuts, plan_levels
from zibo_sim.air.inventory import ALERTS, COUNTED, DISTRICT_KEYS, from_rows
from zibo_sim.air.parameters import Air, Response
from zibo_sim.air.reductions import ReductionList, reduction_list
from zibo_sim.air.sectors import SECTORS
from zibo_sim.errors import Refused
from zibo_sim.law import book

LAW = book()
BARE = Response.model_validate(
    {"dust_cut": [0.0] * 3, "road_cut": [0.0] * 3, "non_road_cut": [0.0] * 3}
)
INDUSTRIES = ("steel", "rock_wool", "furniture", "chemicals", "thermal_power", "bricks")


def city(seed: int, plants: int, share_one: float = 0.0, **more: Any) -> ReductionList:
    """Draw a city of a few plants, with lines of their own, values and tonnes."""
    rng = np.random.default_rng(seed)
    rows = [
        {
            "name": f"{k}", "credit_code": f"{k}", "industry": INDUSTRIES[k % len(INDUSTRIES)],
            "district": DISTRICT_KEYS[int(rng.integers(3))],
            "water_based": bool(rng.random() < 0.5),
            "lines": 1 if rng.random() < share_one else int(rng.integers(2, 5)),
            "output_value": float(rng.integers(10, 100)),
            **{f"{p}_t": float(rng.integers(1, 60)) for p in COUNTED},
        }
        | {key: value[k] for key, value in more.items()}
        for k in range(plants)
    ]  # fmt: skip
    annual = np.zeros((len(SECTORS), len(COUNTED)))
    return ReductionList(from_rows(rows), annual, 120.0, BARE, LAW)


def by_brute_force(reductions: ReductionList, level: str, fairness: Fairness) -> float | None:
    """Try every number of lines of every plant; return the least yuan a day, None if none does."""
    plants = reductions.inventory
    least = reductions.least(level)
    free = ~(reductions.exempt | reductions.skips(True))
    choices = [
        [k / n for k in range(n + 1) if k / n >= low - 1e-9 and (k / n <= most or k / n <= low)]
        if may
        else [0.0]
        for n, low, may, most in zip(
            plants.lines, least, free, [fairness.plant + 1e-9] * len(plants), strict=True
        )
    ]
    best = None
    whole = np.bincount(plants.district, plants.value_yuan, len(DISTRICT_KEYS)) / 330
    printed = (
        np.bincount(plants.district, plants.value_yuan * least * free, len(DISTRICT_KEYS)) / 330
    )
    for share in product(*choices):
        orders = reductions.apply(level, True, np.array(share))
        most = np.maximum(fairness.district * whole, printed) + 1e-6
        fair = (orders.lost_by_district <= most).all()
        if orders.account.met and fair and (best is None or orders.lost < best):
            best = orders.lost
    return best


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("level", ALERTS)
def test_no_list_of_whole_lines_is_cheaper(seed, level):
    reductions = city(seed, 5)
    plan = plan_cuts(reductions, level, gap=1e-9)
    assert plan.orders.account.met
    assert plan.orders.lost == pytest.approx(
        by_brute_force(reductions, level, Fairness()), rel=1e-9
    )


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("fairness", [Fairness(plant=0.67), Fairness(district=0.45)])
def test_no_fair_list_is_cheaper(seed, fairness):
    reductions = city(seed, 5)
    plan, best = (f(reductions, "red", fairness=fairness) for f in (plan_cuts, by_brute_force))
    assert (best is None) == (not plan.orders.account.met) == bool(plan.short)
    if best is not None:
        assert plan.orders.lost <= best * (1 + 1e-3)
        assert (plan.orders.share <= np.maximum(reductions.least("red"), fairness.plant)).all()


def test_a_single_line_is_cut_by_just_as_much_as_is_needed():
    reductions = city(1, 2, share_one=1.0, industry=["steel", "chemicals"], lines=[1, 1])
    plan = plan_cuts(reductions, "yellow", gap=1e-9)
    slack = min(plan.reached[name] - plan.needed[name] for name in plan.needed)
    assert 0.0 <= slack < 0.02
    assert (plan.lines == -1).all()
    np.testing.assert_allclose(plan.orders.share * 1e4, np.rint(plan.orders.share * 1e4), atol=1e-6)


def test_printed_measures_are_taken_even_where_they_are_not_needed():
    reductions = city(3, 6)
    for level in ALERTS:
        plan = plan_cuts(reductions, level, fairness=Fairness(0.0, 0.0))
        assert (plan.orders.share >= reductions.least(level)).all()


@pytest.mark.parametrize(
    ("flag", "more"),
    [("benchmark", {}), ("staggered", {"staggered_cut": [0.3] * 5}), ("struck_off", {})],
)
def test_nobody_who_is_exempt_is_cut(flag, more):
    first = ["closed" if flag == "struck_off" else True] + [
        None if flag == "struck_off" else False
    ] * 4
    reductions = city(2, 5, **{flag: first}, **more)
    plan = plan_cuts(reductions, "red")
    assert plan.orders.share[0] == 0.0
    assert not plan.on_list[0]
    assert plan.on_list[1:].all()


def test_standing_cuts_of_staggered_plants_spare_the_others():
    flags = {"staggered": [True] + [False] * 4}
    little, much = (
        plan_cuts(city(4, 5, **flags, staggered_cut=[cut] * 5), "red", gap=1e-9).orders.lost
        for cut in (0.1, 0.6)
    )
    assert much < little


@pytest.mark.parametrize("level", ALERTS)
def test_a_district_never_loses_more_than_its_bound_or_what_is_printed(level):
    reductions = reduction_list(Air.model_validate({"enterprises": {"count": 300}}), LAW)
    plants, plan = reductions.inventory, plan_cuts(reductions, level, fairness=Fairness(0.6, 0.2))
    value = plants.value_yuan / 330
    whole, printed = (
        np.bincount(plants.district, value * share, len(DISTRICT_KEYS))
        for share in (plants.listed, reductions.least(level) * plan.on_list)
    )
    most = np.maximum(0.2 * whole, printed) * (1 + 1e-6)
    assert (plan.orders.lost_by_district <= most).all()
    assert (plan.orders.share <= np.maximum(0.6, reductions.least(level))).all()


def test_what_cannot_be_reached_is_said_and_by_how_much():
    reductions = city(5, 5, benchmark=[True] * 4 + [False])
    plan = plan_cuts(reductions, "red")
    full = reductions.apply("red", True, np.array([0, 0, 0, 0, 1.0]))
    percent = full.account.percent
    expected = {
        "so2+nox": 60 - percent["so2"] - percent["nox"],
        "pm": 30 - percent["pm"],
        "voc": 20 - percent["voc"],
    }
    assert not plan.orders.account.met
    assert plan.short == pytest.approx({n: v for n, v in expected.items() if v > 0}, abs=1e-3)


def test_a_list_that_suffices_lacks_nothing():
    plan = plan_cuts(city(6, 6), "orange")
    assert plan.short == {}


def test_nested_lists_never_ask_less_at_a_higher_level():
    reductions = reduction_list(Air.model_validate({"enterprises": {"count": 200}}), LAW)
    plans = plan_levels(reductions, ALERTS, nested=True)
    shares = [plans[level].orders.share for level in ALERTS]
    assert (shares[0] <= shares[1]).all()
    assert (shares[1] <= shares[2]).all()
    assert all(plan.orders.account.met for plan in plans.values())


def test_free_lists_cost_no_more_than_nested_ones():
    reductions = reduction_list(Air.model_validate({"enterprises": {"count": 200}}), LAW)
    free, nested = (plan_levels(reductions, ALERTS, nested=n, gap=1e-6) for n in (False, True))
    for level in ALERTS:
        assert free[level].orders.lost <= nested[level].orders.lost * (1 + 1e-6)


@pytest.mark.parametrize("heating", [True, False])
def test_the_cheapest_list_is_cheaper_than_one_share_for_all(heating):
    reductions = reduction_list(Air(), LAW)
    for level in ALERTS:
        plan: CutPlan = plan_cuts(reductions, level, heating=heating, gap=5e-3)
        assert plan.orders.account.met
        assert plan.orders.lost < reductions.orders(level, heating).lost
        assert plan.gap <= 5e-3


def test_a_bound_that_is_no_share_is_refused():
    with pytest.raises(Refused, match=r"district: 1\.5 is refused"):
        Fairness(district=1.5)
