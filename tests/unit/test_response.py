"""What an alert level orders: the printed list, what it leaves open, and how it is followed.

The expected figures are those of the model specification, worked out from the sector shares, the
days of 145号 五(四)2 and the shares of 五(五) before this package existed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from zibo_sim.air.inventory import ALERTS, COUNTED, INDUSTRY_KEYS, Inventory
from zibo_sim.air.parameters import Air, Response
from zibo_sim.air.reductions import RESIDUAL_SECTORS, Orders, ReductionList
from zibo_sim.air.response import compliance, open_cuts
from zibo_sim.air.sectors import POLLUTANTS, SECTORS
from zibo_sim.law import Law, book

HEATED_DAYS = 120
WATER_BORNE = 0.4
PLANTS = {
    "power": "thermal_power",
    "steel_coking": "steel",
    "kiln_materials": "ceramics",
    "glass": "flat_glass",
    "chemicals": "petrochemicals",
    "coating": "furniture",
}
LISTED = {  # per cent of the daily base in the heating season
    "yellow": {"so2": 3.5, "nox": 4.4, "pm": 14.5, "voc": 2.8},
    "orange": {"so2": 5.5, "nox": 9.0, "pm": 20.8, "voc": 10.6},
    "red": {"so2": 9.1, "nox": 14.1, "pm": 25.7, "voc": 17.1},
}
RESIDUAL = {"yellow": 22, "orange": 46, "red": 67}  # per cent


def annual_t() -> np.ndarray:
    """A year of 1,000 t of each pollutant, spread over the sectors as the scenario has them."""
    shares = Air().sectors.table()
    return 1000.0 * shares[:, [POLLUTANTS.index(name) for name in COUNTED]]


def plain_plants() -> Inventory:
    """One plant a sector, of ten lines, none exempt or staggered; coating in its two kinds."""
    tonnes = annual_t()
    rows = [(s, 1.0, False) for s in PLANTS if s != "coating"]
    rows += [("coating", 1 - WATER_BORNE, False), ("coating", WATER_BORNE, True)]
    n, no = len(rows), np.zeros(len(rows), dtype=bool)
    return Inventory(
        source="",
        name=tuple(f"{sector} {i}" for i, (sector, _, _) in enumerate(rows)),
        code=tuple(f"{i:018d}" for i in range(n)),
        district=np.zeros(n, dtype=np.int64),
        industry=np.array([INDUSTRY_KEYS.index(PLANTS[sector]) for sector, _, _ in rows]),
        lines=np.full(n, 10),
        value_yuan=np.ones(n),
        tonnes=np.array([share * tonnes[SECTORS.index(sector)] for sector, share, _ in rows]),
        benchmark=no,
        staggered=no,
        standing_cut=np.zeros(n),
        water_based=np.array([water for _, _, water in rows]),
        heavy_trucks=no,
        struck_off=np.full(n, -1),
        named=np.full((3, n), np.nan),
    )


def ordered(level: str, heating: bool = True, law: Law | None = None, **response: Any) -> Orders:
    given = Response(**response)
    plants = ReductionList(plain_plants(), annual_t(), HEATED_DAYS, given, law or book())
    return plants.orders(level, heating)


# ---- the printed list ---------------------------------------------------------------------


@pytest.mark.parametrize("level", ALERTS)
def test_the_printed_measures_cut_what_the_specification_says(level: str) -> None:
    percent = ordered(level, residual="none").account.percent
    assert percent == pytest.approx(LISTED[level], abs=0.05 + 1e-9)


@pytest.mark.parametrize("level", ALERTS)
def test_the_printed_measures_alone_do_not_reach_the_ratios(level: str) -> None:
    assert not ordered(level, residual="none").account.met


def test_a_graver_level_orders_no_sector_less() -> None:
    cuts = [ordered(level, residual="none").physical for level in ALERTS]
    assert (cuts[0] <= cuts[1]).all()
    assert (cuts[1] <= cuts[2]).all()


def test_heating_is_half_of_the_base_of_sulphur_dioxide() -> None:
    """Their year is divided by 120 days and not by 330, which is why the list falls short."""
    base = ordered("yellow").account.base_t[:, COUNTED.index("so2")]
    heated = [SECTORS.index("heating_boilers"), SECTORS.index("residential_coal")]
    assert base[heated].sum() / base.sum() == pytest.approx(0.53, abs=0.005)


# ---- what the list leaves open ------------------------------------------------------------


@pytest.mark.parametrize("level", ALERTS)
def test_power_steel_and_chemicals_must_cut_what_the_specification_says(level: str) -> None:
    assert 100 * ordered(level).residual == pytest.approx(RESIDUAL[level], abs=0.5)


@pytest.mark.parametrize("heating", [True, False], ids=["heating season", "outside"])
@pytest.mark.parametrize("level", ALERTS)
def test_with_the_rest_cut_too_the_ratios_are_just_reached(level: str, heating: bool) -> None:
    account, law = ordered(level, heating).account, book()
    asked = {name: 100 * law(f"alert.cut.{level}.{name}") for name in COUNTED}
    excess = {
        "so2 and nox": account.percent["so2"] + account.percent["nox"] - 2 * asked["so2"],
        "pm": account.percent["pm"] - asked["pm"],
        "voc": account.percent["voc"] - asked["voc"],
    }
    assert account.met
    assert min(excess.values()) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("level", ALERTS)
def test_outside_the_heating_season_less_is_left_to_cut(level: str) -> None:
    assert 0 < ordered(level, heating=False).residual < ordered(level, heating=True).residual


@pytest.mark.parametrize("heating", [True, False], ids=["heating season", "outside"])
@pytest.mark.parametrize("level", ALERTS)
def test_no_cut_is_below_nothing_or_above_everything(level: str, heating: bool) -> None:
    for residual in ("required", "none"):
        physical = ordered(level, heating, residual=residual).physical
        assert (physical >= 0).all()
        assert (physical <= 1).all()


def test_only_power_steel_and_chemicals_take_the_rest() -> None:
    rest = ordered("orange").physical - ordered("orange", residual="none").physical
    taking = {SECTORS[k] for k in np.flatnonzero(rest.max(axis=1) > 1e-9)}
    assert taking == set(RESIDUAL_SECTORS)


def test_a_demand_that_nothing_can_meet_stops_them_altogether() -> None:
    law = book().with_changes({f"alert.cut.red.{name}": 0.95 for name in COUNTED})
    orders = ordered("red", law=law)
    assert orders.residual == 1.0
    assert not orders.account.met


def test_a_demand_that_the_list_meets_leaves_them_alone() -> None:
    law = book().with_changes({f"alert.cut.yellow.{name}": 0.02 for name in COUNTED})
    orders = ordered("yellow", law=law)
    assert orders.residual == 0.0
    assert orders.account.met


def test_without_the_trade_of_ratios_less_would_be_asked() -> None:
    law = book().with_changes({"alert.cut.trade": 1})
    assert ordered("red", law=law).residual < ordered("red").residual


# ---- sources that are no enterprises ------------------------------------------------------


def test_traffic_dust_and_machines_are_cut_as_the_scenario_assumes() -> None:
    given = Response()
    for at, level in enumerate(ALERTS):
        cuts = dict(zip(SECTORS, open_cuts(level, given, book(), heavy_trucks=False), strict=True))
        assert cuts["dust"] == given.dust_cut[at]
        assert cuts["road"] == pytest.approx(given.road_cut[at])
        assert cuts["non_road"] == given.non_road_cut[at]
        assert cuts["outdoor_solvent"] == (0.0 if level == "yellow" else 1.0)
        assert all(cuts[sector] == 0.0 for sector in (*PLANTS, "heating_boilers"))


# ---- how an order is followed -------------------------------------------------------------

QUANTILES = (np.arange(2000) + 0.5) / 2000


@pytest.mark.parametrize(("level", "mean"), [("yellow", 0.70), ("orange", 0.75), ("red", 0.80)])
def test_compliance_has_the_mean_of_its_level(level: str, mean: float) -> None:
    drawn = np.array([compliance(Response(), level, u) for u in QUANTILES])
    assert drawn.mean() == pytest.approx(mean, abs=0.002)
    assert ((drawn > 0) & (drawn < 1)).all()


def test_compliance_spreads_by_a_tenth_at_orange() -> None:
    drawn = [compliance(Response(), "orange", u) for u in QUANTILES]
    assert np.std(drawn) == pytest.approx(0.10, abs=0.002)


@pytest.mark.parametrize("share", [0.0, 1.0])
@pytest.mark.parametrize("level", ALERTS)
def test_nobody_and_everybody_are_exact(level: str, share: float) -> None:
    drawn = {compliance(Response(compliance=share), level, u) for u in QUANTILES[::100]}
    assert drawn == {share}


def test_the_same_luck_complies_more_when_the_mean_is_higher() -> None:
    for luck in (0.05, 0.5, 0.95):
        found = [compliance(Response(compliance=m), "red", luck) for m in (0.2, 0.5, 0.75, 0.9)]
        assert found == sorted(found)
        assert len(set(found)) == len(found)
