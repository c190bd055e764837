"""What is carried to the meeting: report, pictures, data; files whole or not at all."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd

from zibo_sim.comparison import COLUMNS
from zibo_sim.metrics import METRICS
from zibo_sim.report import report_of
from zibo_sim.report.scenario_files import file_names
from zibo_sim.text import width
from zibo_sim.whole import whole_file, whole_folder
from zibo_sim.widgets.engine import Result
from zibo_sim.widgets.files import scenario_toml
from zibo_sim.widgets.pictures import COMPARE, REPORTED, tabs
from zibo_sim.words import word

_MIME = {".html": "text/html", ".zip": "application/zip", ".toml": "application/toml",
         ".csv": "text/csv",
         ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}  # fmt: skip
_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644
_WIDEST = 44


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
            info = ZipInfo(name, _EPOCH)
            info.compress_type = ZIP_DEFLATED
            info.external_attr = _READABLE << 16
            archive.writestr(info, content)
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
    """Return the comparison, every replication and what the metrics are, safe for Excel."""
    tidy = result.comparison.tidy()
    name = next(c for c in tidy.columns if c.startswith("variant_"))
    tidy = tidy.rename(columns={name: "arm"})[["arm", "metric", "unit", *COLUMNS]]
    tidy["arm"] = [safe(str(arm)) for arm in tidy["arm"]]
    names = (result.scenarios[0].title, *result.names)
    arms = zip(names, result.arms, strict=True)
    runs = [arm.metrics.assign(arm=safe(name)) for name, arm in arms]
    joined = pd.concat(runs, ignore_index=True)
    rest = [column for column in joined.columns if column not in ("arm", "replication", "seed")]
    return {"comparison": tidy, "replications": joined[["arm", "replication", "seed", *rest]],
            "metrics": _metrics([name for name in rest if name in METRICS])}  # fmt: skip


def _metrics(names: Sequence[str]) -> pd.DataFrame:
    """Return what each metric is called in both languages, its unit and how it is computed."""
    rows = [
        (m.name, m.zh, m.en, m.unit, m.formula_in("zh"), m.formula_in("en"))
        for m in (METRICS[name] for name in names)
    ]
    return pd.DataFrame(rows, columns=["metric", "zh", "en", "unit", "formula_zh", "formula_en"])


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def data(result: Result, lang: str = "en") -> dict[str, bytes]:
    """Return the data as CSV and as one Excel file, with what they were made of."""
    made = frames(result)
    files = {
        f"{name}.csv": frame.to_csv(index=False).encode("utf-8-sig") for name, frame in made.items()
    }
    held = BytesIO()
    with pd.ExcelWriter(held, engine="openpyxl") as book:
        for name, frame in made.items():
            frame.to_excel(book, sheet_name=name, index=False, freeze_panes=(1, 0))
            _widen(book.sheets[name], frame)
    files["results.xlsx"] = held.getvalue()
    base, names = result.scenarios[0], file_names(len(result.scenarios))
    for name, scenario in zip(names, result.scenarios, strict=True):
        files[name] = scenario_toml(scenario, base, lang).encode()
    return files


def _widen(sheet: Any, frame: pd.DataFrame) -> None:
    """Make a sheet's columns of text as wide as what stands in them."""
    from openpyxl.utils import get_column_letter

    for number, (name, column) in enumerate(frame.items(), start=1):
        texts = [str(name), *column[[isinstance(v, str) for v in column]]]
        wide = min(_WIDEST, max(width(text) for text in texts) + 2)
        sheet.column_dimensions[get_column_letter(number)].width = wide


# ---- the report ---------------------------------------------------------------------------------


def report(result: Result, pictures: Mapping[str, bytes], lang: str) -> bytes:
    """Return the report of a comparison: one HTML file, printable, that loads nothing.

    Parameters
    ----------
    result : Result
    pictures : mapping of tab key to PNG
        The differences are left out: the report draws them itself, all of them.
    lang : {"zh", "en"}
    """
    named = [(tabs()[key].title(lang), png) for key, png in pictures.items() if key != COMPARE]
    return report_of(result.comparison, lang, pictures=named).encode()


def keys(kind: str) -> list[str]:
    """Return the keys of the pictures that go into a report or a folder of figures."""
    return [key for key in tabs() if kind != "report" or (key in REPORTED and key != COMPARE)]
