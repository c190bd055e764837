"""The enterprises of the reduction list (应急减排清单): what each emits, makes and stops.

145号 五(四)3 asks for the list and 五(五) for the measures in it; the list of 2018 is not printed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zibo_sim.air.sectors import SECTORS
from zibo_sim.places import DISTRICTS

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]

ALERTS = ("yellow", "orange", "red")
#: Pollutants that are accounted for, in the order of columns; all stand in `emissions.POLLUTANTS`.
COUNTED = ("so2", "nox", "pm", "voc")
DISTRICT_KEYS = tuple(DISTRICTS.values())

#: 145号 五(四)3: the six kinds struck from the list, with the words a file may use.
STRUCK_OFF: dict[str, tuple[str, ...]] = {
    "zombie": ("僵尸企业",),
    "yellow_label_cars": ("黄标车", "已纳入常规性管理的黄标车"),
    "false": ("虚假企业",),
    "open_burning": ("露天焚烧和露天烧烤", "露天焚烧", "露天烧烤"),
    "closed": ("已取缔或计划取缔企业", "散乱污", "散乱污企业", "已取缔", "计划取缔"),
    "boilers": ("已淘汰或计划淘汰的燃煤锅炉", "淘汰燃煤锅炉", "已淘汰燃煤锅炉"),
}


class Industry(NamedTuple):
    """One industry: its sector of the emission table, and what 145号 五(五) says of it."""

    sector: str
    limit: str
    staggers: bool
    zh: str
    also: tuple[str, ...] = ()


_KILN, _GLASS, _VOC = "kiln_building_materials", "flat_and_daily_glass", "voc_process"


def _kiln(zh: str, *also: str) -> Industry:
    """五(五)2(3)①: all building materials fired in kilns, the named ones and "等"."""
    return Industry("kiln_materials", _KILN, True, zh, also)


#: Industries a list may name. `limit` is the sector of `air.production_limit`, empty where the plan
#: leaves the measure to one plant, one plan (一厂一策); `staggers` follows 145号 五(五)1.
INDUSTRIES: dict[str, Industry] = {
    "thermal_power": Industry("power", "", False, "火电", ("电力", "热电", "热电联产")),
    "steel": Industry("steel_coking", "", True, "钢铁"),
    "coking": Industry("steel_coking", "", True, "焦化"),
    "foundry": Industry("steel_coking", "", True, "铸造"),
    "cement": _kiln("水泥"),
    "ceramics": _kiln("陶瓷", "建筑陶瓷", "日用陶瓷"),
    "bricks": _kiln("砖瓦"),
    "refractories": _kiln("耐火材料", "特异型耐材", "耐材"),
    "calcium_oxide": _kiln("氧化钙", "石灰"),
    "calcium_carbonate": _kiln("碳酸钙"),
    "glass_wool": _kiln("玻璃棉"),
    "rock_wool": _kiln("岩棉"),
    "gypsum_board": _kiln("石膏板"),
    "mineral_wool": _kiln("矿物棉"),
    "other_kiln": _kiln("其他建材", "建材"),
    "flat_glass": Industry("glass", _GLASS, False, "平板玻璃"),
    "daily_glass": Industry("glass", _GLASS, False, "日用玻璃"),
    "chemicals": Industry("chemicals", "", True, "化工"),
    "petrochemicals": Industry("chemicals", "", False, "石化", ("石油化工",)),
    "non_ferrous": Industry("chemicals", "", True, "有色", ("有色金属",)),
    "carbon": Industry("chemicals", "", True, "炭素", ("碳素",)),
    "other_industry": Industry("chemicals", "", False, "其他工业", ("其他",)),
    "furniture": Industry("coating", _VOC, False, "家具制造", ("家具",)),
    "packaging_printing": Industry("coating", _VOC, False, "包装印刷", ("印刷",)),
    "surface_coating": Industry("coating", _VOC, False, "表面涂装", ("涂装", "工业涂装")),
}
INDUSTRY_KEYS = tuple(INDUSTRIES)
_SECTOR = np.array([SECTORS.index(i.sector) for i in INDUSTRIES.values()])
_LIMITS = np.array([i.limit for i in INDUSTRIES.values()])


@dataclass(frozen=True, eq=False)
class Inventory:
    """A list of enterprises, one place an enterprise in every array.

    Attributes
    ----------
    source : str
        The file it was read from; empty for the synthetic list.
    name, code : tuple of str
    district, industry : ndarray of int, shape (n,)
        Places in `DISTRICT_KEYS` and `INDUSTRY_KEYS`.
    lines : ndarray of int, shape (n,)
    value_yuan : ndarray, shape (n,)
        Output value, yuan a year.
    tonnes : ndarray, shape (n, 4)
        Annual emission by pollutant, as `COUNTED`, t.
    benchmark, staggered, water_based, heavy_trucks : ndarray of bool, shape (n,)
    standing_cut : ndarray, shape (n,)
        Share of the output a staggered plant stops all through the heating season.
    struck_off : ndarray of int, shape (n,)
        Place in `STRUCK_OFF`, -1 for a plant that stays on the list.
    named : ndarray, shape (3, n)
        Share of the output that its own plan (一厂一策) stops, by level; NaN where none is named.
    """

    source: str
    name: tuple[str, ...]
    code: tuple[str, ...]
    district: Places
    industry: Places
    lines: Places
    value_yuan: Floats
    tonnes: Floats
    benchmark: Flags
    staggered: Flags
    standing_cut: Floats
    water_based: Flags
    heavy_trucks: Flags
    struck_off: Places
    named: Floats

    def __len__(self) -> int:
        return len(self.name)

    @property
    def sector(self) -> Places:
        """Place of each plant's sector in `emissions.SECTORS`, shape ``(n,)``."""
        sector: Places = _SECTOR[self.industry]
        return sector

    @property
    def limit(self) -> NDArray[np.str_]:
        """Sector of each plant in `air.production_limit`, empty where the plan prints none."""
        return _LIMITS[self.industry]

    @property
    def listed(self) -> Flags:
        """Plants that stay on the list, shape ``(n,)``."""
        return self.struck_off < 0

    @property
    def by_output(self) -> Flags:
        """Plants counted by output and not by lines: a single line, and glass always."""
        by_output: Flags = (self.lines == 1) | (self.limit == _GLASS)
        return by_output


#: Columns of one enterprise as a file or a frame gives it.
Row = Mapping[str, Any]
_FLAGS = ("benchmark", "staggered", "water_based", "heavy_trucks")
_STRUCK = tuple(STRUCK_OFF)
YUAN = 1e4
"""Yuan in the unit of 年产值, 万元."""


def from_rows(rows: Sequence[Row], source: str = "") -> Inventory:
    """Make an inventory of rows that were read and found good.

    Parameters
    ----------
    rows : sequence of mapping
        By column name, as `inventory_file.INVENTORY` has them; optional ones may be left out.
    source : str
    """

    def numbers(name: str, default: float = 0.0) -> Floats:
        return np.array([row.get(name, default) for row in rows], dtype=np.float64)

    flags = {n: np.array([row.get(n, False) for row in rows], dtype=bool) for n in _FLAGS}
    struck = [row.get("struck_off") for row in rows]
    return Inventory(
        source=source,
        name=tuple(row["name"] for row in rows),
        code=tuple(row["credit_code"] for row in rows),
        district=np.array([DISTRICT_KEYS.index(row["district"]) for row in rows], dtype=np.int64),
        industry=np.array([INDUSTRY_KEYS.index(row["industry"]) for row in rows], dtype=np.int64),
        lines=np.array([row["lines"] for row in rows], dtype=np.int64),
        value_yuan=YUAN * numbers("output_value"),
        tonnes=np.stack([numbers(f"{p}_t") for p in COUNTED], axis=1),
        standing_cut=np.where(flags["staggered"], numbers("staggered_cut"), 0.0),
        struck_off=np.array([_STRUCK.index(s) if s else -1 for s in struck], dtype=np.int64),
        named=np.array([[named_share(row, level) for row in rows] for level in ALERTS]),
        **flags,
    )


def named_share(row: Row, level: str) -> float:
    """Return the share of its output that a plant's own plan stops at a level, NaN for none."""
    if f"cut_{level}" in row:
        return float(row[f"cut_{level}"])
    if f"stop_lines_{level}" in row:
        return float(row[f"stop_lines_{level}"] / row["lines"])
    return float("nan")
