"""What is carried to the meeting: report, pictures, data; files whole or not at all."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from html import escape
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd

from zibo_sim.comparison import COLUMNS
from zibo_sim.law.book import READING_SUFFIX
from zibo_sim.report import html
from zibo_sim.report.summary import changed_rows, how_sure, in_force, period, printable, said_value
from zibo_sim.results import manifest, whole_file, whole_folder
from zibo_sim.scenario import Scenario
from zibo_sim.widgets import tables
from zibo_sim.widgets.engine import Result
from zibo_sim.widgets.files import scenario_toml
from zibo_sim.widgets.pictures import REPORTED, tabs
from zibo_sim.words import word

_MIME = {".html": "text/html", ".zip": "application/zip", ".toml": "application/toml",
         ".csv": "text/csv",
         ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip
_STYLE = """
.zs-cards { display: grid; grid-template-columns: repeat(3, 1fr); gap: .6rem; margin: .8rem 0 }
.zs-card { border: 1px solid #d5dde5; border-radius: 6px; padding: .5rem .7rem;
  break-inside: avoid }
.zs-card h4 { margin: 0 0 .2rem }
.zs-arm { display: inline-block; min-width: 5.5em; color: #5a6673; font-size: .82rem;
  margin-right: .4rem; overflow-wrap: anywhere }
.zs-v { white-space: nowrap; font-size: .85rem }
.zs-up { color: #a63f00 } .zs-down { color: #00558a }
.zs-none { color: #5f5f5f } .zs-n { text-align: right; white-space: nowrap }
.zs-note { color: #5a6673; font-size: .82rem }
"""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def link(name: str, content: bytes, lang: str) -> str:
    """Return a link that hands a file to the browser without asking any server."""
    kind = _MIME.get(Path(name).suffix, "application/octet-stream")
    data = f"data:{kind};base64,{b64encode(content).decode()}"
    said = escape(word("dash.download", lang, name=name))
    return f'<a class="zs-download" download="{escape(name)}" href="{data}">⤓ {said}</a>'


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as one archive; equal files give equal bytes."""
    held = BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(ZipInfo(name, _EPOCH), content)
    return held.getvalue()


def write(path: Path, content: bytes) -> Path:
    """Write one file, whole or not at all."""
    with whole_file(path) as file:
        file.write_bytes(content)
    return path


def write_all(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write the files of one folder, all or none."""
    with whole_folder(folder) as temporary:
        for name, content in files.items():
            (temporary / name).write_bytes(content)
    return folder


# ---- data ---------------------------------------------------------------------------------------


def frames(result: Result) -> dict[str, pd.DataFrame]:
    """Return the comparison and every replication, a user's titles made safe for Excel."""
    tidy = result.comparison.tidy()
    name = next(c for c in tidy.columns if c.startswith("variant_"))
    tidy = tidy.rename(columns={name: "arm"})[["arm", "metric", "unit", *COLUMNS]]
    tidy["arm"] = [safe(str(arm)) for arm in tidy["arm"]]
    names = (result.scenarios[0].title, *result.names)
    arms = zip(names, result.arms, strict=True)
    runs = [arm.metrics.assign(arm=safe(name)) for name, arm in arms]
    joined = pd.concat(runs, ignore_index=True)
    rest = [column for column in joined.columns if column not in ("arm", "replication", "seed")]
    return {"comparison": tidy, "replications": joined[["arm", "replication", "seed", *rest]]}


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def data(result: Result) -> dict[str, bytes]:
    """Return the data as CSV and as one Excel file, with what they were made of."""
    made = frames(result)
    files = {
        f"{name}.csv": frame.to_csv(index=False).encode("utf-8-sig") for name, frame in made.items()
    }
    held = BytesIO()
    with pd.ExcelWriter(held, engine="openpyxl") as book:
        for name, frame in made.items():
            frame.to_excel(book, sheet_name=name, index=False)
    files["results.xlsx"] = held.getvalue()
    for number, scenario in enumerate(result.scenarios):
        text = scenario_toml(scenario, scenario if number == 0 else result.scenarios[0])
        files[f"{'base' if number == 0 else f'variant{number}'}.toml"] = text.encode()
    return files


# ---- the report ---------------------------------------------------------------------------------


def report(result: Result, pictures: Mapping[str, bytes], lang: str) -> bytes:
    """Return the report of a comparison: one HTML file, printable, that loads nothing.

    Parameters
    ----------
    result : Result
    pictures : mapping of tab key to PNG
    lang : {"zh", "en"}
    """
    base, *variants = result.scenarios
    title = word("dash.report_title", lang, base=printable(base.title, lang))
    tongue = "zh-CN" if lang == "zh" else "en"
    parts = [
        f"<h1>{escape(title)}</h1>", *_questions(base, variants, lang),
        html.text(_facts(result, lang), "small"), tables.cards(result, lang),
        *_law(variants, lang), *_shown(pictures, lang),
        f"<h2>{escape(word('dash.table', lang))}</h2>", tables.results(result, lang),
        *_ground(base, result, lang),
    ]  # fmt: skip
    return (
        f'<!DOCTYPE html>\n<html lang="{tongue}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{html.POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{html.STYLE}{_STYLE}</style></head><body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    ).encode()


def _questions(base: Scenario, variants: list[Scenario], lang: str) -> list[str]:
    said = [f"{printable(v.title, lang)}: {printable(v.question, lang)}" for v in variants]
    return [html.text(line, "lead") for line in said] or [html.text(printable(base.question, lang))]


def _facts(result: Result, lang: str) -> str:
    said = period(result.scenarios[0], lang)
    return word("dash.facts", lang, period=said, pairs=result.replications, seed=result.seed)


def _law(variants: list[Scenario], lang: str) -> list[str]:
    parts = [f"<h2>{escape(word('dash.differs', lang))}</h2>"]
    heads = html.heads(lang, "id k", "what", "law t", "here t", "clause", "quote")
    for variant in variants:
        law = variant.law_book()
        entries = [(row, law.entry(row["id"].removesuffix(READING_SUFFIX)))
                   for row in variant.differs_from_law()]  # fmt: skip
        rows = [
            (row["id"], entry.name[lang], said_value(row["law"]), said_value(row["scenario"]),
             row["clause"], entry.quote) for row, entry in entries
        ]  # fmt: skip
        parts.append(f"<h3>{tables.shown(variant.title, lang)}</h3>")
        as_law = html.text(word("dash.as_law", lang))
        parts.append(html.table(heads, rows, "dense") if rows else as_law)
        parts += [html.text(line) for line in changed_rows(variant, (), lang)]
    return parts


def _shown(pictures: Mapping[str, bytes], lang: str) -> list[str]:
    parts = []
    for key, png in pictures.items():
        name = tabs()[key].title(lang)
        parts.append(f"<h2>{escape(name)}</h2><figure>{html.image(png, name)}</figure>")
    return parts


def _ground(base: Scenario, result: Result, lang: str) -> list[str]:
    about = manifest(base, result.seed, result.replications, [])
    rows = [("zibo_sim", about["version"]), ("Python", about["python"])]
    rows += list(about["dependencies"].items())
    return [
        f"<h2>{escape(word('report.versions', lang))}</h2>",
        *(html.text(line, "small") for line in in_force(base, lang)),
        html.text(how_sure(lang), "small"),
        html.table([html.Column(""), html.Column("")], rows, "dense"),
        html.text(json.dumps({"seed": result.seed, "content": about["content"]}), "small"),
    ]


def keys(kind: str) -> list[str]:
    """Return the keys of the pictures that go into a report or a folder of figures."""
    return [key for key in tabs() if kind != "report" or key in REPORTED]
