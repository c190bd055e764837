"""Pieces of HTML; whatever is put into them is escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from zibo_sim.words import word

STYLE = """
@page { size: A4; margin: 14mm 12mm }
* { box-sizing: border-box }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans CJK SC", "Noto Sans SC",
  "PingFang SC", "Microsoft YaHei", sans-serif; color: #1d2733; max-width: 62rem;
  margin: 0 auto; padding: 1.5rem }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-bottom: .2rem;
  border-bottom: 2px solid #1f3b5c }
h3 { font-size: 1rem; margin: 1.3rem 0 .3rem }
h4 { font-size: .9rem; margin: 1rem 0 .2rem; font-weight: 600 }
p { margin: .3rem 0 }
.lead { font-size: 1.05rem }
.small, .clause { color: #5a6673; font-size: .85rem }
.clause { font-weight: normal; margin-left: .6rem }
table { border-collapse: collapse; width: 100%; margin: .3rem 0 .6rem; font-size: .88rem }
th { text-align: left; font-weight: 600; color: #44505c; border-bottom: 1.5px solid #9fb3c8 }
td, th { padding: .22rem .5rem; vertical-align: top }
h1, p, td.t { overflow-wrap: anywhere }
td { border-bottom: 1px solid #e4e9ee } td.n, th.n { text-align: right; white-space: nowrap }
td.k { font-family: ui-monospace, Consolas, monospace; font-size: .8rem }
td.w { white-space: nowrap }
.summary { table-layout: fixed }
.summary td:nth-child(1) { width: 36% } .summary td:nth-child(2) { width: 17% }
.summary td:nth-child(3) { width: 17% }
nav { font-size: .88rem; margin: .6rem 0 } a { color: #00639c }
.law { table-layout: fixed }
.law th:nth-child(1) { width: 19% } .law th:nth-child(2) { width: 17% }
.law th:nth-child(3) { width: 9% } .law th:nth-child(4) { width: 8% }
.law th:nth-child(5) { width: 9% }
figure { margin: .6rem 0; break-inside: avoid } img { max-width: 100%; height: auto }
figcaption { color: #5a6673; font-size: .85rem }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }
tr { break-inside: avoid } thead { display: table-header-group } h2, h3, h4 { break-after: avoid }
.dense { font-size: .78rem }
@media print { nav { display: none } body { font-size: 9.5pt; max-width: none; padding: 0 } }
@media (max-width: 40rem) { .pair { grid-template-columns: 1fr } }
"""
#: Nothing is loaded from anywhere: pictures and style stand in the file.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Column:
    """A column of a table: its header and the class of its cells."""

    header: str
    kind: str = ""


def table(columns: Sequence[Column], rows: Iterable[Sequence[Any]], kind: str = "") -> str:
    """Return a table; every cell is escaped."""
    head = "".join(f'<th class="{c.kind}">{escape(c.header)}</th>' for c in columns)
    body = "\n".join(
        f"<tr>{''.join(_cell(c, value) for c, value in zip(columns, row, strict=True))}</tr>"
        for row in rows
    )
    top = f"<thead><tr>{head}</tr></thead>" if any(c.header for c in columns) else ""
    return f'<table class="{kind}">{top}<tbody>\n{body}\n</tbody></table>'


def _cell(column: Column, value: Any) -> str:
    shown = escape(str(value))
    if column.kind == "k":  # dotted names may break behind a dot or a line
        shown = shown.replace(".", ".<wbr>").replace("_", "_<wbr>")
    return f'<td class="{column.kind}">{shown}</td>'


def heads(lang: str, *keys: str) -> list[Column]:
    """Return columns by the ending of their word's key; after a blank, the class of the cells."""
    pairs = [key.partition(" ") for key in keys]
    return [Column(word(f"report.h_{name}", lang), kind) for name, _, kind in pairs]


def text(said: str, kind: str = "") -> str:
    """Return a paragraph."""
    return f'<p class="{kind}">{escape(said)}</p>'


def title(key: str, lang: str, level: int = 2) -> str:
    """Return a heading from the table of words."""
    mark = f' id="{key}"' if level == 2 else ""
    return f"<h{level}{mark}>{escape(word(f'report.{key}', lang))}</h{level}>"


def contents(keys: Sequence[str], lang: str) -> str:
    """Return links to the headings of the second level."""
    links = (f'<a href="#{key}">{escape(word(f"report.{key}", lang))}</a>' for key in keys)
    return f"<nav>{' · '.join(links)}</nav>"


def image(png: bytes, alt: str) -> str:
    """Return a picture that stands in the file itself."""
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{b64encode(png).decode()}">'
