"""Bills, subsidies and the season of 淄政办字〔2018〕139号, beyond the case files."""

import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zibo_sim.errors import Refused
from zibo_sim.heating.bills import bill
from zibo_sim.heating.money import plain, rounded, yuan
from zibo_sim.heating.season import heated_days, in_season, season_dates
from zibo_sim.heating.subsidies import funder, subsidy
from zibo_sim.law import book
from zibo_sim.law.rule import RULES, exact

POLICY = Path(__file__).parents[1] / "policy"
CASES = tomllib.loads((POLICY / "heating.toml").read_text(encoding="utf-8"))["case"]
HOME = {"season": 2018, "district": "张店区", "use": "residential"}


def flat(area=100.0, **more):
    return {"kind": "flat", "area": area, **more}


def amount(*spaces, **more):
    return Fraction(bill(**{**HOME, "spaces": list(spaces), **more})["amount"])


def refusal(**inputs):
    with pytest.raises(Refused) as caught:
        bill(**{**HOME, "spaces": [flat()], **inputs})
    return str(caught.value)


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_a_worked_case_comes_out_as_derived_by_hand(case):
    law = book().with_changes(case.get("law", {}))
    rule, expect = RULES[case["rule"]], case["expect"]
    if expect.get("refused"):
        with pytest.raises(Refused):
            rule(**case["input"], law=law)
        return
    got = rule(**case["input"], law=law)
    assert {key: got.get(key) for key in expect} == expect


@given(st.lists(st.floats(0.01, 500.0), min_size=2, max_size=2), st.booleans())
def test_a_larger_flat_never_pays_less(areas, metered):
    charging = {"charging": "metered" if metered else "area"}
    small, large = sorted(areas)
    heat = {"heat_kwh": 4321.0}
    assert amount(flat(small, **heat), **charging) <= amount(flat(large, **heat), **charging)


@pytest.mark.parametrize("use", ["residential", "institution", "non_residential"])
def test_metered_and_area_bills_meet_at_the_break_even_that_the_prices_imply(use):
    law = book()
    price, basic, rate = (
        exact(law(f"heating.{key}"))
        for key in (f"price.{use}", f"metered.{use}.basic", f"metered.{use}.rate")
    )
    even = (price - basic) / rate
    assert float(even) == pytest.approx(
        {"residential": 99.35, "institution": 92.26, "non_residential": 100.80}[use], abs=0.005
    )
    kind = "flat" if use == "residential" else "premises"

    def difference(kwh_m2):
        space = {"kind": kind, "area": 1000.0, "heat_kwh": float(kwh_m2) * 1000}
        return amount(space, use=use, charging="metered") - amount(space, use=use)

    assert difference(even - Fraction(1, 100)) < 0 < difference(even + Fraction(1, 100))


@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_money_is_rounded_to_the_nearest_fen_and_halves_go_up(numerator, denominator):
    value = Fraction(numerator, denominator)
    fen = rounded(value)
    assert (fen * 100).denominator == 1
    assert -Fraction(1, 200) < fen - value <= Fraction(1, 200)
    assert Fraction(yuan(value)) == fen


def test_numbers_are_written_in_full_and_without_trailing_zeros():
    assert [plain(exact(v)) for v in (100.0, 0.155, 1e-7, 20.5)] == [
        "100",
        "0.155",
        "0.0000001",
        "20.5",
    ]


def test_the_lines_of_a_bill_add_up_and_cite_their_clauses():
    found = bill(
        **HOME,
        spaces=[flat(), {"kind": "attic", "area": 30.0, "certificate": False}],
        exchangers=2,
    )
    assert [line["kind"] for line in found["basis"]] == ["flat", "attic", "exchanger"]
    assert sum(Fraction(line["amount"]) for line in found["basis"]) == Fraction(found["amount"])
    assert [line["clause"].split()[1] for line in found["basis"]] == [
        "一(一)1",
        "一(一)1",
        "一(一)4",
    ]
    assert found["basis"][1]["line"] == "100 m² × 22 yuan/m² × 0.5"


def test_numbers_of_numpy_are_taken_as_they_are_written():
    assert amount(flat(np.float64(88.1))) == amount(flat(88.1)) == Fraction("1938.20")


def test_all_faults_of_a_bill_are_named_at_once_with_their_places():
    said = refusal(spaces=[flat(), flat(), {"kind": "premises", "area": 5.0}], charging="metered")
    assert "spaces.2.kind" in said and "got 2 flat" in said
    assert "spaces.0.heat_kwh" in said and "spaces.1.heat_kwh" in said


def test_an_unknown_district_is_refused_with_the_nearest():
    assert "'张店'; did you mean '张店区'?" in refusal(district="张店")


def test_exchangers_instead_of_the_area_fee_leave_a_metered_bill_alone():
    law = book().with_changes({"heating.exchanger.fee.reading": "instead"})
    heat = flat(heat_kwh=5000.0)
    assert amount(heat, charging="metered", exchangers=3, law=law) == 1435


@pytest.mark.parametrize("half_open", [False, True])
def test_the_season_asked_by_day_is_the_season_between_its_dates(half_open):
    reading = {"heating.season.end.reading": "half_open"} if half_open else {}
    law = book().with_changes(reading)
    days = np.arange("2019-07-01", "2021-07-01", dtype="datetime64[D]")
    asked = [in_season(date=day.item(), law=law)["in_season"] for day in days]
    assert heated_days(days, law).tolist() == asked
    assert sum(asked) == 122 + 121 - 2 * half_open
    first, last = season_dates(2019, law)
    assert (last - first).days + 1 == 122 - half_open


def test_a_season_within_one_year_is_understood():
    law = book().with_changes({"heating.season.start": "01-10", "heating.season.end": "02-20"})
    days = np.arange("2019-01-01", "2020-01-01", dtype="datetime64[D]")
    assert heated_days(days, law).sum() == 42
    assert in_season(date="2019-02-20", law=law)["in_season"]
    assert not in_season(date="2019-12-20", law=law)["in_season"]


def test_each_payment_of_a_subsidy_names_payer_and_person():
    found = subsidy(
        year=2019,
        district="张店区",
        dibao=True,
        members=[{}, {"laid_off": True}, {"unemployed_from": "2019-01-01"}],
    )
    assert [(p["payer"], p["member"], p["amount"]) for p in found["parts"]] == [
        ("civil_affairs", None, "626.00"),
        ("human_resources", 1, "313.00"),
        ("human_resources", 2, "313.00"),
    ]


def test_read_strictly_the_deadline_of_2021_is_the_last_day_in_force():
    law = book().with_changes({"heating.subsidy.deadline.reading": "strict"})
    dibao = {"district": "张店区", "dibao": True, "members": [{}], "law": law}
    assert subsidy(year=2021, **dibao)["amount"] == "626.00"


def test_staff_of_central_and_provincial_units_are_funded_by_the_city():
    known = ("city", "zhangdian", "gaoxin", "central", "provincial")
    assert [funder(a) for a in known] == ["city", "zhangdian", "gaoxin", "city", "city"]
