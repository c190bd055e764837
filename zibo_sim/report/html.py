"""Pieces of HTML; whatever is put into them is escaped."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from struct import unpack
from typing import Any

from zibo_sim.words import word

STYLE = resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
#: Nothing is loaded from anywhere: pictures and style stand in the file.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'"
)
#: Pixels an inch of the pictures, and how many inches fill the page's width.
DPI, _PAGE_INCHES = 110, 10.4
#: Share of the page's width below which a picture cannot be read.
_LEAST = 40
_HEADINGS = re.compile(r'<h2 id="([\w-]+)">([^<]*)</h2>')


@dataclass(frozen=True)
class Column:
    """A column of a table: its header and the class of its cells."""

    header: str
    kind: str = ""


@dataclass(frozen=True)
class Band:
    """A row of a table that is a heading for those below it."""

    said: str


def document(title: str, top: Iterable[str], parts: Iterable[str], lang: str) -> str:
    """Return a whole page; it holds everything and loads nothing.

    Parameters
    ----------
    title : str
        Of the page and of the window.
    top : iterable of str
        What stands above the table of contents: HTML, already escaped.
    parts : iterable of str
        The sections, likewise; those with headings of the second level make the contents.
    lang : {"zh", "en"}
    """
    tongue, said, body = ("zh-CN" if lang == "zh" else "en"), escape(title), "\n".join(parts)
    above = "\n".join([*top, contents(body)])
    return (
        f'<!DOCTYPE html>\n<html lang="{tongue}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{said} — {escape(word('report.title', lang))}</title>\n<style>\n{STYLE}</style>\n"
        f"</head><body>\n<h1>{said}</h1>\n{above}\n{body}\n</body></html>\n"
    )


def table(columns: Sequence[Column], rows: Iterable[Sequence[Any] | Band], kind: str = "") -> str:
    """Return a table; every cell is escaped."""
    head = "".join(f'<th class="{c.kind}">{escape(c.header)}</th>' for c in columns)
    body = "\n".join(_row(columns, row) for row in rows)
    top = f"<thead><tr>{head}</tr></thead>" if any(c.header for c in columns) else ""
    return f'<table class="{kind}">{top}<tbody>\n{body}\n</tbody></table>'


def _row(columns: Sequence[Column], row: Sequence[Any] | Band) -> str:
    if isinstance(row, Band):
        said = f'<th colspan="{len(columns)}">{escape(row.said)}</th>'
        return f'<tr class="band">{said}</tr>'
    return f"<tr>{''.join(_cell(c, value) for c, value in zip(columns, row, strict=True))}</tr>"


def _cell(column: Column, value: Any) -> str:
    shown = escape(str(value))
    if column.kind == "k":  # dotted names may break behind a dot or a line
        shown = shown.replace(".", ".<wbr>").replace("_", "_<wbr>")
    return f'<td class="{column.kind}">{shown}</td>'


def heads(lang: str, *keys: str) -> list[Column]:
    """Return columns by the ending of their word's key; after a blank, the class of the cells.

    A key with a dot names a word of another table.
    """
    pairs = [key.partition(" ") for key in keys]
    return [
        Column(word(name if "." in name else f"report.h_{name}", lang), kind)
        for name, _, kind in pairs
    ]


def text(said: str, kind: str = "") -> str:
    """Return a paragraph."""
    return f'<p class="{kind}">{escape(said)}</p>'


def block(said: str) -> str:
    """Return a text line by line, as files are shown."""
    return f"<pre>{escape(said)}</pre>"


def brief(parts: Iterable[str]) -> str:
    """Return what is to stand on the first page of paper."""
    return '<section class="brief">' + "\n".join(parts) + "</section>"


def appendix(parts: Iterable[str]) -> str:
    """Return what stands behind the rest: on paper in smaller type, lists in two columns."""
    return '<section class="appendix">' + "\n".join(parts) + "</section>"


def listed(items: Iterable[str]) -> str:
    """Return a list with points; nothing where there are none."""
    shown = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<ul>{shown}</ul>" if shown else ""


def heading(said: str, level: int = 2, mark: str = "", aside: str = "") -> str:
    """Return a heading, with what it can be linked by and what stands small beside it."""
    named = f' id="{escape(mark)}"' if mark else ""
    small = f'<span class="clause">{escape(aside)}</span>' if aside else ""
    return f"<h{level}{named}>{escape(said)}{small}</h{level}>"


def title(key: str, lang: str, level: int = 2) -> str:
    """Return a heading from the table of words."""
    return heading(_word(key, lang), level, key.replace(".", "-") if level == 2 else "")


def contents(body: str) -> str:
    """Return links to the headings of the second level."""
    links = (f'<a href="#{mark}">{said}</a>' for mark, said in _HEADINGS.findall(body))
    return f"<nav>{' · '.join(links)}</nav>"


def _word(key: str, lang: str) -> str:
    return word(key if "." in key else f"report.{key}", lang)


def image(png: bytes, alt: str) -> str:
    """Return a picture that stands in the file itself."""
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{b64encode(png).decode()}">'


def figure(png: bytes, alt: str, caption: str) -> str:
    """Return a picture with its caption, as wide as its letters are to be read."""
    wide, high = unpack(">II", png[16:24])
    share = min(max(round(100 * wide / DPI / _PAGE_INCHES), _LEAST), 100)
    shown = image(png, alt).replace("<img ", f'<img width="{wide}" height="{high}" ', 1)
    said = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure style="--wide: {share}%">{shown}{said}</figure>'


def side_by_side(figures: Iterable[str]) -> str:
    """Return figures two a line."""
    held = "".join(figures)
    return f'<div class="pair">{held}</div>' if held else ""
