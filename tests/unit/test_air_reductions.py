"""The reduction list by hand: what each plant stops, and what both ledgers make of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from zibo_sim.air.inventory import ALERTS, COUNTED, DISTRICT_KEYS, STRUCK_OFF, from_rows
from zibo_sim.air.parameters import Air, Response
from zibo_sim.air.reductions import ReductionList, reduction_list
from zibo_sim.air.sectors import POLLUTANTS, SECTORS
from zibo_sim.law import book

LAW = book()
NONE = np.zeros((len(SECTORS), len(COUNTED)))
#: Nothing but plants: no open sources, no residual, no gate ban.
BARE = {"dust_cut": [0.0] * 3, "road_cut": [0.0] * 3, "non_road_cut": [0.0] * 3,
        "truck_gate_cut": 0.0, "residual": "none"}  # fmt: skip


def plant(industry: str = "rock_wool", **more: Any) -> dict[str, Any]:
    about = {
        "name": "厂", "district": "boshan", "industry": industry, "lines": 1,
        "output_value": 330.0, "so2_t": 33.0, "nox_t": 66.0, "pm_t": 99.0, "voc_t": 3.3,
    }  # fmt: skip
    return about | {"credit_code": f"{industry}-{sorted(more.items())}"} | more


def listing(*rows: dict[str, Any], annual: np.ndarray = NONE, law: Any = LAW, **response: Any):
    given = Response.model_validate(BARE | response)
    return ReductionList(from_rows(rows), annual, 120.0, given, law)


def stopped(row: dict[str, Any], level: str, heating: bool = True, **response: Any) -> float:
    return float(listing(row, **response).orders(level, heating).share[0])


# ---- what the printed list orders of one plant


@pytest.mark.parametrize(
    ("lines", "expected"),
    [(1, (0.2, 0.3, 0.5)), (2, (1 / 2, 1 / 2, 1 / 2)), (3, (1 / 3, 1 / 3, 2 / 3)),
     (5, (1 / 5, 2 / 5, 3 / 5)), (10, (0.2, 0.3, 0.5))],
)  # fmt: skip
def test_a_kiln_stops_whole_lines_rounded_up_and_a_single_line_by_output(lines, expected):
    assert tuple(stopped(plant(lines=lines), level) for level in ALERTS) == expected


@pytest.mark.parametrize("lines", [1, 4])
def test_glass_is_counted_by_output_however_many_lines_it_has(lines):
    assert [stopped(plant("daily_glass", lines=lines), lv) for lv in ALERTS] == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("water", "lines", "expected"),
    [(False, 5, (0.2, 0.6, 1.0)), (True, 5, (0.0, 0.2, 0.4)), (False, 1, (0.2, 0.5, 1.0)),
     (True, 1, (0.0, 0.2, 0.3))],
)  # fmt: skip
def test_paint_that_is_water_based_is_spared(water, lines, expected):
    row = plant("furniture", water_based=water, lines=lines)
    assert tuple(stopped(row, level) for level in ALERTS) == expected


@pytest.mark.parametrize("industry", ["thermal_power", "steel", "petrochemicals", "non_ferrous"])
def test_the_plan_prints_nothing_for_power_steel_and_chemicals(industry):
    assert stopped(plant(industry), "red") == 0.0


def test_a_green_benchmark_is_exempt_even_from_what_its_own_plan_says():
    assert stopped(plant(benchmark=True, cut_red=0.9), "red") == 0.0
    law = LAW.with_changes({"alert.list.benchmark_exempt": False})
    assert listing(plant(benchmark=True), law=law).orders("red", True).share[0] == 0.5


def test_its_own_plan_can_ask_more_than_the_printed_list_and_never_less():
    assert stopped(plant(cut_red=0.7), "red") == 0.7
    assert stopped(plant(cut_red=0.1), "red") == 0.5
    assert stopped(plant("steel", lines=4, stop_lines_red=3), "red") == 0.75


@pytest.mark.parametrize(
    ("skip", "in_season", "outside"),
    [("all_year", 0.0, 0.0), ("heating_season", 0.0, 0.5), ("never", 0.5, 0.5)],
)
def test_a_staggered_plant_may_skip_the_cut_of_an_alert(skip, in_season, outside):
    row = plant(staggered=True, staggered_cut=0.3)
    assert stopped(row, "red", True, staggered_skip=skip) == in_season
    assert stopped(row, "red", False, staggered_skip=skip) == outside


# ---- the accounted ledger against figures worked by hand


def test_a_day_of_industry_is_a_330th_of_its_year():
    account = listing(plant(), plant("steel")).orders("red", True).account
    kiln, steel = SECTORS.index("kiln_materials"), SECTORS.index("steel_coking")
    np.testing.assert_allclose(account.base_t[[kiln, steel]], [[0.1, 0.2, 0.3, 0.01]] * 2)
    np.testing.assert_allclose(account.cut_t[kiln], [0.05, 0.1, 0.15, 0.005])
    assert account.percent == pytest.approx(dict.fromkeys(COUNTED, 25.0))


def test_heating_counts_its_days_in_the_season_and_nothing_outside_it():
    annual = NONE.copy()
    annual[SECTORS.index("heating_boilers")] = 12.0
    found = listing(plant(), annual=annual)
    winter, autumn = (found.orders("red", heating).account for heating in (True, False))
    assert winter.percent["so2"] == pytest.approx(100 * 0.05 / (0.1 + 0.1))
    assert autumn.percent["so2"] == pytest.approx(50.0)
    assert not autumn.base_t[SECTORS.index("heating_boilers")].any()


def test_dust_and_roads_count_365_days_and_the_scenarios_shares():
    annual = NONE.copy()
    annual[SECTORS.index("dust"), COUNTED.index("pm")] = 365.0
    annual[SECTORS.index("road"), COUNTED.index("nox")] = 730.0
    found = listing(plant("steel"), annual=annual, dust_cut=[0.4, 0.5, 0.6], road_cut=[0, 0.1, 0.2])
    percent = found.orders("red", True).account.percent
    assert percent["pm"] == pytest.approx(100 * 0.6 / 1.3)
    assert percent["nox"] == pytest.approx(100 * 0.4 / 2.2)


def test_the_standing_cut_of_a_staggered_plant_counts_1_2_times_and_the_air_does_not_notice():
    orders = listing(plant(staggered=True, staggered_cut=0.25), plant()).orders("yellow", True)
    assert orders.account.percent["so2"] == pytest.approx(100 * (1.2 * 0.25 + 0.2) / 2)
    assert orders.physical[SECTORS.index("kiln_materials"), 0] == pytest.approx(0.2 / 2)


def test_outside_the_season_a_plant_that_staggered_counts_for_nothing():
    orders = listing(plant(staggered=True, staggered_cut=0.25), plant()).orders("yellow", False)
    assert orders.account.percent["so2"] == pytest.approx(100 * 0.2 / 2)


def test_a_staggered_plant_that_must_cut_adds_what_goes_beyond_its_standing_cut():
    row = plant(staggered=True, staggered_cut=0.3)
    orders = listing(row, staggered_skip="never").orders("red", True)
    assert orders.account.percent["so2"] == pytest.approx(100 * 1.2 * 0.5)
    assert orders.physical[SECTORS.index("kiln_materials"), 0] == pytest.approx(0.2)
    assert orders.lost == pytest.approx(0.2 * 3.3e6 / 330)


def test_so2_and_nox_are_traded():
    even = listing(plant("steel", so2_t=100, nox_t=100, pm_t=1, voc_t=1, cut_yellow=0.1))
    assert even.orders("yellow", True).account.met
    traded = listing(
        plant("steel", so2_t=100, nox_t=0, pm_t=1, voc_t=1, cut_yellow=0.2),
        plant("steel", so2_t=0, nox_t=100, pm_t=0.5, voc_t=0.5, cut_yellow=0.0, name="乙"),
    )
    assert traded.orders("yellow", True).account.percent == pytest.approx(
        {"so2": 20.0, "nox": 0.0, "pm": 100 * 0.2 / 1.5, "voc": 100 * 0.2 / 1.5}
    )
    assert traded.orders("yellow", True).account.met


@pytest.mark.parametrize("kind", STRUCK_OFF)
def test_each_of_the_six_kinds_leaves_the_list_and_the_base(kind):
    alone, both = listing(plant()), listing(plant(), plant("cement", struck_off=kind, cut_red=1.0))
    for level in ALERTS:
        one, two = (found.orders(level, True) for found in (alone, both))
        assert two.share[1] == 0.0
        assert two.account.percent == one.account.percent
        assert two.lost == one.lost
        np.testing.assert_array_equal(two.physical, one.physical)


def test_what_is_struck_off_is_taken_from_the_citys_tonnes_and_not_left_as_unlisted():
    annual = NONE.copy()
    annual[SECTORS.index("kiln_materials")] = [330.0, 330.0, 330.0, 330.0]
    kept, closed = plant(so2_t=165.0), plant("cement", so2_t=165.0, struck_off="closed")
    with_closed = listing(kept, closed, annual=annual).orders("red", True).account
    assert with_closed.percent["so2"] == pytest.approx(50.0)
    assert listing(kept, annual=annual).orders("red", True).account.percent["so2"] == pytest.approx(
        25.0
    )


def test_the_citys_tonnes_beyond_the_list_stay_in_the_base_unless_told_otherwise():
    annual = NONE.copy()
    annual[SECTORS.index("kiln_materials")] = 330.0
    counted, bare = (listing(plant(), annual=annual, unlisted=u) for u in ("counted", "none"))
    assert counted.orders("red", True).account.percent["so2"] == pytest.approx(100 * 0.05)
    assert bare.orders("red", True).account.percent["so2"] == pytest.approx(50.0)
    place = SECTORS.index("kiln_materials"), POLLUTANTS.index("so2")
    assert counted.orders("red", True).physical[place] == pytest.approx(0.05)
    assert bare.orders("red", True).physical[place] == pytest.approx(0.5)


# ---- one plant, one plan


def test_the_residual_is_what_power_steel_and_chemicals_must_still_deliver():
    rows = [plant("cement"), plant("steel"), plant("chemicals")]
    orders = listing(*rows, residual="required").orders("red", True)
    assert orders.residual == pytest.approx(0.2, abs=1e-6)  # (30 * 3 - 50) / 2
    np.testing.assert_allclose(orders.share, [0.5, 0.2, 0.2], atol=1e-6)
    assert orders.account.met


def test_who_names_a_plan_of_its_own_is_left_alone_by_the_residual():
    rows = [plant("cement"), plant("steel", cut_red=0.0), plant("chemicals")]
    orders = listing(*rows, residual="required").orders("red", True)
    np.testing.assert_allclose(orders.share, [0.5, 0.0, 0.4], atol=1e-6)


def test_a_residual_that_no_share_can_deliver_is_all_and_said_to_fall_short():
    annual = NONE.copy()
    annual[SECTORS.index("residential_coal")] = 1e6
    orders = listing(plant("steel"), annual=annual, residual="required").orders("yellow", True)
    assert orders.residual == 1.0
    assert not orders.account.met


def test_benchmarks_and_staggered_plants_leave_the_residual_to_the_others():
    rows = [plant("steel", benchmark=True), plant("coking", staggered=True, staggered_cut=0.1),
            plant("foundry")]  # fmt: skip
    orders = listing(*rows, residual="required").orders("yellow", True)
    np.testing.assert_allclose(orders.share, [0.0, 0.0, 3 * 0.1 - 1.2 * 0.1], atol=1e-6)


# ---- the physical ledger


def test_the_air_notices_tonnes_and_not_plants():
    heavy = {"so2_t": 300.0, "nox_t": 0.0, "pm_t": 0.0}
    orders = listing(plant(**heavy), plant("cement", benchmark=True, so2_t=100.0)).orders(
        "red", True
    )
    cut = orders.physical[SECTORS.index("kiln_materials")]
    assert cut[POLLUTANTS.index("so2")] == pytest.approx(0.5 * 300 / 400)
    assert cut[POLLUTANTS.index("nox")] == 0.0
    assert cut[POLLUTANTS.index("pm25")] == cut[POLLUTANTS.index("pm")]


def test_open_sources_are_cut_alike_in_every_pollutant():
    orders = listing(plant(), dust_cut=[0.4, 0.55, 0.6]).orders("orange", True)
    assert (orders.physical[SECTORS.index("dust")] == 0.55).all()
    assert (orders.physical[SECTORS.index("outdoor_solvent")] == 1.0).all()
    assert not listing(plant()).orders("yellow", True).physical[-1].any()


@pytest.mark.parametrize(("level", "barred"), [("yellow", 0.0), ("orange", 0.1), ("red", 0.1)])
def test_heavy_trucks_are_barred_from_listed_plants_at_orange_and_red(level, barred):
    road = SECTORS.index("road")
    listed = listing(plant(heavy_trucks=True), truck_gate_cut=0.1).orders(level, True)
    assert listed.physical[road, 1] == pytest.approx(barred)
    struck = plant(heavy_trucks=True, struck_off="false")
    nobody = listing(plant(), struck, truck_gate_cut=0.1).orders(level, True)
    assert nobody.physical[road, 1] == 0.0


def test_output_lost_is_told_by_sector_and_by_district():
    rows = [plant(output_value=660.0), plant("daily_glass", district="linzi")]
    orders = listing(*rows).orders("red", True)
    assert orders.lost_by_sector[SECTORS.index("kiln_materials")] == pytest.approx(
        0.5 * 6.6e6 / 330
    )
    assert orders.lost_by_district[DISTRICT_KEYS.index("linzi")] == pytest.approx(0.3 * 3.3e6 / 330)
    assert orders.lost_by_district.sum() == pytest.approx(orders.lost)


# ---- the synthetic list as the scenario has it


def in_city(**response: Any) -> ReductionList:
    plain = {"benchmark_share": 0.0, "staggered_share": 0.0, "max_lines": 1}
    return reduction_list(
        Air.model_validate({"enterprises": plain, "response": response | {"truck_gate_cut": 0.0}}),
        LAW,
    )


@pytest.mark.parametrize(
    ("level", "expected"),
    [("yellow", (3.5, 4.4, 14.5, 2.8)), ("orange", (5.5, 9.0, 20.8, 10.6)),
     ("red", (9.1, 14.1, 25.7, 17.1))],
)  # fmt: skip
def test_the_printed_measures_alone_deliver_what_the_specification_says(level, expected):
    percent = in_city(residual="none").orders(level, True).account.percent
    assert tuple(percent.values()) == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize(("level", "share"), [("yellow", 0.22), ("orange", 0.46), ("red", 0.67)])
def test_the_rest_is_what_the_specification_leaves_to_one_plant_one_plan(level, share):
    orders = in_city().orders(level, True)
    assert orders.residual == pytest.approx(share, abs=0.005)
    assert orders.account.met


@pytest.mark.parametrize("residual", ["none", "required"])
@pytest.mark.parametrize("heating", [True, False])
def test_no_plant_and_no_sector_is_cut_less_at_a_higher_level(heating, residual):
    found = reduction_list(Air.model_validate({"response": {"residual": residual}}), LAW)
    low, middle, high = (found.orders(level, heating) for level in ALERTS)
    for below, above in ((low, middle), (middle, high)):
        assert (below.share <= above.share).all()
        assert (below.physical <= above.physical).all()
        assert below.lost < above.lost


def test_whole_lines_only_ever_add_to_the_printed_shares():
    lined = Air.model_validate(
        {"enterprises": {"benchmark_share": 0.0, "staggered_share": 0.0},
         "response": {"residual": "none", "truck_gate_cut": 0.0}}
    )  # fmt: skip
    for level in ALERTS:
        by_lines = reduction_list(lined, LAW).orders(level, True).account.percent
        by_share = in_city(residual="none").orders(level, True).account.percent
        assert all(by_lines[p] > by_share[p] for p in COUNTED)


def test_the_ratios_do_not_follow_the_lever_on_emissions():
    halved = Air.model_validate({"emissions": {"scale": 0.5}})
    usual, fewer = (reduction_list(air, LAW).orders("red", True) for air in (Air(), halved))
    assert usual.account.percent == fewer.account.percent


def test_a_sweep_over_compliance_shares_one_list_and_a_reform_has_its_own():
    one, same = (
        reduction_list(Air.model_validate({"response": {"compliance": c}}), LAW) for c in (0.2, 0.9)
    )
    assert one is same
    reform = LAW.with_changes({"alert.limit.kiln.red": 1.0})
    stricter = reduction_list(Air(), reform).orders("red", True)
    assert stricter.residual < one.orders("red", True).residual
