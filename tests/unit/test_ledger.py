"""The ledger of a simulated winter: five documents an alert, true to the run and marked as such."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from zibo_sim.air.observed import align
from zibo_sim.cli.main import main
from zibo_sim.clock import working_calendar
from zibo_sim.errors import Refused
from zibo_sim.experiment import run
from zibo_sim.law import book
from zibo_sim.ledger import write_ledger
from zibo_sim.ledger.findings import findings
from zibo_sim.ledger.gather import records
from zibo_sim.ledger.measures import KINDS, measures
from zibo_sim.ledger.record import AlertRecord
from zibo_sim.ledger.said import number, numeral
from zibo_sim.places import DISTRICTS
from zibo_sim.results import Run
from zibo_sim.scenario import load

LEVELS = ("yellow", "orange", "red")
COLOURS = {"yellow": "黄色", "orange": "橙色", "red": "红色"}
MARK = "模拟文件"


@pytest.fixture(scope="module")
def winter() -> Run:
    return run(load(), seed=1)


@pytest.fixture(scope="module")
def found(winter: Run) -> list[AlertRecord]:
    return records(winter)


@pytest.fixture(scope="module")
def folder(winter: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("台账")
    write_ledger(winter, path)
    return path


def text(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8-sig")


def cells(path: Path) -> list[list[list[object]]]:
    return [
        [list(row) for row in s.iter_rows(values_only=True)] for s in openpyxl.load_workbook(path)
    ]


# ---- what is there -----------------------------------------------------------------------------


def test_every_alert_has_a_folder_with_the_five_documents_of_the_plan(
    winter: Run, folder: Path
) -> None:
    folders = sorted(folder.iterdir())
    assert len(folders) == len(winter.alerts) > 0
    asked = set(book()("alert.ledger.documents"))
    for path in folders:
        assert {file.stem for file in path.iterdir()} == asked


def test_a_folder_is_named_by_number_colour_and_day(winter: Run, folder: Path) -> None:
    names = [
        f"{n:02d}-{COLOURS[row['level']]}-{row['published']:%Y-%m-%d}"
        for n, (_, row) in enumerate(winter.alerts.iterrows(), 1)
    ]
    assert sorted(path.name for path in folder.iterdir()) == names


def test_every_document_says_first_that_it_is_simulated(folder: Path) -> None:
    for path in folder.rglob("*.txt"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        assert MARK in path.read_text(encoding="utf-8-sig").splitlines()[0]
    for path in folder.rglob("*.xlsx"):
        for sheet in cells(path):
            assert any(MARK in str(row[0]) for row in sheet[:3])


def test_nothing_is_left_to_fill_in(folder: Path) -> None:
    for path in folder.rglob("*.txt"):
        assert not re.search(r"[{}]|\bnan\b|None", path.read_text(encoding="utf-8-sig"))
    for path in folder.rglob("*.xlsx"):
        written = str(cells(path)).replace("None", "")
        assert not re.search(r"[{}]|\bnan\b", written)


def test_a_second_ledger_replaces_the_first_and_leaves_other_files(
    winter: Run, tmp_path: Path
) -> None:
    first = write_ledger(winter, tmp_path)
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    (first[0] / "stale.txt").write_text("old", encoding="utf-8")
    second = write_ledger(winter, tmp_path)
    assert first == second
    assert not (first[0] / "stale.txt").exists()
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "kept"
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_a_ledger_in_a_file_is_refused(winter: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(Refused, match="is a file"):
        write_ledger(winter, tmp_path / "taken")


def test_the_english_ledger_has_english_names_and_no_chinese_headings(
    winter: Run, tmp_path: Path
) -> None:
    first = write_ledger(winter, tmp_path, "en")[0]
    assert all(path.name.isascii() for path in [first, *first.iterdir()])
    assert "[SIMULATED]" in text(first, "summary-of-the-episode.txt")


# ---- true to the run ---------------------------------------------------------------------------


def test_acts_are_those_of_the_events(winter: Run, found: list[AlertRecord]) -> None:
    events = winter.events
    for record in found:
        mine = events[(events["entity"] == record.name) & (events["domain"] == "air")]
        kinds = [e for e in mine["event"] if e in ("published", "upgraded", "lowered", "lifted")]
        assert [act.kind for act in record.acts] == kinds
        for act in record.acts:
            assert act.reported <= act.approved <= act.signed <= act.done
            assert act.consultation != ""
    signers = {act.signer for record in found for act in record.acts}
    assert signers <= {"指挥长", "办公室主任"}


def test_the_commander_signs_whatever_touches_red(found: list[AlertRecord]) -> None:
    for record in found:
        for act in record.acts:
            red = "red" in (act.level, act.before) if act.kind != "lifted" else act.level == "red"
            assert (act.signer == "指挥长") == red


def test_a_consultation_shows_the_newest_forecast_before_it(
    winter: Run, found: list[AlertRecord]
) -> None:
    vintages, clock = winter.outcome.air.vintages, winter.outcome.clock
    for record in found:
        for act in record.acts:
            issue = vintages.latest(round(clock.hour(act.reported)))
            assert act.view.issued == clock.datetime(float(vintages.issued[issue]))
            assert act.view.issued <= act.reported
            whole = [block for block in act.view.blocks if np.isfinite(block[1])]
            assert whole[0][1] == pytest.approx(vintages.aqi[issue, :24].mean())


def test_what_the_last_day_was_like_comes_from_the_series(
    winter: Run, found: list[AlertRecord]
) -> None:
    act = found[1].acts[0]
    seen = winter.series.loc[: act.reported, "aqi_24h"].iloc[-2]
    assert act.view.last_24h == pytest.approx(seen)


def test_the_air_is_that_of_the_hours_in_force(winter: Run, found: list[AlertRecord]) -> None:
    rows = winter.alerts
    assert [r.air.hours_over for r in found] == rows["hours_over_200"].tolist()
    assert [r.air.peak_24h for r in found] == rows["peak_24h"].tolist()
    for record in found:
        assert record.air.mean_pm25 < record.air.mean_no_measures
        assert record.air.hours_over <= record.air.hours_over_no_measures


def test_the_output_forgone_is_that_of_the_metrics(winter: Run, found: list[AlertRecord]) -> None:
    lost = sum(stage.lost_yuan for record in found for stage in record.stages)
    assert lost == pytest.approx(winter.metrics["air.output_lost"])


def test_every_districts_reports_and_summaries_are_counted_once(
    winter: Run, found: list[AlertRecord]
) -> None:
    events = winter.events[winter.events["entity"].isin(list(DISTRICTS))]
    sent = (events["event"] == "summarised").sum()
    counted = [d for r in found for d in r.districts if d.summarised is not None]
    assert len(counted) == sent
    assert (
        sum(d.reports for r in found for d in r.districts)
        == (events["event"] == "progress_reported").sum()
    )
    assert all([d.name for d in r.districts] == list(DISTRICTS) for r in found)


def test_summaries_are_due_three_working_days_after_the_lift(found: list[AlertRecord]) -> None:
    for record in found:
        assert record.lifted is not None
        assert record.summaries_due == working_calendar().add(record.lifted.date(), 3)
        for d in record.districts:
            if d.summarised is not None and record.summaries_due is not None:
                assert d.summary_late == (d.summarised.date() > record.summaries_due)


def test_an_alert_still_in_force_at_the_end_is_said_to_be() -> None:
    for seed in range(1, 60):
        scenario = load().replace({"period.end": date(2019, 1, 8)})
        made = run(scenario, seed)
        if len(made.alerts) and made.alerts["lifted"].isna().any():
            break
    record = records(made)[-1]
    assert record.lifted is None
    assert record.summaries_due is None


# ---- the documents -----------------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_has_measures_of_all_three_kinds_under_its_own_item(level: str) -> None:
    item = {"yellow": "五(五)2", "orange": "五(五)3", "red": "五(五)4"}[level]
    found = measures(level, book())
    assert {m.kind for m in found} == set(KINDS)
    assert all(f" {item}(" in m.clause for m in found)
    assert all(book().find(m.clause) for m in found)


def test_outdoor_solvents_and_mixing_stop_from_orange_on() -> None:
    ids = {level: {m.entry.id for m in measures(level, book())} for level in LEVELS}
    for key in ("alert.stop.solvent", "alert.stop.mixing", "alert.stop.yards"):
        assert [key in ids[level] for level in LEVELS] == [False, True, True]


def test_the_notice_names_level_response_signer_and_every_measure(
    found: list[AlertRecord], folder: Path
) -> None:
    for record, path in zip(found, sorted(folder.iterdir()), strict=True):
        notice = text(path, "重污染天气预警发布文本.txt")
        for act in record.acts:
            assert COLOURS[act.level] in notice
            if act.kind != "lifted":
                assert f"{record.law(f'alert.response.level.{act.level}')}应急响应" in notice
                assert f"经{act.signer}签发" in notice
                for measure in measures(act.level, record.law):
                    assert measure.clause in notice
                    assert measure.entry.quote in notice or measure.demand in notice
        assert notice.count("模拟，无印章") == len(record.acts)


def test_the_approval_form_has_a_sheet_an_act_and_no_name(
    found: list[AlertRecord], folder: Path
) -> None:
    for record, path in zip(found, sorted(folder.iterdir()), strict=True):
        sheets = cells(path / "重污染天气预警发布(解除)审批表.xlsx")
        assert len(sheets) == len(record.acts)
        for sheet, act in zip(sheets, record.acts, strict=True):
            steps = {row[0]: row for row in sheet}
            assert steps["签发"][1] == act.signer
            assert steps["审批"][1] == act.approver
            assert steps["审批"][3] == act.clauses[1]
            assert all(steps[s][4] == "（模拟，无签字）" for s in ("审批", "签发", "发布"))


def test_the_statistics_hold_the_figures_of_the_record(
    found: list[AlertRecord], folder: Path
) -> None:
    record, path = found[5], sorted(folder.iterdir())[5]
    overview, districts, measured = cells(path / "重污染天气应急响应统计表.xlsx")
    values = {row[0]: row[1] for row in overview}
    assert values["24小时AQI均值大于200的小时数"] == record.air.hours_over
    assert values["预警持续（小时）"] == pytest.approx(
        (record.acts[-1].done - record.published).total_seconds() / 3600, abs=0.05
    )
    assert [row[0] for row in districts[-len(DISTRICTS) :]] == list(DISTRICTS)
    levels = {a.level for a in record.acts if a.kind != "lifted"}
    assert len(measured) == 4 + sum(len(measures(level, record.law)) for level in levels)


def test_sheets_have_readable_columns(folder: Path) -> None:
    path = sorted(folder.iterdir())[0] / "重污染天气应急响应统计表.xlsx"
    for sheet in openpyxl.load_workbook(path):
        widths = [dimension.width for dimension in sheet.column_dimensions.values()]
        assert len(widths) == sheet.max_column
        assert min(widths) >= 10


def test_the_summary_has_the_four_contents_of_the_plan(folder: Path) -> None:
    summary = text(sorted(folder.iterdir())[0], "重污染天气应急过程总结.txt")
    for heading in ("应急措施落实情况", "取得的成效", "发现的问题", "改进建议"):
        assert heading in summary


def test_a_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    made = run(load().replace({"title": "=1+1"}), seed=1)
    path = write_ledger(made, tmp_path)[0]
    for name in ("重污染天气应急响应统计表.xlsx", "重污染天气预警发布(解除)审批表.xlsx"):
        for sheet in openpyxl.load_workbook(path / name):
            assert all(c.data_type != "f" for row in sheet.iter_rows() for c in row)


# ---- findings ----------------------------------------------------------------------------------


def test_findings_follow_from_the_figures(found: list[AlertRecord]) -> None:
    for record in found:
        keys = set(findings(record))
        assert ("late_issue" in keys) == (record.lead_h < 0)
        assert ("short_lead" in keys) == (0 <= record.lead_h < 24)
        assert ("false" in keys) == (record.air.hours_over_no_measures == 0)
        assert ("reports" in keys) == any(d.late for d in record.districts)


def test_full_compliance_is_no_problem() -> None:
    made = records(run(load("everybody-complies"), seed=1))
    assert made
    assert not any("followed" in findings(record) for record in made)


def test_measured_air_has_a_ledger_without_an_effect(tmp_path: Path) -> None:
    scenario = load()
    hours = scenario.clock().hours
    aqi = np.where((np.arange(hours) // 240) % 2 == 1, 230.0, 60.0)
    none = np.zeros(hours, dtype=bool)
    air = align(np.arange(hours), hours, aqi, none, {"pm25": 0.8 * aqi}, book())
    made = run(scenario, seed=1, observed=air)
    folders = write_ledger(made, tmp_path)
    assert folders
    assert "无措施情形未知" in text(folders[0], "重污染天气应急过程总结.txt")


# ---- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "zh"), [(1, "一"), (10, "十"), (11, "十一"), (19, "十九"), (20, "20")]
)
def test_headings_are_numbered_in_chinese(n: int, zh: str) -> None:
    assert numeral(n, "zh") == zh
    assert numeral(n, "en") == str(n)


@pytest.mark.parametrize(("value", "said"), [(float("nan"), "—"), (-0.04, "0.0"), (1.25, "1.2")])
def test_numbers_have_no_minus_before_a_zero_and_a_dash_for_none(value: float, said: str) -> None:
    assert number(value) == said


# ---- the command -------------------------------------------------------------------------------


def test_the_command_writes_the_folder_and_prints_its_parts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ledger"
    assert main(["ledger", "--out", str(out), "--seed", "1", "--lang", "zh"]) == 0
    printed = capsys.readouterr().out.split()
    assert sorted(printed) == sorted(str(path) for path in out.iterdir())


def test_a_winter_without_alerts_is_said_to_have_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    week = ["--set", "period.end=2018-10-07"]
    assert main(["ledger", "--out", str(tmp_path), "--lang", "en", *week]) == 0
    assert "no alert" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
