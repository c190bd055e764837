"""The synthetic list: it adds up, it repeats, and its levers move one thing each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from zibo_sim.air.emissions import city_emission
from zibo_sim.air.inventory import COUNTED, DISTRICT_KEYS, INDUSTRIES, INDUSTRY_KEYS, Inventory
from zibo_sim.air.parameters import Air
from zibo_sim.air.reductions import reduction_list
from zibo_sim.air.sectors import POLLUTANTS, SECTORS
from zibo_sim.fields import leaves
from zibo_sim.law import book

LAW = book()


def drawn(response: dict[str, Any] | None = None, **enterprises: Any) -> Inventory:
    air = Air.model_validate({"enterprises": enterprises, "response": response or {}})
    return reduction_list(air, LAW).inventory


def test_the_list_adds_up_to_the_scenarios_sectors():
    plants = drawn()
    columns = [POLLUTANTS.index(p) for p in COUNTED]
    expected = 1e3 * city_emission(Air())[:6, columns]
    for sector in range(6):
        mine = plants.listed & (plants.sector == sector)
        np.testing.assert_allclose(plants.tonnes[mine].sum(axis=0), expected[sector], rtol=1e-12)


def test_its_output_adds_up_to_the_given_values():
    plants = drawn(output_value_bn=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    by_sector = np.bincount(plants.sector[plants.listed], plants.value_yuan[plants.listed])
    np.testing.assert_allclose(by_sector, np.arange(1, 7) * 1e9, rtol=1e-12)


def test_it_has_the_plants_asked_for_in_every_sector_and_district():
    plants = drawn()
    assert len(plants) == 1200
    assert set(plants.sector) == set(range(6))
    assert set(plants.district) == set(range(len(DISTRICT_KEYS)))
    assert len(set(plants.code)) == 1200
    assert (plants.lines >= 1).all()
    assert plants.lines.max() == 8


@pytest.mark.parametrize("share", [0.0, 0.4, 1.0])
def test_water_based_paint_has_exactly_its_share_of_the_vocs_of_coating(share):
    plants = drawn({"water_borne_share": share})
    coating = plants.listed & (plants.sector == SECTORS.index("coating"))
    vocs = plants.tonnes[:, COUNTED.index("voc")]
    assert vocs[coating & plants.water_based].sum() == pytest.approx(share * vocs[coating].sum())


def test_only_the_named_industries_stagger_and_no_benchmark_does():
    plants = drawn(staggered_share=1.0)
    named = np.array([INDUSTRIES[key].staggers for key in INDUSTRY_KEYS])[plants.industry]
    assert (plants.staggered == (named & ~plants.benchmark & plants.listed)).all()


def test_the_same_seed_gives_the_same_list_and_another_seed_another():
    one, same, other = drawn(seed=1), drawn(seed=1, lines_power=2.5), drawn(seed=2)
    assert np.array_equal(one.tonnes, same.tonnes)
    assert not np.array_equal(one.tonnes, other.tonnes)


@pytest.mark.parametrize(
    ("lever", "flag"),
    [("benchmark_share", "benchmark"), ("heavy_trucks_share", "heavy_trucks")],
)
def test_a_larger_share_keeps_who_was_in_it_and_moves_nothing_else(lever, flag):
    few, many = drawn(**{lever: 0.1}), drawn(**{lever: 0.5})
    assert (getattr(few, flag) <= getattr(many, flag)).all()
    assert getattr(few, flag).sum() < getattr(many, flag).sum()
    for name in ("tonnes", "value_yuan", "lines", "district", "industry", "struck_off"):
        assert np.array_equal(getattr(few, name), getattr(many, name)), name


def test_struck_off_plants_come_on_top():
    some = drawn(struck_off_share=0.2)
    assert 0.1 < (~some.listed).mean() < 0.3
    assert some.tonnes[~some.listed].sum() > 0


def test_every_input_of_the_list_is_marked_assumed():
    fields = [info for name, info in leaves(Air) if name.startswith("enterprises.")]
    assert len(fields) >= 12
    assert {info.json_schema_extra["status"] for info in fields} == {"assumed"}


@pytest.mark.parametrize(
    "wrong",
    [{"count": 10}, {"benchmark_share": 1.2}, {"plant_weights": [0.0] * 6}, {"seed": -1}],
)
def test_a_list_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValidationError):
        Air.model_validate({"enterprises": wrong})
