"""What `zibo-sim plan-cuts` says of the lists it found, as tables in either language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from zibo_sim.air.cutplan import DEMANDED, CutPlan
from zibo_sim.air.inventory import YUAN, Floats
from zibo_sim.air.ledger import INDUSTRIAL
from zibo_sim.air.reductions import ReductionList
from zibo_sim.places import DISTRICTS
from zibo_sim.tables.said import Lang, Said
from zibo_sim.text import table

LEVELS = {
    "yellow": Said("黄色（Ⅲ级）", "yellow (III)"),
    "orange": Said("橙色（Ⅱ级）", "orange (II)"),
    "red": Said("红色（Ⅰ级）", "red (I)"),
}
SUMS = {"so2+nox": Said("SO2+NOx", "SO2+NOx"), "pm": Said("PM", "PM"), "voc": Said("VOCs", "VOCs")}
INDUSTRY = (
    Said("电力", "power"),
    Said("钢铁焦化铸造", "steel, coking, foundry"),
    Said("建材炉窑", "kilns"),
    Said("玻璃", "glass"),
    Said("化工等", "chemicals and others"),
    Said("表面涂装印刷家具", "coating, printing, furniture"),
)


def summary_text(reductions: ReductionList, plans: Mapping[str, CutPlan], lang: Lang) -> str:
    """Return the lists' ratios, what they cost and whom, and what cannot be reached."""
    parts = [_ratios(plans, lang), _costs(reductions, plans, lang), _who(plans, lang)]
    parts += [said.of(lang) for level, plan in plans.items() for said in shortfalls(level, plan)]
    return "\n\n".join(parts)


def _ratios(plans: Mapping[str, CutPlan], lang: Lang) -> str:
    zh = lang == "zh"
    rows = []
    for level, plan in plans.items():
        percent = plan.orders.account.percent
        sums = [f"{plan.reached[name]:.2f} ≥ {plan.needed[name]:g}" for name in DEMANDED]
        met = plan.orders.account.met
        said = ("达到" if met else "达不到") if zh else ("yes" if met else "no")
        two = [f"{percent[name]:.2f}" for name in ("so2", "nox")]
        rows.append([LEVELS[level].of(lang), *two, *sums, said])
    head = ["核算减排比例（%）" if zh else "accounted cut, %", "SO2", "NOx"]
    head += [SUMS[name].of(lang) for name in DEMANDED]
    return table([*head, "达标" if zh else "met"], rows, right=(1, 2))


def _costs(reductions: ReductionList, plans: Mapping[str, CutPlan], lang: Lang) -> str:
    zh = lang == "zh"
    head = (
        ("级别", "企业数", "其中停产", "损失产值（万元/日）", "同比例限产（万元/日）", "最优差距")
        if zh
        else ("level", "plants cut", "wholly", "output lost, 10,000 yuan a day",
              "with one share for all", "gap")
    )  # fmt: skip
    rows = [
        [
            LEVELS[level].of(lang), f"{plan.touched}", f"{int((plan.orders.share == 1.0).sum())}",
            f"{plan.orders.lost / YUAN:,.1f}",
            f"{reductions.orders(level, plan.orders.heating).lost / YUAN:,.1f}",
            f"{100 * plan.gap:.2f} %",
        ]
        for level, plan in plans.items()
    ]  # fmt: skip
    return table(head, rows, right=range(1, len(head)))


def _who(plans: Mapping[str, CutPlan], lang: Lang) -> str:
    """Return output lost by sector and by district, one column a level."""
    zh = lang == "zh"
    head = ["损失产值（万元/日）" if zh else "output lost, 10,000 yuan a day"]
    head += [LEVELS[level].of(lang) for level in plans]
    sectors = [p.orders.lost_by_sector[:INDUSTRIAL] for p in plans.values()]
    districts = [p.orders.lost_by_district for p in plans.values()]
    names = [said.of(lang) for said in INDUSTRY]
    places = list(DISTRICTS) if zh else list(DISTRICTS.values())
    rows = [*_lines(names, sectors), *_lines(places, districts)]
    return table(head, rows, right=range(1, len(head)))


def _lines(names: Sequence[str], columns: Sequence[Floats]) -> list[list[str]]:
    by_row = np.array(columns).T / YUAN
    return [[n, *(f"{v:,.1f}" for v in row)] for n, row in zip(names, by_row, strict=True)]


def shortfalls(level: str, plan: CutPlan) -> list[Said]:
    """Say what a level's list lacks, a sentence a demand."""
    return [
        Said(
            f"{LEVELS[level].zh}：{SUMS[name].zh} 达不到要求，缺 {lack:.2f} 个百分点"
            f"（{plan.reached[name]:.2f} / {plan.needed[name]:g}）",
            f"{LEVELS[level].en}: {SUMS[name].en} cannot be reached; {lack:.2f} percentage points "
            f"are lacking ({plan.reached[name]:.2f} of {plan.needed[name]:g})",
        )
        for name, lack in plan.short.items()
    ]
