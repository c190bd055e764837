"""The thirteen sectors and five pollutants of the city's emission, and each sector's shares.

The shares are a working assumption: no inventory of Zibo was found. The industrial rows together
compare with the share of industry in Beijing-Tianjin-Hebei.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from zibo_sim.fields import Parameters, parameter

Floats = NDArray[np.float64]

POLLUTANTS = ("so2", "nox", "pm", "pm25", "voc")
SECTORS = (
    "power",
    "steel_coking",
    "kiln_materials",
    "glass",
    "chemicals",
    "coating",
    "heating_boilers",
    "residential_coal",
    "other_civil",
    "road",
    "non_road",
    "dust",
    "outdoor_solvent",
)
HEATING_SECTORS = ("heating_boilers", "residential_coal")
IS_HEATING = np.array([sector in HEATING_SECTORS for sector in SECTORS])

BASE_SOURCE = dict.fromkeys(SECTORS[:6], "industry") | {
    "heating_boilers": "heating_boilers",
    "residential_coal": "residential_coal",
    "other_civil": "other_residential",
    "road": "road",
    "non_road": "non_road",
    "dust": "dust",
    "outdoor_solvent": "other_residential",
}
"""The class of each sector in the daily base of 145号 五(四)2, as `air.daily_base` names it."""

Pace = Literal["traffic_dust", "light", "furnace"]
PACE: dict[str, Pace] = {
    "power": "light",
    "steel_coking": "furnace",
    "kiln_materials": "light",
    "glass": "furnace",
    "chemicals": "light",
    "coating": "light",
    "heating_boilers": "light",
    "residential_coal": "light",
    "other_civil": "light",
    "road": "traffic_dust",
    "non_road": "traffic_dust",
    "dust": "traffic_dust",
    "outdoor_solvent": "light",
}
"""How fast each sector follows an order: kilns can be held, a glass or coke furnace cannot."""

_Share = Annotated[float, Field(ge=0.0, le=1.0)]
Shares = Annotated[tuple[_Share, ...], Field(min_length=len(SECTORS), max_length=len(SECTORS))]


def _shares(percent: tuple[int, ...], zh: str, en: str) -> Any:
    return parameter(
        tuple(value / 100 for value in percent),
        unit="1",
        status="assumed",
        source="Judgement, no inventory published; industry as a whole after Zheng H. et al. 2019, "
        "ACP 19:3447 (Beijing-Tianjin-Hebei 2014)",
        zh=f"{zh}的部门占比",
        en=f"share of each sector in the city's {en}, in the order of SECTORS",
        strict=False,
    )


class Sectors(Parameters):
    """Shares of the thirteen sectors in the city's emission, one column a pollutant."""

    so2: Shares = _shares((14, 14, 24, 5, 12, 0, 12, 17, 1, 1, 0, 0, 0), "二氧化硫", "SO2")
    nox: Shares = _shares((14, 11, 13, 5, 7, 0, 6, 3, 1, 28, 12, 0, 0), "氮氧化物", "NOx")
    pm: Shares = _shares((4, 10, 18, 2, 6, 0, 4, 10, 3, 4, 2, 37, 0), "颗粒物", "total PM")
    pm25: Shares = _shares((5, 12, 18, 3, 7, 0, 4, 20, 5, 7, 4, 15, 0), "细颗粒物", "primary PM2.5")
    voc: Shares = _shares((1, 6, 2, 1, 37, 17, 1, 9, 5, 15, 3, 0, 3), "挥发性有机物", "VOCs")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for pollutant in POLLUTANTS:
            total = sum(getattr(self, pollutant))
            if abs(total - 1.0) > 1e-9:
                raise ValueError(f"the shares of {pollutant} sum to {total:.6g}, not 1")
        return self

    def table(self) -> Floats:
        """Return the shares, shape ``(sectors, pollutants)``."""
        return np.array([getattr(self, pollutant) for pollutant in POLLUTANTS]).T
