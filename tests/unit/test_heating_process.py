"""One winter of heating on a clock: what happens when, under which clause, and what it sums to."""

from datetime import date

import numpy as np
import pytest
import simpy

from zibo_sim.clock import Clock
from zibo_sim.errors import Refused
from zibo_sim.heating.bills import bill
from zibo_sim.heating.parameters import (
    DemandParameters,
    Heating,
    StockParameters,
    SubsidyParameters,
)
from zibo_sim.heating.process import heating_season
from zibo_sim.heating.stock import stock
from zibo_sim.law import book
from zibo_sim.streams import Streams

WINTER = Clock(date(2018, 10, 1), date(2019, 3, 31))
SMALL = Heating(dwellings=2_000)
PUNCTUAL = SubsidyParameters(verification_cv=0.0)


def run(heating=SMALL, clock=WINTER, changes=None, replication=0, in_force_only=False, outdoor=0.0):
    env, log = simpy.Environment(), []
    ledger = heating_season(
        env,
        log,
        clock=clock,
        heating=heating,
        law=book().with_changes(changes or {}),
        streams=Streams(1, replication),
        outdoor_c=np.full(clock.hours, outdoor),
        in_force_only=in_force_only,
    )
    env.run(until=clock.hours)
    return ledger, log


def when(log, event, clock=WINTER):
    return sorted({clock.datetime(e.time) for e in log if e.event == event})


def one_kind(**shares):
    """Return a stock of plain flats but for what is asked."""
    none = ("duplex_share", "attic_share", "ancillary_share", "exchanger_share")
    return StockParameters(**(dict.fromkeys(none, 0.0) | shares))


def test_every_event_has_a_clause_that_the_law_book_has():
    known = {entry.clause for entry in book()}
    _, log = run()
    assert {e.domain for e in log} == {"heating"}
    assert {e.clause for e in log} <= known
    assert len({e.clause for e in log}) >= 5


def test_events_come_in_the_order_of_the_calendar():
    _, log = run(Heating(dwellings=2_000, subsidy=PUNCTUAL))
    steps = [e.event for e in log if e.entity == "民政部门"]
    assert steps == ["listed", "verified", "announced", "paid"]
    assert [e.event for e in log][-3:] == ["supply_ended", "read", "billed"]
    assert [e.time for e in log] == sorted(e.time for e in log)
    assert [f"{t:%m-%d %H}" for t in when(log, "listed")] == ["10-31 17"]
    # Four working days from Wednesday evening, three days of announcement over a weekend, one day.
    assert [f"{t:%m-%d %H}" for t in when(log, "verified")] == ["11-06 17"]
    assert [f"{t:%m-%d %H}" for t in when(log, "paid")] == ["11-12 17"]
    assert [f"{t:%m-%d %H}" for t in when(log, "supply_started")] == ["11-15 00"]
    assert [f"{t:%m-%d %H}" for t in when(log, "read")] == ["03-16 00"]


def test_read_half_open_the_meters_are_read_a_day_earlier():
    _, log = run(changes={"heating.season.end.reading": "half_open"})
    assert [f"{t:%m-%d}" for t in when(log, "read")] == ["03-15"]


def test_the_year_s_revenue_is_the_sum_of_the_bills_of_the_rule():
    ledger, _ = run(Heating(dwellings=300, metered_share=0.0))
    homes = stock(300, StockParameters()).dwellings
    expected = 0.0
    for i in range(300):
        spaces = [{"kind": "flat", "area": homes.main[i] / 100}]
        if homes.upper[i]:
            upper = {"kind": "duplex_upper", "area": homes.upper[i] / 100}
            spaces = [spaces[0] | {"kind": "duplex_lower"}]
            spaces.append(upper | {"heated": homes.upper_heated[i]})
        if homes.attic[i]:
            attic = {"kind": "attic", "area": homes.attic[i] / 100}
            spaces.append(attic | {"certificate": homes.attic_certified[i]})
        if homes.ancillary[i]:
            spaces.append({"kind": "storeroom", "area": homes.ancillary[i] / 100})
        found = bill(
            season=2018,
            district="张店区",
            use="residential",
            spaces=spaces,
            exchangers=homes.exchangers[i],
        )
        expected += float(found["amount"])
    assert ledger.revenue == pytest.approx(expected, abs=1e-6)
    assert ledger.mean_bill == pytest.approx(expected / 300)
    assert ledger.area_bills.sum() == pytest.approx(expected)


def test_a_metered_winter_by_hand():
    """All flats alike and metered, 0 °C throughout: 121 days of 0.024 × (1.9 × 20 − 3.8)."""
    alike = one_kind(
        area_sigma=0.0,
        area_median=100.0,
        weight_saving_30=0.0,
        weight_saving_50=0.0,
        weight_saving_65=0.0,
        weight_saving_75=0.0,
        weight_corner=0.0,
        weight_top_bottom=0.0,
    )
    demand = DemandParameters(
        household_sigma=0.0, overheating=1.0, factor_interior=1.0, metering_saving=0.0
    )
    ledger, _ = run(Heating(dwellings=100, metered_share=1.0, stock=alike, demand=demand))
    kwh_m2 = 121 * 0.024 * (1.9 * 20 - 3.8)
    assert ledger.demand_kwh_m2 == pytest.approx(kwh_m2)
    each = 660 + 0.155 * round(100 * kwh_m2, 2)
    assert ledger.metered_bills == pytest.approx(np.full(100, each), abs=0.005)
    assert ledger.revenue == ledger.revenue_metered == pytest.approx(100 * each, abs=0.5)
    assert ledger.metered_paying_less == (1.0 if kwh_m2 < 99.35 else 0.0)
    assert np.flatnonzero(ledger.heat_kwh).tolist() == list(range(45, 45 + 121))
    assert ledger.heat_kwh.sum() == pytest.approx(100 * 100 * kwh_m2)


def test_a_colder_winter_sells_more_heat_and_leaves_area_bills_alone():
    mild, cold = (run(outdoor=t)[0] for t in (5.0, -10.0))
    assert cold.demand_kwh_m2 > mild.demand_kwh_m2
    assert cold.revenue_metered > mild.revenue_metered
    assert cold.metered_paying_less < mild.metered_paying_less
    assert np.array_equal(cold.area_bills, mild.area_bills)


def test_a_higher_price_of_heat_raises_metered_bills_alone():
    plain, dear = run()[0], run(changes={"heating.metered.residential.rate": 0.1705})[0]
    assert dear.revenue_metered > plain.revenue_metered
    assert np.array_equal(dear.area_bills, plain.area_bills)


def test_subsidies_are_paid_by_payer_and_charged_to_those_who_fund_them():
    ledger, log = run(Heating(dwellings=20_000))
    paid = {e.entity: e.value for e in log if e.event == "paid"}
    funded = {}
    for e in log:
        if e.event == "funded":
            funded[e.stage] = funded.get(e.stage, 0) + e.value
    assert paid["民政部门"] == 626 * ledger.households_paid == funded["households"]
    assert paid["人力资源社会保障部门"] == 313 * ledger.persons_paid == funded["persons"]
    assert ledger.subsidy == sum(paid.values()) > 0
    assert {e.entity for e in log if e.event == "funded"} == {
        "市财政",
        "张店区财政",
        "高新区财政",
    }


def test_slow_offices_pay_late_and_read_strictly_even_the_deadline_is_late():
    def stages(days, reading="inclusive"):
        slow = SubsidyParameters(verification_cv=0.0, verification_days=days)
        changes = {"heating.subsidy.deadline.reading": reading}
        _, log = run(Heating(dwellings=2_000, subsidy=slow), changes=changes)
        return {e.stage for e in log if e.event == "paid"}

    assert stages(4.0) == {"on_time"}
    assert stages(7.0) == {"on_time"}  # 9 November, announced to the 12th, paid on the 13th
    assert stages(9.0) == {"late"}
    assert stages(8.0) == stages(8.0, "strict") == {"late"}


def test_paid_on_the_deadline_is_in_time_unless_read_strictly():
    late = SubsidyParameters(verification_cv=0.0, verification_days=7.0, payment_days=3.0)
    heating = Heating(dwellings=2_000, subsidy=late)
    for reading, stage in (("inclusive", "on_time"), ("strict", "late")):
        _, log = run(heating, changes={"heating.subsidy.deadline.reading": reading})
        assert [f"{t:%m-%d}" for t in when(log, "paid")] == ["11-15"]
        assert {e.stage for e in log if e.event == "paid"} == {stage}


def test_waiting_for_the_notice_the_offices_begin_on_its_first_day_and_pay_late():
    ledger, log = run(in_force_only=True)
    first = WINTER.hour(date(2018, 11, 15))
    assert all(e.time >= first for e in log)
    assert {e.stage for e in log if e.event == "paid"} == {"late"}
    assert ledger.subsidy == run()[0].subsidy


@pytest.mark.parametrize("year", [2017, 2021])
def test_a_winter_the_notice_does_not_cover_is_left_out_only_where_it_must_be_in_force(year):
    clock = Clock(date(year, 10, 1), date(year + 1, 3, 31))
    ledger, log = run(clock=clock, in_force_only=True)
    assert not log and ledger.revenue is None and ledger.subsidy is None
    ledger, log = run(clock=clock)
    assert log and ledger.revenue and ledger.subsidy


OF_A_WHOLE_SEASON = (
    "revenue", "revenue_metered", "mean_bill", "metered_paying_less", "demand_kwh_m2",
    "revenue_at_risk", "hard_winter_bills", "refunds", "subsidy_share",
)  # fmt: skip


@pytest.mark.parametrize("end", [date(2018, 12, 31), date(2019, 3, 14)])
def test_a_period_that_ends_before_the_settlement_has_no_figures_of_the_season(end):
    ledger, log = run(clock=Clock(date(2018, 10, 1), end))
    assert {name: getattr(ledger, name) for name in OF_A_WHOLE_SEASON} == dict.fromkeys(
        OF_A_WHOLE_SEASON
    )
    assert ledger.area_bills.sum() > 0
    assert "read" not in {e.event for e in log}


def test_a_period_that_ends_with_the_last_day_of_heat_holds_the_settlement():
    ends_with_heat, log = run(clock=Clock(date(2018, 10, 1), date(2019, 3, 15)))
    whole, _ = run()
    for name in OF_A_WHOLE_SEASON:
        assert getattr(ends_with_heat, name) == getattr(whole, name)
    assert {WINTER.date(e.time) for e in log if e.event == "read"} == {date(2019, 3, 15)}


def test_a_season_cut_at_its_beginning_adds_nothing_to_the_whole_one_before():
    once, _ = run()
    next_begins, log = run(clock=Clock(date(2018, 11, 1), date(2019, 11, 20)))
    assert [e.event for e in log].count("supply_started") == 2
    assert next_begins.revenue == once.revenue
    assert next_begins.mean_bill == once.mean_bill


def test_a_subsidy_is_that_of_years_whose_payments_all_lie_in_the_period():
    payments = {e.stage or e.entity: e.time for e in run()[1] if e.event == "paid"}
    last = max(payments.values())
    before = WINTER.date(last - 24)
    partly, log = run(clock=Clock(date(2018, 10, 1), before))
    assert "listed" in {e.event for e in log}
    assert partly.subsidy is None
    within, _ = run(clock=Clock(date(2018, 10, 1), WINTER.date(last)))
    assert within.subsidy == run()[0].subsidy > 0


def test_a_period_that_begins_in_the_season_bills_nothing():
    ledger, log = run(clock=Clock(date(2018, 12, 1), date(2019, 3, 31)))
    figures = (ledger.revenue, ledger.mean_bill, ledger.subsidy, ledger.demand_kwh_m2)
    assert figures == (None, None, None, None)
    assert [e.event for e in log] == ["supply_ended"]
    assert ledger.heat_kwh[0] > 0


def test_a_summer_has_no_heating():
    ledger, log = run(clock=Clock(date(2019, 4, 1), date(2019, 9, 30)))
    assert not log and ledger.revenue is None and not ledger.heat_kwh.any()


def test_two_winters_are_billed_twice():
    once, _ = run(Heating(dwellings=500, metered_share=0.0))
    clock = Clock(date(2018, 10, 1), date(2020, 3, 31))
    twice, _ = run(Heating(dwellings=500, metered_share=0.0), clock=clock)
    assert twice.revenue == 2 * once.revenue
    assert twice.mean_bill == once.mean_bill
    assert twice.subsidy == 2 * once.subsidy


def test_without_meters_there_are_no_metered_figures_but_a_revenue_of_zero():
    ledger, _ = run(Heating(dwellings=500, metered_share=0.0))
    assert ledger.metered_paying_less is None and ledger.revenue_metered == 0.0


def test_a_rising_metered_share_leaves_the_bills_of_the_metered_as_they_are():
    few, many = (run(Heating(dwellings=500, metered_share=share))[0] for share in (0.2, 0.6))
    ranks = stock(500, StockParameters()).meter_rank
    kept = (ranks < 0.2)[ranks < 0.6]
    assert np.array_equal(many.metered_bills[kept], few.metered_bills)


def test_replications_differ_in_the_offices_alone_at_one_temperature():
    first, second = (run(replication=r) for r in (0, 1))
    assert first[0].revenue == second[0].revenue
    times = [[e.time for e in log if e.event == "paid"] for _, log in (first, second)]
    assert times[0] != times[1]


def test_a_series_of_the_wrong_length_is_refused():
    with pytest.raises(Refused, match="outdoor_c has shape"):
        heating_season(
            simpy.Environment(),
            [],
            clock=WINTER,
            heating=SMALL,
            law=book(),
            streams=Streams(1),
            outdoor_c=np.zeros(24),
            in_force_only=False,
        )
