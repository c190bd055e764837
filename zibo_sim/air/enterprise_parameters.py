"""Inputs of the synthetic list of enterprises that stands in where no file is given."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from zibo_sim.fields import Parameters, parameter
from zibo_sim.places import DISTRICTS

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Amount = Annotated[float, Field(ge=0.0)]
INDUSTRIAL = 6
"""Industrial sectors: power, steel and coking, kiln materials, glass, chemicals, coating."""

BySector = Annotated[tuple[Amount, ...], Field(min_length=INDUSTRIAL, max_length=INDUSTRIAL)]
ByDistrict = Annotated[
    tuple[Amount, ...], Field(min_length=len(DISTRICTS), max_length=len(DISTRICTS))
]

_NO_LIST = "Judgement; the list of 2018 is issued separately (145号 五(四)3) and is not printed"


def _assumed(default: Any, unit: str, zh: str, en: str, **more: Any) -> Any:
    more.setdefault("source", _NO_LIST)
    return parameter(default, unit=unit, status="assumed", zh=zh, en=en, **more)


def _share(default: float, zh: str, en: str, **more: Any) -> Any:
    return _assumed(default, "1", zh, en, ge=0.0, le=1.0, **more)


class Enterprises(Parameters):
    """A seeded list of enterprises whose tonnes add up to the scenario's sectors."""

    seed: int = _assumed(2018, "1", "虚拟清单随机种子", "seed of the synthetic list", ge=0)
    count: int = _assumed(
        1200, "1", "清单企业数", "enterprises on the synthetic list", ge=50, le=100_000
    )
    plant_weights: BySector = _assumed(
        (2.0, 8.0, 27.0, 3.0, 25.0, 35.0),
        "1",
        "六个工业部门企业数之比",
        "plants of power, steel, kilns, glass, chemicals, coating against each other",
        strict=False,
    )
    district_weights: ByDistrict = _assumed(
        (10.0, 17.0, 14.0, 10.0, 18.0, 13.0, 5.0, 5.0, 5.0, 2.0, 1.0),
        "1",
        "各区县企业数之比",
        "plants of the eleven districts against each other, in the order of places.DISTRICTS",
        strict=False,
    )
    output_value_bn: BySector = _assumed(
        (40.0, 70.0, 60.0, 15.0, 400.0, 60.0),
        "bn yuan/yr",
        "六个工业部门清单企业年产值",
        "output value of the listed plants of the six industrial sectors",
        source="Judgement: somewhat over half of the sales of Zibo's industry, about 1.1 trillion "
        "yuan in 2017",
        strict=False,
    )
    size_sigma: float = _assumed(
        1.2, "1", "规模对数标准差", "sd of the logarithm of a plant's size", ge=0.0, le=3.0
    )
    intensity_sigma: float = _assumed(
        0.5, "1", "排放强度对数标准差", "sd of the logarithm of tonnes against size", ge=0.0, le=3.0
    )
    max_lines: int = _assumed(
        8, "1", "最多生产线数", "most production lines a plant has", ge=1, le=50
    )
    lines_power: float = _assumed(
        2.5, "1", "生产线数分布指数", "the larger, the more plants have a single line", gt=0.0
    )
    benchmark_share: float = _share(
        0.05, "绿色标杆企业比例", "share of plants that are green benchmarks, exempt in alerts"
    )
    staggered_share: float = _share(
        0.10, "错峰企业比例", "share of the other plants of the named industries that stagger"
    )
    standing_cut: float = _share(
        0.30, "错峰限产比例", "share of its output that a staggered plant stops all season"
    )
    heavy_trucks_share: float = _share(
        0.30, "重点用车企业比例", "share of plants of bulk goods listed for the gate ban on trucks"
    )
    struck_off_share: float = _share(
        0.02, "剔除企业比例", "share of plants that are struck off, their tonnes on top of the rest"
    )

    @model_validator(mode="after")
    def _weigh_something(self) -> Self:
        for name in ("plant_weights", "district_weights"):
            if sum(getattr(self, name)) <= 0.0:
                raise ValueError(f"{name}: all are 0; at least one must be above 0")
        return self
