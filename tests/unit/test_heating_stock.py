"""The city's dwellings and households: the same in every run, moved only by what should."""

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest

from zibo_sim.fields import about, leaves
from zibo_sim.heating.demand import exposure
from zibo_sim.heating.parameters import (
    DemandParameters,
    Heating,
    StockParameters,
    SubsidyParameters,
)
from zibo_sim.heating.stock import _DRAWN, claims, stock, uniform
from zibo_sim.streams import Streams

COUNT = 40_000
PLAIN = StockParameters()


def columns(city):
    own = {
        f.name: getattr(city, f.name) for f in fields(city) if f.name not in ("dwellings", "seed")
    }
    homes = {f.name: getattr(city.dwellings, f.name) for f in fields(city.dwellings)}
    return own | homes


def moved(before, after):
    """Return the names of the columns that are not the same."""
    old, new = columns(before), columns(after)
    return {name for name in old if not np.array_equal(old[name], new[name])}


def within(share, expected, count):
    """Say whether an observed share lies within four standard errors of the expected one."""
    return abs(share - expected) <= 4 * np.sqrt(expected * (1 - expected) / count)


def test_a_smaller_city_is_the_beginning_of_a_larger_one():
    small, large = columns(stock(1_000, PLAIN)), columns(stock(COUNT, PLAIN))
    for name, column in small.items():
        assert np.array_equal(column, large[name][:1_000]), name


def test_a_city_made_of_kept_draws_is_the_one_drawn_afresh():
    other = StockParameters(area_median=80.0, attic_share=0.3)
    for count in (900, 2_000, 400):  # fewer, more and fewer again than were drawn before
        kept = columns(stock(count, other)), claims(count, 139, SubsidyParameters(), False)
        stock.cache_clear()
        claims.cache_clear()
        _DRAWN.clear()
        fresh = columns(stock(count, other)), claims(count, 139, SubsidyParameters(), False)
        assert all(np.array_equal(column, fresh[0][name]) for name, column in kept[0].items())
        assert kept[1] == fresh[1]
        stock.cache_clear()
        claims.cache_clear()


@pytest.mark.parametrize("shape", [700, (700, 3)])
def test_kept_draws_are_those_of_the_columns_own_stream(shape):
    expected = Streams(5)("heating.stock.column").random(shape)
    for _ in range(2):
        drawn = uniform(5, "column", shape)
        assert np.array_equal(drawn, expected)
        assert not drawn.flags.writeable


def test_another_seed_is_another_city():
    assert "main" in moved(stock(1_000, PLAIN), stock(1_000, StockParameters(seed=140)))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"weight_uninsulated": 0.3}, {"vintage"}),
        ({"weight_corner": 0.5}, {"position"}),
        ({"exchanger_share": 0.5}, {"exchangers"}),
        ({"attic_certified_share": 0.9}, {"attic_certified"}),
        ({"ancillary_share": 0.5}, {"ancillary"}),
        ({"duplex_share": 0.5}, {"upper", "upper_heated", "attic"}),
    ],
)
def test_a_parameter_moves_its_own_columns_only(change, expected):
    assert moved(stock(COUNT, PLAIN), stock(COUNT, StockParameters(**change))) == expected


def test_a_rising_metered_share_only_adds():
    city = stock(COUNT, PLAIN)
    shares = (0.0, 0.15, 0.5, 1.0)
    metered = [city.metered(share) for share in shares]
    for fewer, more in pairwise(metered):
        assert not np.any(fewer & ~more)
    assert metered[0].sum() == 0 and metered[-1].all()
    assert within(metered[1].mean(), 0.15, COUNT)


def test_the_stock_has_the_shares_and_areas_it_was_asked_for():
    city = stock(COUNT, PLAIN)
    homes = city.dwellings
    duplex = homes.upper > 0
    assert within(duplex.mean(), PLAIN.duplex_share, COUNT)
    assert within((homes.attic > 0).mean(), PLAIN.attic_share, COUNT)
    assert within((homes.exchangers > 0).mean(), PLAIN.exchanger_share, COUNT)
    assert within((~homes.upper_heated[duplex]).mean(), PLAIN.duplex_single_share, duplex.sum())
    for vintage, share in enumerate(PLAIN.vintage_weights):
        assert within((city.vintage == vintage).mean(), share, COUNT)
    logs = np.log(homes.main / 100)
    assert abs(logs.mean() - np.log(92.0)) <= 4 * 0.30 / np.sqrt(COUNT)
    assert abs(logs.std() - 0.30) <= 4 * 0.30 / np.sqrt(2 * COUNT)


def test_a_dwelling_takes_less_than_two_hundred_bytes():
    city = stock(COUNT, PLAIN)
    exposed = exposure(COUNT, PLAIN, DemandParameters(), 1.0)
    kept = [*columns(city).values(), exposed.metered_vintage, exposed.metered_exposure]
    assert sum(column.nbytes for column in kept) / COUNT < 200


def test_claims_have_the_shares_they_were_asked_for():
    p = SubsidyParameters()
    due = claims(COUNT, 139, p, False)
    adults = p.adults_per_household * COUNT
    drawing = 1 - (1 - p.unemployed_share) * (1 - p.laid_off_share)
    assert within(sum(due["civil_affairs"].values()) / COUNT, p.dibao_share, COUNT)
    assert within(sum(due["human_resources"].values()) / adults, drawing, adults)
    assert due["civil_affairs"]["city"] == 0


def test_one_person_in_both_classes_counts_once():
    everybody = SubsidyParameters(unemployed_share=1.0, laid_off_share=1.0, adults_per_household=4)
    assert sum(claims(500, 139, everybody, False)["human_resources"].values()) == 2_000


def test_read_the_other_way_members_of_dibao_households_are_not_paid_besides():
    p = SubsidyParameters(dibao_share=1.0, unemployed_share=0.5)
    assert sum(claims(500, 139, p, True)["human_resources"].values()) == 0
    assert sum(claims(500, 139, p, True)["civil_affairs"].values()) == 500


def test_more_unemployed_only_add():
    few, many = (
        claims(COUNT, 139, SubsidyParameters(unemployed_share=share), False)["human_resources"]
        for share in (0.005, 0.006)
    )
    assert all(few[funder] <= many[funder] for funder in few) and few != many


def test_weights_that_are_all_zero_are_refused():
    zero = {f"weight_{k}": 0.0 for k in ("interior", "corner", "top_bottom")}
    with pytest.raises(ValueError, match="must not all be zero"):
        StockParameters(**zero)


def test_every_input_says_its_unit_status_source_and_meaning():
    inputs = dict(leaves(Heating))
    assert {"dwellings", "metered_share", "stock.seed", "demand.gains"} <= set(inputs)
    for name, info in inputs.items():
        told = about(info)
        assert all(told.get(key) for key in ("unit", "status", "source", "zh", "en")), name
    assert about(inputs["dwellings"])["status"] == "assumed"
