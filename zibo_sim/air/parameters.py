"""Inputs of the air domain: forecasts, consultations, and the groups of its other inputs."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from zibo_sim.air.enterprise_parameters import Enterprises
from zibo_sim.air.physics_parameters import Box, Dust, Emissions
from zibo_sim.air.pollutants import Pollutants
from zibo_sim.air.response_parameters import CleanHeating, Response, Share
from zibo_sim.air.sectors import Sectors
from zibo_sim.air.weather_parameters import WeatherModel
from zibo_sim.fields import Parameters, assumed, parameter

__all__ = [
    "Air",
    "Box",
    "CleanHeating",
    "Consultation",
    "Dust",
    "Emissions",
    "Enterprises",
    "Forecast",
    "Inspection",
    "Record",
    "Regional",
    "Response",
    "Sectors",
    "WeatherModel",
]

LEADS = 7
Positive = Annotated[float, Field(gt=0.0)]
Weights = Annotated[tuple[Share, ...], Field(min_length=LEADS, max_length=LEADS)]
Spreads = Annotated[
    tuple[Annotated[float, Field(ge=0.0)], ...], Field(min_length=LEADS, max_length=LEADS)
]

_SKILL = (
    "Set to published skill: Gao J. et al. 2016 (Tianjin, 24 h r > 0.8), Zhang T. et al. 2019, J. "
    "Environ. Eng. Technol. 9:213; beyond 96 h extrapolated"
)


class Forecast(Parameters):
    """How far forecasts look ahead and how wrong they are."""

    issue_hour: int = assumed(
        8,
        "h",
        "Morning bulletin",
        "每日预报时次",
        "hour of the day at which the forecast is issued",
        ge=0,
        le=23,
    )
    horizon_h: int = parameter(
        72,
        unit="h",
        status="statutory",
        ge=24,
        le=168,
        source="淄政办字〔2018〕145号 四(二): 未来1—3天",
        zh="预报时效",
        en="how far ahead the consultation looks",
    )
    bias: float = assumed(
        0.0,
        "1",
        "A lever; +0.10 is a cautious office",
        "预报偏差（对数）",
        "bias of the forecast in ln PM2.5",
        ge=-2.0,
        le=2.0,
    )
    error_scale: float = assumed(
        1.0,
        "1",
        "A lever; 0 is a perfect forecast",
        "预报误差倍数",
        "size of the forecast's errors against today's",
        ge=0.0,
        le=5.0,
    )
    weight: Weights = assumed(
        (0.95, 0.90, 0.85, 0.80, 0.75, 0.70, 0.65),
        "1",
        _SKILL,
        "各时效预报中真值的权重",
        "weight of the truth against the climate, by day of lead",
        strict=False,
    )
    sigma: Spreads = assumed(
        (0.31, 0.38, 0.43, 0.49, 0.55, 0.60, 0.64),
        "1",
        _SKILL,
        "各时效误差标准差（对数）",
        "sd of the error in ln PM2.5, by day of lead",
        strict=False,
    )
    rho_issue: float = assumed(
        0.5,
        "1",
        "Judgement: one model errs alike on two mornings",
        "相邻起报误差相关",
        "correlation of errors between daily issues",
        ge=0.0,
        lt=1.0,
    )
    rho_lead: float = assumed(
        0.7,
        "1",
        "Judgement: an error grows on along the run",
        "相邻时效误差相关",
        "correlation of errors between adjacent days of lead",
        ge=0.0,
        lt=1.0,
    )
    climate_pm25: Annotated[tuple[Positive, ...], Field(min_length=12, max_length=12)] = parameter(
        (86.0, 83.0, 69.0, 60.0, 55.0, 52.0, 50.0, 50.0, 53.0, 58.0, 67.0, 82.0),
        unit="µg/m³",
        status="calibrated",
        strict=False,
        source="Geometric mean of the daily means of what is forecast (PM2.5, or the PM2.5 whose "
        "index another pollutant has) in 1,000 base winters; April to September assumed",
        zh="各月细颗粒物气候值",
        en="climate of 24-hour PM2.5, January to December",
    )


class Consultation(Parameters):
    """When the offices consult and how long a signature takes."""

    routine_weekday: int = assumed(
        0,
        "1",
        "145号 四(二) asks for one a week and names no day",
        "例行会商日（0为周一）",
        "weekday of the weekly consultation, 0 is Monday",
        ge=0,
        le=6,
    )
    routine_hour: int = assumed(
        10,
        "h",
        "After the morning bulletin",
        "例行会商时刻",
        "hour at which offices consult",
        ge=0,
        le=23,
    )
    approval_low_h: float = assumed(
        0.5,
        "h",
        "Judgement; no clock is stated",
        "会商至签发最短用时",
        "shortest time to a signature",
        ge=0.0,
    )
    approval_mode_h: float = assumed(
        1.0,
        "h",
        "Judgement; no clock is stated",
        "会商至签发常见用时",
        "most likely time to a signature",
        ge=0.0,
    )
    approval_high_h: float = assumed(
        3.0,
        "h",
        "Judgement; no clock is stated",
        "会商至签发最长用时",
        "longest time to a signature",
        ge=0.0,
    )
    firework_days: tuple[str, ...] = assumed(
        ("02-04", "02-05", "02-19"), unit="MM-DD", strict=False,
        source="New Year's Eve, New Year's Day and the Lantern Festival of 2019",
        zh="集中燃放烟花爆竹日", en="days of fireworks, which a notice of an alert must mention",
    )  # fmt: skip
    report_offset_mean_h: float = assumed(
        -1.0,
        "h",
        "Judgement: most districts report in the last hours before 16:00",
        "区县、部门日报提交时刻（相对16时）均值",
        "mean hour of a district's or department's report against 16:00",
    )
    report_offset_sd_h: float = assumed(
        0.5,
        "h",
        "Judgement; one report in some forty is late",
        "区县、部门日报提交时刻标准差",
        "sd of the hour of a district's or department's report",
        ge=0.0,
    )
    summary_late_share: float = assumed(
        0.05,
        "1",
        "Judgement",
        "总结迟报比例",
        "share of districts and member units that sum up a working day late",
        ge=0.0,
        le=1.0,
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.approval_low_h <= self.approval_mode_h <= self.approval_high_h:
            raise ValueError("approval_low_h <= approval_mode_h <= approval_high_h is needed")
        return self


class Regional(Parameters):
    """Regional alerts from above, whose rule the gazette does not contain."""

    enabled: bool = assumed(
        True, unit="text", source="145号 四(五) does not say when one arrives",
        zh="是否有区域预警", en="whether regional alerts arrive",
    )  # fmt: skip
    joins: float = assumed(
        0.0, unit="1", source="A lever: 145号 四(五) wants joint action, not how much",
        ge=0.0, le=1.0, zh="区域同步减排比例（相对本市）",
        en="share of the city's cuts that the region makes at the same time",
    )  # fmt: skip
    threshold_pm25: float = assumed(
        115.0, unit="µg/m³", gt=0.0, source="Judgement: an episode over several cities",
        zh="区域预警浓度阈值",
        en="24-hour mean of the region over which an alert is called, for 2, 3 or 4 days",
    )  # fmt: skip
    sigma: float = assumed(
        0.30, unit="1", source="Judgement: as the city's forecast for the first day", ge=0.0,
        zh="区域预报误差标准差（对数）", en="sd of the error of the region's forecast in ln PM2.5",
    )  # fmt: skip
    arrives_after_h: int = assumed(
        3, unit="h", source="Judgement: told before noon", ge=0, le=23,
        zh="区域预警到达时刻（预报后）", en="hours from the forecast to the arrival of an alert",
    )  # fmt: skip


class Inspection(Parameters):
    """Teams that visit plants during a response."""

    city_teams: int = assumed(
        3, unit="teams", source="Judgement; 145号 八(八) names no number", ge=0, le=1000,
        zh="市级督导检查组数", en="inspection teams of the city",
    )  # fmt: skip
    district_teams: int = assumed(
        1, unit="teams", source="Judgement; 145号 八(八) names no number", ge=0, le=1000,
        zh="每个区县督导检查组数", en="inspection teams of each district",
    )  # fmt: skip
    visits_per_round: int = assumed(
        4, unit="plants", source="Judgement: two hours a plant", ge=1, le=100,
        zh="每组每日检查企业数", en="plants a team visits in a day",
    )  # fmt: skip
    starts_hour: int = assumed(
        9, unit="h", source="Judgement", ge=0, le=15,
        zh="检查开始时刻", en="hour at which teams set out",
    )  # fmt: skip
    round_h: int = assumed(
        8, unit="h", source="Judgement", ge=1, le=8,
        zh="每日检查时长", en="hours a team is out",
    )  # fmt: skip
    detection: float = assumed(
        0.80, unit="1", source="Judgement: some of it happens at night", ge=0.0, le=1.0,
        zh="偷排被查处概率", en="chance that a plant which does not comply is found out on a visit",
    )  # fmt: skip


class Record(Parameters):
    """When a measured record (``--observed``) is whole enough to judge a season by."""

    valid_days_share: float = assumed(
        0.90, unit="1", ge=0.0, le=1.0,
        source="144号 states none for a season; near what GB 3095-2012 asks of the daily means of "
        "a year (324 of 365)",
        zh="判定季节目标所需有效日比例（有效日：不少于20个小时值）",
        en="share of days with 20 valid hours or more that the season's targets need to be judged",
    )  # fmt: skip


class Air(Parameters):
    """Everything the air domain is given."""

    emissions: Emissions = Emissions()
    sectors: Sectors = Sectors()
    weather: WeatherModel = WeatherModel()
    box: Box = Box()
    dust: Dust = Dust()
    pollutants: Pollutants = Pollutants()
    forecast: Forecast = Forecast()
    consultation: Consultation = Consultation()
    regional: Regional = Regional()
    response: Response = Response()
    inspection: Inspection = Inspection()
    record: Record = Record()
    inventory: str = assumed(
        "",
        "path",
        "145号 五(四)3; the list of 2018 is not printed, so a synthetic one stands in",
        "减排清单文件（模板见 zibo-sim template inventory），空为虚拟清单",
        "file of the reduction list, beside the scenario's own; empty for the synthetic list",
    )
    enterprises: Enterprises = Enterprises()
