"""The heating domain's inputs that are not law: dwellings, their heat, households, offices."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from zibo_sim.fields import Parameters, parameter
from zibo_sim.heating.practice_parameters import (
    OptionParameters,
    PaymentParameters,
    PremisesParameters,
    SeasonParameters,
    synthetic,
    synthetic_share,
)

_NOTE = "无两区调查资料，假定 / no survey of the two districts was found; assumed"
_STAGES = "JGJ 26 各节能阶段的量级 / magnitudes of the energy-saving stages of JGJ 26"
_METERING = (
    "天津计量收费改革，Ito & Zhang, NBER w26853: 第一年 / first year 0.13, 其后 / then 0.21, 0.27, "
    "0.31; 低值 / low case 0.10: Filippini & Zhang 2019, Energy Econ. Policy Stud. 21:203"
)


def _assumed(default: Any, unit: str, zh: str, en: str, **limits: Any) -> Any:
    return parameter(default, unit=unit, status="assumed", source=_NOTE, zh=zh, en=en, **limits)


def _share(default: float, zh: str, en: str) -> Any:
    return _assumed(default, "1", zh, en, ge=0.0, le=1.0)


def _weight(default: float, zh: str, en: str) -> Any:
    zh, en = f"{zh}的权重（按总和归一）", f"Weight of {en} (normalised by the sum)"
    return _assumed(default, "1", zh, en, ge=0.0, le=1000.0)


def _factor(default: float, zh: str, en: str) -> Any:
    return _assumed(default, "1", zh, en, ge=0.0, le=5.0)


def _loss(default: float, zh: str, en: str) -> Any:
    zh, en = f"{zh}房屋每平方米热损失", f"Heat loss a m² of floor, {en}"
    return parameter(
        default,
        unit="W/(m²·K)",
        status="literature",
        source=_STAGES,
        zh=zh,
        en=en,
        ge=0.0,
        le=10.0,
    )


class StockParameters(Parameters):
    """The dwellings heated in the two districts; drawn once, the same in every replication."""

    seed: int = _assumed(139, "1", "房屋存量的随机种子", "Seed of the dwelling stock", ge=0)
    area_median: float = synthetic(
        92.0, "m²", "套内建筑面积中位数", "Median in-suite floor area", ge=20.0, le=300.0
    )
    area_sigma: float = synthetic(
        0.30, "1", "面积对数标准差", "Standard deviation of the log of area", ge=0.0, le=1.0
    )
    weight_uninsulated: float = _weight(0.15, "无保温房屋", "uninsulated dwellings")
    weight_saving_30: float = _weight(0.10, "节能30%房屋", "dwellings of the 30 % stage")
    weight_saving_50: float = _weight(0.30, "节能50%房屋", "dwellings of the 50 % stage")
    weight_saving_65: float = _weight(0.35, "节能65%房屋", "dwellings of the 65 % stage")
    weight_saving_75: float = _weight(0.10, "节能75%房屋", "dwellings of the 75 % stage")
    weight_interior: float = _weight(0.55, "中间户", "interior dwellings")
    weight_corner: float = _weight(0.25, "边户", "corner dwellings")
    weight_top_bottom: float = _weight(0.20, "顶层、底层户", "top and bottom dwellings")
    duplex_share: float = synthetic_share(0.02, "复式住宅比例", "Share of duplex dwellings (复式)")
    duplex_upper_ratio: float = synthetic(
        0.7, "1", "复式上层与下层面积之比", "Upper level of a duplex to the lower", gt=0.0, le=2.0
    )
    duplex_upper_sigma: float = synthetic(
        0.30,
        "1",
        "该面积比的对数标准差（均值不变）",
        "Standard deviation of the log of that ratio, its mean kept",
        ge=0.0,
        le=2.0,
    )
    duplex_single_share: float = synthetic_share(
        0.2, "复式住宅中只有下层采暖的比例", "Share of duplexes heated on the lower level only"
    )
    attic_share: float = synthetic_share(
        0.02, "有采暖阁楼的住宅比例", "Share of dwellings with a heated attic (阁楼)"
    )
    attic_ratio: float = synthetic(
        0.4, "1", "阁楼与下层住房面积之比", "Attic's area to the level below", gt=0.0, le=2.0
    )
    attic_certified_share: float = synthetic_share(
        0.5, "采暖阁楼有房产证的比例", "Share of heated attics with a title certificate"
    )
    ancillary_share: float = synthetic_share(
        0.02,
        "有采暖地下室、杂物间或车库的住宅比例",
        "Share of dwellings with a heated basement, storeroom or garage",
    )
    ancillary_area: float = synthetic(
        15.0, "m²", "采暖附属用房面积", "Area of a heated ancillary room", gt=0.0, le=300.0
    )
    exchanger_share: float = synthetic_share(
        0.01, "安装小型换热设备的家庭比例", "Share of households with a small heat exchanger"
    )
    let_share: float = synthetic_share(
        0.0, "有出租经营房间的住宅比例", "Share of dwellings with a let room"
    )
    let_area: float = synthetic(
        20.0, "m²", "出租经营房间面积", "Area of a let room", gt=0.0, le=1000.0
    )
    let_height: float = synthetic(
        3.6, "m", "出租经营房间层高", "Storey height of a let room", ge=2.0, le=20.0
    )

    @model_validator(mode="after")
    def _some_weight(self) -> StockParameters:
        if not sum(self.vintage_weights) or not sum(self.position_weights):
            raise ValueError("the weights of a kind must not all be zero")
        return self

    @property
    def vintage_weights(self) -> tuple[float, ...]:
        """Weights of the vintages, from uninsulated to the 75 % stage."""
        stages = (self.weight_saving_30, self.weight_saving_50, self.weight_saving_65)
        return (self.weight_uninsulated, *stages, self.weight_saving_75)

    @property
    def position_weights(self) -> tuple[float, ...]:
        """Weights of interior, corner, and top or bottom dwellings."""
        return self.weight_interior, self.weight_corner, self.weight_top_bottom


class DemandParameters(Parameters):
    """How much heat a dwelling takes at an outdoor temperature."""

    indoor_c: float = _assumed(20.0, "°C", "室内温度", "Indoor temperature", ge=10.0, le=30.0)
    gains: float = parameter(
        3.8,
        unit="W/m²",
        status="standard",
        source="JGJ 26，凭记忆引用，待核 / JGJ 26, from memory, to be verified",
        zh="建筑物内部得热",
        en="Internal heat gains",
        ge=0.0,
        le=20.0,
    )
    k_uninsulated: float = _loss(1.90, "无保温", "uninsulated")
    k_saving_30: float = _loss(1.45, "节能30%", "30 % stage")
    k_saving_50: float = _loss(1.15, "节能50%", "50 % stage")
    k_saving_65: float = _loss(0.85, "节能65%", "65 % stage")
    k_saving_75: float = _loss(0.65, "节能75%", "75 % stage")
    factor_interior: float = _factor(
        0.8, "中间户用热系数", "Heat of an interior dwelling relative to its building"
    )
    factor_corner: float = _factor(
        1.2, "边户用热系数", "Heat of a corner dwelling relative to its building"
    )
    factor_top_bottom: float = _factor(
        1.35, "顶层、底层户用热系数", "Heat of a top or bottom dwelling relative to its building"
    )
    overheating: float = _factor(1.15, "过量供热系数", "Heat supplied relative to heat needed")
    household_sigma: float = _assumed(
        0.25,
        "1",
        "住户间用热差异的对数标准差（均值为1）",
        "Standard deviation of the log of a household's own factor, of mean one",
        ge=0.0,
        le=2.0,
    )
    metering_saving: float = parameter(
        0.13,
        unit="1",
        status="literature",
        source=_METERING,
        zh="计量收费后的节热比例",
        en="Share of heat saved by a dwelling charged by meter",
        ge=0.0,
        le=1.0,
    )

    @property
    def losses(self) -> tuple[float, ...]:
        """Heat losses of the vintages, W/(m²·K), from uninsulated to the 75 % stage."""
        stages = (self.k_saving_30, self.k_saving_50, self.k_saving_65)
        return (self.k_uninsulated, *stages, self.k_saving_75)

    @property
    def position_factors(self) -> tuple[float, ...]:
        """Factors of interior, corner, and top or bottom dwellings."""
        return self.factor_interior, self.factor_corner, self.factor_top_bottom


class SubsidyParameters(Parameters):
    """Who draws a heating subsidy, who funds it, and how long the offices take."""

    dibao_share: float = _share(
        0.02, "城市低保户占比", "Share of households on the minimum living guarantee (城市低保)"
    )
    adults_per_household: float = _assumed(
        2.2, "persons", "户均成年人数", "Mean number of adults in a household", ge=1.0, le=4.0
    )
    unemployed_share: float = _share(
        0.005,
        "10月底领取失业金的成年人占比",
        "Share of adults drawing unemployment benefit at the end of October",
    )
    laid_off_share: float = _share(
        0.001,
        "领取特困企业职工生活救助金的成年人占比",
        "Share of adults drawing laid-off staff's basic-living relief",
    )
    gaoxin_share: float = synthetic_share(
        0.25, "高新区住户占比", "Share of households in the High-tech Zone (高新区)"
    )
    city_unit_share: float = _share(
        0.4,
        "失业、下岗人员隶属市属及中央、省属单位的比例",
        "Share of unemployed and laid-off persons of city, central or provincial units",
    )
    verification_days: float = _assumed(
        4.0,
        "working d",
        "与财政部门核对的平均用时",
        "Mean time of verification with finance",
        ge=0.0,
    )
    verification_cv: float = _assumed(
        0.3, "1", "核对用时的变异系数", "Coefficient of variation of that time", ge=0.0, le=3.0
    )
    announcement_days: float = _assumed(
        3.0, "d", "发放前公告天数", "Days of announcement before payment", ge=0.0
    )
    payment_days: float = _assumed(
        1.0, "working d", "公告后发放用时", "Time from announcement's end to payment", ge=0.0
    )


class Heating(Parameters):
    """Inputs of the heating domain."""

    dwellings: int = _assumed(
        260_000,
        "dwellings",
        "两区集中供暖住宅数（有用户清单时不用）",
        "Dwellings heated in the two districts; not used with a customer list",
        ge=1,
        le=5_000_000,
    )
    metered_share: float = _share(
        0.15,
        "按热量计量收费的住宅比例（有用户清单时不用）",
        "Share of dwellings charged by meter; not used with a customer list",
    )
    customers: str = _assumed(
        "",
        "path",
        "用户清单文件（模板见 zibo-sim template customers），代替虚拟住宅、机构和商户；空为不用",
        "file of the customer list, beside the scenario's own, in place of the synthetic "
        "dwellings, institutions and shops; empty for the synthetic city",
    )
    stock: StockParameters = StockParameters()
    demand: DemandParameters = DemandParameters()
    subsidy: SubsidyParameters = SubsidyParameters()
    season: SeasonParameters = SeasonParameters()
    payment: PaymentParameters = PaymentParameters()
    options: OptionParameters = OptionParameters()
    premises: PremisesParameters = PremisesParameters()
