"""Rules refuse inputs that cannot be, and name the key, the value and what is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from zibo_sim.errors import Refused
from zibo_sim.heating.plainbill import PlainBill
from zibo_sim.law import book
from zibo_sim.rulebook import rules

CUTS = {"level": "yellow", "so2": 10.0, "nox": 10.0, "pm": 10.0, "voc": 10.0}
SHOP: dict[str, Any] = {
    "season": 2018,
    "district": "张店区",
    "use": "non_residential",
    "spaces": [{"kind": "premises", "area": 100.0, "heat_kwh": 10.0}],
}
HOME = SHOP | {"use": "residential", "spaces": [{"kind": "flat", "area": 100.0, "heat_kwh": 10.0}]}


@pytest.mark.parametrize(
    ("rule", "inputs", "parts"),
    [
        ("air.reductions_met", CUTS | {"nox": 150.0}, ["nox: 150.0", "0 to 120 percent"]),
        ("air.reductions_met", CUTS | {"so2": -1.0}, ["so2: -1.0", "0 to 120 percent"]),
        ("air.credited_share", {"base_t": 10.0, "cut_t": 12.0}, ["cut_t: 12.0", "base_t, 10.0"]),
        (
            "air.credited_share",
            {"base_t": 10.0, "cut_t": 6.0, "staggered_cut_t": 5.0},
            ["staggered_cut_t: 5.0", "base_t, 10.0"],
        ),
        ("air.aqi", {}, ["no concentration is given", "pm25"]),
        ("air.alert_level", {"aqi": []}, ["aqi: ", "at least 1"]),
        ("air.episodes", {"aqi": []}, ["aqi: ", "at least 1"]),
    ],
)
def test_an_input_that_cannot_be_is_refused_by_name(
    rule: str, inputs: dict[str, Any], parts: list[str]
) -> None:
    with pytest.raises(Refused) as caught:
        rules[rule](**inputs)
    (fault,) = caught.value.faults
    for part in parts:
        assert part in fault


def test_every_cut_that_cannot_be_is_named() -> None:
    with pytest.raises(Refused) as caught:
        rules["air.reductions_met"](**CUTS | {"pm": 121.0, "voc": -3.0})
    assert [fault.split(":")[0] for fault in caught.value.faults] == ["pm", "voc"]


def test_a_full_cut_in_parts_is_no_more_than_the_base() -> None:
    share = rules["air.credited_share"](base_t=0.3, cut_t=0.1, staggered_cut_t=0.2)
    assert share["percent"] == pytest.approx(100 * (0.1 + 0.24) / 0.3)


# ---- exchangers and attics (139号 一(一)) --------------------------------------------------------


@pytest.mark.parametrize("charging", ["area", "metered"])
def test_an_exchanger_that_costs_nothing_stands_on_the_bill(charging: str) -> None:
    without = rules["heating.bill"](**SHOP, charging=charging)
    found = rules["heating.bill"](**SHOP, charging=charging, exchangers=2)
    assert found["amount"] == without["amount"]
    *others, line = found["basis"]
    assert others == without["basis"]
    assert line == {
        "kind": "exchanger",
        "line": "2 pcs × 0 yuan",
        "amount": "0",
        "clause": "淄政办字〔2018〕139号 一(一)4",
    }


def test_a_household_by_area_pays_for_its_exchangers_and_by_meter_the_line_is_zero() -> None:
    amounts = {
        charging: rules["heating.bill"](**HOME, charging=charging, exchangers=1)["basis"][-1]
        for charging in ("area", "metered")
    }
    assert {charging: line["amount"] for charging, line in amounts.items()} == {
        "area": "300",
        "metered": "0",
    }


def test_the_quick_way_leaves_exchangers_to_the_rule() -> None:
    space = {"kind": "premises", "area": 100.0}
    assert PlainBill(book()).lines("non_residential", "area", space, 1) is None
    assert PlainBill(book()).lines("non_residential", "area", space, 0) is not None


@pytest.mark.parametrize("heated", [True, False])
def test_an_attic_without_certificate_pays_half_the_flat_below_heated_or_not(heated: bool) -> None:
    spaces = [
        {"kind": "flat", "area": 100.0, "heated": heated},
        {"kind": "attic", "area": 80.0, "certificate": False},
    ]
    basis = rules["heating.bill"](**HOME | {"spaces": spaces})["basis"]
    assert basis[-1]["amount"] == "1100"


# ---- what is said of readings and formulas -------------------------------------------------------


def test_the_law_book_says_that_hours_without_a_mean_are_not_clean() -> None:
    for key, zh, en in (
        ("alert.lift.hours", "没有均值的小时", "An hour without a mean"),
        ("alert.merge", "没有均值的小时不计", "none without a mean"),
    ):
        reading = book().entry(key).reading
        assert zh in reading.zh
        assert en in reading.en


def test_hours_without_a_mean_do_not_separate_two_episodes() -> None:
    heavy, clean = [260, 48], [60, 40]
    apart = {"aqi": [heavy, clean, heavy]}
    assert rules["air.episodes"](**apart)["levels"] == ["yellow", "yellow"]
    dusty = {"aqi": [heavy, clean, heavy], "dust": [[65, 70]]}
    assert rules["air.episodes"](**dusty)["levels"] == ["yellow"]
