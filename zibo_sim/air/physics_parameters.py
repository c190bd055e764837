"""Inputs of the air's physics: emissions, the two boxes, dust storms.

"Calibrated" values were fitted to the hours of Zibo's city-mean PM2.5 of December 2018 to March
2019 (21 adjusted numbers on one winter: inside every band is a fit, not a validation) and their
level to the base year of the gazette's own targets, 73.8 µg/m³ from October to March.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from zibo_sim.fields import Parameters, assumed, parameter

_FIT = "Fitted to Zibo city-mean hourly PM2.5, December 2018 to March 2019"

NonNegative = Annotated[float, Field(ge=0.0)]
Monthly = Annotated[tuple[NonNegative, ...], Field(min_length=12, max_length=12)]

_INVENTORY = (
    "No inventory of Zibo was found; order of Beijing-Tianjin-Hebei 2014 (Zheng H. et al. 2019, "
    "ACP 19:3447) by area, brought to 2017 by Zheng B. et al. 2018, ACP 18:14095"
)


def _fitted(default: float, unit: str, zh: str, en: str, **limits: Any) -> Any:
    return parameter(default, unit=unit, status="calibrated", source=_FIT, zh=zh, en=en, **limits)


def _annual(default: float, zh: str, en: str) -> Any:
    return assumed(default, "kt/yr", _INVENTORY, zh, f"{en}, before the level", ge=0.0)


def _density(default: float, zh: str, en: str) -> Any:
    return assumed(default, "t/km²/yr", _INVENTORY, zh, f"{en}, before the level", ge=0.0)


class Emissions(Parameters):
    """How much is emitted, and when in the day and the season."""

    scale: float = assumed(
        1.0,
        "1",
        "A lever; 1 is the base year",
        "全市各部门排放倍数（不含区域）",
        "all sectors of the city, not the region",
        ge=0.0,
        le=5.0,
    )
    level: float = parameter(
        1.213,
        unit="1",
        status="calibrated",
        gt=0.0,
        source="October-March mean of the base year 73.8 µg/m³ with the plan in force "
        "(144号 一(一): 72 after -2.5 %)",
        zh="全市与区域排放水平系数",
        en="level of all emissions, city and region",
    )
    so2_kt: float = _annual(60.0, "二氧化硫年排放基数", "city SO2")
    nox_kt: float = _annual(110.0, "氮氧化物年排放基数", "city NOx")
    pm_kt: float = _annual(90.0, "颗粒物年排放基数", "city total PM")
    pm25_kt: float = _annual(38.0, "细颗粒物年排放基数", "city primary PM2.5")
    voc_kt: float = _annual(160.0, "VOCs年排放基数", "city VOCs")
    region_so2: float = _density(2.3, "区域二氧化硫排放强度", "region's SO2")
    region_nox: float = _density(6.5, "区域氮氧化物排放强度", "region's NOx")
    region_pm25: float = _density(2.3, "区域细颗粒物排放强度", "region's primary PM2.5")
    region_voc: float = _density(15.0, "区域VOCs排放强度", "region's VOCs")
    diurnal_amplitude: float = _fitted(
        0.37, "1", "日变化一阶振幅", "daily harmonic of the effective sources", ge=0.0
    )
    diurnal_peak_h: float = _fitted(
        15.3, "h", "日变化一阶峰值时刻", "hour of its maximum", ge=0.0, le=24.0
    )
    semidiurnal_amplitude: float = _fitted(
        0.44, "1", "日变化二阶振幅", "half-daily harmonic of the sources", ge=0.0
    )
    semidiurnal_peak_h: float = _fitted(
        10.2, "h", "日变化二阶峰值时刻", "hour of its maximum", ge=0.0, le=24.0
    )
    heating_base_c: float = assumed(
        18.0,
        "°C",
        "Usual base of heating degree days in China (HDD18)",
        "采暖度日数基准温度",
        "heating sources burn below this mean temperature",
    )
    heating_days: float = assumed(
        120.0,
        "d",
        "The nominal season of 139号 一(一)5; divides the season's tonnes",
        "采暖期名义天数",
        "days a normal season's heating emission is spread over",
        gt=0.0,
    )
    normal_degrees: float = assumed(
        16.35,
        "K",
        "Computed: mean of 18 °C less the normals over 15 Nov-15 Mar",
        "常年采暖期日均度日数",
        "degrees below the base in a normal season; fixed, so that a warm winter burns less",
        gt=0.0,
    )
    heating_memory_h: float = assumed(
        24.0,
        "h",
        "Homes and boilers follow the day, not the hour",
        "采暖响应时间",
        "memory of heating for outdoor temperature",
        gt=0.0,
    )

    @model_validator(mode="after")
    def _never_negative(self) -> Self:
        if self.diurnal_amplitude + self.semidiurnal_amplitude > 1.0:
            raise ValueError(
                "diurnal_amplitude + semidiurnal_amplitude exceed 1: emission would turn negative"
            )
        return self


class Dust(Parameters):
    """Dust storms: they carry a flag, and their hours count for no alert and no heavy day."""

    storms_per_season: float = assumed(
        1.5,
        "1/season",
        "Judgement: one or two a cold season reach Zibo",
        "每个秋冬季沙尘过程数",
        "mean number of storms, October to March",
        ge=0.0,
        le=50.0,
    )
    month_weight: Monthly = assumed(
        (0.05, 0.12, 0.70, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.02, 0.06, 0.05),
        "1",
        "Judgement: the spring storms begin in March",
        "各月沙尘权重",
        "where in the season they fall, January to December",
        strict=False,
    )
    duration_median_h: float = assumed(
        18.0, "h", "Judgement", "沙尘持续时间中位数", "median duration", gt=0.0
    )
    duration_sigma: float = assumed(
        0.6, "1", "Judgement", "持续时间对数标准差", "sd of ln duration", ge=0.0
    )


_SOR = "Liu Y. et al. 2021, ACP 21:13269 (Shijiazhuang): SOR = 0.15 + 0.0032 exp(RH/16.2)"
_NOR = "Judgement after observed nitrogen oxidation ratios of the plain"
_BACKGROUND = "Judgement; multiplied by background_factor"
_SPEED = "Usual magnitude over land in winter"


def _sulfur(default: float, unit: str, zh: str, en: str, **limits: Any) -> Any:
    return parameter(
        default, unit=unit, status="literature", source=_SOR, zh=zh, en=en, ge=0.0, **limits
    )


def _nitrogen(default: float, unit: str, zh: str, en: str, **limits: Any) -> Any:
    return assumed(default, unit, _NOR, zh, en, ge=0.0, **limits)


def _deposition(default: float, zh: str, en: str) -> Any:
    return assumed(default, "cm/s", _SPEED, zh, f"deposition velocity of {en}", ge=0.0)


def _clean(default: float, zh: str, en: str) -> Any:
    return assumed(default, "µg/m³", _BACKGROUND, zh, f"{en} of clean air", ge=0.0)


class Box(Parameters):
    """The two nested slab boxes: size, exchange, chemistry, clean background."""

    region_side_km: float = assumed(
        280.0,
        "km",
        "Judgement: the air of the plain around, set with level and persistence",
        "区域箱边长",
        "side of the region's box",
        gt=0.0,
    )
    city_area_km2: float = assumed(
        5965.0, "km²", "Area of Zibo", "市域面积", "area of the city's box", gt=0.0
    )
    lid_memory_h: float = assumed(
        24.0,
        "h",
        "Judgement; the fit hardly feels it",
        "残留层顶下沉时间",
        "time in which the residual layer's lid sinks",
        gt=0.0,
    )
    residual_wind: float = assumed(
        1.8,
        "1",
        "Wind grows with height; the fit hardly feels it",
        "残留层风速倍数",
        "wind of the residual layer against the mixed layer's",
        ge=0.0,
    )
    background_factor: float = _fitted(
        0.60, "1", "清洁背景浓度系数", "clean background against the values below", ge=0.0
    )
    background_primary: float = _clean(8.0, "一次颗粒物背景浓度", "primary PM2.5")
    background_sulfate: float = _clean(3.0, "硫酸铵背景浓度", "ammonium sulfate")
    background_nitrate: float = _clean(3.0, "硝酸铵背景浓度", "ammonium nitrate")
    background_organic: float = _clean(2.0, "二次有机物背景浓度", "secondary organics")
    background_so2: float = _clean(2.0, "二氧化硫背景浓度", "SO2")
    background_nox: float = _clean(5.0, "氮氧化物背景浓度", "NOx")
    deposition_pm: float = _deposition(0.1, "颗粒物沉降速度", "PM2.5")
    deposition_so2: float = _deposition(0.4, "二氧化硫沉降速度", "SO2")
    deposition_nox: float = _deposition(0.1, "氮氧化物沉降速度", "NOx")
    sulfur_base: float = _sulfur(0.15, "1", "干空气硫氧化率", "SOR in dry air", lt=1.0)
    sulfur_slope: float = _sulfur(0.0032, "1", "硫氧化率湿度项系数", "factor of the humid term")
    sulfur_humidity: float = _sulfur(
        16.2, "%", "硫氧化率湿度尺度", "humidity that raises it e-fold", gt=0.0
    )
    sulfur_cap: float = assumed(
        0.06,
        "1/h",
        "Judgement: fastest heterogeneous oxidation in haze",
        "二氧化硫转化上限",
        "largest conversion rate of SO2",
        ge=0.0,
    )
    nitrogen_base: float = _nitrogen(0.14, "1", "干空气氮氧化率", "NOR in dry air", lt=1.0)
    nitrogen_slope: float = _nitrogen(
        0.0035, "1/%", "氮氧化率湿度斜率", "rise of NOR with humidity"
    )
    nitrogen_humidity: float = _nitrogen(
        40.0, "%", "氮氧化率起始湿度", "humidity from which it rises"
    )
    nitrogen_cap: float = _nitrogen(0.32, "1", "氮氧化率上限", "largest NOR", lt=1.0)
    organic_yield: float = assumed(
        0.03,
        "1",
        "Judgement",
        "二次有机物产率",
        "secondary organic mass a unit of VOCs",
        ge=0.0,
        le=1.0,
    )
    oxidation_time_h: float = assumed(
        24.0,
        "h",
        "Age of the air in which the ratios were measured",
        "氧化率对应时间",
        "time in which the oxidation ratios are reached",
        gt=0.0,
    )
