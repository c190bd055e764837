"""Heating bills for a list of customers: 淄政办字〔2018〕139号 一 on a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from zibo_sim.desk.outcome import Outcome, notes
from zibo_sim.desk.records import ERROR, OK, Record, deliver
from zibo_sim.errors import Refused
from zibo_sim.heating.bills import Space, account, bill
from zibo_sim.heating.customers_file import (
    CHINESE,
    CUSTOMERS,
    KINDS,
    OF_A_SPACE,
    OF_THE_CUSTOMER,
    blocks,
    refuse_return,
)
from zibo_sim.heating.plainbill import PlainBill
from zibo_sim.heating.season import refuse_year, season_in_force
from zibo_sim.law import Law, book
from zibo_sim.tables.blocks import Block, FirstRows, rule_faults, same_on_all
from zibo_sim.tables.files import Row, open_table
from zibo_sim.tables.said import BadRow, Lang, Said
from zibo_sim.tables.schema import Layout
from zibo_sim.words import labelled, listed

OUTPUT = ("customer_id", "amount", "status", "basis", "message")
_STATES = {
    "ok": "已计算",
    "error": "有误",
    "out_of_scope": "不在适用范围",
    "not_in_force": "不在有效期",
}
_ZH_UNITS = (("yuan", "元"), ("kWh", "千瓦时"), ("pcs", "个"))


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
        When the file is no list of customers, the output cannot be written, or the season is no
        year.
    """
    law = law or book()
    refuse_year("--season", season, season_in_force, law)
    total = Decimal(0)

    def add(values: Mapping[str, Any]) -> None:
        nonlocal total
        total += values.get("amount") or 0

    with open_table(source, encoding) as table:
        layout = CUSTOMERS.layout(table)
        biller = Biller(layout, season, law)
        records = bills(table.rows, layout, biller, lang)
        counted = deliver(records, OUTPUT, layout.extra_names, out, source, add)
    states = ", ".join(f"{count} {status}" for status, count in sorted(counted.items()))
    zh = "，".join(
        f"{_STATES.get(status, status)} {count}" for status, count in sorted(counted.items())
    )
    said = Said(
        f"{counted.total()} 个客户（{zh}），应收合计 {total:,.2f} 元",
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
            raise BadRow(*rule_faults(refusal, block.rows, self._layout, CHINESE)) from None
        return found

    def _shared(self, block: Block) -> dict[str, Any]:
        shared, faults = {}, list(block.faults)
        for name in OF_THE_CUSTOMER:
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
            Space.model_construct(**{k: row[k] for k in OF_A_SPACE if k in row})
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
                refuse_return(block, seen, layout)
                values |= biller.of(block)
                if "basis" in values:
                    values["basis"] = basis_text(values["basis"], lang)
            except BadRow as bad:
                values |= {"status": ERROR, "message": bad.said.of(lang)}
            yield Record(values, extra)


def basis_text(lines: Sequence[Mapping[str, str]], lang: Lang) -> str:
    """Write the lines of a sum, each with its clause, into one cell."""
    return listed((_line_text(line, lang) for line in lines), lang, "clause")


def _line_text(line: Mapping[str, str], lang: Lang) -> str:
    kind, text, unit = line["kind"], line["line"], "yuan"
    if lang == "zh":
        kind = "换热器" if kind == "exchanger" else KINDS[kind][0]
        for english, chinese in _ZH_UNITS:
            text, unit = text.replace(english, chinese), "元"
    worked_out = f"{text} = {line['amount']} {unit} [{line['clause']}]"
    return labelled(kind, worked_out, lang)
