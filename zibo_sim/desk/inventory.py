"""The reduction list on a file: the cheapest cuts worked out and written back in the template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from zibo_sim.air.cutplan import CutPlan
from zibo_sim.air.inventory import (
    ALERTS,
    COUNTED,
    DISTRICT_KEYS,
    INDUSTRY_KEYS,
    STRUCK_OFF,
    YUAN,
    Inventory,
)
from zibo_sim.air.inventory_file import INVENTORY
from zibo_sim.air.reductions import ReductionList
from zibo_sim.desk.output import writer
from zibo_sim.desk.templates import header, shown
from zibo_sim.tables.columns import plain
from zibo_sim.tables.files import Cell, open_table
from zibo_sim.tables.said import Lang

_MEASURES = ("measure", "stop_lines", "cut")


def write_list(
    out: Path,
    reductions: ReductionList,
    plans: Mapping[str, CutPlan],
    lang: Lang,
    encoding: str | None = None,
) -> None:
    """Write the list with the measures of the planned levels filled in.

    Parameters
    ----------
    out : Path
        ``.csv`` or ``.xlsx``; it appears whole or not at all.
    reductions : ReductionList
        Whose inventory was read from a file, all of whose columns are kept, or is synthetic.
    plans : mapping of level to CutPlan
    lang : {"en", "zh"}
        Of the measures' words and of headers that the file lacks.
    encoding : str, optional
        Of the file that was read.
    """
    inventory = reductions.inventory
    source = Path(inventory.source) if inventory.source else None
    names = [f"{part}_{level}" for level in plans for part in _MEASURES]
    rows = _synthetic(inventory, lang) if source is None else _kept(source, encoding)
    with writer(out, source) as to:
        heads: list[str] = next(rows)
        known = INVENTORY.known()
        place = {known[p]: k for k, p in enumerate(map(plain, heads)) if p in known}
        new = [name for name in names if name not in place]
        to.write([*heads, *(header(INVENTORY[name], lang) for name in new)])
        for number, cells in enumerate(rows):
            filled = _measures(number, reductions, plans, lang)
            changed = list(cells)
            for name in names:
                if name in place:
                    changed[place[name]] = filled[name]
            to.write([*changed, *(filled[name] for name in new)])


def _kept(source: Path, encoding: str | None) -> Iterator[Any]:
    """Yield the header and the rows of a file as they stand."""
    with open_table(source, encoding) as table:
        yield table.header
        for row in table.rows:
            yield row.cells


def _synthetic(inventory: Inventory, lang: Lang) -> Iterator[Any]:
    """Yield the header and the rows of a list that was made and not read."""
    yield [header(column, lang) for column in INVENTORY.columns]
    for place in range(len(inventory)):
        values = row_of(inventory, place)
        yield [shown(column, values.get(column.name), lang) for column in INVENTORY.columns]


def row_of(inventory: Inventory, place: int) -> dict[str, Any]:
    """Return one enterprise by the template's columns; what an inventory does not hold is absent.

    Measures are not among them.
    """
    struck = int(inventory.struck_off[place])
    staggered = bool(inventory.staggered[place])
    return {
        "name": inventory.name[place],
        "credit_code": inventory.code[place],
        "district": DISTRICT_KEYS[inventory.district[place]],
        "industry": INDUSTRY_KEYS[inventory.industry[place]],
        "benchmark": bool(inventory.benchmark[place]),
        "staggered": staggered,
        "staggered_cut": float(inventory.standing_cut[place]) if staggered else None,
        "water_based": bool(inventory.water_based[place]),
        "lines": int(inventory.lines[place]),
        "output_value": round(float(inventory.value_yuan[place] / YUAN), 2),
        **{
            f"{p}_t": round(float(t), 6)
            for p, t in zip(COUNTED, inventory.tonnes[place], strict=True)
        },
        "heavy_trucks": bool(inventory.heavy_trucks[place]),
        "struck_off": list(STRUCK_OFF)[struck] if struck >= 0 else None,
    }


def _measures(
    place: int, reductions: ReductionList, plans: Mapping[str, CutPlan], lang: Lang
) -> dict[str, Cell]:
    """Return the measure cells of one plant: words, and lines or a share where it can be cut."""
    cells: dict[str, Cell] = {}
    for level, plan in plans.items():
        share, lines = float(plan.orders.share[place]), int(plan.lines[place])
        cut = plan.on_list[place]
        cells[f"measure_{level}"] = _words(place, reductions, plan, lang)
        cells[f"stop_lines_{level}"] = lines if cut and lines >= 0 else None
        cells[f"cut_{level}"] = share if cut and lines < 0 else None
    return cells


def _words(place: int, reductions: ReductionList, plan: CutPlan, lang: Lang) -> str:
    plants, zh = reductions.inventory, lang == "zh"
    share, lines = float(plan.orders.share[place]), int(plan.lines[place])
    if plants.struck_off[place] >= 0:
        return "剔除，不在清单" if zh else "struck off the list"
    if reductions.exempt[place]:
        return "绿色标杆，预警期间豁免" if zh else "green benchmark, exempt"
    if not plan.on_list[place]:
        return "已错峰，不再临时限停产" if zh else "staggers, no further cut"
    if share == 0.0:
        return "不限产" if zh else "no cut"
    if share == 1.0:
        return "停产" if zh else "stop"
    if lines >= 0:
        total = int(plants.lines[place])
        return f"{total}条生产线停{lines}条" if zh else f"stop {lines} of {total} lines"
    return f"限产{100 * share:.4g}%" if zh else f"cut output by {100 * share:.4g} %"


def levels_from(level: str | None) -> Sequence[str]:
    """Return the levels to plan: the one named, or all three from the lowest on."""
    return ALERTS if level is None else (level,)
