"""The plan of 145号 四 at work under a scripted sky: who does what, when, and by which clause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
import simpy
from numpy.typing import NDArray

from zibo_sim.air.aqi import pm25_aqi
from zibo_sim.air.parameters import Air, Consultation, Forecast, Regional, Response
from zibo_sim.air.process import PLAN, AlertPlan, alert_plan
from zibo_sim.air.response import compliance
from zibo_sim.air.stretches import LEVELS, thresholds, trailing_means
from zibo_sim.clock import Clock, working_calendar
from zibo_sim.law import Law, book
from zibo_sim.places import DISTRICTS
from zibo_sim.records import Event
from zibo_sim.streams import Streams

OFFICE, DIRECTOR, COMMANDER = "市重污染天气应急指挥部办公室", "办公室主任", "指挥长"
FIRST_DAY = date(2018, 11, 20)
#: PM2.5 in µg/m³ by the hourly AQI it stands for.
PM25 = {55: 40.0, 80: 59.0, 250: 200.0, 260: 210.0, 350: 300.0, 500: 500.0}
CLEAN = (55, 240)

Spells = Sequence[tuple[int, int]]


@dataclass
class ScriptedSky:
    """Air that measures do not change, with a record of what it was told."""

    pm25: NDArray[np.float64]
    dust: NDArray[np.bool_]
    told: list[tuple[int, str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.truth = self.pm25
        self.known_until = len(self.pm25)
        self.aqi = self.aqi_no_measures = pm25_aqi(self.pm25)
        self.region_pm25 = np.full(len(self.pm25), np.nan)

    def advance(self, hour: int) -> None:
        """All of it is known from the start."""

    def mark(self) -> None:
        """There is nothing to take back."""

    def rewind(self, mark: None) -> None:
        """There is nothing to take back."""

    def command(self, hour: int, level: str, share: float) -> None:
        self.told.append((hour, level, share))

    def plants_ordered(self, hour: int, level: str) -> int:
        return 0

    def release(self, hour: int) -> None:
        self.told.append((hour, "none", 0.0))


@dataclass
class Winter:
    """A finished run."""

    clock: Clock
    sky: ScriptedSky
    plan: AlertPlan
    log: list[Event]

    def events(self, *words: str) -> list[Event]:
        return [event for event in self.log if event.event in words]

    def one(self, word: str) -> Event:
        (event,) = self.events(word)
        return event

    def stages(self) -> list[list[str]]:
        return [[LEVELS[level] for _, level in alert.stages] for alert in self.plan.alerts]


def scripted(
    spells: Spells,
    dust: Sequence[tuple[int, int]] = (),
    horizon_h: int = 96,
    start: date = FIRST_DAY,
    law: dict[str, Any] | None = None,
    in_force_only: bool = False,
    approval_h: float = 1.0,
    **consultation: Any,
) -> Winter:
    """Run the plan on hourly AQI in spells of [AQI, hours], with perfect forecasts."""
    pm25 = np.concatenate([np.full(hours, PM25[aqi]) for aqi, hours in spells])
    assert len(pm25) % 24 == 0
    dusty = np.zeros(len(pm25), dtype=bool)
    for first, end in dust:
        dusty[first:end] = True
    wait = {f"approval_{which}_h": approval_h for which in ("low", "mode", "high")}
    air = Air(
        forecast=Forecast(error_scale=0.0, horizon_h=horizon_h),
        consultation=Consultation(**{**wait, **consultation}),
        regional=Regional(enabled=False),
    )
    clock = Clock(start, start + timedelta(days=len(pm25) // 24 - 1))
    env, log, sky = simpy.Environment(), [], ScriptedSky(pm25, dusty)
    plan = alert_plan(
        env,
        log,
        air=sky,
        parameters=air,
        clock=clock,
        law=book().with_changes(law or {}),
        streams=Streams(1),
        in_force_only=in_force_only,
    )
    env.run(until=clock.hours)
    return Winter(clock, sky, plan, log)


TWO_DAYS: Spells = (CLEAN, (250, 48), CLEAN)
FOUR_DAYS: Spells = (CLEAN, (250, 48), (350, 48), CLEAN)


# ---- issue --------------------------------------------------------------------------------


def test_two_days_give_a_yellow_alert_a_day_ahead() -> None:
    winter = scripted(TWO_DAYS)
    published = winter.one("published")
    assert (published.level, published.stage) == ("yellow", "ahead")
    onset = winter.plan.alerts[0].onset
    assert published.value == pytest.approx(onset - published.time)
    assert published.value >= 24
    assert onset <= 240


def test_a_yellow_alert_is_reported_approved_signed_and_published_by_those_the_plan_names() -> None:
    winter = scripted(TWO_DAYS)
    alert = [e for e in winter.log if e.entity == "alert-1"][:4]
    assert [(e.event, e.stage) for e in alert[:3]] == [
        ("reported", OFFICE),
        ("approved", OFFICE),
        ("signed", DIRECTOR),
    ]
    assert alert[3].event == "published"
    assert {"alert.publisher"} <= {entry.id for entry in book().find(alert[3].clause)}
    assert book()("alert.publisher") == "市政府"


def test_within_the_three_days_of_the_text_no_alert_can_be_a_day_ahead() -> None:
    """Two whole days must lie within a forecast of three, so the first begins within one."""
    published = scripted(TWO_DAYS, horizon_h=72).one("published")
    assert published.stage == "short_notice"
    assert 0 < published.value < 24


def test_two_days_foreseen_by_nobody_are_an_urgent_alert() -> None:
    published = scripted(TWO_DAYS, horizon_h=24).one("published")
    assert published.stage == "urgent"
    assert published.value < 0


def test_observed_severe_pollution_without_improvement_in_sight_is_an_emergency() -> None:
    published = scripted((CLEAN, (350, 96), CLEAN), horizon_h=24).one("published")
    assert published.stage == "emergency"


def test_four_days_with_two_over_300_are_red_and_signed_by_the_commander() -> None:
    winter = scripted(FOUR_DAYS, horizon_h=168)
    assert winter.stages()[0][-2:] == ["red", "yellow"]
    signed = [e for e in winter.events("signed") if e.level == "red"]
    assert {e.stage for e in signed} == {COMMANDER}
    approved = [e for e in winter.events("approved") if e.level == "red"]
    assert {e.stage for e in approved} == {"市重污染天气应急指挥部"}
    lowered = winter.one("lowered")
    others = [e for e in winter.events("signed") if e.level != "red" and e.time < lowered.time]
    assert {e.stage for e in others} <= {DIRECTOR}
    assert winter.events("signed")[-2].stage == COMMANDER  # the higher level's signer signs


def test_red_takes_less_than_three_days_in_the_text_but_the_observed_hours_are_joined() -> None:
    winter = scripted(FOUR_DAYS, horizon_h=72)
    assert winter.stages() == [["yellow", "orange", "red", "yellow"]]
    upgraded = winter.events("upgraded")[-1]
    assert upgraded.level == "red"
    assert upgraded.time > winter.plan.alerts[0].onset


def test_an_upgrade_is_not_a_new_alert() -> None:
    winter = scripted(FOUR_DAYS)
    assert winter.stages() == [["yellow", "orange", "red", "yellow"]]
    assert len(winter.events("published")) == 1
    upgrades = winter.events("upgraded")
    assert [e.level for e in upgrades] == ["orange", "red"]
    assert {e.stage for e in upgrades} == {"市政府"}
    assert {e.entity for e in upgrades} == {"alert-1"}


def test_a_day_at_500_is_red_at_once() -> None:
    winter = scripted((CLEAN, (500, 24), CLEAN))
    assert winter.stages() == [["red"]]
    assert winter.events("signed")[0].stage == COMMANDER


def test_one_day_over_200_is_no_alert() -> None:
    assert scripted((CLEAN, (250, 24), CLEAN)).plan.alerts == []


@pytest.mark.parametrize("horizon_h", [72, 96])
def test_nothing_is_issued_for_dust(horizon_h: int) -> None:
    winter = scripted((CLEAN, (350, 96), CLEAN), dust=[(240, 336)], horizon_h=horizon_h)
    assert winter.plan.alerts == []
    assert {e.event for e in winter.log} <= {"consulted"}


def test_an_hour_of_dust_in_the_middle_leaves_no_two_days_together() -> None:
    assert scripted((CLEAN, (250, 49), (55, 239)), dust=[(264, 265)]).plan.alerts == []


# ---- lift and change ----------------------------------------------------------------------


def clean_from(winter: Winter, hour: int, hours: int = 36) -> bool:
    """Whether the trailing mean is at or below 200 for so many values, the newest known first."""
    means = trailing_means(winter.sky.aqi, winter.sky.dust, thresholds(book()))
    span = means[hour - 1 : hour - 1 + hours]
    return bool((span <= 200).all())


@pytest.mark.parametrize(
    "spells",
    [TWO_DAYS, FOUR_DAYS, (CLEAN, (260, 48), (80, 72), (260, 48), CLEAN)],
    ids=["two days", "four days", "two episodes"],
)
def test_an_alert_is_lifted_only_when_36_values_are_clean_and_then_without_delay(
    spells: Spells,
) -> None:
    winter = scripted(spells)
    lifted = winter.events("lifted")
    assert len(lifted) == len(winter.plan.alerts) > 0
    consulted = sorted({int(e.time) for e in winter.events("consulted")})
    for event in lifted:
        decided = int(event.time - 1.0)
        assert decided in consulted
        assert clean_from(winter, decided)
        onset = next(a.onset for a in winter.plan.alerts if a.name == event.entity)
        before = [hour for hour in consulted if onset + 24 <= hour < decided]
        assert before
        assert not any(clean_from(winter, hour) for hour in before)
        assert event.stage == "市政府"


def test_two_episodes_with_35_clean_values_between_them_stay_one_alert() -> None:
    winter = scripted((CLEAN, (260, 48), (80, 26), (260, 48), (55, 238)))
    assert winter.stages() == [["yellow"]]
    assert winter.one("lifted").time > 240 + 48 + 26 + 48


def test_a_long_gap_gives_two_alerts() -> None:
    winter = scripted((CLEAN, (260, 48), (80, 72), (260, 48), CLEAN))
    assert winter.stages() == [["yellow"], ["yellow"]]
    first, second = winter.plan.alerts
    assert first.lifted is not None
    assert first.lifted < second.published < second.onset
    assert [e.entity for e in winter.events("published")] == ["alert-1", "alert-2"]


def test_joined_episodes_are_alerted_at_the_higher_level_from_the_start_of_the_first() -> None:
    winter = scripted((CLEAN, (260, 48), (80, 26), (260, 72), (55, 238)), horizon_h=168)
    assert winter.stages() == [["yellow", "orange"]]
    onset = winter.plan.alerts[0].onset
    assert onset < 240
    assert winter.one("upgraded").time < onset


def test_red_is_lowered_once_the_mean_stays_at_or_below_300() -> None:
    winter = scripted((CLEAN, (350, 96), (250, 240), (55, 240)), horizon_h=120)
    lowered = winter.one("lowered")
    assert lowered.level in ("yellow", "orange")
    assert 336 < lowered.time < 336 + 48
    assert winter.stages()[0][-2:] == ["red", lowered.level]


def test_a_lowering_is_signed_by_the_signer_of_the_higher_level() -> None:
    winter = scripted((CLEAN, (350, 96), (250, 240), (55, 240)), horizon_h=120)
    lowered = winter.one("lowered")
    signed = [e for e in winter.events("signed") if e.time == lowered.time]
    assert [(e.stage, e.level) for e in signed] == [(COMMANDER, lowered.level)]


def test_or_by_the_signer_of_the_new_level_when_read_so() -> None:
    new = {"alert.sign.change.reading": "new"}
    winter = scripted((CLEAN, (350, 96), (250, 240), (55, 240)), horizon_h=120, law=new)
    lowered = winter.one("lowered")
    signed = [e for e in winter.events("signed") if e.time == lowered.time]
    assert [e.stage for e in signed] == [DIRECTOR]


# ---- response -----------------------------------------------------------------------------


def test_the_response_starts_a_day_before_the_onset_and_ends_with_the_lift() -> None:
    winter = scripted(TWO_DAYS, horizon_h=120)
    alert = winter.plan.alerts[0]
    (begins, level, share), (ends, after, _) = winter.sky.told
    assert begins == alert.onset - 24
    assert alert.lifted is not None
    assert (level, after) == ("yellow", "none")
    assert ends == int(np.ceil(alert.lifted))
    luck = winter.plan.luck[int(winter.plan.alerts[0].published // 24)]
    assert share == compliance(Response(), "yellow", luck)
    assert winter.one("response_started").stage == "Ⅲ级"
    assert winter.one("response_ended").time == alert.lifted


def test_an_upgrade_puts_the_higher_measures_in_force_at_the_same_luck() -> None:
    winter = scripted(FOUR_DAYS)
    orders = winter.sky.told[:-1]
    assert [level for _, level, _ in orders] == ["yellow", "orange", "red", "yellow"]
    luck = winter.plan.luck[int(winter.plan.alerts[0].published // 24)]
    assert [s for *_, s in orders] == [compliance(Response(), lv, luck) for _, lv, _ in orders]
    responses = [e.stage for e in winter.events("response_started")]
    assert responses == ["Ⅲ级", "Ⅱ级", "Ⅰ级", "Ⅲ级"]


def test_the_level_by_hour_is_that_of_the_stages() -> None:
    winter = scripted(FOUR_DAYS)
    by_hour, alert = winter.plan.outcome().level_by_hour(), winter.plan.alerts[0]
    assert alert.lifted is not None
    assert set(by_hour[: int(alert.published)]) == {0}
    assert set(by_hour[int(np.ceil(alert.lifted)) :]) == {0}
    starts = [int(np.ceil(start)) for start, _ in alert.stages]
    assert [int(by_hour[start]) for start in starts] == [1, 2, 3, 1]


# ---- districts ----------------------------------------------------------------------------


def departments() -> list[str]:
    """Return the municipal departments (市直部门) of 附件3 in the gazette's order: 一 to 十五."""
    entries = [e for e in book() if e.id.startswith("alert.department.") and e.path != "附件3"]
    return [str(e.value) for e in entries][:15]


def test_the_departments_are_those_of_the_annex() -> None:
    found = departments()
    assert (found[0], found[-1], len(set(found))) == ("市委宣传部", "市气象局", 15)
    assert all(name.startswith("市") for name in found)


def test_every_member_unit_sums_up_and_departments_report_beside_the_districts() -> None:
    winter = scripted(TWO_DAYS, report_offset_sd_h=0.1)
    sums = Counter(e.entity for e in winter.events("summarised") if e.entity not in DISTRICTS)
    carriers = list(book()("alert.department.carriers"))
    assert sums == Counter([*departments(), "国网淄博供电公司", *carriers])
    assert {e.clause for e in winter.events("summarised")} == {f"{PLAN} 六(一)"}
    reports = winter.events("progress_reported")
    assert {e.entity for e in reports} == {*DISTRICTS, *departments()}
    assert {e.clause for e in reports} == {f"{PLAN} 四(三)"}


def test_every_district_is_told_and_reports_by_16_every_day() -> None:
    winter = scripted(TWO_DAYS, report_offset_sd_h=0.1)
    alert = winter.plan.alerts[0]
    assert alert.lifted is not None
    told = winter.events("notified")
    listed = [*DISTRICTS, *departments()]
    assert [e.entity for e in told] == 2 * listed  # of the alert, and of its lift
    assert {e.time for e in told} == {alert.published, alert.lifted}
    reports = winter.events("progress_reported")
    days = {int(e.time // 24) for e in reports}
    assert days == set(range(int(alert.published // 24), int((alert.lifted - 16) // 24) + 1))
    for day in days:
        mine = [e for e in reports if e.time // 24 == day]
        assert sorted(e.entity for e in mine) == sorted([*DISTRICTS, *departments()])
        assert all(e.time % 24 <= 16 and e.stage == "on_time" for e in mine)


def test_told_after_16_a_district_first_reports_the_next_day() -> None:
    early = scripted(TWO_DAYS, approval_h=6.5, report_offset_mean_h=-0.1, report_offset_sd_h=0.0)
    late = scripted(TWO_DAYS, approval_h=7.5, report_offset_mean_h=-0.1, report_offset_sd_h=0.0)
    for winter, days in ((early, 0), (late, 1)):
        published = winter.one("published").time
        first = min(e.time for e in winter.events("progress_reported"))
        assert first // 24 - published // 24 == days
    assert early.one("published").time % 24 == 15.5
    assert late.one("published").time % 24 == 16.5


def test_a_report_after_16_is_late() -> None:
    winter = scripted(TWO_DAYS, report_offset_mean_h=0.5, report_offset_sd_h=0.0)
    reports = winter.events("progress_reported")
    assert {e.stage for e in reports} == {"late"}
    assert {e.time % 24 for e in reports} == {16.5}


def test_the_value_of_a_report_is_its_hour_against_16() -> None:
    winter = scripted(TWO_DAYS, approval_h=6.9, report_offset_mean_h=-2.0, report_offset_sd_h=0.0)
    for event in winter.events("progress_reported"):
        assert event.value == pytest.approx(event.time % 24 - 16)


@pytest.mark.parametrize(("late_share", "stage"), [(0.0, "on_time"), (1.0, "late")])
def test_districts_sum_up_within_three_working_days_or_are_late(
    late_share: float, stage: str
) -> None:
    winter = scripted(TWO_DAYS, summary_late_share=late_share)
    ended = winter.clock.date(winter.one("response_ended").time)
    summaries = winter.events("summarised")
    assert {*DISTRICTS, *departments()} < {e.entity for e in summaries}
    assert len({e.entity for e in summaries}) == len(summaries)
    taken = [working_calendar().between(ended, winter.clock.date(e.time)) for e in summaries]
    assert taken == [e.value for e in summaries]
    assert {e.stage for e in summaries} == {stage}
    assert all(days <= 3 for days in taken) is (stage == "on_time")
    assert max(taken) <= 4
    assert min(taken) >= 1


def test_a_reform_may_ask_for_the_summary_on_the_very_day() -> None:
    scripted(TWO_DAYS, law={"alert.summary.working_days": 0})


# ---- consultations ------------------------------------------------------------------------


def test_the_office_consults_every_week_and_in_real_time_when_pollution_is_heavy() -> None:
    winter = scripted(TWO_DAYS)
    consulted = {int(e.time): e.stage for e in winter.events("consulted")}
    mondays = [
        24 * day + 10
        for day in range(winter.clock.days)
        if (FIRST_DAY + timedelta(days=day)).weekday() == 0
    ]
    assert set(mondays) <= set(consulted)
    hourly = [hour for hour in range(241, 289) if consulted.get(hour) == "real_time"]
    assert len(hourly) == 48
    assert {consulted[h] for h in mondays if not 240 < h <= 288} <= {"routine", "called", "daily"}


def test_a_consultation_is_called_when_150_is_foreseen_within_three_days() -> None:
    called = [int(e.time) for e in scripted(TWO_DAYS).events("consulted") if e.stage == "called"]
    assert min(called) == 24 * 8 + 9  # the third block, 248 to 272, is the first over 150
    assert not [h for h in called if h > 288 + 24]


def test_while_an_alert_is_in_force_there_is_a_consultation_every_day() -> None:
    winter = scripted(FOUR_DAYS)
    alert = winter.plan.alerts[0]
    assert alert.lifted is not None
    days = {int(e.time // 24) for e in winter.events("consulted")}
    assert days >= set(range(int(alert.published // 24), int(alert.lifted // 24)))


# ---- law ----------------------------------------------------------------------------------

NOVEMBER = date(2018, 11, 1)
IN_FORCE_HOUR = 15 * 24
BEFORE_AND_AFTER: Spells = ((55, 96), (250, 96), (55, 240), (250, 96), (55, 240))


def test_applied_from_its_day_the_plan_does_nothing_before_16_november_2018() -> None:
    winter = scripted(BEFORE_AND_AFTER, start=NOVEMBER, in_force_only=True)
    assert winter.clock.hour(date(2018, 11, 16)) == IN_FORCE_HOUR
    assert len(winter.plan.alerts) == 1
    assert min(e.time for e in winter.log) >= IN_FORCE_HOUR


def test_applied_throughout_it_acts_on_the_earlier_episode_too() -> None:
    winter = scripted(BEFORE_AND_AFTER, start=NOVEMBER)
    assert len(winter.plan.alerts) == 2
    assert winter.plan.alerts[0].published < IN_FORCE_HOUR


def test_an_episode_under_way_when_the_plan_comes_into_force_is_alerted_then() -> None:
    spells = ((55, 14 * 24), (250, 96), (55, 240))
    winter = scripted(spells, start=NOVEMBER, in_force_only=True)
    published = winter.one("published")
    assert IN_FORCE_HOUR <= published.time <= IN_FORCE_HOUR + 3
    assert published.stage == "urgent"


@pytest.mark.parametrize(
    "spells",
    [TWO_DAYS, FOUR_DAYS, (CLEAN, (350, 96), (250, 240), (55, 240))],
    ids=["two days", "four days", "lowered"],
)
def test_every_act_cites_a_clause_that_the_law_book_has(spells: Spells) -> None:
    winter = scripted(spells, horizon_h=120)
    cited = {event.clause for event in winter.log}
    assert len(cited) > 8
    assert [clause for clause in cited if not book().find(clause)] == []
    assert {d.number for c in cited if (d := book().document_of(c))} == {"淄政办字〔2018〕145号"}


def test_events_come_in_the_order_of_time() -> None:
    times = [e.time for e in scripted(FOUR_DAYS).log if e.event != "consulted"]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("law", "stages"),
    [
        ({}, [["yellow"]]),
        ({"alert.yellow.days": 3}, []),
        ({"alert.yellow.days": 3, "alert.orange.days": 2}, [["orange"]]),
        ({"alert.aqi.heavy": 260}, []),
        ({"alert.red.peak": 240}, [["red"]]),
    ],
    ids=["as printed", "yellow after three", "orange after two", "over 260", "red from 240"],
)
def test_a_changed_law_changes_what_is_issued(law: dict[str, Any], stages: list[list[str]]) -> None:
    assert scripted(TWO_DAYS, law=law).stages() == stages


def test_a_shorter_lift_parts_what_36_hours_join() -> None:
    spells = (CLEAN, (260, 48), (80, 26), (260, 48), (55, 238))
    assert len(scripted(spells).plan.alerts) == 1
    assert len(scripted(spells, law={"alert.lift.hours": 12}).plan.alerts) == 2


def test_a_longer_lead_makes_the_same_alert_short_notice() -> None:
    assert scripted(TWO_DAYS).one("published").stage == "ahead"
    longer = scripted(TWO_DAYS, law={"alert.lead.hours": 48})
    assert longer.one("published").stage == "short_notice"


def test_reports_follow_the_hour_of_the_law() -> None:
    winter = scripted(TWO_DAYS, report_offset_sd_h=0.0, law={"alert.report.hour": 18})
    assert {e.time % 24 for e in winter.events("progress_reported")} == {17.0}


def test_a_reader_that_asks_for_the_law_gets_the_changed_one() -> None:
    law: Law = book().with_changes({"alert.sign.yellow": "市长"})
    winter = scripted(TWO_DAYS, law=law.changed)
    assert {e.stage for e in winter.events("signed")} == {"市长"}
