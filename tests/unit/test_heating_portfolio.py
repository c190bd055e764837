"""Bills of a whole stock against the rule for one dwelling, to the fen."""

from dataclasses import fields

import numpy as np
import pytest

from zibo_sim.heating.bills import bill
from zibo_sim.heating.bulk import bills, pack
from zibo_sim.heating.portfolio import Dwellings, area_fees, metered_fees
from zibo_sim.heating.tariff import tariff_of
from zibo_sim.law import book

READINGS = {
    "as printed": {},
    "other readings": {
        "heating.duplex.surcharge.reading": "whole_plus",
        "heating.height.surcharge.reading": "compound",
        "heating.height.scope.reading": "area_and_metered",
        "heating.exchanger.fee.reading": "metered_too",
        "heating.duplex.metered.reading": "as_by_area",
    },
    "metered duplexes as by area": {"heating.duplex.metered.reading": "as_by_area"},
    "exchangers instead": {"heating.exchanger.fee.reading": "instead"},
    "a reform": {
        "heating.price.residential": 23.75,
        "heating.duplex.surcharge": 0.123456,
        "heating.duplex.both_share": 0.9,
        "heating.attic.certified_share": 0.7,
        "heating.ancillary.share": 0.35,
        "heating.metered.residential.rate": 0.12345,
        "heating.rounding.step": 0.05,
    },
    "prices of many digits": {
        "heating.price.residential": 22.123456789012,
        "heating.metered.residential.rate": 0.155123456789,
    },
}


def random_dwellings(count, seed):
    rng = np.random.default_rng(seed)

    def some(share, low, high):
        return np.where(rng.random(count) < share, rng.integers(low, high, count), 0)

    upper = some(0.5, 1, 9_000)
    return Dwellings(
        main=rng.integers(1, 20_000, count),
        upper=upper,
        main_heated=rng.random(count) < 0.8,
        upper_heated=(upper > 0) & (rng.random(count) < 0.6),
        attic=some(0.4, 1, 6_000),
        attic_certified=rng.random(count) < 0.5,
        ancillary=some(0.4, 1, 5_000),
        exchangers=some(0.3, 1, 4),
        let=some(0.3, 1, 8_000),
        let_height=rng.integers(280, 700, count),
    )


def spaces_of(d, i, heat, let_heat):
    """Write dwelling `i` as the rule takes it; its heat stands on its flat or lower level."""
    two = d.upper[i] > 0
    main = {"kind": "duplex_lower" if two else "flat", "area": d.main[i] / 100}
    levels = [main | {"heated": d.main_heated[i]}]
    if two:
        level = {"kind": "duplex_upper", "area": d.upper[i] / 100}
        levels.append(level | {"heated": d.upper_heated[i]})
    if d.attic[i]:
        attic = {"kind": "attic", "area": d.attic[i] / 100}
        levels.append(attic | {"certificate": d.attic_certified[i]})
    if d.ancillary[i]:
        levels.append({"kind": "garage", "area": d.ancillary[i] / 100})
    heated = [s for s in levels if s.get("heated", True)]
    for s in heated:
        s["heat_kwh"] = 0.0
    if heated:
        heated[0]["heat_kwh"] = heat / 100
    if d.let[i]:
        let = {"kind": "premises", "let": True, "area": d.let[i] / 100}
        levels.append(let | {"height": d.let_height[i] / 100, "heat_kwh": let_heat / 100})
    return levels


def scalar_fen(d, i, heat, let_heat, charging, law):
    found = bill(
        season=2018,
        district="高新区",
        use="residential",
        spaces=spaces_of(d, i, heat, let_heat),
        charging=charging,
        exchangers=d.exchangers[i],
        law=law,
    )
    return int(found["amount"].replace(".", ""))


@pytest.mark.parametrize("changes", READINGS.values(), ids=READINGS)
def test_ten_thousand_dwellings_pay_the_same_at_once_as_one_by_one(changes):
    law = book().with_changes(changes)
    d = random_dwellings(800 if changes else 10_000, seed=139)
    rng = np.random.default_rng(140)
    heat = np.where(d.household_area() > 0, rng.integers(0, 3_000_000, len(d)), 0)
    let_heat = np.where(d.let > 0, rng.integers(0, 900_000, len(d)), 0)
    metered = rng.random(len(d)) < 0.5
    tariff = tariff_of(law)
    by_area, by_meter = area_fees(d, tariff), metered_fees(d, heat, tariff, let_heat)
    alone = [
        scalar_fen(d, i, h, let, "metered" if metered[i] else "area", law)
        for i, (h, let) in enumerate(zip(heat.tolist(), let_heat.tolist(), strict=True))
    ]
    assert np.where(metered, by_meter, by_area).tolist() == alone
    assert bills(pack(d, metered), heat, tariff, let_heat).tolist() == alone


def test_the_printed_tariff_goes_through_the_loop(monkeypatch):
    """Or the test above would compare the plain formulas with the rule."""

    def called(*_):
        raise AssertionError

    monkeypatch.setattr("zibo_sim.heating.bulk.area_fees", called)
    d = random_dwellings(1_000, seed=2)
    heat = np.full(len(d), 500_000)
    expected = area_fees(d, tariff_of(book()))
    found = bills(pack(d, np.zeros(len(d), bool)), heat, tariff_of(book()))
    assert np.array_equal(found, expected)


def test_narrow_columns_do_not_overflow():
    d = random_dwellings(1_000, seed=1)
    narrow = Dwellings(
        *(
            column.astype(np.int16) if column.dtype != bool else column
            for column in (getattr(d, f.name) for f in fields(d))
        )
    )
    tariff = tariff_of(book())
    heat = np.zeros(len(d), np.int64)
    assert np.array_equal(area_fees(narrow, tariff), area_fees(d, tariff))
    assert np.array_equal(metered_fees(narrow, heat, tariff), metered_fees(d, heat, tariff))


def test_no_dwellings_no_bills():
    d = random_dwellings(10, seed=1).take(np.array([], dtype=int))
    assert area_fees(d, tariff_of(book())).size == 0
    assert metered_fees(d, np.array([], dtype=int), tariff_of(book())).size == 0
