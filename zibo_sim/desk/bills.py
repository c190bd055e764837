"""Heating bills for a list of customers: 淄政办字〔2018〕139号 一 on a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from zibo_sim.desk.outcome import Outcome, notes
from zibo_sim.desk.records import (
    ERROR,
    OK,
    Block,
    FirstRows,
    Record,
    deliver,
    rule_faults,
    same_on_all,
)
from zibo_sim.errors import Refused
from zibo_sim.heating.bills import Space, account, bill
from zibo_sim.heating.plainbill import PlainBill
from zibo_sim.law import Law, book
from zibo_sim.tables.columns import Column
from zibo_sim.tables.files import Row, open_table
from zibo_sim.tables.said import BadRow, Lang, Said, at_row
from zibo_sim.tables.schema import Layout, Schema

OUTPUT = ("customer_id", "amount", "status", "basis", "message")
_OF_THE_CUSTOMER = ("district", "use", "charging", "exchangers")
_OF_A_SPACE = ("kind", "area", "heated", "certificate", "let", "height", "heat_kwh")
_ZH_UNITS = (("yuan", "元"), ("kWh", "千瓦时"), ("pcs", "个"))

USES = {
    "residential": ("居民", "住宅", "居民住宅"),
    "institution": ("机构", "学校", "学校等", "幼儿园", "敬老院", "居委会", "村委会"),
    "non_residential": ("非居民", "非住宅", "商业"),
}
CHARGINGS = {"area": ("按面积", "面积"), "metered": ("按热量计量", "计量", "按计量", "按热量")}
KINDS = {
    "flat": ("普通住宅", "平层"),
    "duplex_lower": ("复式下层",),
    "duplex_upper": ("复式上层",),
    "attic": ("阁楼",),
    "basement": ("地下室",),
    "storeroom": ("杂物间", "储藏室"),
    "garage": ("车库",),
    "premises": ("房屋", "用房", "营业用房", "经营用房"),
}

CUSTOMERS = Schema(
    "customers",
    (
        Column(
            "customer_id", "客户编号", "text", also=("用户编号", "户号"),
            about=Said("同一客户各行须相邻，合为一张账单",
                       "the rows of one customer stand together and make one bill"),
        ),
        Column(
            "district", "区县", "text", few=True,
            about=Said("淄博市的区县，如张店区、高新区", "a district of Zibo: 张店区 or zhangdian"),
        ),
        Column(
            "use", "用途", "choice", words=USES, also=("用热性质", "用户类别"),
            about=Said("用热类别：居民；学校、幼儿园、敬老院、居委会等机构；非居民",
                       "group of users; institution: schools, kindergartens, homes for the aged, "
                       "committees"),
        ),
        Column(
            "charging", "计费方式", "choice", words=CHARGINGS, also=("收费方式",),
            about=Said("按面积或按热量计量", "by area or by meter"),
        ),
        Column(
            "kind", "部位", "choice", words=KINDS, also=("空间类型", "房屋类型"),
            about=Said("一行一个部位；机构和非居民填“房屋”",
                       "one row a space; premises for institutions and non-residential use"),
        ),
        Column(
            "area", "面积", "number", unit="m²", low=0, above=True, also=("面积(平方米)",),
            about=Said("住宅为套内建筑面积，其他为建筑面积",
                       "in-suite floor area for dwellings, gross floor area otherwise"),
        ),
        Column(
            "heated", "采暖", "yes_no", required=False, empty=True, also=("是否采暖",),
            about=Said("是否安装采暖设施；空为是", "heating is installed; true when empty"),
        ),
        Column(
            "certificate", "房产证", "yes_no", required=False, empty=True, also=("有无房产证",),
            about=Said("阁楼是否有房产证；空为是", "the attic has a title; true when empty"),
        ),
        Column(
            "let", "出租", "yes_no", required=False, empty=True, also=("是否出租", "出租或经营"),
            about=Said("是否对外出租或商业经营；空为否", "let out or in trade; false when empty"),
        ),
        Column(
            "height", "层高", "number", unit="m", low=0, above=True, high=100,
            required=False, empty=True, few=True, also=("楼层高度", "层高(米)"),
            about=Said("楼层高度；空为3米", "storey height; 3 m when empty"),
        ),
        Column(
            "heat_kwh", "用热量", "number", unit="kWh", low=0, required=False, empty=True,
            also=("用热量(千瓦时)",),
            about=Said("该部位热量表读数；按热量计量的须填",
                       "this space's own reading; needed where charging is by meter"),
        ),
        Column(
            "exchangers", "换热器", "count", low=0, required=False, empty=True,
            also=("换热器数量", "换热器(个)"),
            about=Said("户用小型换热设备个数：各行相同或只填一行；空为0",
                       "small heat exchangers of the customer: the same on its rows, or on one of "
                       "them; 0 when empty"),
        ),
    ),
)  # fmt: skip


def bill_file(
    source: Path,
    out: Path | None = None,
    *,
    season: int = 2018,
    encoding: str | None = None,
    law: Law | None = None,
    lang: Lang = "en",
) -> Outcome:
    """Bill every customer of a file for one heating season.

    Parameters
    ----------
    source : Path
        ``.csv`` or ``.xlsx``, columns as in `CUSTOMERS`; read a row at a time.
    out : Path, optional
        Where the bills go, one row a customer; standard output when left out.
    season : int
        Year the season begins in.
    encoding : str, optional
        Of a CSV file.
    law : Law, optional
    lang : {"en", "zh"}
        Language of the ``basis`` and ``message`` columns.

    Returns
    -------
    Outcome

    Raises
    ------
    Refused
        When the file is no list of customers, or the output cannot be written.
    """
    total = Decimal(0)

    def add(values: Mapping[str, Any]) -> None:
        nonlocal total
        total += values.get("amount") or 0

    with open_table(source, encoding) as table:
        layout = CUSTOMERS.layout(table)
        biller = Biller(layout, season, law or book())
        records = bills(table.rows, layout, biller, lang)
        counted = deliver(records, OUTPUT, layout.extra_names, out, source, add)
    states = ", ".join(f"{count} {status}" for status, count in sorted(counted.items()))
    said = Said(
        f"{counted.total()} 个客户（{states}），应收合计 {total:,.2f} 元",
        f"customers: {counted.total()} ({states}), {total:,.2f} yuan in all",
    )
    return Outcome(counted.total(), counted[ERROR], notes([said]))


class Biller:
    """Bills the customers of one file, plain ones quickly and the others by the rule.

    Parameters
    ----------
    layout : Layout
    season : int
    law : Law
    quick : bool
        Whether plain customers take the quick way; the bills are the same.
    """

    def __init__(self, layout: Layout, season: int, law: Law, quick: bool = True) -> None:
        self._layout, self._law = layout, law
        self._plain = PlainBill(law) if quick else None
        self._place = lru_cache(4096)(self._status)
        self._season = season

    def _status(self, district: str) -> str:
        """Return why nothing is due in a district, empty where bills are."""
        probe = [{"kind": "flat", "area": 1.0}]
        found = bill(season=self._season, district=district, use="residential", spaces=probe,
                     law=self._law)  # fmt: skip
        return str(found.get("status", ""))

    def of(self, block: Block) -> dict[str, Any]:
        """Return amount, status and basis of one customer.

        Raises
        ------
        BadRow
            When one of its rows is bad, rows contradict each other, or the rule refuses them.
        """
        shared = self._shared(block)
        try:
            status = self._place(shared["district"])
            found = {"status": status} if status else self._account(block, shared)
        except Refused as refusal:
            raise BadRow(*rule_faults(refusal, block.rows, self._layout)) from None
        return found

    def _shared(self, block: Block) -> dict[str, Any]:
        shared, faults = {}, list(block.faults)
        for name in _OF_THE_CUSTOMER:
            value, conflicts = same_on_all(block, name, self._layout)
            faults += conflicts
            if value is not None:
                shared[name] = value
        if faults:
            raise BadRow(*faults)
        return shared

    def _account(self, block: Block, shared: Mapping[str, Any]) -> dict[str, Any]:
        use, charging = shared["use"], shared["charging"]
        exchangers = shared.get("exchangers", 0)
        if self._plain is not None and len(block.values) == 1:
            plain = self._plain.lines(use, charging, block.values[0], exchangers)
            if plain is not None:
                return {"amount": plain[0], "status": OK, "basis": plain[1]}
        spaces = [
            Space.model_construct(**{k: row[k] for k in _OF_A_SPACE if k in row})
            for row in block.values
        ]
        found = account(use, spaces, charging, exchangers, self._law)
        return {"amount": Decimal(found["amount"]), "status": OK, "basis": found["basis"]}


def bills(rows: Iterable[Row], layout: Layout, biller: Biller, lang: Lang) -> Iterator[Record]:
    """Yield one record a customer, in the order of the file."""
    with FirstRows() as seen:
        for block in blocks(rows, layout):
            extra = layout.carried(block.rows[0])
            values: dict[str, Any] = {"customer_id": block.id}
            try:
                _refuse_return(block, seen, layout)
                values |= biller.of(block)
                if "basis" in values:
                    values["basis"] = basis_text(values["basis"], lang)
            except BadRow as bad:
                values |= {"status": ERROR, "message": bad.said.of(lang)}
            yield Record(values, extra)


def blocks(rows: Iterable[Row], layout: Layout) -> Iterator[Block]:
    """Put the rows of a customer that stand together into one block; a row without id alone."""
    block: Block | None = None
    for row in rows:
        values, faults = layout.read(row)
        customer = values.get("customer_id", "")
        if block is None or not customer or customer != block.id:
            if block is not None:
                yield block
            block = Block(customer)
        block.add(row, values, faults)
    if block is not None:
        yield block


def _refuse_return(block: Block, seen: FirstRows, layout: Layout) -> None:
    first = block.rows[0].number
    before = seen.of(block.id, first) if block.id else first
    if before != first:
        said = Said(
            f"编号已在第{before}行出现，同一客户各行须相邻",
            f"this id stood in row {before} already; the rows of a customer stand together",
        )
        raise BadRow(at_row(first, layout.heads["customer_id"], said))


def basis_text(lines: Sequence[Mapping[str, str]], lang: Lang) -> str:
    """Write the lines of a sum, each with its clause, into one cell."""
    return "; ".join(_line_text(line, lang) for line in lines)


def _line_text(line: Mapping[str, str], lang: Lang) -> str:
    kind, text, unit = line["kind"], line["line"], "yuan"
    if lang == "zh":
        kind = "换热器" if kind == "exchanger" else KINDS[kind][0]
        for english, chinese in _ZH_UNITS:
            text, unit = text.replace(english, chinese), "元"
    return f"{kind}: {text} = {line['amount']} {unit} [{line['clause']}]"
