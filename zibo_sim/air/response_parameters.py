"""Inputs of what people do for the air: the response to an alert and the end of bulk coal."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from zibo_sim.fields import Parameters, assumed

Share = Annotated[float, Field(ge=0.0, le=1.0)]
ByLevel = tuple[Share, Share, Share]
"""One value for each alert level: yellow, orange, red."""


_CUTS = "Judgement on the list of measures in 145号 五(五)2-4"


class Response(Parameters):
    """What an order does: compliance, pace, rebound, and the cuts the text gives no number for."""

    compliance: float = assumed(
        0.75,
        "1",
        "Judgement; tested between 0.5 and 1",
        "执行率",
        "mean share of the ordered cut that is carried out, orange alert",
        ge=0.0,
        le=1.0,
    )
    compliance_odds_yellow: float = assumed(
        7 / 9,
        "1",
        "Mean .70 where orange has .75",
        "黄色预警执行率的优势比（对橙色）",
        "odds of compliance under yellow against orange",
        gt=0.0,
    )
    compliance_odds_red: float = assumed(
        4 / 3,
        "1",
        "Mean .80 where orange has .75",
        "红色预警执行率的优势比（对橙色）",
        "odds of compliance under red against orange",
        gt=0.0,
    )
    compliance_concentration: float = assumed(
        17.75,
        "1",
        "Beta; sd .10 at mean .75",
        "执行率集中度",
        "concentration of compliance between alerts",
        gt=0.0,
    )
    begins_before_h: float = assumed(
        24.0,
        "h",
        "145号 四(三) publishes 24 h ahead; the response starts then",
        "措施最早提前量",
        "measures start at most this long before the predicted onset",
        ge=0.0,
    )
    tau_traffic_dust_h: float = assumed(
        6.0,
        "h",
        "Judgement: sites and roads empty within a shift",
        "交通与扬尘措施响应时间",
        "pace of traffic and dust",
        gt=0.0,
    )
    tau_light_h: float = assumed(
        12.0,
        "h",
        "Judgement: batch processes end their batch",
        "可随时停限工序响应时间",
        "pace of processes that can be held",
        gt=0.0,
    )
    tau_furnace_h: float = assumed(
        36.0,
        "h",
        "Judgement: a furnace is banked, not switched off",
        "炉窑响应时间",
        "pace of furnaces",
        gt=0.0,
    )
    rebound_share: float = assumed(
        0.10,
        "1",
        "Judgement: orders are made up afterwards",
        "补产比例",
        "share of the forgone output made afterwards",
        ge=0.0,
        le=1.0,
    )
    rebound_h: int = assumed(120, "h", "Judgement", "补产时长", "hours over which it is made", ge=1)
    elasticity: float = assumed(
        1.0,
        "1",
        "The box is linear, hence an upper bound; chemistry suggests .6 to 1",
        "浓度响应弹性",
        "factor on the change of concentration that a cut brings",
        ge=0.0,
        le=1.0,
    )
    water_borne_share: float = assumed(
        0.40,
        "1",
        "Judgement",
        "水性工艺占比",
        "share of VOC processes that are water-borne",
        ge=0.0,
        le=1.0,
    )
    dust_cut: ByLevel = assumed(
        (0.40, 0.55, 0.60),
        "1",
        _CUTS,
        "各级扬尘削减比例",
        "cut of dust under yellow, orange, red",
        strict=False,
    )
    road_cut: ByLevel = assumed(
        (0.03, 0.12, 0.20),
        "1",
        _CUTS,
        "各级道路源削减比例",
        "cut of road traffic under yellow, orange, red",
        strict=False,
    )
    non_road_cut: ByLevel = assumed(
        (0.10, 0.20, 0.25),
        "1",
        _CUTS,
        "各级非道路源削减比例",
        "cut of non-road machinery under yellow, orange, red",
        strict=False,
    )
    truck_gate_cut: float = assumed(
        0.02,
        "1",
        "Judgement: heavy trucks in and out of listed plants, exceptions let through (144号 "
        "二(九)28); needs a listed plant",
        "重点用车企业禁行的道路源削减比例",
        "further cut of road traffic where heavy trucks are barred from listed plants",
        ge=0.0,
        le=1.0,
    )
    staggered_skip: Literal["all_year", "heating_season", "never"] = assumed(
        "all_year",
        "text",
        "145号 五(五)1 says may (可以); never: the province or state demands more",
        "错峰企业何时不再应急减排",
        "when plants that stagger skip the cuts of an alert",
    )
    unlisted: Literal["counted", "none"] = assumed(
        "counted",
        "text",
        "The base of 145号 五(四)2 holds all of society's emission, the list a part of it",
        "工业排放超出清单部分是否计入基数",
        "whether a sector's tonnes beyond those of the list stay in the base, uncut",
    )
    measures: Literal["list", "uniform"] = assumed(
        "list",
        "text",
        "A lever: uniform cuts every sector by the ratios of 145号 五(三), as studies of alerts do",
        "按清单减排或各部门等比例减排",
        "whether the list is carried out, or every sector cuts by the level's ratios",
    )
    residual: Literal["required", "none"] = assumed(
        "required",
        "text",
        "145号 五(三): the 一厂一策 lists are not printed",
        "电力、钢铁、化工是否补足减排比例",
        "whether power, steel and chemicals are cut as far as the level's ratios require",
    )


_PLANT = "1.6 t of coal a household in a plant at ultra-low limits (10/35/50 mg/m³)"
_STOVES = "Stove surveys of Baoding and Beijing (Liang Y. et al. 2017, Huanjing Kexue 38:1775)"


def _per_coal(default: float, zh: str, en: str) -> Any:
    return assumed(default, "kg/t", _STOVES, zh, f"{en} a tonne of coal", ge=0.0)


def _plant(default: float, zh: str, en: str) -> Any:
    return assumed(default, "kg/household", _PLANT, zh, f"{en} of its district heat", ge=0.0)


class CleanHeating(Parameters):
    """Coal households converted to gas, electricity or district heat (144号 二(二)5)."""

    completed_share: float = assumed(
        1.0,
        "1",
        "The task as set, done; a lever",
        "清洁取暖完成率",
        "share of the planned households converted before the season",
        ge=0.0,
        le=1.0,
    )
    relapse_share: float = assumed(
        0.10,
        "1",
        "Judgement",
        "复烧率",
        "share of converted households that burn coal again",
        ge=0.0,
        le=1.0,
    )
    relapse_in_base: float = assumed(
        0.10,
        "1",
        "The base year is calibrated with the usual relapse in it",
        "基准年复烧率",
        "relapse already contained in the base year",
        ge=0.0,
        le=1.0,
    )
    coal_t_per_household: float = assumed(
        2.5,
        "t/season",
        "Range 2-3; Beijing official figure 3.0",
        "户均采暖期散煤用量",
        "coal a household burns in a season",
        ge=0.0,
    )
    coal_so2_kg_per_t: float = _per_coal(6.8, "散煤二氧化硫排放因子", "SO2")
    coal_nox_kg_per_t: float = _per_coal(2.0, "散煤氮氧化物排放因子", "NOx")
    coal_pm_kg_per_t: float = _per_coal(10.0, "散煤颗粒物排放因子", "total PM")
    coal_pm25_kg_per_t: float = _per_coal(7.0, "散煤细颗粒物排放因子", "PM2.5")
    coal_voc_kg_per_t: float = _per_coal(3.0, "散煤VOCs排放因子", "VOCs")
    gas_m3_per_household: float = assumed(
        1000.0, "m³/season", "Judgement", "户均采暖期用气量", "gas a household burns", ge=0.0
    )
    gas_nox_g_per_m3: float = assumed(
        1.6,
        "g/m³",
        "Usual factor of small gas boilers",
        "燃气氮氧化物排放因子",
        "NOx a cubic metre of gas",
        ge=0.0,
    )
    district_so2_kg: float = _plant(0.56, "集中供热户均二氧化硫排放量", "SO2")
    district_nox_kg: float = _plant(0.80, "集中供热户均氮氧化物排放量", "NOx")
    district_pm_kg: float = _plant(0.16, "集中供热户均颗粒物排放量", "total PM")
    district_pm25_kg: float = _plant(0.10, "集中供热户均细颗粒物排放量", "PM2.5")
