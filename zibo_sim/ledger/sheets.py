"""The two workbooks of the ledger: the statistics form and the forms of approval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from zibo_sim.ledger.measures import measures
from zibo_sim.ledger.record import Act, AlertRecord
from zibo_sim.ledger.said import day, hour, moment, number, said, who
from zibo_sim.ledger.texts import Writer, demanded
from zibo_sim.text import width as wide
from zibo_sim.words import bracketed, listed

Row = Sequence[Any]
_LINE = Side(style="thin", color="999999")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="DDE6F0")
_WRAP = Alignment(wrap_text=True, vertical="center")
_PLAN = "淄政办字〔2018〕145号"


def workbook(sheets: Sequence[tuple[str, str, Row, Sequence[Row], Sequence[int]]], mark: list[str]
             ) -> Workbook:  # fmt: skip
    """Return a workbook of tables, each below its title and the mark of the simulation.

    Parameters
    ----------
    sheets : sequence of tuple
        Name, title, header, rows and column widths of each.
    mark : list of str
    """
    book = Workbook()
    book.remove(book.active)
    for name, title, header, rows, widths in sheets:
        fill(book.create_sheet(name), [title, *mark], header, rows, widths)
    return book


def fill(
    sheet: Worksheet, lines: list[str], header: Row, rows: Sequence[Row], widths: Sequence[int]
) -> None:
    """Lay out one sheet: lines at its head, the first the title, and a table below them."""
    _head(sheet, lines, len(header), sum(widths))
    _table(sheet, header, rows)
    for n, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.freeze_panes = sheet.cell(len(lines) + 2, 1)
    sheet.page_setup.orientation = "landscape" if len(header) > 4 else "portrait"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _head(sheet: Worksheet, lines: list[str], columns: int, width: int) -> None:
    for n, text in enumerate(lines, 1):
        sheet.append([text])
        sheet.merge_cells(start_row=n, start_column=1, end_row=n, end_column=columns)
        cell = sheet.cell(n, 1)
        _as_text(cell)
        cell.font = Font(bold=True, size=14) if n == 1 else Font(color="AA0000", size=9)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        sheet.row_dimensions[n].height = 26 * (1 + wide(text) // max(width, 1))


def _as_text(cell: Any) -> None:
    """Keep a text that begins like a formula from being run."""
    if isinstance(cell.value, str):
        cell.data_type = "s"


def _table(sheet: Worksheet, header: Row, rows: Sequence[Row]) -> None:
    for line in (header, *rows):
        sheet.append(list(line))
        for cell in sheet[sheet.max_row]:
            cell.border, cell.alignment = _BORDER, _WRAP
            if line is header:
                cell.font, cell.fill = Font(bold=True), _HEAD
            _as_text(cell)


class Forms:
    """Fills in the workbooks of one alert.

    Parameters
    ----------
    record : AlertRecord
    lang : {"zh", "en"}
    mark : list of str
    """

    def __init__(self, record: AlertRecord, lang: str, mark: list[str]) -> None:
        self.record, self.lang, self.mark, self.law = record, lang, mark, record.law
        self.words = Writer(record, lang, mark)

    def say(self, key: str, **filled: object) -> str:
        """Return a text in the form's language."""
        return said(key, self.lang, **filled)

    def _or_dash(self, value: float, digits: int = 1) -> Any:
        text = number(value, digits)
        return text if text == "—" else float(text)

    # ---- statistics ----------------------------------------------------------------------

    def statistics(self) -> Workbook:
        """145号 六(二): the statistics of the response, the districts, the measures."""
        overview = self.say("sheet.overview")
        headers = [
            [self.say(f"sheet.{name}") for name in names]
            for names in (
                ("item", "value", "basis"),
                ("district", "notified", "report_count", "report_late", "summarised",
                 "working_days", "on_time"),
                ("level", "kind", "measure", "required", "basis", "quote"),
            )
        ]  # fmt: skip
        title = said("name.statistics", self.lang).rpartition(".")[0]
        tables = (
            (overview, title, headers[0], list(self._overview()), (38, 52, 30)),
            (self.say("sheet.districts"), title, headers[1], self._districts(),
             (24, 24, 14, 10, 24, 22, 10)),
            (self.say("sheet.measures"), title, headers[2], self._measures(),
             (10, 10, 34, 26, 30, 64)),
        )  # fmt: skip
        return workbook(tables, self.mark)

    def _overview(self) -> Iterator[Row]:
        yield from self._alert_rows()
        yield from self._air_rows()
        yield from self._measure_rows()
        yield from self._report_rows()

    def _row(self, key: str, value: Any, path: str = "", **filled: object) -> Row:
        return self.say(f"sheet.{key}", **filled), value, f"{_PLAN} {path}".strip() if path else ""

    def _alert_rows(self) -> Iterator[Row]:
        record, say, lang = self.record, self.say, self.lang
        first, levels = record.acts[0], [a.level for a in record.acts if a.kind != "lifted"]
        kinds = [
            say(f"consultation.{kind}") + say("common.count", value=n)
            for kind, n in record.consultations.items()
        ]
        lifted = say("common.not_lifted") if record.lifted is None else moment(record.lifted, lang)
        hours = (
            "—" if record.lifted is None
            else float(number((record.lifted - record.published).total_seconds() / 3600))
        )  # fmt: skip
        yield self._row("number", record.number)
        yield self._row("highest", say(f"colour.{record.level}"), "四(一)")
        yield self._row("levels", " → ".join(say(f"colour.{level}") for level in levels), "四(四)")
        yield self._row("published", moment(record.published, lang), "四(三)")
        yield self._row("onset", hour(record.onset, lang), "四(一)")
        yield self._row("lead", float(number(record.lead_h)), "四(三)")
        yield self._row("timing", say(f"timing.{first.timing}"), "四(三)")
        regional = say(f"colour.{record.regional}") if record.regional else say("common.unknown")
        yield self._row("regional", regional, "四(五)")
        yield self._row("lifted", lifted, "四(四)")
        yield self._row("in_force", hours)
        yield self._row("consultations", listed(kinds, lang), "四(二)")

    def _air_rows(self) -> Iterator[Row]:
        air, limit = self.record.air, self.law("alert.aqi.heavy")
        known = air.mean_no_measures == air.mean_no_measures
        without = air.hours_over_no_measures if known else "—"
        yield self._row("hours_over", air.hours_over, "四(一)", limit=limit)
        yield self._row("hours_over_no_measures", without)
        yield self._row("peak_24h", self._or_dash(air.peak_24h), "四(一)")
        yield self._row("peak_pm25", self._or_dash(air.peak_pm25, 0))
        yield self._row("mean_pm25", self._or_dash(air.mean_pm25))
        yield self._row("mean_no_measures", self._or_dash(air.mean_no_measures))

    def _measure_rows(self) -> Iterator[Row]:
        say, stages = self.say, self.record.stages
        for stage in stages:
            span = f"{hour(stage.begin, self.lang)} – {hour(stage.end, self.lang)}"
            response = self.law(f"alert.response.level.{stage.level}")
            level = say(f"colour.{stage.level}")
            yield self._row("response", f"{response}{bracketed(level, self.lang)} {span}", "五(一)")
            yield self._row("compliance", f"{100 * stage.compliance:.0f}%")
            asked = demanded(stage.level, self.law)
            for p, percent in stage.percent.items():
                demand = say("sheet.demanded", percent=f"{asked[p]:g}")
                figure = f"{percent:.1f}%{bracketed(demand, self.lang)}"
                yield self._row("accounted", figure, "五(三)",
                                pollutant=say(f"pollutant.{p}"))  # fmt: skip
        for p, share in self.record.air.cut.items():
            yield self._row("realised", f"{100 * share:.1f}%", pollutant=say(f"pollutant.{p}"))
        if stages:
            lost = sum(stage.lost_yuan for stage in stages)
            yield self._row("lost", float(number(lost / 1e4, 0)))

    def _report_rows(self) -> Iterator[Row]:
        record, say = self.record, self.say
        pair = say("sheet.report_pair", count=sum(d.reports for d in record.districts),
                   late=sum(d.late for d in record.districts))  # fmt: skip
        yield self._row("reports", pair, "四(三)")
        if record.summaries_due is not None:
            yield self._row("summaries_due", day(record.summaries_due, self.lang), "六(一)")
            sent = [d for d in record.districts if d.summarised is not None]
            late = sum(d.summary_late for d in sent)
            pair = say("sheet.summary_pair", count=len(sent), late=late)
            yield self._row("summaries", pair, "六(一)")

    def _districts(self) -> list[Row]:
        dash = self.say("common.not_known")
        kept = {late: self.say(f"common.{'no' if late else 'yes'}") for late in (False, True)}
        return [
            (
                who(d.name, self.lang),
                moment(d.notified, self.lang),
                d.reports,
                d.late,
                dash if d.summarised is None else day(d.summarised, self.lang),
                dash if d.working_days is None else d.working_days,
                dash if d.summarised is None else kept[d.summary_late],
            )
            for d in self.record.districts
        ]

    def _measures(self) -> list[Row]:
        levels = dict.fromkeys(a.level for a in self.record.acts if a.kind != "lifted")
        return [
            (
                self.law(f"alert.response.level.{level}"),
                self.say(f"kind.{measure.kind}"),
                measure.entry.name[self.lang],
                measure.demand,
                measure.clause,
                measure.entry.quote,
            )
            for level in levels
            for measure in measures(level, self.law)
        ]

    # ---- approvals -----------------------------------------------------------------------

    def approvals(self) -> Workbook:
        """145号 三, 四(三), 四(四): one form an act, from the report to the publication."""
        header = [self.say(f"sheet.{n}") for n in ("form_step", "form_who", "form_when", "basis",
                                                   "form_signature")]  # fmt: skip
        tables = []
        for n, act in enumerate(self.record.acts, 1):
            name = f"{n} {self.say(f'act.{act.kind}_tab')}"
            title = self.say("sheet.form_title")
            tables.append((name, title, header, self._form(act), (18, 40, 26, 30, 18)))
        return workbook(tables, self.mark)

    def _form(self, act: Act) -> list[Row]:
        unsigned = self.say("sheet.form_no_signature")
        steps: tuple[tuple[str, str, datetime], ...] = (
            ("form_reported", self.say("sheet.form_agencies"), act.reported),
            ("form_approved", who(act.approver, self.lang), act.approved),
            ("form_signed", who(act.signer, self.lang), act.signed),
            ("form_done", self.say("sheet.form_publisher"), act.done),
        )
        rows: list[Row] = [
            (self.say("sheet.form_subject"), self.words.act(act), "", "", ""),
            (self.say("sheet.form_reason"), self._reason(act), "", act.clauses[0], ""),
        ]
        rows += [
            (self.say(f"sheet.{step}"), by, moment(when, self.lang), clause, unsigned)
            for (step, by, when), clause in zip(steps, act.clauses, strict=True)
        ]
        return rows

    def _reason(self, act: Act) -> str:
        by_region = act.kind == "published" and act.consultation == "regional"
        key = "published_regional" if by_region else act.kind
        return self.say(f"opinion.{key}", **self.words.about(act))
