"""Empty tables to fill in, with the header in either language and every column explained."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from zibo_sim.air.inventory_file import INVENTORY
from zibo_sim.desk.air import AIR
from zibo_sim.desk.output import emit, whole
from zibo_sim.desk.requests import REQUESTS
from zibo_sim.desk.subsidies import HOUSEHOLDS
from zibo_sim.errors import Refused, unknown
from zibo_sim.heating.customers_file import CUSTOMERS
from zibo_sim.tables.columns import Column
from zibo_sim.tables.files import ending
from zibo_sim.tables.said import Lang
from zibo_sim.tables.schema import Schema

SCHEMAS: dict[str, Schema] = {s.kind: s for s in (CUSTOMERS, HOUSEHOLDS, AIR, REQUESTS, INVENTORY)}

#: Rows that show how each table is filled in; values as the rules name them.
EXAMPLES: dict[str, tuple[Mapping[str, Any], ...]] = {
    "customers": (
        {"customer_id": "10001", "district": "张店区", "use": "residential", "charging": "area",
         "kind": "flat", "area": 98.5, "heated": True, "exchangers": 1},
        {"customer_id": "10002", "district": "高新区", "use": "residential", "charging": "area",
         "kind": "duplex_lower", "area": 90, "heated": True},
        {"customer_id": "10002", "district": "高新区", "use": "residential", "charging": "area",
         "kind": "duplex_upper", "area": 70, "heated": False},
        {"customer_id": "20001", "district": "张店区", "use": "non_residential",
         "charging": "area", "kind": "premises", "area": 200, "height": 4.2},
        {"customer_id": "10003", "district": "张店区", "use": "residential",
         "charging": "metered", "kind": "flat", "area": 100, "heat_kwh": 5000},
    ),
    "households": (
        {"household_id": "30001", "district": "张店区", "dibao": True, "laid_off": False},
        {"household_id": "30002", "district": "高新区", "dibao": False,
         "unemployed_from": "2018-03-01", "unemployed_to": "2019-02-28", "affiliation": "city"},
        {"household_id": "30002", "district": "高新区", "dibao": False, "laid_off": True,
         "affiliation": "gaoxin"},
    ),
    "air": (
        {"time": "2018-12-01 00:00", "aqi": 273, "pm25": 223, "pm10": 386, "so2": 36, "no2": 90,
         "co": 2.28, "o3": 4, "dust": False},
        {"time": "2018-12-01 01:00", "pm25": 229, "pm10": 387, "so2": 32, "no2": 82, "co": 2.38,
         "o3": 4, "dust": False},
    ),
    "requests": (
        {"request_id": "A-001", "submitted": "2018-11-26", "assessed": "2018-12-03",
         "accepted": "2018-12-04", "opinion": "2018-12-07", "test_from": "2018-12-11 15:30",
         "test_to": "2018-12-26", "live": "2018-12-28"},
        {"request_id": "A-002", "submitted": "2018-12-10", "assessed": "2018-12-17",
         "accepted": "2018-12-18"},
    ),
    "inventory": (
        {"name": "示例水泥厂", "credit_code": "91370300000000001X", "district": "zichuan",
         "industry": "cement", "benchmark": False, "staggered": True, "staggered_cut": 0.5,
         "lines": 2, "product": "水泥", "annual_output": 1200000, "output_unit": "t",
         "output_value": 42000, "electricity": 9000, "so2_t": 320, "nox_t": 1400, "pm_t": 260,
         "voc_t": 5, "heavy_trucks": True},
        {"name": "示例家具厂", "credit_code": "91370300000000002X", "district": "zhoucun",
         "industry": "furniture", "staggered": False, "water_based": False, "lines": 5,
         "product": "家具", "annual_output": 30000, "output_unit": "pcs", "output_value": 3600,
         "so2_t": 0, "nox_t": 0, "pm_t": 1.2, "voc_t": 28, "measure_yellow": "停1条生产线",
         "stop_lines_yellow": 1},
        {"name": "示例化工厂", "credit_code": "91370300000000003X", "district": "linzi",
         "industry": "chemicals", "benchmark": True, "benchmark_reason": "排放绩效明显好于同行业",
         "lines": 1, "output_value": 86000, "so2_t": 40, "nox_t": 95, "pm_t": 12, "voc_t": 130,
         "cut_red": 0.3},
        {"name": "示例锅炉房", "credit_code": "91370300000000004X", "district": "boshan",
         "industry": "other_industry", "lines": 1, "output_value": 150, "so2_t": 9, "nox_t": 6,
         "pm_t": 4, "voc_t": 0, "struck_off": "boilers"},
    ),
}  # fmt: skip

_WORDS = {True: {"zh": "是", "en": "true"}, False: {"zh": "否", "en": "false"}}
_NOTE_HEAD = ("列名", "Column", "必填 Required", "单位 Unit", "说明", "Meaning", "可填内容",
              "Allowed", "示例", "Example")  # fmt: skip
_VALIDATED_ROWS = 10_000
_LONGEST_LIST = 255
"""Characters that Excel takes in a list of choices."""


def write_template(kind: str, out: Path | None = None, lang: Lang = "en") -> None:
    """Write an empty table of one kind with example rows to be replaced.

    Parameters
    ----------
    kind : {"customers", "households", "air", "requests", "inventory"}
    out : Path, optional
        ``.xlsx`` (a second sheet explains every column in both languages) or ``.csv``; CSV on
        standard output when left out.
    lang : {"en", "zh"}
        Language of the header and the example's words.

    Raises
    ------
    Refused
        For an unknown kind, and a place that cannot be written.
    """
    if kind not in SCHEMAS:
        raise Refused(unknown("template", kind, SCHEMAS))
    rows = filled(kind, lang)
    if out is None:
        emit(io.StringIO(_csv(rows)))
    elif ending(out) == ".csv":
        with whole(out) as part:
            part.write_text(_csv(rows), encoding="utf-8-sig", newline="")
    else:
        with whole(out) as part:
            _workbook(SCHEMAS[kind], rows, lang).save(part)


def filled(kind: str, lang: Lang) -> list[list[Any]]:
    """Return the header and the example rows of a template, in one language."""
    columns = SCHEMAS[kind].columns
    rows = [[shown(column, row.get(column.name), lang) for column in columns]
            for row in EXAMPLES[kind]]  # fmt: skip
    return [[header(column, lang) for column in columns], *rows]


def header(column: Column, lang: Lang) -> str:
    """Return the header of a column in one language."""
    return column.zh if lang == "zh" else column.name


def shown(column: Column, value: Any, lang: Lang) -> Any:
    """Return a value as one writes it into the table in one language."""
    if isinstance(value, bool):
        return _WORDS[value][lang]
    if column.words and value is not None and lang == "zh":
        return column.words[value][0]
    return "" if value is None else value


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _workbook(schema: Schema, rows: Sequence[Sequence[Any]], lang: Lang) -> Workbook:
    book = Workbook()
    sheet = book.active
    sheet.title = schema.kind
    for row in rows:
        sheet.append([None if cell == "" else cell for cell in row])
    sheet.freeze_panes = "A2"
    for place, column in enumerate(schema.columns, 1):
        letter = get_column_letter(place)
        _head(sheet.cell(1, place))
        sheet.column_dimensions[letter].width = 20 if column.kind == "instant" else 15
        words = _words(column, lang)
        if words and len(words) <= _LONGEST_LIST:
            sheet.add_data_validation(_choices(words, letter))
    _explain(book.create_sheet("说明 Notes"), schema)
    return book


def _head(cell: Any) -> None:
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="DDE6EE")


def _words(column: Column, lang: Lang) -> str:
    """Return the words a cell is chosen from, empty for other columns."""
    kinds: dict[str, list[Any]] = {"choice": list(column.words), "yes_no": [True, False]}
    values = kinds.get(column.kind, [])
    return ",".join(str(shown(column, value, lang)) for value in values)


def _choices(words: str, letter: str) -> DataValidation:
    return DataValidation(
        type="list",
        formula1=f'"{words}"',
        allow_blank=True,
        sqref=f"{letter}2:{letter}{_VALIDATED_ROWS}",
    )


def _explain(sheet: Any, schema: Schema) -> None:
    examples: dict[str, Any] = {}
    for row in reversed(EXAMPLES[schema.kind]):
        examples |= row
    sheet.append([
        "第一张表的示例行请删去后填写；列的次序不限，可以另加列。 Replace the example rows of the "
        "first sheet; columns may stand in any order, and others may be added."
    ])  # fmt: skip
    sheet.append(list(_NOTE_HEAD))
    for column in schema.columns:
        allowed, value = column.allowed(), examples.get(column.name)
        sheet.append([
            column.zh, column.name, "是 yes" if column.required else "否 no", column.unit,
            column.about.zh, column.about.en, allowed.zh, allowed.en,
            shown(column, value, "zh"), shown(column, value, "en"),
        ])  # fmt: skip
    for place, width in enumerate((14, 18, 14, 10, 40, 50, 40, 40, 18, 18), 1):
        _head(sheet.cell(2, place))
        sheet.column_dimensions[get_column_letter(place)].width = width
    for row in sheet.iter_rows(min_row=3):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "A3"
