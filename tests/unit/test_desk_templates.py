"""Templates: both languages, every column explained, and accepted by their own commands."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from zibo_sim.air.cutplan import plan_cuts
from zibo_sim.air.inventory_file import read_inventory
from zibo_sim.air.parameters import Air
from zibo_sim.air.reductions import reductions_of
from zibo_sim.desk.alerts import alerts_file
from zibo_sim.desk.bills import bill_file
from zibo_sim.desk.inventory import write_list
from zibo_sim.desk.outcome import Outcome
from zibo_sim.desk.sla import sla_file
from zibo_sim.desk.subsidies import subsidy_file
from zibo_sim.desk.templates import SCHEMAS, write_template
from zibo_sim.errors import Refused
from zibo_sim.law import book


def inventory_file(source: Path, out: Path) -> Outcome:
    """Read a list and write it back with its yellow measures."""
    law = book()
    reductions = reductions_of(read_inventory(source), Air(), law)
    plans = {"yellow": plan_cuts(reductions, "yellow")}
    write_list(out, reductions, plans, "zh")
    return Outcome(len(reductions.inventory), 0, {})


COMMANDS: dict[str, Callable[..., Outcome]] = {
    "customers": bill_file,
    "households": subsidy_file,
    "air": alerts_file,
    "requests": sla_file,
    "inventory": inventory_file,
}


@pytest.mark.parametrize("kind", SCHEMAS)
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_template_with_its_own_examples_is_accepted(
    tmp_path: Path, kind: str, lang: str, ending: str
) -> None:
    template, out = tmp_path / f"template{ending}", tmp_path / "out.csv"
    write_template(kind, template, lang)  # type: ignore[arg-type]
    outcome = COMMANDS[kind](template, out)
    assert outcome.errors == 0
    text = out.read_text(encoding="utf-8-sig")
    assert kind == "air" or outcome.written > 0
    assert "error" not in text


def test_both_languages_give_the_same_output(tmp_path: Path) -> None:
    for kind, command in COMMANDS.items():
        texts = set()
        for lang in ("zh", "en"):
            write_template(kind, tmp_path / "t.csv", lang)  # type: ignore[arg-type]
            command(tmp_path / "t.csv", tmp_path / "out.csv")
            text = (tmp_path / "out.csv").read_text(encoding="utf-8-sig")
            texts.add(text if kind != "inventory" else _planned(tmp_path / "t.csv"))
        assert len(texts) == 1


def _planned(path: Path) -> str:
    """The list is carried through in its own words, so what was read is compared."""
    plants = read_inventory(path)
    return repr([vars(plants)[k].tolist() for k in ("district", "industry", "tonnes", "lines")])


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_second_sheet_explains_every_column_in_both_languages(
    tmp_path: Path, kind: str
) -> None:
    write_template(kind, tmp_path / "t.xlsx", "zh")
    book = load_workbook(tmp_path / "t.xlsx")
    sheet = book["说明 Notes"]
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert [row[1] for row in rows] == [column.name for column in SCHEMAS[kind].columns]
    assert [row[0] for row in rows] == [cell.value for cell in book.worksheets[0][1]]
    assert all(row[4] and row[5] and row[6] and row[7] for row in rows)


def test_a_template_goes_to_standard_output_as_csv(capsys: pytest.CaptureFixture[str]) -> None:
    write_template("households", None, "zh")
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[0][:3] == ["家庭编号", "区县", "低保"]


@pytest.mark.parametrize("kind", ["inventories", "custommers"])
def test_an_unknown_template_is_refused_with_the_list(kind: str) -> None:
    with pytest.raises(Refused, match="customers, households, air, requests, inventory"):
        write_template(kind)


def test_a_template_is_written_only_to_a_table(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"allowed: \.csv and \.xlsx"):
        write_template("air", tmp_path / "t.docx")
