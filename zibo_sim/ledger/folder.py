"""The folder of the ledger: a sub-folder an alert, five documents in each."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from openpyxl import Workbook

from zibo_sim.errors import Refused
from zibo_sim.ledger.gather import records
from zibo_sim.ledger.record import AlertRecord
from zibo_sim.ledger.said import said
from zibo_sim.ledger.sheets import Forms
from zibo_sim.ledger.texts import Writer, mark
from zibo_sim.results import Run
from zibo_sim.words import half, language


def write_ledger(run: Run, folder: Path, lang: str | None = "zh") -> list[Path]:
    """Write the five documents of 145号 六(二) for every alert of a run.

    Parameters
    ----------
    run : Run
        One replication.
    folder : Path
        Made where it is missing. Sub-folders such as ``01-橙色-2018-12-14`` appear whole or not at
        all; those of an earlier ledger with the same names are replaced, others left alone.
    lang : {"zh", "en"}, optional
        Language of the documents; Chinese unless told otherwise.

    Returns
    -------
    list of Path
        The sub-folders, in order; empty where no alert was published.

    Raises
    ------
    Refused
        Where the folder cannot be written.
    """
    lang = language(lang)
    outcome = run.outcome
    head = mark(half(run.scenario.title, lang), run.seed, outcome.replication, lang)
    found = records(run)
    try:
        if folder.exists() and not folder.is_dir():
            raise Refused("is a file; --out names a folder", where=str(folder))
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".ledger-") as made:
            written = [_write(record, Path(made), lang, head) for record in found]
            return [_placed(path, folder) for path in written]
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refused(f"cannot be written: {reason}", where=str(folder)) from None


def _placed(made: Path, folder: Path) -> Path:
    target = folder / made.name
    if target.exists():
        shutil.rmtree(target)
    return made.rename(target)


def _write(record: AlertRecord, where: Path, lang: str, head: list[str]) -> Path:
    """Write one alert's documents; return their folder."""
    name = said(
        "name.folder", lang, number=record.number, colour=said(f"colour.{record.level}", lang),
        day=f"{record.published:%Y-%m-%d}",
    )  # fmt: skip
    folder = where / name
    folder.mkdir()
    texts, forms = Writer(record, lang, head), Forms(record, lang, head)
    documents: dict[str, str | Workbook] = {
        "statistics": forms.statistics(),
        "opinion": texts.opinion(),
        "approval": forms.approvals(),
        "notice": texts.notice(),
        "summary": texts.summary(),
    }
    for key, document in documents.items():
        path = folder / said(f"name.{key}", lang)
        if isinstance(document, str):
            path.write_text(document, encoding="utf-8-sig", newline="\n")
        else:
            document.properties.creator = "zibo_sim"
            document.save(path)
    return folder
