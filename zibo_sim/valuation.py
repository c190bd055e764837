"""What measures are worth in health and cost in output: an optional valuation, assumptions on view.

Nothing here is law, and little of it is known well. Deaths that cleaner days put off at once
(acute) and those that cleaner years prevent (chronic) are different questions: the first is valued,
the second is shown by itself where it is asked for, and the two are never added. What comes out is
how much larger than the acute benefit the whole benefit would have to be for the measures to pay,
not a verdict.
"""

from __future__ import annotations

from math import nan
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from zibo_sim.fields import Parameters, Status, parameter

Floats = NDArray[np.float64]
_HOURS_PER_DAY, _DAYS_PER_YEAR = 24, 365


def _given(
    status: Status, default: Any, unit: str, zh: str, en: str, source: str, **more: Any
) -> Any:
    return parameter(default, unit=unit, status=status, source=source, zh=zh, en=en, **more)


def _assumed(default: Any, unit: str, zh: str, en: str, source: str, **more: Any) -> Any:
    return _given("assumed", default, unit, zh, en, source, **more)


class Valuation(Parameters):
    """Inputs of the valuation; off unless a scenario turns it on."""

    enabled: bool = _assumed(
        False, "text", "是否估算健康效益与成本", "whether benefits and costs are valued",
        "an extra, not part of the gazette",
    )  # fmt: skip
    population: float = _assumed(
        4.7e6, "persons", "常住人口", "people exposed", "Judgement: Zibo, residents of 2018", ge=0.0
    )
    mortality_per_year: float = _assumed(
        0.0072, "1/yr", "年死亡率", "deaths a person and year", "Judgement: 7.2 per thousand",
        ge=0.0, le=1.0,
    )  # fmt: skip
    acute_per_ug: float = _given(
        "literature", 0.00022, "1/(µg/m³)", "日死亡率随PM2.5的上升（急性）",
        "rise of daily mortality with the day's PM2.5 (acute)",
        "Chen R. et al. 2017, AJRCCM 196:73: 0.22 % per 10 µg/m³, 272 Chinese cities", ge=0.0,
    )  # fmt: skip
    life_low_yuan: float = _given(
        "literature", 1.47e6, "yuan", "统计生命价值（低）", "value of a statistical life, low",
        "Hoffmann et al. 2017, J. Benefit-Cost Anal.; yuan of 2009", ge=0.0,
    )  # fmt: skip
    life_high_yuan: float = _given(
        "literature", 5.54e6, "yuan", "统计生命价值（高）", "value of a statistical life, high",
        "Choice experiment, Beijing 2020 (abstract)", ge=0.0,
    )  # fmt: skip
    chronic: bool = _assumed(
        False, "text", "是否另列慢性效应", "whether chronic effects are shown as well",
        "a separate question; never added to the acute effect",
    )  # fmt: skip
    chronic_risk_per_10ug: float = _assumed(
        1.08, "1", "年均浓度每升10µg/m³的相对风险（慢性）",
        "relative risk of death per 10 µg/m³ of the yearly mean (chronic)",
        "Judgement after cohort studies, 1.06 to 1.09", ge=1.0,
    )  # fmt: skip
    industry_value_added_yuan: float = _assumed(
        0.7e9, "yuan/d", "工业增加值（日）", "value added of industry a day",
        "Judgement: about 255 bn yuan a year", ge=0.0,
    )  # fmt: skip
    industry_sales_yuan: float = _assumed(
        3.0e9, "yuan/d", "工业产值（日）", "output value of industry a day",
        "Judgement: sales of about 1.1 trillion yuan in 2017", gt=0.0,
    )  # fmt: skip
    recapture: float = _assumed(
        0.5, "1", "事后补产比例", "share of the lost output that is made up later or elsewhere",
        "Judgement", ge=0.0, le=1.0,
    )  # fmt: skip
    school_yuan: float = _assumed(
        0.0, "yuan/d", "停课成本（红色预警日）", "cost of closed schools, a day under red",
        "Left out by default: no figure for Zibo", ge=0.0,
    )  # fmt: skip
    traffic_yuan: float = _assumed(
        0.0, "yuan/d", "限行成本（响应日）", "cost of traffic restrictions, a day under response",
        "Left out by default: no figure for Zibo", ge=0.0,
    )  # fmt: skip

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.life_low_yuan > self.life_high_yuan:
            raise ValueError(
                f"life_low_yuan {self.life_low_yuan:g} is above life_high_yuan "
                f"{self.life_high_yuan:g}"
            )
        return self


def daily_difference(pm25: Floats, pm25_no_measures: Floats) -> Floats:
    """Return the fall of each day's mean that the measures bring, µg/m³, shape ``(days,)``.

    Parameters
    ----------
    pm25, pm25_no_measures : ndarray, shape (hours,)
        µg/m³; NaN where it is not known. Hours are whole days.

    Returns
    -------
    ndarray
        NaN for a day without a known hour; negative while lost output is made up.
    """
    fall = (pm25_no_measures - pm25).reshape(-1, _HOURS_PER_DAY)
    known = np.isfinite(fall)
    hours = known.sum(axis=1)
    total = np.where(known, fall, 0.0).sum(axis=1)
    return np.where(hours > 0, total / np.maximum(hours, 1), np.nan)


def acute_deaths(given: Valuation, fall: Floats) -> float:
    """Return the deaths that a fall of daily means puts off: pop · m0/365 · (1 − e^(−βΔC))."""
    a_day = given.population * given.mortality_per_year / _DAYS_PER_YEAR
    return float(np.nansum(a_day * -np.expm1(-given.acute_per_ug * fall)))


def chronic_deaths(given: Valuation, fall: Floats) -> float:
    """Return the deaths a year that the season's share in a lower yearly mean prevents."""
    of_year = float(np.nansum(fall)) / _DAYS_PER_YEAR
    risk: float = given.chronic_risk_per_10ug ** (-of_year / 10.0)
    return given.population * given.mortality_per_year * (1.0 - risk)


def cost_yuan(
    given: Valuation, output_lost_yuan: float, response_days: float, red_days: float
) -> float:
    """Return what the measures cost: value added forgone for good, schools, traffic; yuan.

    Parameters
    ----------
    given : Valuation
    output_lost_yuan : float
        Output value that the alerts stopped.
    response_days, red_days : float
    """
    share = given.industry_value_added_yuan / given.industry_sales_yuan
    forgone = output_lost_yuan * share * (1.0 - given.recapture)
    return forgone + given.traffic_yuan * response_days + given.school_yuan * red_days


def appraise(
    given: Valuation,
    pm25: Floats,
    pm25_no_measures: Floats,
    output_lost_yuan: float,
    response_days: float,
    red_days: float,
) -> dict[str, float]:
    """Value one season.

    Parameters
    ----------
    given : Valuation
    pm25, pm25_no_measures : ndarray, shape (hours,)
        µg/m³, whole days.
    output_lost_yuan, response_days, red_days : float

    Returns
    -------
    dict of str to float
        By the names of `ROWS` without their first part; chronic ones only where asked for. NaN
        where the air without measures is not known.
    """
    fall = daily_difference(pm25, pm25_no_measures)
    known = bool(np.isfinite(fall).any())
    deaths = acute_deaths(given, fall) if known else nan
    cost = cost_yuan(given, output_lost_yuan, response_days, red_days)
    high = deaths * given.life_high_yuan
    found = {
        "exposure_avoided": float(np.nansum(fall)) if known else nan,
        "deaths_avoided": deaths,
        "benefit_low": deaths * given.life_low_yuan,
        "benefit_high": high,
        "cost": cost,
        "cost_per_response_day": cost / response_days if response_days > 0 else nan,
        "break_even": cost / high if high > 0 else nan,
    }
    if given.chronic:
        found["chronic_deaths_avoided"] = chronic_deaths(given, fall) if known else nan
    return found


#: Metrics of the valuation: name, unit, Chinese, English.
ROWS: tuple[tuple[str, str, str, str], ...] = (
    ("valuation.exposure_avoided", "µg/m³·d", "减少的暴露", "exposure avoided"),
    ("valuation.deaths_avoided", "deaths", "避免的过早死亡（急性）", "deaths put off (acute)"),
    ("valuation.benefit_low", "yuan", "健康效益（低）", "health benefit, low"),
    ("valuation.benefit_high", "yuan", "健康效益（高）", "health benefit, high"),
    ("valuation.cost", "yuan", "减排成本", "cost of the measures"),
    ("valuation.cost_per_response_day", "yuan", "每响应日成本", "cost a day of response"),
    ("valuation.break_even", "1", "盈亏平衡倍数", "break-even multiplier"),
    ("valuation.chronic_deaths_avoided", "deaths", "避免的过早死亡（慢性，另列）",
     "deaths prevented (chronic, apart)"),
)  # fmt: skip


def valued(given: Valuation) -> tuple[str, ...]:
    """Return the valuation's metrics that a scenario has: none where it is off."""
    if not given.enabled:
        return ()
    return tuple(name for name, *_ in ROWS if given.chronic or ".chronic_" not in name)
