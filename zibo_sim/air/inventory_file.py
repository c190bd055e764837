"""The bureau's template of the reduction list: its columns, and how a filled-in file is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from zibo_sim.air.inventory import (
    ALERTS,
    INDUSTRIES,
    STRUCK_OFF,
    Inventory,
    from_rows,
    named_share,
)
from zibo_sim.errors import Refused
from zibo_sim.places import DISTRICTS
from zibo_sim.tables.columns import Column
from zibo_sim.tables.files import Row, open_table
from zibo_sim.tables.said import Said, at_row
from zibo_sim.tables.schema import Layout, Schema

FAULTS_SHOWN = 50
_LARGEST_T = 1e7
_LARGEST_LINES = 1000
_ROMAN = {"yellow": "Ⅲ", "orange": "Ⅱ", "red": "Ⅰ"}
_KEPT_FILES = 8


def _tonnes(name: str, zh: str, *also: str) -> Column:
    about = Said(f"全年{zh}排放量，吨", f"annual emission of {name.upper()}, tonnes")
    return Column(
        f"{name}_t", f"{zh}排放量", "number", about, unit="t", low=0.0, high=_LARGEST_T,
        also=(zh, f"{zh}(吨)", f"{zh}排放量(吨)", *also),
    )  # fmt: skip


def _optional(name: str, zh: str, kind: Any, about: Said, **more: Any) -> Column:
    return Column(name, zh, kind, about, required=False, empty=True, **more)


def _measures(level: str) -> tuple[Column, ...]:
    zh = f"{_ROMAN[level]}级"
    return (
        _optional(
            f"measure_{level}", f"{zh}措施", "text",
            Said(f"{zh}响应时该企业的措施，一厂一策", f"what the plant does at {level}, in words"),
            also=(f"{zh}响应措施",),
        ),
        _optional(
            f"stop_lines_{level}", f"{zh}停产线数", "count", low=0, high=_LARGEST_LINES,
            about=Said("停产的生产线数量；空为未定", "production lines stopped"),
        ),
        _optional(
            f"cut_{level}", f"{zh}限产比例", "number", unit="1", low=0.0, high=1.0,
            about=Said("限产比例，1为停产；与停产线数填一项；空为未定",
                       "share of the output stopped, 1 for all of it; give this or the lines"),
        ),
    )  # fmt: skip


INVENTORY = Schema(
    "inventory",
    (
        Column("name", "企业名称", "text", Said("企业名称", "name of the enterprise")),
        Column(
            "credit_code", "统一社会信用代码", "text", also=("信用代码",),
            about=Said("每家企业一行，代码不重复", "one row an enterprise; no code stands twice"),
        ),
        Column(
            "district", "区县", "choice", Said("所在区县、功能区", "district, county or zone"),
            words={key: (zh,) for zh, key in DISTRICTS.items()},
        ),
        Column(
            "industry", "行业", "choice", also=("行业类别",),
            about=Said("决定适用的限产比例和排放部门",
                       "decides which limit of the plan applies, and the sector"),
            words={key: (i.zh, *i.also) for key, i in INDUSTRIES.items()},
        ),
        _optional("benchmark", "绿色标杆", "yes_no", also=("绿色标杆企业", "是否绿色标杆"),
                  about=Said("预警期间豁免；空为否", "exempt during alerts; false when empty")),
        _optional("benchmark_reason", "绿色标杆理由", "text", also=("标杆理由",),
                  about=Said("认定为绿色标杆的理由", "why it is a green benchmark")),
        _optional("staggered", "错峰", "yes_no", also=("错峰生产", "是否错峰"),
                  about=Said("采暖季是否实施错峰生产；空为否",
                             "staggers in the heating season; false when empty")),
        _optional("staggered_cut", "错峰限产比例", "number", unit="1", low=0.0, high=1.0,
                  about=Said("采暖季常态限产比例；错峰企业必填",
                             "share stopped all through the heating season; needed if staggered")),
        _optional("water_based", "水性", "yes_no", also=("水性漆", "是否水性"),
                  about=Said("涉VOCs工序是否已全面改用水性漆（墨）；家具、印刷、涂装必填",
                             "all paint or ink is water-based; needed for furniture, printing and "
                             "coating")),
        Column("lines", "生产线数量", "count", Said("生产线条数", "production lines"), low=1,
               high=_LARGEST_LINES, also=("生产线数",)),
        _optional("product", "产品", "text", Said("主要产品", "main product"), also=("主要产品",)),
        _optional("annual_output", "年产量", "number", low=0.0,
                  about=Said("主要产品年产量", "output of the main product a year")),
        _optional("output_unit", "产量单位", "text", also=("年产量单位",),
                  about=Said("年产量的单位", "unit of annual_output")),
        Column("output_value", "年产值", "number", unit="万元", low=0.0, high=1e9,
               about=Said("年产值，万元", "output value a year, 10,000 yuan")),
        _optional("electricity", "年用电量", "number", unit="万千瓦时", low=0.0,
                  about=Said("年用电量，万千瓦时", "electricity a year, 10,000 kWh")),
        _tonnes("so2", "二氧化硫", "SO2"),
        _tonnes("nox", "氮氧化物", "NOx"),
        _tonnes("pm", "颗粒物", "PM", "烟粉尘"),
        _tonnes("voc", "挥发性有机物", "VOCs", "VOCs排放量"),
        _optional("heavy_trucks", "重型载货车运输", "yes_no", also=("重点用车企业",),
                  about=Said("是否列入重型载货车管控的重点用车企业；空为否",
                             "listed for the gate ban on heavy trucks; false when empty")),
        _optional("struck_off", "剔除类型", "choice", words=STRUCK_OFF, also=("剔除原因",),
                  about=Said("属六类应剔除情形之一的填写；空为在册",
                             "one of the six kinds that are struck off; on the list when empty")),
        *(column for level in ALERTS for column in _measures(level)),
    ),
)  # fmt: skip


def read_inventory(source: Path, encoding: str | None = None) -> Inventory:
    """Read a filled-in reduction list.

    Parameters
    ----------
    source : Path
        ``.csv`` or ``.xlsx``, columns as in `INVENTORY`.
    encoding : str, optional
        Of a CSV file.

    Raises
    ------
    Refused
        With every fault, by row and column.
    """
    faults: list[Said] = []
    rows: list[Mapping[str, Any]] = []
    seen: dict[str, int] = {}
    with open_table(source, encoding) as table:
        layout = INVENTORY.layout(table)
        for row in table.rows:
            values, wrong = layout.read(row)
            faults += [*wrong, *(faults_of(values, row, layout, seen) if not wrong else ())]
            rows.append(values)
        where = table.where
    if faults:
        shown = [said.en for said in faults[:FAULTS_SHOWN]]
        more = len(faults) - FAULTS_SHOWN
        raise Refused(*shown, *([f"and {more} faults more"] if more > 0 else []), where=where)
    return from_rows(rows, str(source))


def faults_of(
    values: Mapping[str, Any], row: Row, layout: Layout, seen: dict[str, int]
) -> Iterator[Said]:
    """Say what does not fit together in a row whose cells are good by themselves."""
    code = values["credit_code"]
    if code in seen:
        zh, en = f"“{code}”已在第{seen[code]}行出现", f"{code!r} stands in row {seen[code]} already"
        yield layout.at(row, "credit_code", Said(zh, en))
    seen.setdefault(code, row.number)
    needs = {
        "staggered_cut": values.get("staggered", False),
        "water_based": INDUSTRIES[values["industry"]].sector == "coating",
    }
    for name, needed in needs.items():
        if needed and name not in values:
            zh, en = "为空，该企业必填", "is empty; this enterprise needs it"
            yield at_row(row.number, layout.heads.get(name, INVENTORY[name].name), Said(zh, en))
    if values.get("benchmark") and values.get("staggered"):
        zh, en = "绿色标杆企业不错峰，只能填一项", "a green benchmark does not stagger; keep one"
        yield layout.at(row, "staggered", Said(zh, en))
    for level in ALERTS:
        yield from _measure_faults(values, level, row, layout)


def _measure_faults(
    values: Mapping[str, Any], level: str, row: Row, layout: Layout
) -> Iterator[Said]:
    stopped, lines = values.get(f"stop_lines_{level}"), values["lines"]
    if stopped is None:
        return
    if stopped > lines:
        zh, en = f"停{stopped}条，只有{lines}条", f"{stopped} lines stopped of {lines}"
        yield layout.at(row, f"stop_lines_{level}", Said(zh, en))
    elif abs(named_share(values, level) - stopped / lines) > 1e-4:
        zh, en = f"与停产{stopped}条不一致", f"conflicts with {stopped} of {lines} lines; keep one"
        yield layout.at(row, f"cut_{level}", Said(zh, en))


def load_inventory(path: str) -> Inventory:
    """Read the list a scenario names; a file that has not changed is read once."""
    try:
        about = Path(path).stat()
    except (OSError, ValueError):
        return read_inventory(Path(path))  # which says what is wrong
    return _kept(path, about.st_mtime_ns, about.st_size)


@lru_cache(_KEPT_FILES)
def _kept(path: str, changed: int, size: int) -> Inventory:
    del changed, size  # they are the key
    return read_inventory(Path(path))
