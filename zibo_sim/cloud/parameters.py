"""What a scenario may set of the government cloud: 淄政办字〔2018〕147号 prints the clocks only.

Arrivals, staff, service times and sizes are nowhere in the gazette, so all of them are assumed.
Times of staff are in working days of the office hours below.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from zibo_sim.cloud.arrival_parameters import Arrivals
from zibo_sim.cloud.use_parameters import (
    NO_LOG,
    NO_RECORD,
    Capacity,
    Exceptions,
    Fees,
    Filing,
    Interruption,
    Scope,
    Use,
    tuples,
)
from zibo_sim.fields import Parameters, assumed

MAX_SERVERS = 10_000
#: How often papers can at most be returned; also the width of what is drawn for each request.
MAX_RETURNS = 20
_NO_STAFF = "147号 states no staff; one desk or two of a city department and its providers"
_NO_TIMES = "147号 states limits, not times; set so that most requests keep them"


def _servers(default: int, zh: str, en: str) -> Any:
    zh, en = f"{zh}人数", f"staff for {en}"
    return assumed(default, "persons", _NO_STAFF, zh, en, ge=1, le=MAX_SERVERS)


def _mean_days(default: float, zh: str, en: str) -> Any:
    zh, en = f"{zh}平均工时", f"mean service time of {en}"
    return assumed(default, "working d", _NO_TIMES, zh, en, ge=0, le=250)


def _cv(default: float, zh: str, en: str) -> Any:
    zh, en = f"{zh}工时变异系数", f"coefficient of variation of the service time of {en}"
    return assumed(default, "1", _NO_TIMES, zh, en, ge=0, le=10)


#: Kinds of requests: the first three bring a system onto the cloud and have clocks.
SYSTEMS = ("new", "migration", "district")
KINDS = (*SYSTEMS, "change", "exit")
Kinds = Annotated[
    tuple[Literal["new", "migration", "district", "change", "exit"], ...],
    Field(max_length=len(KINDS)),
    BeforeValidator(tuples),
]


class Staff(Parameters):
    """One stage: how many serve, how long a request takes, how much that varies (lognormal)."""

    servers: int
    mean_days: float
    cv: float


class Prereview(Staff):
    """Pre-review of new systems (前置评审) before they apply, 第十一条. The department."""

    on: bool = assumed(
        False, "true/false", "off: new systems are taken to come with their approval",
        "是否模拟前置评审", "whether new systems pass the pre-review first",
    )  # fmt: skip
    servers: int = _servers(1, "前置评审", "the pre-review")
    mean_days: float = _mean_days(1.5, "前置评审", "the pre-review")
    cv: float = _cv(0.6, "前置评审", "the pre-review")
    declined_share: float = assumed(
        0.05, "1", NO_LOG, "前置评审不同意比例", "share of projects not approved", ge=0, le=1
    )


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

    rework_share: float = assumed(
        0.25,
        "1",
        NO_LOG,
        "每次材料核对退回比例",
        "share of checks that end in a return",
        ge=0,
        le=1,
    )
    rework_mean_days: float = assumed(
        3.0,
        "working d",
        NO_LOG,
        "补正平均用时",
        "mean time at the applicant",
        ge=0,
        le=250,
    )
    max_returns: int = assumed(
        6, "1", NO_LOG, "退回次数上限", "most returns of one request", ge=0, le=MAX_RETURNS
    )
    refusal_share: float = assumed(
        0.08, "1", NO_LOG, "不予受理比例", "share of applications refused", ge=0, le=1
    )
    test_extension_share: float = assumed(
        0.20, "1", NO_LOG, "延长测试比例", "share of tests extended", ge=0, le=1
    )
    extension_mean_days: float = assumed(
        10.0, "d", NO_LOG, "平均延长天数", "mean extension, exponential", ge=0, le=365
    )
    size_median_vcpu: float = assumed(
        16.0, "vCPU", NO_LOG, "系统规模中位数", "median size of a system", gt=0, le=10_000
    )
    size_gsd: float = assumed(
        2.5, "1", NO_LOG, "系统规模几何标准差", "geometric deviation of the size", ge=1, le=20
    )
    change_low: float = assumed(
        -0.25, "1", NO_LOG, "变更幅度下限", "least change, of a system's size", ge=-1, le=10
    )
    change_high: float = assumed(
        0.5, "1", NO_LOG, "变更幅度上限", "greatest change, of a system's size", ge=-1, le=10
    )

    memory_per_vcpu_gb: float = assumed(
        4.0, "GB", "64 GB beside 16 vCPU, a customary ratio", "每 vCPU 内存中位数",
        "median memory beside a vCPU", gt=0, le=1024,
    )  # fmt: skip
    storage_per_vcpu_gb: float = assumed(
        62.5, "GB", "1 TB beside 16 vCPU, a customary ratio", "每 vCPU 存储中位数",
        "median storage beside a vCPU", gt=0, le=10**6,
    )  # fmt: skip
    ratio_gsd: float = assumed(
        1.5, "1", NO_LOG, "两项比例几何标准差", "geometric deviation of both ratios", ge=1, le=20
    )

    @model_validator(mode="after")
    def _in_order(self) -> Requests:
        if self.change_low > self.change_high:
            raise ValueError(f"change_low should be at most change_high ({self.change_high})")
        return self


class Office(Parameters):
    """When staff work, on working days of the State Council's calendar."""

    opens: float = assumed(
        9.0, "h", "customary; lunch left out, eight hours a day", "上班时刻", "opens", ge=0, le=23
    )
    closes: float = assumed(
        17.0, "h", "customary; lunch left out, eight hours a day", "下班时刻", "closes", gt=0, le=24
    )

    @model_validator(mode="after")
    def _in_order(self) -> Office:
        if self.closes <= self.opens:
            raise ValueError(f"closes should be later than opens ({self.opens:g})")
        return self


class Maintenance(Parameters):
    """Planned interruptions, 第二十二条."""

    windows_per_month: int = assumed(
        1, "1/month", "147号 states no number", "每月计划维护次数", "windows a month", ge=0, le=28
    )
    starts: float = assumed(
        22.0, "h", "at night, when few are served", "维护开始时刻", "starts at", ge=0, le=23
    )
    hours: float = assumed(
        4.0, "h", "147号 states no length", "每次维护时长", "length of a window", ge=0, le=24
    )
    late_notice_share: float = assumed(
        0.0, "1", NO_RECORD, "当日才报备的维护比例", "share announced on the day itself", ge=0, le=1
    )


class Power(Parameters):
    """Failures of both mains feeds at once, 第二十一条."""

    outages_per_year: float = assumed(
        0.1, "1/year", "dual feed; no record was published", "双路停电频率", "outages", ge=0, le=365
    )
    duration_median_h: float = assumed(
        2.0, "h", NO_RECORD, "停电时长中位数", "median outage", gt=0, le=1000
    )
    duration_gsd: float = assumed(
        3.0,
        "1",
        NO_RECORD,
        "停电时长几何标准差",
        "its geometric deviation",
        ge=1,
        le=20,
    )


class Cloud(Parameters):
    """The government cloud (政务云) of a scenario."""

    queue: Literal["fifo", "priority"] = assumed(
        "fifo", "text", "147号 states no order of service", "排队规则（先到先办或按类别优先）",
        "who is served next: first come, or by kind",
    )  # fmt: skip
    priority: Kinds = assumed(
        KINDS, "text", "used by the queue \"priority\": those with clocks first",
        "按类别优先时的次序", "kinds in the order in which they are served; others come last",
    )  # fmt: skip
    arrivals: Arrivals = Arrivals()
    requests: Requests = Requests()
    scope: Scope = Scope()
    exceptions: Exceptions = Exceptions()
    prereview: Prereview = Prereview()
    completeness: Completeness = Completeness()
    assessment: Assessment = Assessment()
    acceptance: Acceptance = Acceptance()
    audit: Audit = Audit()
    provisioning: Provisioning = Provisioning()
    capacity: Capacity = Capacity()
    filing: Filing = Filing()
    use: Use = Use()
    fees: Fees = Fees()
    office: Office = Office()
    maintenance: Maintenance = Maintenance()
    interruption: Interruption = Interruption()
    power: Power = Power()
