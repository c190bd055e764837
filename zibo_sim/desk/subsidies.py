"""Heating subsidies for a list of households: 淄政办字〔2018〕139号 二 on a file.

The member rows of a household may stand anywhere; they are put together by its id. Who funds a
payment follows the affiliation (二(三)): for the household's own subsidy that of its first row,
for a person's that of the person, and where none is given the finance of the household's district.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from zibo_sim.desk.outcome import Outcome, notes
from zibo_sim.desk.records import ERROR, OK, Record, deliver
from zibo_sim.errors import Refused
from zibo_sim.heating.scope import district_name
from zibo_sim.heating.season import refuse_year
from zibo_sim.heating.subsidies import Affiliation, funder, subsidy_in_force
from zibo_sim.law import Law, book
from zibo_sim.law.rule import RULES
from zibo_sim.tables.blocks import Block, rule_faults, same_on_all
from zibo_sim.tables.columns import Column
from zibo_sim.tables.files import Row, open_table
from zibo_sim.tables.said import BadRow, Lang, Said
from zibo_sim.tables.schema import Layout, Schema

OUTPUT = ("household_id", "payer", "funder", "amount", "status", "message")
FINANCES = {"city": "市财政", "zhangdian": "张店区财政", "gaoxin": "高新区财政"}
_OF_THE_DISTRICT: dict[str, Affiliation] = {"张店区": "zhangdian", "高新区": "gaoxin"}
_OF_A_MEMBER = ("unemployed_from", "unemployed_to", "laid_off")

AFFILIATIONS = {
    "city": ("市", "市属", "市直"),
    "zhangdian": ("张店区", "张店", "区属(张店)"),
    "gaoxin": ("高新区", "高新", "区属(高新)"),
    "central": ("中央", "央属"),
    "provincial": ("省", "省属"),
}

HOUSEHOLDS = Schema(
    "households",
    (
        Column(
            "household_id", "家庭编号", "text", also=("户号",),
            about=Said("一行一名成员；同一编号为一户", "one row a member; one id is one household"),
        ),
        Column(
            "district", "区县", "text",
            about=Said("淄博市的区县，如张店区、高新区", "a district of Zibo: 张店区 or zhangdian"),
        ),
        Column(
            "dibao", "低保", "yes_no", empty=True, also=("是否低保", "城市低保"),
            about=Said("该户是否享受城市低保：各行相同或只填一行；空为否",
                       "the household is on dibao: the same on its rows, or on one of them; false "
                       "when empty"),
        ),
        Column(
            "unemployed_from", "失业金起始", "instant", empty=True, also=("失业金开始日期",),
            about=Said("领取失业金的第一天", "first day of unemployment benefit"),
        ),
        Column(
            "unemployed_to", "失业金截止", "instant", empty=True, also=("失业金截止日期",),
            about=Said("领取失业金的最后一天；空为仍在领取",
                       "last day of unemployment benefit; still drawn when empty"),
        ),
        Column(
            "laid_off", "下岗", "yes_no", empty=True, also=("是否下岗",),
            about=Said("是否为享受特困企业职工基本生活救助金的下岗人员；空为否",
                       "laid off with basic-living relief; false when empty"),
        ),
        Column(
            "affiliation", "隶属关系", "choice", words=AFFILIATIONS, empty=True,
            about=Said("单位或人员隶属关系；空则由所在区财政负担",
                       "of the unit or person; the district funds when empty"),
        ),
    ),
)  # fmt: skip


def subsidy_file(
    source: Path,
    out: Path | None = None,
    *,
    year: int = 2018,
    encoding: str | None = None,
    law: Law | None = None,
    lang: Lang = "en",
) -> Outcome:
    """Work out the subsidies of every household of a file, by who pays and who funds.

    Parameters
    ----------
    source : Path
        ``.csv`` or ``.xlsx``, columns as in `HOUSEHOLDS`.
    out : Path, optional
        One row a household, payer and funder; standard output when left out.
    year : int
        Year of the payment.
    encoding : str, optional
    law : Law, optional
    lang : {"en", "zh"}
        Language of the ``message`` column.

    Raises
    ------
    Refused
        When the file is no list of households, the output cannot be written, or the year is none.
    """
    law = law or book()
    refuse_year("--year", year, subsidy_in_force, law)
    paid: dict[str, Decimal] = {}

    def add(values: Mapping[str, Any]) -> None:
        if values.get("funder"):
            where = values["funder"]
            paid[where] = paid.get(where, Decimal(0)) + values["amount"]

    with open_table(source, encoding) as table:
        layout = HOUSEHOLDS.layout(table)
        records = subsidies(table.rows, layout, year, law, lang)
        counted = deliver(records, OUTPUT, layout.extra_names, out, source, add)
    return Outcome(counted.total(), counted[ERROR], notes(_summary(paid, counted[ERROR])))


def _summary(paid: Mapping[str, Decimal], errors: int) -> Iterator[Said]:
    total = sum(paid.values(), Decimal(0))
    parts = "，".join(f"{name} {amount:,.2f} 元" for name, amount in paid.items())
    english = ", ".join(f"{name} {amount:,.2f}" for name, amount in paid.items())
    yield Said(
        f"补贴合计 {total:,.2f} 元" + (f"：{parts}" if parts else ""),
        f"{total:,.2f} yuan of subsidies" + (f": {english}" if english else ""),
    )
    if errors:
        yield Said(f"{errors} 行有误，见 message 列", f"rows in error: {errors}, see message")


def households(rows: Iterable[Row], layout: Layout) -> list[Block]:
    """Put the member rows of each household together, in the order of its first row."""
    found: dict[object, Block] = {}
    for row in rows:
        values, faults = layout.read(row)
        name = values.get("household_id")
        block = found.setdefault(name or row.number, Block(name or ""))
        block.add(row, values, faults)
    return list(found.values())


def subsidies(
    rows: Iterable[Row], layout: Layout, year: int, law: Law, lang: Lang
) -> Iterator[Record]:
    """Yield one record a household, payer and funder; a household without a claim has one of 0."""
    for block in households(rows, layout):
        extra = layout.carried(block.rows[0])
        start = {"household_id": block.id}
        try:
            for values in payments(block, layout, year, law):
                yield Record({**start, **values}, extra)
        except BadRow as bad:
            yield Record({**start, "status": ERROR, "message": bad.said.of(lang)}, extra)


def payments(block: Block, layout: Layout, year: int, law: Law) -> list[dict[str, Any]]:
    """Return the payments of one household.

    Raises
    ------
    BadRow
        When one of its rows is bad, rows contradict each other, or the rule refuses them.
    """
    district, conflicts = same_on_all(block, "district", layout)
    dibao, more = same_on_all(block, "dibao", layout)
    faults = [*block.faults, *conflicts, *more]
    if faults:
        raise BadRow(*faults)
    members = [
        {k: v.date() if k.startswith("un") else v for k, v in row.items() if k in _OF_A_MEMBER}
        for row in block.values
    ]
    try:
        found = RULES["heating.subsidy"](
            year=year, district=district, dibao=bool(dibao), members=members, law=law
        )
    except Refused as refusal:
        raise BadRow(*rule_faults(refusal, block.rows, layout)) from None
    if "status" in found:
        return [{"status": found["status"]}]
    return _by_funder(found["parts"], block.values, district)


def _by_funder(
    parts: Iterable[Mapping[str, Any]], members: list[dict[str, Any]], district: str
) -> list[dict[str, Any]]:
    own = _OF_THE_DISTRICT.get(district_name(district), "city")
    sums: dict[tuple[str, str], Decimal] = {}
    for part in parts:
        affiliation = members[part["member"] or 0].get("affiliation", own)
        key = (part["payer"], FINANCES[funder(affiliation)])
        sums[key] = sums.get(key, Decimal(0)) + Decimal(part["amount"])
    if not sums:
        return [{"amount": Decimal(0), "status": OK}]
    return [
        {"payer": payer, "funder": where, "amount": amount, "status": OK}
        for (payer, where), amount in sums.items()
    ]
