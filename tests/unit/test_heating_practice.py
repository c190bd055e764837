"""Payment, season levers, options of other cities, premises, and who pays less: by hand."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
import simpy

from zibo_sim.clock import Clock
from zibo_sim.errors import Refused
from zibo_sim.heating.bills import bill
from zibo_sim.heating.outcomes import who_pays
from zibo_sim.heating.parameters import DemandParameters, Heating, StockParameters
from zibo_sim.heating.portfolio import Dwellings
from zibo_sim.heating.practice_parameters import (
    OptionParameters,
    PaymentParameters,
    PremisesParameters,
    SeasonParameters,
)
from zibo_sim.heating.premises import premises, premises_fees
from zibo_sim.heating.process import heating_season
from zibo_sim.heating.settlement import (
    anomalies,
    break_even_kwh_m2,
    cold_days,
    cold_refunds,
    receipts,
    settled,
    share_of,
)
from zibo_sim.heating.stock import NEVER, days_late, stock
from zibo_sim.heating.tariff import tariff_of
from zibo_sim.law import book
from zibo_sim.streams import Streams

WINTER = Clock(date(2018, 10, 1), date(2019, 3, 31))
TARIFF = tariff_of(book())
COUNT = 2_000


def run(clock=WINTER, changes=None, outdoor=0.0, **groups):
    env, log, heating = simpy.Environment(), [], Heating(dwellings=COUNT, **groups)
    ledger = heating_season(
        env,
        log,
        clock=clock,
        heating=heating,
        law=book().with_changes(changes or {}),
        streams=Streams(1),
        outdoor_c=np.full(clock.hours, outdoor),
        in_force_only=False,
    )
    env.run(until=clock.hours)
    return ledger, log


def total(log, event, stage=None, entity=None):
    wanted = (e for e in log if e.event == event and stage in (None, e.stage))
    return sum(e.value for e in wanted if entity in (None, e.entity))


# ---- the season as a lever ---------------------------------------------------------------


def test_early_and_late_days_heat_cost_and_are_paid_by_those_with_meters_only():
    plain, _ = run()
    longer, log = run(season=SeasonParameters(early_days=5, late_days=3, heat_cost=0.25))
    assert plain.extension_cost == 0.0
    a_day = plain.heat_kwh[60]
    assert longer.extension_cost == pytest.approx(8 * a_day * 0.25)
    assert longer.demand_kwh_m2 == pytest.approx(plain.demand_kwh_m2 * 129 / 121)
    assert np.array_equal(longer.area_bills, plain.area_bills)
    assert longer.revenue_metered > plain.revenue_metered
    days = {e.event: f"{WINTER.datetime(e.time):%m-%d}" for e in log if e.stage != "late"}
    assert (days["supply_started"], days["supply_ended"]) == ("11-10", "03-19")
    assert [f"{WINTER.datetime(e.time):%m-%d}" for e in log if e.event == "billed"] == [
        "11-15",
        "03-19",
    ]


def test_a_milder_and_a_harder_winter_are_those_run_on_their_own():
    middle, mild, hard = (run(outdoor=t)[0] for t in (0.0, 3.0, -1.5))
    season = SeasonParameters(mild_c=3.0, hard_c=1.5)
    weighed, _ = run(season=season)
    lost = middle.revenue_metered - mild.revenue_metered
    assert weighed.revenue_at_risk == pytest.approx(lost)
    added = hard.revenue_metered - middle.revenue_metered
    assert weighed.hard_winter_bills == pytest.approx(added)
    assert lost > 0 < added


# ---- payment -----------------------------------------------------------------------------


def test_everybody_in_time_leaves_no_arrears():
    punctual = PaymentParameters(on_time_share=1.0, arrears_share=0.0)
    ledger, log = run(payment=punctual)
    assert ledger.arrears == 0.0
    collected = total(log, "collected", entity="dwellings by area")
    assert collected == pytest.approx(ledger.area_bills.sum())
    assert total(log, "collected", "late") == 0


def test_what_is_not_collected_by_the_end_is_overdue():
    slow = PaymentParameters(on_time_share=0.5, arrears_share=0.2, due_days=10)
    clock = Clock(date(2018, 10, 1), date(2019, 3, 24))  # a booking day ends the period
    ledger, log = run(clock=clock, payment=slow)
    area = ledger.area_bills.sum()
    assert ledger.arrears == pytest.approx(
        area - total(log, "collected", entity="dwellings by area"), abs=area * 0.01
    )
    assert ledger.arrears >= 0.17 * area


def test_nothing_is_overdue_before_it_is_due():
    late = PaymentParameters(on_time_share=0.0, arrears_share=1.0, due_days=365)
    assert run(payment=late)[0].arrears == 0.0


def test_households_pay_as_they_were_asked_to():
    p = PaymentParameters(on_time_share=0.8, arrears_share=0.05, late_median_days=25.0)
    days = days_late(40_000, 139, p)
    assert (days == 0).mean() == pytest.approx(0.8, abs=0.008)
    assert (days == NEVER).mean() == pytest.approx(0.05, abs=0.005)
    late = days[(days > 0) & (days < NEVER)]
    assert np.median(late) == pytest.approx(25.5, abs=1.5)
    fewer = days_late(40_000, 139, p.model_copy(update={"on_time_share": 0.7}))
    assert np.all(fewer >= days)


def test_receipts_by_hand():
    found = receipts(np.array([100, 20, 3]), np.array([0, 5, NEVER], np.int32))
    assert [found.overdue(d) for d in (-0.1, 0, 4.9, 5, 900)] == [0, 23, 23, 3, 3]
    assert found.total == 123


# ---- options of other cities ----------------------------------------------------------------


def test_every_option_is_off_unless_set():
    ledger, log = run()
    assert ledger.refunds == 0.0
    assert not {"prepayment_billed", "settled", "refunded"} & {e.event for e in log}


def test_a_cap_and_a_settlement_that_only_refunds_by_hand():
    meter, area = np.array([100, 999, 1200, 5]), np.array([1000, 1000, 1000, 3])
    capped = OptionParameters(metered_cap=1.1)
    assert settled(meter, area, capped).tolist() == [100, 999, 1100, 3]  # 3.3 fen is 3
    refunds = OptionParameters(prepayment="refund_only")
    assert settled(meter, area, refunds).tolist() == [100, 999, 1000, 3]
    assert settled(meter, area, OptionParameters(prepayment="both_ways")).tolist() == meter.tolist()


@pytest.mark.parametrize("way", ["refund_only", "both_ways"])
def test_prepayment_and_settlement_come_to_the_final_bills(way):
    plain, _ = run(outdoor=-8.0)
    ledger, log = run(outdoor=-8.0, options=OptionParameters(prepayment=way))
    prepaid = total(log, "prepayment_billed")
    final = prepaid - total(log, "settled", "refund") + total(log, "settled", "extra")
    assert final == pytest.approx(ledger.revenue_metered)
    by_area = plain.metered_at_area_fen[0]
    if way == "both_ways":
        assert ledger.revenue_metered == plain.revenue_metered
        assert total(log, "settled", "extra") > 0
    else:
        assert np.all(ledger.metered_fen[0] <= by_area)
        assert total(log, "settled", "extra") == 0


@pytest.mark.parametrize("way", ["refund_only", "both_ways"])
@pytest.mark.parametrize("due_days", [30, 115, 125])
def test_who_owes_the_prepayment_has_the_refund_set_off_against_it(way, due_days):
    lax = PaymentParameters(
        on_time_share=0.3,
        arrears_share=0.4,
        due_days=due_days,
        late_median_days=130.0,
        late_sigma=0.05,
    )
    clock = Clock(date(2018, 11, 1), date(2019, 9, 30))
    options = OptionParameters(prepayment=way)
    ledger, log = run(clock=clock, outdoor=3.0, metered_share=1.0, payment=lax, options=options)
    never = days_late(len(ledger.metered_fen[0]), 139, lax) == NEVER
    owed = ledger.metered_fen[0][never].sum() / 100
    back = total(log, "settled", "refund") - total(log, "settled", "set_off")
    assert total(log, "settled", "set_off") > 0
    # Money in, less money back, is what was billed and is not owed.
    paid = total(log, "collected") - back
    assert paid == pytest.approx(ledger.revenue_metered - owed, rel=0.01)
    assert ledger.arrears == pytest.approx(owed, rel=0.01)


@pytest.mark.parametrize("share", [0.5, 1.1, 0.5727901680230763, 0.11662350676639921, 1 / 3])
def test_a_share_of_many_digits_is_as_exact_as_one_of_few(share):
    fen = np.array([0, 1, 3, 220000, 99_999_999_999])
    by_hand = [int(Fraction(str(share)) * f + Fraction(1, 2)) for f in fen.tolist()]
    assert share_of(fen, share).tolist() == by_hand
    days = np.array([121, 0, 60, 121, 120])
    refunds = cold_refunds(fen, days, 121, OptionParameters(cold_refund=min(share, 1.0)))
    part = Fraction(str(min(share, 1.0))) / 121
    by_hand = [int(part * f * d + Fraction(1, 2)) for f, d in zip(fen, days.tolist(), strict=True)]
    assert refunds.tolist() == by_hand


def test_cold_days_and_their_refund_by_hand():
    o = OptionParameters(cold_refund=0.5, cold_limit_c=18.0, design_c=-7.0)
    outdoor = np.array([0.0, -7.0, -8.0, -9.5])
    rooms = np.array([20.0, 19.0, 17.0, 25.0])
    assert cold_days(rooms, outdoor, o).tolist() == [1, 1, 4, 0]  # 19 − 1 is 18, not below it
    refunds = cold_refunds(np.array([220000] * 4), cold_days(rooms, outdoor, o), 4, o)
    assert refunds.tolist() == [27500, 27500, 110000, 0]


def test_cold_rooms_are_refunded_where_the_option_is_on():
    warm = run(options=OptionParameters(cold_refund=1.0, room_sigma_c=0.0))[0]
    cold, log = run(outdoor=-9.5, options=OptionParameters(cold_refund=1.0, room_sigma_c=0.0))
    assert warm.refunds == 0.0
    assert cold.refunds == pytest.approx(cold.revenue, rel=1e-6) == total(log, "refunded")


def test_stopped_supply_is_refunded_no_cold_room():
    cold = OptionParameters(cold_refund=1.0, cold_limit_c=30.0, stopped_share=1.0, stopped_fee=0.3)
    ledger, _ = run(options=cold)
    assert ledger.revenue > 0
    assert ledger.refunds == 0.0


def test_stopped_supply_takes_no_heat_and_pays_its_fee_or_nothing():
    plain, _ = run()
    free = run(options=OptionParameters(stopped_share=0.25))[0]
    fee = run(options=OptionParameters(stopped_share=0.25, stopped_fee=0.3))[0]
    assert free.heat_kwh.sum() == pytest.approx(0.75 * plain.heat_kwh.sum(), rel=0.08)
    gone = plain.area_bills - free.area_bills
    assert set(gone[gone > 0] - plain.area_bills[gone > 0]) == {0.0}
    assert (gone > 0).mean() == pytest.approx(0.25, abs=0.05)
    assert (fee.area_bills - free.area_bills).sum() == pytest.approx(0.3 * gone.sum(), rel=1e-5)


def test_premises_of_the_widest_spread_have_areas_and_bills_above_zero():
    wide = PremisesParameters(institutions=5_000, shops=5_000, area_sigma=3.0, shop_area=1e6)
    found = premises(wide, StockParameters(), DemandParameters(), 0.0)
    assert min(found.own.min(), found.let.min()) >= 0
    assert (found.own.astype(np.int64) + found.let).max() == 10**9
    assert premises_fees(found, found.heat(np.full(5, 50.0), 0.0), TARIFF).min() >= 0


# ---- outcomes ---------------------------------------------------------------------------------


def test_the_break_even_follows_the_prices():
    assert break_even_kwh_m2(TARIFF) == pytest.approx((22 - 6.6) / 0.155)
    dear = tariff_of(book().with_changes({"heating.metered.residential.rate": 0.31}))
    assert break_even_kwh_m2(dear) == pytest.approx((22 - 6.6) / 0.31)
    upside = tariff_of(book().with_changes({"heating.price.residential": 6}))
    assert break_even_kwh_m2(upside) is None


def test_an_anomaly_is_a_duplex_dearer_on_one_level_than_on_two():
    main, upper = np.array([10_000] * 5), np.array([2_900, 3_000, 3_100, 0, 2_900])
    nothing, on = np.zeros(5, int), np.ones(5, bool)
    d = Dwellings(
        main=main,
        upper=upper,
        main_heated=on,
        upper_heated=np.array([False, False, False, False, True]),
        attic=nothing,
        attic_certified=on,
        ancillary=nothing,
        exchangers=nothing,
        let=nothing,
        let_height=nothing,
    )
    assert anomalies(d, TARIFF) == 1
    milder = tariff_of(book().with_changes({"heating.duplex.surcharge": 0.0}))
    assert anomalies(d, milder) == 0


def test_the_subsidy_is_a_share_of_the_bills_of_those_who_draw_it():
    ledger, _ = run()
    assert ledger.subsidy_share == pytest.approx(
        626 * ledger.households_paid / (ledger.low_income_fen / 100)
    )
    assert 0.1 < ledger.subsidy_share < 0.6


def test_who_pays_less_adds_up_and_insulated_homes_gain_more():
    ledger, _ = run(outdoor=-1.0)
    table = who_pays(Heating(dwellings=COUNT), book(), ledger).set_index("group")
    for kind in ("vintage", "position", "income"):
        part = table[table["by"] == kind]
        assert part["dwellings"].sum() == COUNT
        mean = (part["by_meter"] * part["dwellings"]).sum() / COUNT
        assert mean == pytest.approx(table.loc["all", "by_meter"])
    stages = ["uninsulated", "saving_30", "saving_50", "saving_65", "saving_75"]
    assert table.loc[stages, "paying_less"].is_monotonic_increasing
    assert table.loc["interior", "paying_less"] > table.loc["top_bottom", "paying_less"]
    assert table.loc["low_income", "subsidy_share"] == pytest.approx(
        626 / table.loc["low_income", "by_area"]
    )


def test_without_a_whole_season_nobody_can_be_compared():
    ledger, _ = run(clock=Clock(date(2018, 10, 1), date(2019, 1, 31)))
    with pytest.raises(Refused, match="no whole heating season"):
        who_pays(Heating(dwellings=COUNT), book(), ledger)


# ---- institutions, shops and let rooms -----------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [{}, {"heating.height.scope.reading": "area_and_metered"},
     {"heating.height.scope.reading": "all_area_priced"},
     {"heating.institution.let_excluded": False}],
)  # fmt: skip
def test_premises_pay_what_the_rule_says(changes):
    law = book().with_changes(changes)
    p = PremisesParameters(institutions=60, shops=90, let_share=0.5)
    found = premises(p, StockParameters(), DemandParameters(), 0.5)
    heat = found.heat(np.array([90.0, 66.0, 50.0, 34.0, 24.0]), 0.13)
    fees = premises_fees(found, heat, tariff_of(law))
    for i in range(len(found)):
        height = {"kind": "premises", "height": float(found.height[i]) / 100}
        spaces = [{**height, "area": found.own[i] / 100, "heat_kwh": heat[0][i] / 100}]
        if found.let[i]:
            let = {"area": found.let[i] / 100, "let": True, "heat_kwh": heat[1][i] / 100}
            spaces.append(height | let)
        alone = bill(
            season=2018,
            district="张店区",
            use="institution" if found.institution[i] else "non_residential",
            charging="metered" if found.metered[i] else "area",
            spaces=spaces,
            law=law,
        )
        assert int(alone["amount"].replace(".", "")) == fees[i]


def test_premises_bring_revenue_of_their_own_and_leave_dwellings_alone():
    plain, _ = run()
    whole, log = run(premises=PremisesParameters(institutions=20, shops=100))
    added = total(log, "billed", "institution") + total(log, "billed", "non_residential")
    assert added > 0
    assert whole.revenue == pytest.approx(plain.revenue + added)
    assert whole.mean_bill == plain.mean_bill


def test_let_rooms_are_billed_as_trade_and_take_heat():
    plain, _ = run()
    letting, _ = run(stock=StockParameters(let_share=1.0, let_area=10.0, let_height=3.6))
    per_home = (letting.area_bills - plain.area_bills).mean()
    assert per_home == pytest.approx(10 * 36 * 1.15)
    assert letting.heat_kwh.sum() > plain.heat_kwh.sum()
    assert letting.revenue_metered > plain.revenue_metered


def test_a_million_dwellings_take_less_than_two_hundred_bytes_each():
    city = stock(1_000_000, StockParameters(let_share=0.01))
    homes = vars(city.dwellings).values()
    own = (city.vintage, city.position, city.noise, city.meter_rank)
    assert sum(column.nbytes for column in (*homes, *own)) < 200 * len(city)
    lets = replace(city.dwellings).let > 0
    assert lets.mean() == pytest.approx(0.01, abs=0.001)
