"""Inputs of the weather: synoptic regimes and what they bring.

"Calibrated" values were fitted to the hours of Zibo's city-mean PM2.5 of December 2018 to March
2019, together with those of the boxes.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from zibo_sim.fields import Parameters, assumed, parameter

_FIT = "Fitted to Zibo city-mean hourly PM2.5, December 2018 to March 2019"
_BEIJING = "Fitted to Beijing daily means 2013-17, October to March"

Positive = Annotated[float, Field(gt=0.0)]
ByRegime = tuple[Positive, Positive, Positive]
"""One value for each regime: V front (clean), A transition, S stagnation."""
Hourly = Annotated[tuple[float, ...], Field(min_length=24, max_length=24)]


def _fitted(default: Any, unit: str, zh: str, en: str, **limits: Any) -> Any:
    return parameter(default, unit=unit, status="calibrated", source=_FIT, zh=zh, en=en, **limits)


class WeatherModel(Parameters):
    """Synoptic regimes and what they bring: wind, mixing, humidity, temperature."""

    duration_h: ByRegime = _fitted(
        (14.0, 36.0, 48.0),
        "h",
        "各天气型平均持续时间",
        "mean duration of front, transition, stagnation",
        strict=False,
    )
    duration_shape: float = _fitted(
        1.5, "1", "持续时间伽马分布形状参数", "gamma shape of durations", gt=0.0
    )
    stagnation_share: float = _fitted(
        0.65, "1", "过渡转静稳概率", "chance that a transition turns stagnant", gt=0.0, lt=1.0
    )
    stagnation_seasonal: float = _fitted(
        0.20, "1", "静稳概率季节振幅（对数几率）", "its seasonal swing, in logits"
    )
    stagnation_peak_day: float = assumed(
        100.0,
        "d",
        "Early January, with the shallowest mixing",
        "静稳最盛日（10月1日起）",
        "day of the maximum, from 1 October",
    )
    stagnation_to_front: float = assumed(
        0.85,
        "1",
        "Stagnation is mostly ended by a cold front",
        "静稳转冷锋概率",
        "chance that a front ends stagnation",
        ge=0.0,
        le=1.0,
    )
    relaxation_front: float = assumed(
        0.35,
        "1/h",
        "A front passes a city in about three hours",
        "转入冷锋速率",
        "rate at which a front takes over",
        gt=0.0,
    )
    relaxation_other: float = _fitted(
        0.14, "1/h", "转入其他天气型速率", "rate at which the others take over", gt=0.0
    )
    wind_median: ByRegime = assumed(
        (4.5, 2.25, 1.26),
        "m/s",
        "Order of transport winds over the North China Plain",
        "各天气型输送风速中位数",
        "median transport wind by regime",
        strict=False,
    )
    wind_floor: float = _fitted(
        1.35, "m/s", "通风风速下限", "ventilation floor: meander and local circulation", ge=0.0
    )
    wind_sigma: float = assumed(
        0.40,
        "1",
        "Judgement; the fit hardly feels it",
        "风速对数标准差",
        "sd of ln wind within a regime",
        ge=0.0,
    )
    wind_memory_h: float = assumed(
        5.0, "h", "Judgement; the fit hardly feels it", "风速记忆时间", "memory of the wind", gt=0.0
    )
    wind_midday: float = assumed(
        0.25, "1", "Momentum mixed down by day", "午间增风", "gain of wind at full mixing", ge=0.0
    )
    mixing_night: ByRegime = _fitted(
        (570.0, 320.0, 200.0),
        "m",
        "各天气型夜间混合层高度",
        "mixing height at night by regime",
        strict=False,
    )
    mixing_day: ByRegime = _fitted(
        (1170.0, 710.0, 360.0),
        "m",
        "各天气型午后混合层高度",
        "mixing height in the afternoon by regime",
        strict=False,
    )
    growth_start_h: float = _fitted(
        9.5, "h", "混合层开始增高时刻", "the layer begins to grow", ge=0.0, le=24.0
    )
    growth_peak_h: float = _fitted(15.9, "h", "混合层最高时刻", "it is deepest", ge=0.0, le=24.0)
    growth_end_h: float = _fitted(
        20.4, "h", "混合层回落结束时刻", "it is back at night's depth", ge=0.0, le=24.0
    )
    mixing_sigma: float = assumed(
        0.25,
        "1",
        "Day-to-day spread of ln mixing height",
        "混合层逐日对数标准差",
        "sd of ln mixing height from day to day",
        ge=0.0,
    )
    mixing_rho: float = assumed(
        0.5,
        "1",
        "Judgement",
        "混合层逐日相关",
        "its correlation from one day to the next",
        ge=0.0,
        lt=1.0,
    )
    humidity: ByRegime = assumed(
        (40.0, 56.0, 74.0),
        "%",
        "Judgement",
        "各天气型平均相对湿度",
        "mean relative humidity by regime",
        strict=False,
    )
    humidity_sigma: float = assumed(
        0.0,
        "%",
        "The calibrated level goes with none; 10 % would raise mean PM2.5 by 2 %",
        "湿度标准差",
        "sd of humidity within a regime",
        ge=0.0,
    )
    humidity_memory_h: float = assumed(
        12.0, "h", "Judgement", "湿度记忆时间", "memory of humidity", gt=0.0
    )
    direction_sigma: float = _fitted(
        0.50,
        "1",
        "来流方向浓度差异对数标准差",
        "sd of ln of what the upwind sector brings against the region's mean",
        ge=0.0,
    )
    direction_memory_h: float = assumed(
        12.0, "h", "Judgement", "来流方向记忆时间", "memory of the upwind sector", gt=0.0
    )
    noise_sigma: float = _fitted(
        0.22,
        "1",
        "站点均值代表性噪声",
        "sd of ln of the city mean around the box (representativeness)",
        ge=0.0,
    )
    noise_memory_h: float = _fitted(7.0, "h", "噪声记忆时间", "memory of that noise", gt=0.0)
    normal_c: tuple[float, float, float, float, float, float] = assumed(
        (15.2, 7.3, 0.8, -1.6, 1.4, 7.2),
        "°C",
        "Monthly normals of Zibo, October to March; no station record was available",
        "十月至三月气温常年值",
        "normal temperature of October to March; one annual harmonic is laid through them",
        strict=False,
    )
    cycle_c: Hourly = assumed(
        (
            -1.8,
            -2.2,
            -2.5,
            -2.8,
            -3.2,
            -3.5,
            -3.8,
            -3.5,
            -2.4,
            -0.8,
            1.1,
            2.9,
            4.0,
            4.6,
            4.7,
            4.3,
            3.5,
            2.4,
            1.4,
            0.6,
            0.0,
            -0.5,
            -1.0,
            -1.5,
        ),
        "°C",
        "Range of Beijing's winters 2013-17, shape by judgement",
        "气温日变化",
        "fixed daily cycle of temperature, 00 to 23 h, about its mean",
        strict=False,
    )
    temperature_memory_h: float = assumed(
        54.0, "h", _BEIJING, "气温距平记忆时间", "memory of the temperature anomaly", gt=0.0
    )
    temperature_sigma: float = assumed(
        2.65, "°C", _BEIJING, "气温距平标准差", "sd of the anomaly that no regime explains", ge=0.0
    )
    temperature_front: float = assumed(
        -0.12, "°C/h", _BEIJING, "冷锋降温速率", "cooling under a front"
    )
    temperature_stagnation: float = assumed(
        0.03, "°C/h", _BEIJING, "静稳增温速率", "warming in stagnation"
    )
    temperature_drift: float = assumed(
        0.0141,
        "°C/h",
        "Keeps the anomaly's mean at zero",
        "气温距平补偿",
        "constant that balances the two",
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.growth_start_h < self.growth_peak_h < self.growth_end_h:
            raise ValueError(
                "growth_start_h, growth_peak_h and growth_end_h must follow one another"
            )
        return self
