"""What a scenario may set of how requests come in; 147号 prints nothing of it."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator

from zibo_sim.cloud.use_parameters import NO_LOG, District, tuples
from zibo_sim.fields import Parameters, assumed


def _month_day(value: Any) -> Any:
    if not isinstance(value, str) or not re.fullmatch(r"\d\d-\d\d", value):
        raise ValueError("should be a day as MM-DD")
    date.fromisoformat(f"2019-{value}")
    return value


MonthDay = Annotated[str, BeforeValidator(_month_day)]
Wave = tuple[MonthDay, Annotated[int, Field(ge=0, le=1000)]]
Waves = Annotated[tuple[Wave, ...], Field(max_length=52), BeforeValidator(tuples)]
DistrictWave = tuple[MonthDay, District, Annotated[int, Field(ge=0, le=1000)]]
DistrictWaves = Annotated[tuple[DistrictWave, ...], Field(max_length=52), BeforeValidator(tuples)]
Weights = Annotated[
    tuple[Annotated[float, Field(ge=0, le=1000)], ...],
    Field(max_length=24),
    BeforeValidator(tuples),
]


class Arrivals(Parameters):
    """How requests come in."""

    new_per_day: float = assumed(
        0.35, "1/working d", NO_LOG, "每工作日新建系统申请数", "new systems", ge=0, le=100
    )
    change_per_day: float = assumed(
        0.9, "1/working d", NO_LOG, "每工作日资源变更申请数", "changes (第十二条)", ge=0, le=100
    )
    exit_per_day: float = assumed(
        0.1, "1/working d", NO_LOG, "每工作日系统退出申请数", "exits (第十二条)", ge=0, le=100
    )
    migration_waves: Waves = assumed(
        (("11-26", 4), ("02-25", 4)),
        "MM-DD, systems",
        "第四条 speaks of a schedule, which is not printed",
        "存量系统迁移批次（开始日、系统数）",
        "waves of migrating systems (第十三条): first day and number",
    )
    migration_spread_days: float = assumed(
        10.0, "working d", NO_LOG, "每批迁移申请的提交时段", "days a wave hands in", ge=0, le=60
    )
    district_waves: DistrictWaves = assumed(
        (),
        "MM-DD, district, systems",
        "第五条 says step by step (逐步), without dates",
        "区县政务云并入批次（开始日、区县、系统数）",
        "districts joining (第五条): first day, district and number",
    )
    day_cv: float = assumed(
        0.0, "1", NO_LOG + "; 0 is Poisson, more is negative binomial",
        "日到达率变异系数", "coefficient of variation of the daily rate", ge=0, le=5,
    )  # fmt: skip
    weekday_weights: Weights = assumed(
        (), "1", NO_LOG, "周一至周日相对到达率（空为均匀）",
        "relative rates from Monday to Sunday; empty for equal ones",
    )  # fmt: skip
    hour_weights: Weights = assumed(
        (), "1", NO_LOG, "办公时间内各等分时段相对到达率（空为均匀）",
        "relative rates of equal parts of office hours, one an hour at best; empty for equal ones",
    )  # fmt: skip

    @field_validator("weekday_weights", "hour_weights")
    @classmethod
    def _some_weight(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if weights and not any(weights):
            raise ValueError("should have a weight above 0")
        return weights

    @field_validator("weekday_weights")
    @classmethod
    def _a_week(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if len(weights) not in (0, 7):
            raise ValueError(f"should have seven weights, Monday first ({len(weights)} given)")
        return weights
