"""What a scenario may set of systems on the cloud: room, scope, use, filing and fees.

147号 prints neither prices nor capacities nor shares, so all of them are assumed.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from zibo_sim.fields import Parameters, assumed
from zibo_sim.places import DISTRICTS

NO_INVENTORY = "no inventory was published"
NO_RECORD = "no record was published"
NO_LOG = "no log of requests was published; the order of size of a city's new systems"
_NO_PRICES = "第二十九条 prints no price; the order of size of public catalogues, set your own"
#: Protection grades (等级保护) one to five.
GRADES = 5
CITY = "city"


def tuples(value: Any) -> Any:
    """Turn the lists of a TOML file into the tuples of a frozen group."""
    return tuple(map(tuples, value)) if isinstance(value, list | tuple) else value


def district(value: Any) -> Any:
    """Return the key of a district given by its key or its Chinese name."""
    key = DISTRICTS.get(value, value) if isinstance(value, str) else value
    if key not in DISTRICTS.values():
        raise ValueError(f"should be a district: {', '.join(DISTRICTS.values())}")
    return key


District = Annotated[str, BeforeValidator(district)]
Grades = Annotated[
    tuple[Annotated[float, Field(ge=0, le=1)], ...],
    Field(min_length=GRADES, max_length=GRADES),
    BeforeValidator(tuples),
]


class Capacity(Parameters):
    """The pool of virtual processors, memory and storage."""

    vcpu: int = assumed(4000, "vCPU", NO_INVENTORY, "物理vCPU", "physical pool", ge=1, le=10**7)
    overcommit: float = assumed(
        2.0,
        "1",
        "customary for office systems",
        "vCPU超分比",
        "vCPU promised for each",
        ge=1,
        le=20,
    )
    memory_gb: int = assumed(
        32_000, "GB", NO_INVENTORY, "物理内存", "physical memory", ge=1, le=10**9
    )
    memory_overcommit: float = assumed(
        1.0, "1", "memory is seldom promised twice", "内存超分比", "memory promised for each",
        ge=1, le=20,
    )  # fmt: skip
    storage_gb: int = assumed(
        500_000, "GB", NO_INVENTORY, "物理存储", "physical storage", ge=1, le=10**12
    )
    storage_overcommit: float = assumed(
        1.0, "1", "no thin provisioning assumed", "存储超分比", "storage promised for each",
        ge=1, le=20,
    )  # fmt: skip
    initial_allocation_share: float = assumed(
        0.55, "1", NO_INVENTORY, "期初已分配比例", "allocated at first, of all three", ge=0, le=1
    )


class Scope(Parameters):
    """Systems outside the measures (第三条) or free from migration (第四条)."""

    classified_share: float = assumed(
        0.0, "1", "those who apply are taken to know; the text leaves classified systems out",
        "涉密系统比例", "share of classified (涉密) systems", ge=0, le=1,
    )  # fmt: skip
    grade_shares: Grades = assumed(
        (0.05, 0.55, 0.40, 0.0, 0.0), "1", "第十九条 asks for a grade and prints no shares",
        "等级保护一至五级系统比例", "shares of systems of protection grade one to five",
    )  # fmt: skip

    @field_validator("grade_shares")
    @classmethod
    def _all_of_them(cls, shares: tuple[float, ...]) -> tuple[float, ...]:
        if not math.isclose(sum(shares), 1.0, abs_tol=1e-6):
            raise ValueError(f"should add up to 1 (they add up to {sum(shares):g})")
        return shares


class Exceptions(Parameters):
    """Existing systems that for a special reason cannot move, and ask to stay, 第四条."""

    share: float = assumed(
        0.0, "1", "off; 第四条 says single systems (个别) and prints no number",
        "因特殊原因申请不迁移的系统比例", "share of existing systems that ask not to move",
        ge=0, le=1,
    )  # fmt: skip
    granted_share: float = assumed(
        0.5, "1", NO_RECORD, "不迁移申请获同意比例", "share of them that are granted", ge=0, le=1
    )
    mean_days: float = assumed(
        5.0, "working d", "第四条 sets the department no limit", "不迁移申请审核平均用时",
        "mean time of the department's examination", ge=0, le=250,
    )  # fmt: skip
    cv: float = assumed(
        0.5,
        "1",
        NO_RECORD,
        "不迁移申请审核用时变异系数",
        "its coefficient of variation",
        ge=0,
        le=10,
    )


class Interruption(Parameters):
    """Temporary interruptions of the service for a special situation, 第二十二条."""

    per_year: float = assumed(
        0.0, "1/year", "off; " + NO_RECORD, "每年临时中断次数", "interruptions", ge=0, le=365
    )
    hours_median: float = assumed(
        1.0, "h", NO_RECORD, "临时中断时长中位数", "median interruption", gt=0, le=1000
    )
    hours_gsd: float = assumed(
        2.0, "1", NO_RECORD, "临时中断时长几何标准差", "its geometric deviation", ge=1, le=20
    )
    applied_h: float = assumed(
        2.0, "h", "第二十二条: at any time (可随时提出申请)", "临时中断提前申请时间",
        "how long before it the provider applies", ge=0, le=720,
    )  # fmt: skip


class Filing(Parameters):
    """Protection filing certificate after formal operation, 第七条(三)."""

    median_days: float = assumed(
        75.0, "d", NO_RECORD, "备案用时中位数", "median time to the certificate", ge=0, le=3650
    )
    gsd: float = assumed(
        1.6, "1", NO_RECORD, "备案用时几何标准差", "its geometric deviation", ge=1, le=20
    )


class Use(Parameters):
    """How much of what it holds a system uses: idle or over-provisioned, 第二十七条."""

    median: float = assumed(
        0.2, "1", NO_RECORD, "系统平均利用率中位数", "median of the systems' mean use", gt=0, lt=1
    )
    spread: float = assumed(
        1.0, "1", "deviation of the log-odds; " + NO_RECORD, "利用率分散度", "spread of the use",
        ge=0, le=10,
    )  # fmt: skip
    idle_below: float = assumed(
        0.05, "1", "第二十七条 says 闲置 without a limit", "闲置界限", "idle below", ge=0, le=1
    )
    over_below: float = assumed(
        0.15, "1", "第二十七条 says 配置过度 without a limit", "配置过度界限",
        "over-provisioned below", ge=0, le=1,
    )  # fmt: skip


class Fees(Parameters):
    """Prices of the yearly settlement, 第二十九条."""

    vcpu_yuan: float = assumed(
        600.0, "yuan/a", _NO_PRICES, "每个 vCPU 年价", "a vCPU for a year", ge=0, le=1e6
    )
    memory_yuan: float = assumed(
        240.0, "yuan/a", _NO_PRICES, "每 GB 内存年价", "a GB of memory for a year", ge=0, le=1e6
    )
    storage_yuan: float = assumed(
        3.0, "yuan/a", _NO_PRICES, "每 GB 存储年价", "a GB of storage for a year", ge=0, le=1e6
    )
    charged: Literal["allocated", "used"] = assumed(
        "allocated", "text", "第二十九条 names catalogue, contract, use and quality, no formula",
        "计费依据（分配量或使用量）", "whether what is allocated or what is used is charged",
    )  # fmt: skip
    test_charged: bool = assumed(
        False, "true/false", "147号 does not say; tests free", "测试期是否计费", "tests are charged"
    )
    quality_deduction: float = assumed(
        0.0, "1", "第二十九条 names quality, no formula", "可用率每降低1个百分点的扣减比例",
        "share taken off for each per cent of availability lost", ge=0, le=1,
    )  # fmt: skip
    district_share: float = assumed(
        0.3, "1", NO_RECORD, "区县及功能区系统比例", "share of systems of districts and zones",
        ge=0, le=1,
    )  # fmt: skip
