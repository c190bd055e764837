"""What a scenario may set of the government cloud: 淄政办字〔2018〕147号 prints the clocks only.

Arrivals, staff, service times and sizes are nowhere in the gazette, so all of them are assumed.
Times of staff are in working days of the office hours below.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from zibo_sim.fields import Parameters, parameter

MAX_SERVERS = 10_000
#: How often papers can at most be returned; also the width of what is drawn for each request.
MAX_RETURNS = 20
_NO_LOG = "no log of requests was published; the order of size of a city's new systems"
_NO_STAFF = "147号 states no staff; one desk or two of a city department and its providers"
_NO_TIMES = "147号 states limits, not times; set so that most requests keep them"


def _assumed(default: Any, unit: str, source: str, zh: str, en: str, **limits: Any) -> Any:
    return parameter(default, unit=unit, status="assumed", source=source, zh=zh, en=en, **limits)


def _servers(default: int, zh: str, en: str) -> Any:
    zh, en = f"{zh}人数", f"staff for {en}"
    return _assumed(default, "persons", _NO_STAFF, zh, en, ge=1, le=MAX_SERVERS)


def _mean_days(default: float, zh: str, en: str) -> Any:
    zh, en = f"{zh}平均工时", f"mean service time of {en}"
    return _assumed(default, "working d", _NO_TIMES, zh, en, ge=0, le=250)


def _cv(default: float, zh: str, en: str) -> Any:
    zh, en = f"{zh}工时变异系数", f"coefficient of variation of the service time of {en}"
    return _assumed(default, "1", _NO_TIMES, zh, en, ge=0, le=10)


def _tuples(value: Any) -> Any:
    """Turn the lists of a TOML file into the tuples of a frozen group."""
    return tuple(map(_tuples, value)) if isinstance(value, list | tuple) else value


def _month_day(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d\d-\d\d", value):
        raise ValueError("should be a day as MM-DD")
    date.fromisoformat(f"2019-{value}")
    return value


MonthDay = Annotated[str, BeforeValidator(_month_day)]
Wave = tuple[MonthDay, Annotated[int, Field(ge=0, le=1000)]]
Waves = Annotated[tuple[Wave, ...], Field(max_length=52), BeforeValidator(_tuples)]


class Arrivals(Parameters):
    """How requests come in."""

    new_per_day: float = _assumed(
        0.35, "1/working d", _NO_LOG, "每工作日新建系统申请数", "new systems", ge=0, le=100
    )
    change_per_day: float = _assumed(
        0.9, "1/working d", _NO_LOG, "每工作日资源变更申请数", "changes (第十二条)", ge=0, le=100
    )
    exit_per_day: float = _assumed(
        0.1, "1/working d", _NO_LOG, "每工作日系统退出申请数", "exits (第十二条)", ge=0, le=100
    )
    migration_waves: Waves = _assumed(
        (("11-26", 4), ("02-25", 4)),
        "MM-DD, systems",
        "第四条 speaks of a schedule, which is not printed",
        "存量系统迁移批次: 开始日与系统数",
        "waves of migrating systems (第十三条): first day and number",
    )
    migration_spread_days: float = _assumed(
        10.0, "working d", _NO_LOG, "每批迁移申请的提交时段", "days a wave hands in", ge=0, le=60
    )


class Staff(Parameters):
    """One stage: how many serve, how long a request takes, how much that varies (lognormal)."""

    servers: int
    mean_days: float
    cv: float


class Completeness(Staff):
    """Are the papers complete? Security supervision provider (云安全监管服务商)."""

    servers: int = _servers(1, "材料核对", "the check of papers")
    mean_days: float = _mean_days(0.25, "材料核对", "the check of papers")
    cv: float = _cv(0.8, "材料核对", "the check of papers")


class Assessment(Staff):
    """Survey and report (评估报告), 第十一条(二). Security supervision provider; no clock."""

    servers: int = _servers(2, "评估", "assessment")
    mean_days: float = _mean_days(3.0, "评估", "assessment")
    cv: float = _cv(0.7, "评估", "assessment")


class Acceptance(Staff):
    """Accept or refuse (受理), 第十一条(三). The competent department (市电子政务主管部门)."""

    servers: int = _servers(1, "受理", "acceptance")
    mean_days: float = _mean_days(0.3, "受理", "acceptance")
    cv: float = _cv(0.5, "受理", "acceptance")


class Audit(Staff):
    """Audit opinion (审核意见), 第十一条(三). The competent department."""

    servers: int = _servers(1, "审核", "the audit")
    mean_days: float = _mean_days(1.5, "审核", "the audit")
    cv: float = _cv(0.6, "审核", "the audit")


class Provisioning(Staff):
    """Test environments, 第十一条(四); changes and exits, 第十二条. Cloud provider (云服务商)."""

    servers: int = _servers(2, "开通", "provisioning")
    mean_days: float = _mean_days(0.8, "开通", "provisioning")
    cv: float = _cv(0.5, "开通", "provisioning")


class Requests(Parameters):
    """What a request brings with it, whoever serves it."""

    rework_share: float = _assumed(
        0.25,
        "1",
        _NO_LOG,
        "每次核对退回比例",
        "share of checks that end in a return",
        ge=0,
        le=1,
    )
    rework_mean_days: float = _assumed(
        3.0,
        "working d",
        _NO_LOG,
        "补正平均用时",
        "mean time at the applicant",
        ge=0,
        le=250,
    )
    max_returns: int = _assumed(
        6, "1", _NO_LOG, "退回次数上限", "most returns of one request", ge=0, le=MAX_RETURNS
    )
    refusal_share: float = _assumed(
        0.08, "1", _NO_LOG, "不予受理比例", "share of applications refused", ge=0, le=1
    )
    test_extension_share: float = _assumed(
        0.20, "1", _NO_LOG, "延长测试比例", "share of tests extended", ge=0, le=1
    )
    extension_mean_days: float = _assumed(
        10.0, "d", _NO_LOG, "平均延长天数", "mean extension, exponential", ge=0, le=365
    )
    size_median_vcpu: float = _assumed(
        16.0, "vCPU", _NO_LOG, "系统规模中位数", "median size of a system", gt=0, le=10_000
    )
    size_gsd: float = _assumed(
        2.5, "1", _NO_LOG, "系统规模几何标准差", "geometric deviation of the size", ge=1, le=20
    )
    change_low: float = _assumed(
        -0.25, "1", _NO_LOG, "变更幅度下限", "least change, of a system's size", ge=-1, le=10
    )
    change_high: float = _assumed(
        0.5, "1", _NO_LOG, "变更幅度上限", "greatest change, of a system's size", ge=-1, le=10
    )

    @model_validator(mode="after")
    def _in_order(self) -> Requests:
        if self.change_low > self.change_high:
            raise ValueError(f"change_low should be at most change_high ({self.change_high})")
        return self


class Capacity(Parameters):
    """The pool of virtual processors."""

    vcpu: int = _assumed(
        4000, "vCPU", "no inventory was published", "物理资源", "physical pool", ge=1, le=10**7
    )
    overcommit: float = _assumed(
        2.0, "1", "customary for office systems", "超分比", "vCPU promised for each", ge=1, le=20
    )
    initial_allocation_share: float = _assumed(
        0.55, "1", "no inventory was published", "期初已分配比例", "allocated at first", ge=0, le=1
    )


class Office(Parameters):
    """When staff work, on working days of the State Council's calendar."""

    opens: float = _assumed(
        9.0, "h", "customary; lunch left out, eight hours a day", "上班时刻", "opens", ge=0, le=23
    )
    closes: float = _assumed(
        17.0, "h", "customary; lunch left out, eight hours a day", "下班时刻", "closes", gt=0, le=24
    )

    @model_validator(mode="after")
    def _in_order(self) -> Office:
        if self.closes <= self.opens:
            raise ValueError(f"closes should be later than opens ({self.opens:g})")
        return self


class Maintenance(Parameters):
    """Planned interruptions, 第二十二条."""

    windows_per_month: int = _assumed(
        1, "1/month", "147号 states no number", "每月计划维护次数", "windows a month", ge=0, le=28
    )
    starts: float = _assumed(
        22.0, "h", "at night, when few are served", "维护开始时刻", "starts at", ge=0, le=23
    )
    hours: float = _assumed(
        4.0, "h", "147号 states no length", "每次维护时长", "length of a window", ge=0, le=24
    )


class Power(Parameters):
    """Failures of both mains feeds at once, 第二十一条."""

    outages_per_year: float = _assumed(
        0.1, "1/year", "dual feed; no record was published", "双路停电频率", "outages", ge=0, le=365
    )
    duration_median_h: float = _assumed(
        2.0, "h", "no record was published", "停电时长中位数", "median outage", gt=0, le=1000
    )
    duration_gsd: float = _assumed(
        3.0,
        "1",
        "no record was published",
        "停电时长几何标准差",
        "its geometric deviation",
        ge=1,
        le=20,
    )


class Cloud(Parameters):
    """The government cloud (政务云) of a scenario."""

    arrivals: Arrivals = Arrivals()
    requests: Requests = Requests()
    completeness: Completeness = Completeness()
    assessment: Assessment = Assessment()
    acceptance: Acceptance = Acceptance()
    audit: Audit = Audit()
    provisioning: Provisioning = Provisioning()
    capacity: Capacity = Capacity()
    office: Office = Office()
    maintenance: Maintenance = Maintenance()
    power: Power = Power()
