"""What 139号 leaves to practice: payment, supply beyond the season, options of other cities."""

from __future__ import annotations

from typing import Any, Literal

from zibo_sim.fields import Parameters, parameter

_NOTE = "139号未作规定，假定 / not in the notice; assumed"
_ELSEWHERE = (
    "其他城市供热管理办法的通行做法，凭记忆，待核；139号没有，默认关闭 / "
    "common in other cities' rules, from memory, to be verified; not in the notice, off by default"
)


def _assumed(default: Any, unit: str, zh: str, en: str, **limits: Any) -> Any:
    return parameter(default, unit=unit, status="assumed", source=_NOTE, zh=zh, en=en, **limits)


def _option(default: Any, unit: str, zh: str, en: str, **limits: Any) -> Any:
    return parameter(
        default, unit=unit, status="literature", source=_ELSEWHERE, zh=zh, en=en, **limits
    )


def _share(default: float, zh: str, en: str) -> Any:
    return _assumed(default, "1", zh, en, ge=0.0, le=1.0)


def synthetic(default: Any, unit: str, zh: str, en: str, **limits: Any) -> Any:
    """Return a field of the synthetic city, which a customer list takes the place of."""
    zh, en = f"{zh}（有用户清单时不用）", f"{en}; not used with a customer list"
    return _assumed(default, unit, zh, en, **limits)


def synthetic_share(default: float, zh: str, en: str) -> Any:
    """Return such a field that is a share."""
    return synthetic(default, "1", zh, en, ge=0.0, le=1.0)


class SeasonParameters(Parameters):
    """Supply outside the season of 139号, what it costs, and the winters a utility fears."""

    early_days: int = _assumed(
        0, "d", "提前供热天数", "Days of supply before the season", ge=0, le=45
    )
    late_days: int = _assumed(
        0, "d", "延后停热天数", "Days of supply after the season", ge=0, le=45
    )
    heat_cost: float = _assumed(
        0.20, "yuan/kWh", "供热单位成本", "Cost of a kWh of heat supplied", ge=0.0, le=5.0
    )
    mild_c: float = _assumed(
        2.0, "°C", "暖冬比本季高出", "A mild winter is warmer than this one by", ge=0.0, le=10.0
    )
    hard_c: float = _assumed(
        2.0, "°C", "冷冬比本季低", "A hard winter is colder than this one by", ge=0.0, le=10.0
    )


class PaymentParameters(Parameters):
    """When households pay their bills; the same households are late in every replication."""

    due_days: int = _assumed(
        30, "d", "账单付款期限", "Days from a bill to the day it is due", ge=0, le=365
    )
    on_time_share: float = _share(0.90, "按时缴费比例", "Share of households paying by the due day")
    arrears_share: float = _share(0.02, "拖欠不缴比例", "Share of households that never pay")
    late_median_days: float = _assumed(
        20.0, "d", "逾期天数中位数", "Median days late of those who pay late", gt=0.0, le=365.0
    )
    late_sigma: float = _assumed(
        0.8, "1", "逾期天数对数标准差", "Standard deviation of the log of days late", ge=0.0, le=3.0
    )


class OptionParameters(Parameters):
    """What offices elsewhere do and 139号 does not say; all off."""

    prepayment: Literal["none", "refund_only", "both_ways"] = _option(
        "none",
        "text",
        "计量户先按面积预缴、再按表结算（无、只退不补、多退少补）",
        "Metered users prepay by area and settle by meter: none, refund only, both ways",
    )
    metered_cap: float = _option(
        0.0, "1", "计量费封顶为面积费的倍数（0为不封顶）",
        "Cap of a metered bill, times the bill by area (0: none; elsewhere 1.1 or 1.15)",
        ge=0.0, le=5.0,
    )  # fmt: skip
    cold_refund: float = _option(
        0.0, "1", "室温不达标日退还当日供暖费的比例（0为不退）",
        "Share of a day's fee refunded for a room too cold (0: none)", ge=0.0, le=1.0,
    )  # fmt: skip
    cold_limit_c: float = _option(
        18.0,
        "°C",
        "退费的室温下限",
        "Room temperature below which a day is refunded",
        ge=0.0,
        le=30.0,
    )
    design_c: float = _assumed(
        -7.0, "°C", "供热能力对应的室外设计温度",
        "Outdoor temperature that supply is designed for; below it rooms cool", ge=-40.0, le=10.0,
    )  # fmt: skip
    room_sigma_c: float = _assumed(
        1.0, "°C", "住户室温差异的标准差", "Spread of room temperature among homes", ge=0.0, le=10.0
    )
    stopped_share: float = _share(0.0, "报停用户比例", "Share of dwellings that stop supply")
    stopped_fee: float = _option(
        0.0, "1", "报停用户按面积费缴纳的比例（0为不缴）",
        "Fee for stopped supply, share of the bill by area (0: none)", ge=0.0, le=1.0,
    )  # fmt: skip


class PremisesParameters(Parameters):
    """Institutions and shops heated in the two districts; none unless a scenario says so."""

    institutions: int = synthetic(
        0,
        "1",
        "学校等机构用户数",
        "Institutions heated: schools, homes, committees",
        ge=0,
        le=100_000,
    )
    shops: int = synthetic(
        0, "1", "非居民用户数", "Non-residential customers heated", ge=0, le=500_000
    )
    institution_area: float = synthetic(
        3000.0, "m²", "机构建筑面积中位数", "Median gross area of an institution", gt=0.0, le=1e6
    )
    shop_area: float = synthetic(
        150.0, "m²", "非居民建筑面积中位数", "Median gross area of a shop or firm", gt=0.0, le=1e6
    )
    area_sigma: float = synthetic(
        0.7, "1", "面积对数标准差", "Standard deviation of the log of area", ge=0.0, le=3.0
    )
    height_median: float = synthetic(
        3.5, "m", "层高中位数", "Median storey height", ge=2.0, le=20.0
    )
    height_sigma: float = synthetic(
        0.15,
        "1",
        "层高对数标准差",
        "Standard deviation of the log of storey height",
        ge=0.0,
        le=1.0,
    )
    let_share: float = synthetic_share(
        0.1,
        "有出租部分的机构比例",
        "Share of institutions that let a part (priced as non-residential)",
    )
    let_part: float = synthetic_share(
        0.1, "出租部分占机构面积的比例", "Part of its area that such an institution lets"
    )
