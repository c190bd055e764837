"""The cloud's clocks applied to tables of requests and to event logs."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from zibo_sim.clock import working_calendar
from zibo_sim.desk.outcome import Outcome
from zibo_sim.desk.sla import moved, sla_file
from zibo_sim.errors import Refused
from zibo_sim.law import book

HEAD = "request_id,submitted,assessed,accepted,opinion,test_from,test_to,live"
LOG = "case:concept:name,concept:name,time:timestamp,org:resource,lifecycle:transition"


def sla(tmp_path: Path, *lines: str, **options: object) -> tuple[Outcome, list[dict[str, str]]]:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    outcome = sla_file(source, out, **options)  # type: ignore[arg-type]
    with out.open(encoding="utf-8-sig", newline="") as file:
        return outcome, list(csv.DictReader(file))


def judged(rows: list[dict[str, str]]) -> dict[str, tuple[str, str, str]]:
    return {r["clock"]: (r["due"], r["done"], r["on_time"]) for r in rows}


def test_every_clock_of_a_finished_request_is_judged(tmp_path: Path) -> None:
    outcome, rows = sla(
        tmp_path,
        HEAD,
        "A,2018-11-26,2018-12-03 17:00,2018-12-04,2018-12-07,2018-12-12,2018-12-26,2018-12-28",
    )
    assert judged(rows) == {
        "accept": ("2018-12-04", "2018-12-04", "true"),
        "opinion": ("2018-12-07", "2018-12-07", "true"),
        "test": ("2018-12-11", "2018-12-12", "false"),
        "test_period": ("2018-12-27", "2018-12-26", "true"),
        "filing": ("2019-06-28", "", "open"),
    }
    assert rows[2]["clause"] == "淄政办字〔2018〕147号 第十一条(四)"
    assert rows[2]["message"] == "1 day late"
    assert outcome.errors == 0
    assert "test: 0 kept (0.0%), 1 missed (100.0%), 0 open" in outcome.notes["en"]
    assert "受理：按时 1 (100.0%)，逾期 0 (0.0%)，未了 0" in outcome.notes["zh"]


@pytest.mark.parametrize(
    ("as_of", "on_time"),
    [(date(2018, 12, 17), "open"), (date(2018, 12, 18), "open"), (date(2018, 12, 19), "false")],
)
def test_what_is_not_done_is_open_until_its_day_has_passed(
    tmp_path: Path, as_of: date, on_time: str
) -> None:
    _, (row,) = sla(tmp_path, HEAD, "B,,2018-12-17,,,,,", as_of=as_of)
    assert (row["due"], row["on_time"]) == ("2018-12-18", on_time)


def test_the_latest_date_of_the_file_is_the_day_of_judgement(tmp_path: Path) -> None:
    outcome, rows = sla(tmp_path, HEAD, "B,,2018-12-17,,,,,", "C,2018-12-28,,,,,,")
    assert judged(rows)["accept"][2] == "false"
    assert "judged as of 2018-12-28" in outcome.notes["en"]


@pytest.mark.parametrize(
    "line",
    ["E,,2018-12-17,2026-06-01,soon,,,", "E,,2026-06-01,2018-12-17,,,,", "E,,2099-01-01,,,,,"],
)
def test_a_date_of_a_request_in_error_is_no_day_of_judgement(tmp_path: Path, line: str) -> None:
    outcome, rows = sla(tmp_path, HEAD, "B,,2018-12-17,,,,,", line)
    assert judged(rows)["accept"][2] == "open"
    assert "judged as of 2018-12-17" in outcome.notes["en"]


def test_what_is_dated_after_the_day_of_judgement_is_not_known_yet(tmp_path: Path) -> None:
    lines = (HEAD, "A,,2018-12-17,2018-12-20,2018-12-24,,,", "B,2018-12-22,2018-12-24,,,,,")
    outcome, rows = sla(tmp_path, *lines, as_of=date(2018, 12, 18))
    assert [(r["request_id"], r["clock"], r["done"], r["on_time"]) for r in rows] == [
        ("A", "accept", "", "open"),
        ("B", "", "", ""),
    ]
    assert "2 dates lie after 2018-12-18, the day of judgement" in rows[0]["message"]
    assert any(note.startswith("4 dates lie after 2018-12-18") for note in outcome.notes["en"])
    _, rows = sla(tmp_path, *lines, as_of=date(2018, 12, 19))
    assert judged(rows[:1])["accept"] == ("2018-12-18", "", "false")


def test_of_a_log_too_only_what_had_happened_is_judged(tmp_path: Path) -> None:
    lines = (
        LOG,
        "1,assessed,2018-12-03,,",
        "1,suspend,2018-12-03,,",
        "1,resume,2018-12-10,,",
        "1,assessed,2018-12-17,,",
    )
    _, (row,) = sla(tmp_path, *lines, as_of=date(2018, 12, 6))
    assert (row["due"], row["on_time"]) == ("2018-12-07", "open")
    assert "2 dates lie after 2018-12-06" in row["message"]


@pytest.mark.parametrize("as_of", [date(1999, 1, 1), date(2099, 1, 1)])
def test_a_day_of_judgement_outside_the_calendar_is_refused(tmp_path: Path, as_of: date) -> None:
    with pytest.raises(Refused, match=f"--as-of: {as_of} is outside .* allowed: 2004-01-01 to"):
        sla(tmp_path, HEAD, "B,,2018-12-17,,,,,", as_of=as_of)


def test_a_request_without_a_running_clock_has_a_row_too(tmp_path: Path) -> None:
    _, rows = sla(tmp_path, HEAD, "D,2018-12-28,,,,,,")
    assert [(r["clock"], r["status"], r["message"]) for r in rows] == [
        ("", "ok", "no clock has begun")
    ]


def test_a_step_that_is_not_given_is_taken_at_its_limit(tmp_path: Path) -> None:
    _, rows = sla(tmp_path, HEAD, "G,,2018-12-17,,2018-12-21,,,")
    assert judged(rows)["opinion"] == ("2018-12-21", "2018-12-21", "true")
    assert judged(rows)["accept"] == ("2018-12-18", "", "open")
    assert "accepted is missing; a later step has one" in rows[0]["message"]


def test_a_refusal_stops_the_clock_of_acceptance(tmp_path: Path) -> None:
    _, rows = sla(tmp_path, "request_id,assessed,不予受理", "A,2018-12-17,2018-12-18")
    assert judged(rows) == {"accept": ("2018-12-18", "2018-12-18", "true")}


def test_a_date_of_filing_closes_its_clock(tmp_path: Path) -> None:
    _, rows = sla(tmp_path, "request_id,live,filed", "A,2018-12-01,2019-06-01", "B,2018-01-31,")
    assert [r["on_time"] for r in rows] == ["true", "false"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("E,,2018-12-17,2018-12-10,,,,", "row 3, column accepted: 2018-12-10 lies before assessed"),
        ("E,,2018-12-17,soon,,,,", "row 3, column accepted: 'soon' is refused"),
        (
            "E,,1990-01-01,,,,,",
            "row 3, column assessed: 1990-01-01 is outside the working-day calendar; allowed: 2004",
        ),
        ("E,,2018-12-17,,2099-01-01,,,", "row 3, column opinion: 2099-01-01 is outside"),
        ("A,,2018-12-17,,,,,", "row 3, column request_id: this id stood in row 2"),
        (",,2018-12-17,,,,,", "row 3, column request_id: is empty"),
    ],
)
def test_a_bad_row_is_one_error(tmp_path: Path, line: str, said: str) -> None:
    outcome, rows = sla(tmp_path, HEAD, "A,,2018-12-17,2018-12-18,,,,", line)
    assert [r["status"] for r in rows][-1] == "error"
    assert said in rows[-1]["message"]
    assert outcome.errors == 1


def test_extra_columns_are_carried_on_every_clock(tmp_path: Path) -> None:
    _, rows = sla(tmp_path, "request_id,assessed,accepted,unit", "A,2018-12-17,2018-12-18,=x")
    assert [r["unit"] for r in rows] == ["'=x", "'=x"]


def test_a_clock_begun_before_the_document_was_in_force_says_so(tmp_path: Path) -> None:
    _, rows = sla(tmp_path, HEAD, "A,,2018-11-16,2018-11-19,2018-11-22,,,")
    assert judged(rows)["accept"] == ("2018-11-19", "2018-11-19", "true")
    said = "begun before 淄政办字〔2018〕147号 was in force (2018-11-19)"
    assert rows[0]["message"] == said
    assert not any(said in row["message"] for row in rows[1:])


def test_a_change_of_the_law_reaches_the_clock(tmp_path: Path) -> None:
    law = book().with_changes({"cloud.accept.days": 2})
    _, rows = sla(tmp_path, HEAD, "B,,2018-12-17,,,,,", law=law)
    assert rows[0]["due"] == "2018-12-19"


def test_an_event_log_is_read_with_its_pauses_and_zones(tmp_path: Path) -> None:
    outcome, rows = sla(
        tmp_path,
        LOG + ",case:unit,cost",
        "1,审核,2018-12-04T01:00:00Z,王,suspend,局,1",
        "1,出具评估报告,2018-12-03T09:00:00+08:00,王,complete,局,2",
        "1,受理,2018-12-03T17:00:00Z,王,complete,局,3",
        "1,审核,2018-12-06T09:00:00+08:00,王,resume,局,4",
        "1,审核,2018-12-10T09:00:00+08:00,王,complete,局,5",
        "1,喝茶,2018-12-10T09:30:00+08:00,王,complete,局,6",
    )
    assert judged(rows)["accept"] == ("2018-12-04", "2018-12-04", "true")
    assert judged(rows)["opinion"] == ("2018-12-10", "2018-12-10", "true")
    assert {r["case:unit"] for r in rows} == {"局"}
    assert "cost" not in rows[0]
    assert "activities not mapped, left out: 喝茶 (1)" in outcome.notes["en"]
    assert not any("王" in note for notes in outcome.notes.values() for note in notes)


def test_a_mapping_says_what_activities_mean(tmp_path: Path) -> None:
    lines = (
        "case:concept:name,concept:name,time:timestamp,lifecycle:transition",
        "1,Report in,2018-12-03,",
        "1,Decide,2018-12-04,complete",
        "1,Try out,2018-12-10,start",
        "1,Try out,2018-12-20,complete",
    )
    given = {
        "report in": "assessed",
        "Decide": "accepted",
        "Try out/start": "test_from",
        "Try out": "test_to",
    }
    _, rows = sla(tmp_path, *lines, mapping=given)
    assert judged(rows)["test_period"] == ("2018-12-25", "2018-12-20", "true")
    toml = tmp_path / "map.toml"
    body = "\n".join(f'"{name}" = "{step}"' for name, step in given.items())
    for text in (body, f"[activities]\n{body}"):
        toml.write_text(text, encoding="utf-8")
        assert sla(tmp_path, *lines, mapping=toml)[1] == rows


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"Decide" = "acepted"', "did you mean 'accepted'"),
        ("x = ", "is not TOML"),
        ("activities = 3", "unknown step"),
    ],
)
def test_a_wrong_mapping_is_refused(tmp_path: Path, text: str, said: str) -> None:
    toml = tmp_path / "map.toml"
    toml.write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=said):
        sla(tmp_path, LOG, "1,Decide,2018-12-04,,", mapping=toml)
    with pytest.raises(Refused, match="cannot be read"):
        sla(tmp_path, LOG, "1,Decide,2018-12-04,,", mapping=tmp_path / "gone.toml")


def test_a_log_without_a_known_activity_is_refused_with_what_it_has(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"found: 'Decide'\); map activities to submitted"):
        sla(tmp_path, LOG, "1,Decide,2018-12-04,,")


def test_a_table_without_a_step_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="has no column of a step"):
        sla(tmp_path, "request_id,note", "1,x")
    with pytest.raises(Refused, match=r"'request_id' .* is missing"):
        sla(tmp_path, "requestid,assessed", "1,2018-12-04")


def test_of_a_step_done_again_the_last_counts(tmp_path: Path) -> None:
    _, rows = sla(
        tmp_path,
        LOG,
        "1,assessed,2018-12-03,,",
        "1,assessed,2018-12-17,,",
        "1,accepted,2018-12-18,,",
    )
    assert judged(rows)["accept"] == ("2018-12-18", "2018-12-18", "true")
    assert "assessed 2 times: the last counts" in rows[0]["message"]


def test_a_request_that_is_still_suspended_stays_open(tmp_path: Path) -> None:
    _, rows = sla(
        tmp_path,
        LOG,
        "1,assessed,2018-12-03,,",
        "1,suspend,2018-12-03,,",
        "2,assessed,2018-12-20,,",
    )
    assert (rows[0]["on_time"], rows[0]["due"]) == ("open", "2018-12-21")


def test_a_resume_without_a_suspend_is_an_error(tmp_path: Path) -> None:
    _, rows = sla(tmp_path, LOG, "1,assessed,2018-12-03,,", "1,resume,2018-12-03,,")
    assert rows[0]["status"] == "error"
    assert "row 3, column concept:name: a resume without a suspend" in rows[0]["message"]


def test_pauses_move_a_due_date_as_counting_day_by_day_does() -> None:
    calendar = working_calendar()
    first = date(2018, 12, 20)
    days = [date.fromordinal(first.toordinal() + i) for i in range(25)]
    for a in range(0, 15, 2):
        for b in range(a, 20, 3):
            for limit in (1, 3):
                pause = [(days[a], days[b])]
                left, day = limit, first
                while left:
                    day = date.fromordinal(day.toordinal() + 1)
                    left -= calendar.is_working(day) and not days[a] < day < days[b]
                assert moved(first, calendar.add(first, limit), pause, days[-1]) == day
