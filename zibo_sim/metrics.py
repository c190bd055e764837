"""Named metrics of one run: unit, formula and meaning travel with each, in both languages.

Nothing is measured while the model runs; a metric reads the run's records and series afterwards.
NaN stands for "this replication does not define it". The valuation's metrics are there only where a
scenario turns it on.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from math import nan

import numpy as np

from zibo_sim.model import Outcome
from zibo_sim.outcomes import (
    Facts,
    calling,
    days_over,
    false_alerts,
    in_time,
    late,
    lead_times,
    mean,
    missed,
    response_days,
    target_met,
)
from zibo_sim.scenario import Scenario
from zibo_sim.valuation import ROWS, valued
from zibo_sim.words import half


@dataclass(frozen=True)
class Metric:
    """What a metric is: how to name it, count it and say it.

    Attributes
    ----------
    name : str
        Domain and quantity: ``air.heavy_days``.
    unit : str
        ``"1"`` for a count or a share of one, ``d``, ``h``, ``working d``, ``yuan``, …
    zh, en : str
        What it is called.
    formula : str
        How it is counted, ``中文 / English``; the text stands in ``formulas.toml``.
    measure : callable
        Takes the `Facts` of a run, returns the value; NaN where the run does not define it.

    Examples
    --------
    >>> metric = METRICS["air.alert_days_red"]
    >>> metric.unit, metric.zh, metric.en
    ('d', '红色预警天数', 'days under red')
    >>> metric.formula_in("en")
    'hours at red ÷ 24'
    """

    name: str
    unit: str
    zh: str
    en: str
    formula: str
    measure: Callable[[Facts], float]

    def formula_in(self, lang: str) -> str:
        """Return the formula in a language.

        Parameters
        ----------
        lang : {"zh", "en"}

        Examples
        --------
        >>> METRICS["air.alert_days_red"].formula_in("zh")
        '处于红色预警的小时数 ÷ 24'
        """
        return half(self.formula, lang)


def _alert_days(*levels: int) -> Callable[[Facts], float]:
    return lambda facts: facts.alert_days(*levels)


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


def _formulas() -> dict[str, str]:
    """Return how each metric is counted, ``中文 / English``, by its name."""
    text = resources.files(__package__).joinpath("formulas.toml").read_text(encoding="utf-8")
    return {name: f"{zh} / {en}" for name, (zh, en) in tomllib.loads(text).items()}


_FORMULAS = _formulas()
_TABLE: list[tuple[str, str, str, str, Callable[[Facts], float]]] = [
    ("air.pm25_mean", "µg/m³", "PM2.5 平均浓度", "mean PM2.5", lambda f: f.pm25_mean),
    ("air.pm25_mean_no_measures", "µg/m³", "PM2.5 平均浓度（无应急措施）",
     "mean PM2.5 without measures",
     lambda f: mean(f.air.air.pm25_no_measures)),
    ("air.heavy_days", "d", "重污染天数", "heavy-pollution days", lambda f: f.heavy_days),
    ("air.heavy_days_no_measures", "d", "重污染天数（无应急措施）",
     "heavy-pollution days without measures",
     lambda f: days_over(f.daily_aqi_no_measures, f.law("alert.aqi.heavy"))),
    ("air.severe_days", "d", "严重污染天数", "severe-pollution days",
     lambda f: days_over(f.daily_aqi, f.law("alert.aqi.severe"))),
    ("air.alerts", "1", "预警次数", "alerts published", lambda f: float(len(f.air.alerts))),
    ("air.alert_days", "d", "预警天数", "days under alert", _alert_days(1, 2, 3)),
    ("air.alert_days_yellow", "d", "黄色预警天数", "days under yellow", _alert_days(1)),
    ("air.alert_days_orange", "d", "橙色预警天数", "days under orange", _alert_days(2)),
    ("air.alert_days_red", "d", "红色预警天数", "days under red", _alert_days(3)),
    ("air.false_alerts", "1", "空报次数", "false alerts", false_alerts),
    ("air.missed_episodes", "1", "漏报过程数", "missed episodes", missed),
    ("air.lead_time_h", "h", "预警提前时间", "lead time of alerts",
     lambda f: float(np.mean(leads)) if (leads := lead_times(f)) else nan),
    ("air.target_met", "1", "季节目标达成", "season's targets met",
     lambda f: target_met(f, "pm25_mean", "heavy_days")),
    ("air.output_lost", "yuan", "停限产损失产值", "output lost to measures",
     lambda f: f.output_lost),
    ("air.target_pm25_mean_met", "1", "PM2.5均值目标达成", "target of the mean met",
     lambda f: target_met(f, "pm25_mean")),
    ("air.target_pm25_change_met", "1", "PM2.5降幅目标达成", "target of the fall of the mean met",
     lambda f: target_met(f, "pm25_change")),
    ("air.target_heavy_days_met", "1", "重污染天数目标达成", "target of heavy days met",
     lambda f: target_met(f, "heavy_days")),
    ("air.target_heavy_days_change_met", "1", "重污染天数减少目标达成",
     "target of fewer heavy days met",
     lambda f: target_met(f, "heavy_days_change")),
    ("air.episodes", "1", "应预警过程数", "episodes that call for an alert",
     lambda f: float(len(calling(f)))),
    ("air.episodes_in_time", "1", "提前预警过程数", "episodes warned in time", in_time),
    ("air.episodes_late", "1", "迟发预警过程数", "episodes warned late", late),
    ("air.response_days", "d", "应急响应天数", "days under response", response_days),
    ("air.measured_share", "1", "有数据小时占比", "share of hours with data",
     lambda f: f.measured_share),
    ("cloud.requests", "1", "用云申请数", "requests submitted", _cloud("cloud.requests")),
    ("cloud.accept_on_time", "1", "按时受理率", "accepted on time", _cloud("cloud.accept_on_time")),
    ("cloud.opinion_on_time", "1", "按时审核率", "opinion on time",
     _cloud("cloud.opinion_on_time")),
    ("cloud.test_on_time", "1", "按时提供测试环境率", "test environment on time",
     _cloud("cloud.test_on_time")),
    ("cloud.lead_time_p50", "working d", "办理时长中位数", "median lead time",
     _cloud("cloud.lead_time_p50")),
    ("cloud.lead_time_p95", "working d", "办理时长95%分位数", "95th percentile of lead time",
     _cloud("cloud.lead_time_p95")),
    ("cloud.backlog_mean", "1", "平均在办件数", "mean backlog", _cloud("cloud.backlog_mean")),
    ("cloud.audit_utilisation", "1", "审核人员利用率", "utilisation of auditors",
     _cloud("cloud.audit_utilisation")),
    ("cloud.vcpu_peak_share", "1", "vCPU 峰值占用率", "peak vCPU share",
     _cloud("cloud.vcpu_peak_share")),
    ("cloud.availability", "1", "可用率", "availability", _cloud("cloud.availability")),
    ("cloud.filing_on_time", "1", "按时等保备案率", "protection filing on time",
     _cloud("cloud.filing_on_time")),
    ("cloud.turned_away", "1", "不适用或免于迁移的系统数", "systems out of scope or exempt",
     _cloud("cloud.turned_away")),
    ("cloud.exceptions", "1", "同意不迁移的系统数", "systems allowed not to move",
     _cloud("cloud.exceptions")),
    ("cloud.reopened_share", "1", "退回补正比例", "share of applications returned",
     _cloud("cloud.reopened_share")),
    ("cloud.vcpu_mean_share", "1", "vCPU 平均占用率", "mean vCPU share",
     _cloud("cloud.vcpu_mean_share")),
    ("cloud.memory_peak_share", "1", "内存峰值占用率", "peak memory share",
     _cloud("cloud.memory_peak_share")),
    ("cloud.storage_peak_share", "1", "存储峰值占用率", "peak storage share",
     _cloud("cloud.storage_peak_share")),
    ("cloud.waits_for_room", "1", "因资源不足等待件数", "requests that waited for capacity",
     _cloud("cloud.waits_for_room")),
    ("cloud.late_notices", "1", "迟报的计划维护次数", "late notices of maintenance",
     _cloud("cloud.late_notices")),
    ("cloud.idle_share", "1", "闲置资源比例", "share of idle vCPU", _cloud("cloud.idle_share")),
    ("cloud.overprovisioned_share", "1", "配置过度资源比例", "share of over-provisioned vCPU",
     _cloud("cloud.overprovisioned_share")),
    ("cloud.fees", "yuan", "云服务费", "cloud service fees", _cloud("cloud.fees")),
    ("cloud.fees_city_share", "1", "市财政承担比例", "share paid by the city",
     _cloud("cloud.fees_city_share")),
    ("heating.revenue", "yuan", "供暖费收入", "heating revenue", _heating("revenue")),
    ("heating.revenue_metered", "yuan", "计量收费收入", "metered revenue",
     _heating("revenue_metered")),
    ("heating.mean_bill", "yuan", "户均供暖费", "mean bill", _heating("mean_bill")),
    ("heating.subsidy", "yuan", "供暖补贴", "subsidy paid", _heating("subsidy")),
    ("heating.metered_paying_less", "1", "计量户少缴比例", "metered dwellings paying less",
     _heating("metered_paying_less")),
    ("heating.demand_kwh_m2", "kWh/m²", "单位面积耗热量", "heat demand", _heating("demand_kwh_m2")),
    ("heating.arrears", "yuan", "逾期未缴供暖费", "heating bills overdue", _heating("arrears")),
    ("heating.revenue_at_risk", "yuan", "暖冬减收", "revenue lost in a mild winter",
     _heating("revenue_at_risk")),
    ("heating.hard_winter_bills", "yuan", "冷冬增收", "bills added by a hard winter",
     _heating("hard_winter_bills")),
    ("heating.extension_cost", "yuan", "供暖期外供热成本", "cost of heat outside the season",
     _heating("extension_cost")),
    ("heating.refunds", "yuan", "室温不达标退费", "refunds for cold rooms", _heating("refunds")),
    ("heating.subsidy_share", "1", "低保补贴占其供暖费比例",
     "subsidy as a share of the bills of households on dibao", _heating("subsidy_share")),
    ("heating.anomalies", "1", "单层比双层贵的复式户数",
     "duplexes dearer on one level than on both",
     _heating("anomalies")),
    ("heating.break_even_kwh_m2", "kWh/m²", "计量与面积收费持平的用热量",
     "use at which meter and area cost the same", _heating("break_even")),
    *[(*row, _valued(row[0])) for row in ROWS],
]  # fmt: skip

#: Every metric by name, in the order results are shown.
METRICS: dict[str, Metric] = {
    name: Metric(name, unit, zh, en, _FORMULAS[name], measure)
    for name, unit, zh, en, measure in _TABLE
}


def measure(outcome: Outcome) -> dict[str, float]:
    """Return every metric of one run, NaN where the run does not define it.

    Parameters
    ----------
    outcome : Outcome

    Returns
    -------
    dict of str to float
        By name, in the order of `METRICS`, each in its `Metric.unit`.
    """
    facts = Facts(outcome)
    return {name: METRICS[name].measure(facts) for name in metric_names(outcome.scenario)}


def said_metric(name: str, lang: str) -> str:
    """Return what a metric is called.

    Examples
    --------
    >>> said_metric("air.alerts", "zh")
    '预警次数'
    """
    metric = METRICS[name]
    return metric.zh if lang == "zh" else metric.en


def metric_names(scenario: Scenario) -> list[str]:
    """Return the metrics a scenario has, in the order of `METRICS`.

    Examples
    --------
    >>> from zibo_sim.scenario import load
    >>> names = metric_names(load())
    >>> "air.heavy_days" in names, "valuation.cost" in names
    (True, False)
    """
    extra = valued(scenario.valuation)
    return [n for n in METRICS if not n.startswith("valuation.") or n in extra]
