"""The heavy-pollution plan (淄政办字〔2018〕145号) as the law book has it."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from zibo_sim.law.book import Law, book, normal

NUMBER = "淄政办字〔2018〕145号"
LEVELS = ("yellow", "orange", "red")
POLLUTANTS = ("so2", "nox", "pm", "voc")
LIMITED = ("voc", "voc_water", "kiln", "glass")
#: What the alert and measure code reads, one line a topic; {} stands for the three levels.
RELIED_ON = """
aqi.heavy aqi.severe mean.hours {}.days red.days_over_300 red.peak dust.excluded
horizon.days consult.aqi consult.normal_per_week consult.emergency_per_day consult.realtime
consult.report sign.{} sign.change approve.{} publisher lead.hours report.hour notify
emergency.aqi emergency.outlook_hours urgent explain lift.hours lift.publisher lower merge upgrade
republish regional.hours regional.level response.level.{} response.start
cut.{}.so2 cut.{}.nox cut.{}.pm cut.{}.voc cut.trade
base.industry_days base.mobile_days base.dust_days base.cluster_days base.other_residential_days
base.heating staggered.factor staggered.exempt
limit.voc.{} limit.voc_water.{} limit.kiln.{} limit.glass.{}
stop.dust stop.yards stop.mixing stop.solvent vehicles.{} machines.{}
summary.working_days ledger.documents evaluation.by list.by
"""
OPTIONS = {
    "alert.yellow.days": ("windows", {"calendar", "rolling"}),
    "alert.red.days": ("or_alone", {"and_either"}),
    "alert.dust.excluded": ("break", {"drop_hours"}),
    "alert.sign.change": ("higher", {"new"}),
    "alert.lift.hours": ("trailing_mean", {"hourly"}),
    "alert.merge": ("max", {"durations_added"}),
}
#: What the events of the simulation cite.
CITED = """
一 三(一) 三(二) 四(一) 四(一)1 四(一)2 四(一)3 四(二) 四(三) 四(四) 四(五)
五(一)1 五(一)2 五(一)3 五(二) 五(三) 五(四)2 五(五)1 五(五)2 五(五)3 五(五)4 五(六)
六(一) 六(二) 八(八) 附件3
"""


@pytest.fixture(scope="module")
def law() -> Law:
    return book()


def by_level(law: Law, pattern: str) -> list[Any]:
    return [law(f"alert.{pattern.format(level)}") for level in LEVELS]


def day(law: Law, key: str) -> date:
    return date.fromisoformat(f"2018-{law(key)}")


def test_two_three_and_four_days_over_200_make_yellow_orange_and_red(law: Law) -> None:
    assert by_level(law, "{}.days") == [2, 3, 4]
    assert law("alert.aqi.heavy") == 200


def test_red_needs_two_days_over_300_or_a_mean_of_500(law: Law) -> None:
    assert (law("alert.red.days_over_300"), law("alert.aqi.severe")) == (2, 300)
    assert law("alert.red.peak") == 500


def test_the_cuts_of_the_aims_are_those_printed(law: Law) -> None:
    for pollutant in ("so2", "nox", "pm"):
        assert by_level(law, f"cut.{{}}.{pollutant}") == [0.1, 0.2, 0.3]
    assert by_level(law, "cut.{}.voc") == [0.1, 0.15, 0.2]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("pollutant", POLLUTANTS)
def test_plan_and_air_plan_demand_the_same_cut(law: Law, level: str, pollutant: str) -> None:
    if "淄政办字〔2018〕144号" not in law.documents:
        pytest.skip("144号 is not in the book")
    assert law(f"alert.cut.{level}.{pollutant}") == law(f"air_plan.cut.{level}.{pollutant}")


@pytest.mark.parametrize("sector", LIMITED)
def test_production_limits_rise_with_the_level(law: Law, sector: str) -> None:
    shares = by_level(law, f"limit.{sector}.{{}}")
    assert all(0 <= milder < graver <= 1 for milder, graver in pairwise(shares))


def test_changing_to_water_based_paint_always_lightens_the_limit(law: Law) -> None:
    pairs = zip(by_level(law, "limit.voc_water.{}"), by_level(law, "limit.voc.{}"), strict=True)
    assert all(water < solvent for water, solvent in pairs)


def test_only_a_red_alert_stops_processes_on_solvent_paint(law: Law) -> None:
    assert by_level(law, "limit.voc.{}") == [0.2, 0.5, 1.0]


def test_red_is_signed_and_approved_above_the_office(law: Law) -> None:
    office = "办公室主任"
    assert by_level(law, "sign.{}") == [office, office, "指挥长"]
    yellow, orange, red = by_level(law, "approve.{}")
    assert yellow == orange != red


def test_the_level_above_yellow_starts_the_response_of_the_next_grade(law: Law) -> None:
    assert [normal(r) for r in by_level(law, "response.level.{}")] == ["III级", "II级", "I级"]


def test_industry_counts_330_days_and_what_moves_or_blows_365(law: Law) -> None:
    assert law("alert.base.industry_days") == 330
    assert law("alert.base.mobile_days") == law("alert.base.dust_days") == 365


def test_divisors_that_the_plan_does_not_print_are_marked_assumed(law: Law) -> None:
    plan = [e for e in law if e.document.number == NUMBER]
    assumed = {e.id for e in plan if e.status == "assumed"}
    assert assumed == {"alert.base.cluster_days", "alert.base.other_residential_days"}
    assert all(e.source for e in plan if e.status != "statutory")


def test_the_two_seasons_of_staggering_fill_the_year_without_overlap(law: Law) -> None:
    next_day = timedelta(days=1)
    assert day(law, "alert.staggered.end") + next_day == day(law, "alert.off_season.start")
    assert day(law, "alert.off_season.end") + next_day == day(law, "alert.staggered.start")
    assert "次年" in law.entry("alert.off_season.end").reading.zh


def test_the_plan_staggers_production_from_the_first_to_the_last_day_of_heating(law: Law) -> None:
    if "淄政办字〔2018〕139号" not in law.documents:
        pytest.skip("139号 is not in the book")
    for end in ("start", "end"):
        assert law(f"alert.staggered.{end}") == law(f"heating.season.{end}")


def test_thirteen_of_the_member_units_write_a_plan_of_their_own(law: Law) -> None:
    units = [law(e.id) for e in law.find(f"{NUMBER} 附件3") if e.path != "附件3"]
    writers = law("alert.department.plan_writers")
    assert (len(units), len(set(writers))) == (18, 13)
    assert all(writer in units for writer in writers)


@pytest.mark.parametrize("pattern", RELIED_ON.split())
def test_every_id_that_the_code_relies_on_is_there(law: Law, pattern: str) -> None:
    wanted = {f"alert.{pattern.format(level)}" for level in LEVELS}
    assert wanted <= set(law.entries)
    assert {law.entry(key).document.number for key in wanted} == {NUMBER}


def test_readings_one_may_choose_are_exactly_those_the_code_acts_on(law: Law) -> None:
    offered = {
        e.id: (e.reading.option, set(e.reading.options) - {e.reading.option})
        for e in law
        if e.document.number == NUMBER and e.reading.options
    }
    assert offered == OPTIONS


@pytest.mark.parametrize("path", CITED.split())
def test_every_clause_that_events_cite_is_in_the_book(law: Law, path: str) -> None:
    cited = normal(f"{NUMBER} {path}")
    assert any(normal(e.clause).startswith(cited) for e in law)


def test_no_id_of_the_plan_is_the_parent_of_another(law: Law) -> None:
    ids = [e.id for e in law if e.document.number == NUMBER]
    assert not [i for i in ids if any(other.startswith(f"{i}.") for other in ids)]


def test_the_plan_is_in_force_from_the_day_of_issue_without_end(law: Law) -> None:
    plan = law.documents[NUMBER]
    assert not plan.in_force(date(2018, 11, 15))
    assert plan.in_force(date(2018, 11, 16))
    assert plan.in_force_until is None
    assert law("alert.force.from") == plan.in_force_from.isoformat()
