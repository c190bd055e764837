"""Named metrics of one run: unit, formula and meaning travel with each, in both languages.

Nothing is measured while the model runs; a metric reads the run's records and series afterwards.
NaN stands for "this replication does not define it". The valuation's metrics are there only where a
scenario turns it on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import nan

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.alerts import Episode, find_episodes
from zibo_sim.air.aqi import TABLES, sub_index_array
from zibo_sim.air.simulated import SimulatedAir
from zibo_sim.cloud.outcomes import cloud_metrics
from zibo_sim.model import Outcome
from zibo_sim.outcomes import (
    calling,
    false_alerts,
    in_time,
    late,
    lead_times,
    missed,
    response_days,
    target_met,
    targets_missed,
)
from zibo_sim.scenario import Scenario
from zibo_sim.valuation import ROWS, appraise, valued
from zibo_sim.words import half

FloatArray = NDArray[np.float64]
DAY = 24


@dataclass(frozen=True)
class Metric:
    """What a metric is: how to name it, count it and say it."""

    name: str
    unit: str
    zh: str
    en: str
    formula: str
    measure: Callable[[Facts], float]

    def formula_in(self, lang: str) -> str:
        """Return the formula in a language, where it has one in both."""
        return half(self.formula, lang)


class Facts:
    """What several metrics of one run share, worked out once."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome, self.law, self.air = outcome, outcome.law, outcome.air

    @cached_property
    def level(self) -> NDArray[np.int8]:
        """Alert level in force by hour."""
        return self.air.level_by_hour()

    @cached_property
    def episodes(self) -> list[Episode]:
        """Episodes of the no-measures air (of the measured air, where there is no other)."""
        return find_episodes(self.air.air.aqi_no_measures, self.air.air.dust, self.law)

    @cached_property
    def daily_aqi(self) -> FloatArray:
        """Daily AQI of natural days; NaN on a day of dust or with fewer than 20 valid hours."""
        sky = self.air.air
        if sky.concentrations:
            return self._daily(sky.concentrations, sky.aqi)
        return self._daily_mean(sky.aqi)

    @cached_property
    def daily_aqi_no_measures(self) -> FloatArray:
        """The same without measures."""
        sky = self.air.air
        if sky.concentrations_no_measures:
            return self._daily(sky.concentrations_no_measures, sky.aqi_no_measures)
        return np.full(self.air.hours // DAY, nan)

    @cached_property
    def measured_share(self) -> float:
        """Share of the period's hours that have an AQI."""
        return float(np.isfinite(self.air.air.aqi).mean())

    @cached_property
    def season_valid(self) -> bool:
        """Whether enough days have 20 valid hours of AQI and of PM2.5 to judge a season by."""
        sky, least = self.air.air, self.outcome.scenario.air.record.valid_days_share
        hours = (np.isfinite(v).reshape(-1, DAY).sum(axis=1) for v in (sky.aqi, sky.pm25))
        valid = np.logical_and(*(h >= self.law("aqi.valid_hours") for h in hours))
        return bool(valid.mean() >= least)

    @cached_property
    def pm25_mean(self) -> float:
        """Mean PM2.5 with measures, µg/m³."""
        return _mean(self.air.air.pm25)

    @cached_property
    def heavy_days(self) -> float:
        """Heavy-pollution days with measures."""
        return _days_over(self.daily_aqi, self.law("alert.aqi.heavy"))

    @cached_property
    def targets_missed(self) -> tuple[str, ...] | None:
        """The season's targets that were missed."""
        return targets_missed(self)

    @cached_property
    def valuation(self) -> dict[str, float]:
        """What the measures are worth and cost."""
        sky = self.air.air
        return appraise(
            self.outcome.scenario.valuation, sky.pm25, sky.pm25_no_measures,
            _output_lost(self), response_days(self), _alert_days(3)(self),
        )  # fmt: skip

    @cached_property
    def cloud(self) -> dict[str, float | None]:
        """The cloud desk's metrics."""
        return cloud_metrics(self.outcome.cloud)

    def _daily_mean(self, hourly: FloatArray) -> FloatArray:
        by_day = hourly.reshape(-1, DAY)
        valid = np.isfinite(by_day)
        enough = valid.sum(axis=1) >= self.law("aqi.valid_hours")
        clear = ~self.air.air.dust.reshape(-1, DAY).any(axis=1)
        total = np.where(valid, by_day, 0.0).sum(axis=1)
        return np.where(enough & clear, total / np.maximum(valid.sum(axis=1), 1), nan)

    def _daily(self, concentrations: dict[str, FloatArray], aqi: FloatArray) -> FloatArray:
        """HJ 633-2012 on natural days: 24-hour means, ozone by its largest 8-hour mean."""
        indices = []
        for name, hourly in concentrations.items():
            mean = self._largest_8h(hourly) if name == "o3" else self._daily_mean(hourly)
            digits = 1 if name == "co" else 0
            indices.append(sub_index_array(np.round(mean, digits), TABLES["24h"][name], self.law))
        stacked = np.vstack(indices)
        largest = np.where(np.isnan(stacked), -1.0, stacked).max(axis=0)
        daily: FloatArray = np.where(np.isnan(self._daily_mean(aqi)), nan, largest)
        return np.where(largest < 0, nan, daily)

    def _largest_8h(self, hourly: FloatArray) -> FloatArray:
        windows = np.lib.stride_tricks.sliding_window_view(hourly.reshape(-1, DAY), 8, axis=1)
        valid = np.isfinite(windows)
        means = np.where(valid, windows, 0.0).sum(axis=2) / np.maximum(valid.sum(axis=2), 1)
        largest: FloatArray = np.where(valid.sum(axis=2) >= 6, means, -1.0).max(axis=1)
        return largest


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else nan


def _days_over(daily: FloatArray, limit: float) -> float:
    return float((daily > limit).sum()) if np.isfinite(daily).any() else nan


def _output_lost(facts: Facts) -> float:
    sky = facts.air.air
    return float(sky.output_lost()["sector"].sum()) if isinstance(sky, SimulatedAir) else nan


def _alert_days(*levels: int) -> Callable[[Facts], float]:
    return lambda facts: float(np.isin(facts.level, levels).sum()) / DAY


def _valued(name: str) -> Callable[[Facts], float]:
    return lambda facts: facts.valuation.get(name.partition(".")[2], nan)


def _cloud(name: str) -> Callable[[Facts], float]:
    def measure(facts: Facts) -> float:
        value = facts.cloud[name]
        return nan if value is None else float(value)

    return measure


def _heating(name: str) -> Callable[[Facts], float]:
    def measure(facts: Facts) -> float:
        value = getattr(facts.outcome.heating, name)
        return nan if value is None else float(value)

    return measure


#: What the season's bills are of: no season that the period cuts.
_SEASON = (
    "起止均在时段内(停热次日结算)的供暖季",
    "seasons that begin and are settled (the day after the last with heat) in the period",
)

_TABLE: list[tuple[str, str, str, str, str, Callable[[Facts], float]]] = [
    ("air.pm25_mean", "µg/m³", "PM2.5 平均浓度", "mean PM2.5",
     "mean of valid hours", lambda f: f.pm25_mean),
    ("air.pm25_mean_no_measures", "µg/m³", "PM2.5 平均浓度(无应急措施)",
     "mean PM2.5 without measures",
     "mean of valid hours, no-measures air", lambda f: _mean(f.air.air.pm25_no_measures)),
    ("air.heavy_days", "d", "重污染天数", "heavy-pollution days",
     "自然日,有效小时不少于20个、无沙尘、日AQI > 200;日AQI由先修约的日均浓度计算"
     "(整µg/m³,CO到0.1 mg/m³,GB/T 8170) / "
     "natural days, ≥ 20 valid hours, no dust, daily AQI > 200; the day's mean concentrations are "
     "rounded before the index is taken (whole µg/m³, CO to 0.1 mg/m³, half to even: GB/T 8170)",
     lambda f: f.heavy_days),
    ("air.heavy_days_no_measures", "d", "重污染天数(无应急措施)",
     "heavy-pollution days without measures",
     "as air.heavy_days, no-measures air",
     lambda f: _days_over(f.daily_aqi_no_measures, f.law("alert.aqi.heavy"))),
    ("air.severe_days", "d", "严重污染天数", "severe-pollution days",
     "as air.heavy_days, daily AQI > 300",
     lambda f: _days_over(f.daily_aqi, f.law("alert.aqi.severe"))),
    ("air.alerts", "1", "预警次数", "alerts published",
     "alerts published; an upgrade is not counted again", lambda f: float(len(f.air.alerts))),
    ("air.alert_days", "d", "预警天数", "days under alert",
     "有效小时 ÷ 24;实测记录早于时段结束的,计到其最后一个有数据小时 / "
     "hours in force ÷ 24; where a record of the air ends before the period, up to its last hour",
     _alert_days(1, 2, 3)),
    ("air.alert_days_yellow", "d", "黄色预警天数", "days under yellow", "hours at yellow ÷ 24",
     _alert_days(1)),
    ("air.alert_days_orange", "d", "橙色预警天数", "days under orange", "hours at orange ÷ 24",
     _alert_days(2)),
    ("air.alert_days_red", "d", "红色预警天数", "days under red", "hours at red ÷ 24",
     _alert_days(3)),
    ("air.false_alerts", "1", "空报次数", "false alerts",
     "alerts during which no 24-h window of the no-measures air is over 200",
     false_alerts),
    ("air.missed_episodes", "1", "漏报过程数", "missed episodes",
     "episodes of the no-measures air that call for an alert and had none in force at any hour",
     missed),
    ("air.lead_time_h", "h", "预警提前时间", "lead time of alerts",
     "mean hours from publication to the first hour of the episode covered; negative when late",
     lambda f: float(np.mean(leads)) if (leads := lead_times(f)) else nan),
    ("air.target_met", "1", "季节目标达成", "season's targets met",
     "PM2.5均值 ≤ 72 µg/m³ 且重污染天数 ≤ 10 为1,否则为0;有20小时以上数据的日数不足 "
     "air.record.valid_days_share 时,各项目标均无定义 / "
     "1 when mean PM2.5 ≤ 72 µg/m³ and heavy days ≤ 10, else 0; like every target undefined "
     "unless 20 hours are measured on at least air.record.valid_days_share of the days",
     lambda f: target_met(f, "pm25_mean", "heavy_days")),
    ("air.output_lost", "yuan", "停限产损失产值", "output lost to measures",
     "Σ hours in force ÷ 24 × output value stopped a day × compliance", _output_lost),
    ("air.target_pm25_mean_met", "1", "均值目标达成", "target of the mean met",
     "1 when mean PM2.5 ≤ 72 µg/m³, else 0", lambda f: target_met(f, "pm25_mean")),
    ("air.target_pm25_change_met", "1", "均值降幅目标达成", "target of the fall of the mean met",
     "1 when mean PM2.5 is 2.5 % or more below the winter before, else 0; the targets imply "
     "72 ÷ (1 − 0.025) = 73.8 µg/m³ for it", lambda f: target_met(f, "pm25_change")),
    ("air.target_heavy_days_met", "1", "重污染天数目标达成", "target of heavy days met",
     "1 when heavy days ≤ 10, else 0", lambda f: target_met(f, "heavy_days")),
    ("air.target_heavy_days_change_met", "1", "重污染天数减少目标达成",
     "target of fewer heavy days met",
     "1 when heavy days are one or more below the winter before, else 0; the targets imply 10 + 1 "
     "for it", lambda f: target_met(f, "heavy_days_change")),
    ("air.episodes", "1", "应预警过程数", "episodes that call for an alert",
     "episodes of the no-measures air that call for an alert",
     lambda f: float(len(calling(f)))),
    ("air.episodes_in_time", "1", "提前预警过程数", "episodes warned in time",
     "of these, with an alert published 24 hours or more before their first hour",
     in_time),
    ("air.episodes_late", "1", "迟发预警过程数", "episodes warned late",
     "of these, with an alert in force at some hour but none published 24 hours before",
     late),
    ("air.response_days", "d", "应急响应天数", "days under response",
     "hours from the start of each response to its end ÷ 24", response_days),
    ("air.measured_share", "1", "有数据小时占比", "share of hours with data",
     "有AQI的小时 ÷ 时段小时数,模拟空气为1;空气的均值和计数只算这些小时 / "
     "hours with an AQI ÷ hours of the period, 1 for simulated air; counts and means of the air "
     "are those of these hours", lambda f: f.measured_share),
    ("cloud.requests", "1", "用云申请数", "requests submitted", "requests submitted in the period",
     _cloud("cloud.requests")),
    ("cloud.accept_on_time", "1", "按时受理率", "accepted on time",
     "kept ÷ due acceptance clocks", _cloud("cloud.accept_on_time")),
    ("cloud.opinion_on_time", "1", "按时审核率", "opinion on time", "kept ÷ due opinion clocks",
     _cloud("cloud.opinion_on_time")),
    ("cloud.test_on_time", "1", "按时提供测试环境率", "test environment on time",
     "kept ÷ due test-environment clocks", _cloud("cloud.test_on_time")),
    ("cloud.lead_time_p50", "working d", "办理时长中位数", "median lead time",
     "median working days from submission to test environment", _cloud("cloud.lead_time_p50")),
    ("cloud.lead_time_p95", "working d", "办理时长95分位", "95th percentile of lead time",
     "95 % quantile of working days from submission to test environment",
     _cloud("cloud.lead_time_p95")),
    ("cloud.backlog_mean", "1", "平均在办件数", "mean backlog",
     "time average of requests between submission and test environment",
     _cloud("cloud.backlog_mean")),
    ("cloud.audit_utilisation", "1", "审核人员利用率", "utilisation of auditors",
     "busy ÷ staffed working time", _cloud("cloud.audit_utilisation")),
    ("cloud.vcpu_peak_share", "1", "vCPU 峰值占用率", "peak vCPU share",
     "peak allocation ÷ (physical × overcommit)", _cloud("cloud.vcpu_peak_share")),
    ("cloud.availability", "1", "可用率", "availability",
     "1 − unplanned ÷ (period − planned); temporary interruptions (第二十二条) are unplanned",
     _cloud("cloud.availability")),
    ("cloud.filing_on_time", "1", "按时等保备案率", "protection filing on time",
     "kept ÷ due six-month filing clocks (第七条)", _cloud("cloud.filing_on_time")),
    ("cloud.turned_away", "1", "不属或免于迁移的系统数", "systems out of scope or exempt",
     "classified systems (第三条) and systems of an exempt grade (第四条)",
     _cloud("cloud.turned_away")),
    ("cloud.exceptions", "1", "同意不迁移的系统数", "systems allowed not to move",
     "applications not to move for a special reason that were granted (第四条)",
     _cloud("cloud.exceptions")),
    ("cloud.reopened_share", "1", "退回补正比例", "share of applications returned",
     "applications returned at least once ÷ applications checked", _cloud("cloud.reopened_share")),
    ("cloud.vcpu_mean_share", "1", "vCPU 平均占用率", "mean vCPU share",
     "time average of the allocation ÷ (physical × overcommit)", _cloud("cloud.vcpu_mean_share")),
    ("cloud.memory_peak_share", "1", "内存峰值占用率", "peak memory share",
     "peak allocation ÷ (physical × overcommit)", _cloud("cloud.memory_peak_share")),
    ("cloud.storage_peak_share", "1", "存储峰值占用率", "peak storage share",
     "peak allocation ÷ (physical × overcommit)", _cloud("cloud.storage_peak_share")),
    ("cloud.waits_for_room", "1", "因资源不足等待件数", "requests that waited for capacity",
     "requests that found no room in the pool", _cloud("cloud.waits_for_room")),
    ("cloud.late_notices", "1", "迟报的计划维护次数", "late notices of maintenance",
     "planned maintenance reported after its last day in time (第二十二条)",
     _cloud("cloud.late_notices")),
    ("cloud.idle_share", "1", "闲置资源比例", "share of idle vCPU",
     "vCPU of systems with a mean use below the limit of idle ÷ vCPU of all systems (第二十七条)",
     _cloud("cloud.idle_share")),
    ("cloud.overprovisioned_share", "1", "配置过度资源比例", "share of over-provisioned vCPU",
     "vCPU of systems that are not idle and use less than the limit ÷ vCPU of all systems "
     "(第二十七条)", _cloud("cloud.overprovisioned_share")),
    ("cloud.fees", "yuan", "云服务费", "cloud service fees",
     "price × what was held in the period − deduction (第二十九条; prices are assumed)",
     _cloud("cloud.fees")),
    ("cloud.fees_city_share", "1", "市财政承担比例", "share paid by the city",
     "fees of the city's finance ÷ all fees", _cloud("cloud.fees_city_share")),
    ("heating.revenue", "yuan", "供暖费收入", "heating revenue",
     f"{_SEASON[0]}的面积收费、计量收费及单位用户收费之和,元 / "
     f"yuan billed by area, by meter and to premises, of {_SEASON[1]}", _heating("revenue")),
    ("heating.revenue_metered", "yuan", "计量收费收入", "metered revenue",
     f"{_SEASON[0]}的住宅计量收费,元 / yuan billed to metered dwellings, of {_SEASON[1]}",
     _heating("revenue_metered")),
    ("heating.mean_bill", "yuan", "户均供暖费", "mean bill",
     f"{_SEASON[0]}的住宅收费 ÷ 户数 / bills of dwellings by area and by meter ÷ their number, "
     f"of {_SEASON[1]}", _heating("mean_bill")),
    ("heating.subsidy", "yuan", "供暖补贴", "subsidy paid",
     "认定日(10月31日)与两类发放都在时段内的年度的补贴,元;没有这样的年度则无定义 / "
     "yuan of the years whose snapshot (31 October) and payments by both offices lie in the "
     "period; undefined without such a year", _heating("subsidy")),
    ("heating.metered_paying_less", "1", "计量户少缴比例", "metered dwellings paying less",
     f"{_SEASON[0]}中,计量收费低于按面积应缴的计量户比例 / "
     f"share of metered dwellings whose bill is below their area bill, of {_SEASON[1]}",
     _heating("metered_paying_less")),
    ("heating.demand_kwh_m2", "kWh/m²", "单位面积耗热量", "heat demand",
     f"{_SEASON[0]}的全季耗热量 ÷ 住宅供暖面积 / "
     f"heat of a season ÷ heated area of all dwellings, mean of {_SEASON[1]}",
     _heating("demand_kwh_m2")),
    ("heating.arrears", "yuan", "逾期未缴供暖费", "heating bills overdue",
     "yuan billed to dwellings, past the due day and unpaid when the period ends",
     _heating("arrears")),
    ("heating.revenue_at_risk", "yuan", "暖冬减收", "revenue lost in a mild winter",
     "metered bills − the same bills with every day warmer by heating.season.mild_c",
     _heating("revenue_at_risk")),
    ("heating.hard_winter_bills", "yuan", "冷冬增收", "bills added by a hard winter",
     "metered bills with every day colder by heating.season.hard_c − the same bills",
     _heating("hard_winter_bills")),
    ("heating.extension_cost", "yuan", "供暖期外供热成本", "cost of heat outside the season",
     "heat supplied to dwellings on days of the period outside the season × "
     "heating.season.heat_cost",
     _heating("extension_cost")),
    ("heating.refunds", "yuan", "室温不达标退费", "refunds for cold rooms",
     "yuan refunded; 0 unless heating.options.cold_refund is set", _heating("refunds")),
    ("heating.subsidy_share", "1", "低保补贴占其供暖费比例",
     "subsidy as a share of the bills of households on dibao",
     "household subsidies ÷ bills of the households that draw them", _heating("subsidy_share")),
    ("heating.anomalies", "1", "单层比双层贵的复式户数",
     "duplexes dearer on one level than on both",
     "duplexes charged by area whose one heated level costs more than both would",
     _heating("anomalies")),
    ("heating.break_even_kwh_m2", "kWh/m²", "计量与面积收费相等的用热量",
     "use at which meter and area cost the same",
     "(price by area − basic price) ÷ price of heat, residents; from the law book alone",
     _heating("break_even")),
    *[(*row[:4], f"{row[4]} (with valuation.enabled)", _valued(row[0])) for row in ROWS],
]  # fmt: skip

#: Every metric by name, in the order results are shown.
METRICS: dict[str, Metric] = {
    name: Metric(name, unit, zh, en, formula, measure)
    for name, unit, zh, en, formula, measure in _TABLE
}
MEASURES = {name: metric.measure for name, metric in METRICS.items()}


def measure(outcome: Outcome) -> dict[str, float]:
    """Return every metric of one run, NaN where the run does not define it."""
    facts = Facts(outcome)
    return {name: METRICS[name].measure(facts) for name in metric_names(outcome.scenario)}


def metric_names(scenario: Scenario) -> list[str]:
    """Return the metrics a scenario has, in the order of `METRICS`."""
    extra = valued(scenario.valuation)
    return [n for n in METRICS if not n.startswith("valuation.") or n in extra]
