"""The event log and the service desk: by hand, and there and back through `zibo-sim sla`."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from zibo_sim.cli.main import main
from zibo_sim.cloud import service
from zibo_sim.cloud.eventlog import COLUMNS, event_log
from zibo_sim.desk.servicedesk import next_to_breach, read_log, write_event_log
from zibo_sim.experiment import run
from zibo_sim.law.book import book
from zibo_sim.model import run_cloud
from zibo_sim.scenario import load

#: A Monday to the Wednesday of the week after, office hours 9 to 17.
HAND = [
    ("A", "submitted", "2018-12-03 09:00", "complete"),
    ("A", "completeness", "2018-12-03 13:00", "start"),
    ("A", "completeness", "2018-12-03 17:00", "complete"),
    ("A", "amendment", "2018-12-03 17:00", "suspend"),
    ("A", "amendment", "2018-12-05 17:00", "resume"),
    ("A", "completeness", "2018-12-06 09:00", "start"),
    ("A", "completeness", "2018-12-06 13:00", "complete"),
    ("A", "test_from", "2018-12-07 13:00", "complete"),
    ("A", "test_ends", "2018-12-08 23:59", "complete"),
    ("A", "live", "2018-12-10 09:00", "complete"),
    ("B", "submitted", "2018-12-10 09:00", "complete"),
    ("B", "amendment", "2018-12-11 09:00", "suspend"),
    ("C", "submitted", "2018-12-12 17:00", "complete"),
]


@pytest.fixture(scope="module")
def hand() -> pd.DataFrame:
    rows = [(c, a, datetime.fromisoformat(t), "", how, "new") for c, a, t, how in HAND]
    return pd.DataFrame(rows, columns=list(COLUMNS))


@pytest.fixture(scope="module")
def ledger():
    return run_cloud(load("half-the-reviewers"), 1)


@pytest.fixture(scope="module")
def written(ledger, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("log") / "event_log.csv"
    write_event_log(path, ledger)
    return path


def test_the_time_of_a_case_is_the_sum_of_its_states(hand):
    found = service.spans(hand)
    sums = found[found["case"] == "A"].groupby("state")["working_days"].sum()
    assert sums.to_dict() == pytest.approx(
        {
            "waiting for completeness": 0.5,
            "completeness": 1.0,
            "paused: amendment": 2.0,
            "until test_from": 1.0,
            "test": 0.5,
            "until live": 0.0,
        }
    )
    assert found[found["case"] == "A"]["working_days"].sum() == pytest.approx(5.0)


def test_paused_time_is_told_by_cause_and_what_still_rests(hand):
    found = service.pauses(service.spans(hand)).loc["amendment"]
    assert (found["cases"], found["working_days"], found["still"]) == (2, 4.0, 1)


def test_lead_times_run_to_delivery_and_ageing_shows_the_oldest_first(hand):
    leads = service.lead_times(hand).loc["new"]
    assert (leads["cases"], leads["p50"], leads["p90"]) == (1, 4.5, 4.5)
    old = service.ageing(hand)
    assert old["case"].tolist() == ["B", "C"]
    assert old["state"].tolist() == ["paused: amendment", "after submitted"]
    assert old["age"].tolist() == [3.0, 0.0]
    later = service.ageing(hand, datetime(2018, 12, 13, 17))
    assert later["age"].tolist() == [4.0, 1.0]


def test_throughput_is_by_week_and_balances(hand):
    weeks = service.throughput(hand)
    assert [str(week.date()) for week in weeks.index] == ["2018-12-03", "2018-12-10"]
    assert weeks.to_numpy().tolist() == [[1, 0, 1], [2, 1, 2]]


def test_the_reopen_rate_counts_cases_and_returns(hand):
    assert service.reopen_rate(hand) == pytest.approx({"share": 2 / 3, "mean_returns": 2 / 3})


def test_quantiles_lie_in_order_for_every_state(ledger):
    states = service.time_in_state(service.spans(event_log(ledger)))
    assert (states["p50"] <= states["p85"]).all()
    assert (states["p85"] <= states["p90"]).all()


def test_the_log_has_the_columns_of_process_mining_and_starts_and_completes_in_pairs(ledger):
    log = event_log(ledger)
    assert tuple(log.columns) == COLUMNS
    assert {"case:concept:name", "concept:name", "time:timestamp", "org:resource",
            "lifecycle:transition"} <= set(log.columns)  # fmt: skip
    assert log["time:timestamp"].is_monotonic_increasing
    assert log["time:timestamp"].max() < pd.Timestamp("2019-04-01")
    assert set(log["lifecycle:transition"]) == {"start", "complete", "suspend", "resume"}
    balance = {"start": 1, "complete": -1, "suspend": 1, "resume": -1}
    services = log[log["concept:name"].isin(["audit", "assessment", "amendment", "provisioning"])]
    for _, rows in services.groupby(["case:concept:name", "concept:name"]):
        level = rows["lifecycle:transition"].map(balance).cumsum()
        assert set(level) <= {0, 1}


def test_nobody_serves_two_at_once(ledger):
    log = event_log(run_cloud(load(), 3))
    busy = log[log["org:resource"].str.match(r"\w+ \d+$")]
    for _, rows in busy.groupby("org:resource"):
        level = rows["lifecycle:transition"].map({"start": 1, "complete": -1}).cumsum()
        assert set(level) <= {0, 1}


def test_the_log_of_a_run_passes_the_clocks_of_sla_as_the_run_judged_them(
    ledger, written, tmp_path, capsys
):
    out = tmp_path / "sla.csv"
    assert main(["sla", str(written), "-o", str(out), "--as-of", "2019-03-31", "--lang", "en"]) == 0
    assert "not mapped" not in capsys.readouterr().err
    with out.open(encoding="utf-8-sig", newline="") as file:
        judged = {(row["request_id"], row["clock"]): row for row in csv.DictReader(file)}
    stops = {"accept": ("accepted", "refused"), "opinion": ("opinion",), "test": ("test_from",),
             "filing": ("filed",)}  # fmt: skip
    end = ledger.clock.hours
    times = {(s.request, s.step): s.time_h for s in ledger.steps if s.time_h < end}
    seen = set()
    for deadline in ledger.deadlines:
        row = judged[deadline.request, deadline.clock]
        due = ledger.clock.date(deadline.due_h - 1)
        assert row["due"] == due.isoformat()
        done = min(times.get((deadline.request, s), end) for s in stops[deadline.clock])
        if done < end:
            assert row["on_time"] == str(done < deadline.due_h).lower()
        else:
            assert row["on_time"] == ("open" if due >= date(2019, 3, 31) else "false")
        seen.add((row["clock"], row["on_time"]))
    assert {("opinion", "true"), ("opinion", "false"), ("test", "true")} <= seen


def test_what_is_read_back_is_what_was_written(ledger, written):
    log, _ = read_log(written)
    pd.testing.assert_frame_equal(
        log.drop(columns="org:resource"), event_log(ledger).drop(columns="org:resource")
    )


def test_the_next_to_breach_comes_first(written):
    _, requests = read_log(written)
    found = next_to_breach(requests, date(2019, 3, 31), book())
    assert found["due"].is_monotonic_increasing
    assert set(found["clock"]) >= {"test_period", "filing"}
    late = next_to_breach(requests, date(2019, 10, 31), book())
    assert (late["days_left"] < 0).all()
    assert len(late) == len(found)


def test_a_run_has_its_event_log_as_a_frame():
    one = run(load(), 1)
    pd.testing.assert_frame_equal(one.event_log, event_log(run_cloud(load(), 1)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_desk_shows_a_scenario_and_a_log(written, capsys, lang):
    assert main(["desk", "half-the-reviewers", "--lang", lang]) == 0
    simulated = capsys.readouterr().out
    assert main(["desk", str(written), "--as-of", "2019-03-31", "--lang", lang]) == 0
    logged = capsys.readouterr().out
    assert ("暂停：补正" if lang == "zh" else "paused: amendment") in simulated
    assert ("待审核" if lang == "zh" else "waiting for audit") in simulated
    first = "各状态用时" if lang == "zh" else "Time in each state"
    for text in (simulated, logged):
        assert first in text
    table = logged.split("\n\n")[1:4]
    assert table == simulated.split("\n\n")[1:4]


def test_the_desk_gives_everything_as_json(written, capsys):
    assert main(["desk", str(written), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"states", "pauses", "lead_times", "ageing", "breach", "throughput"} <= set(found)
    assert found["throughput"][-1]["open_after"] >= 0


def test_a_log_of_nothing_known_is_refused(tmp_path, capsys):
    bad = tmp_path / "bad.csv"
    bad.write_text("case:concept:name,concept:name,time:timestamp\nA,dance,2018-12-03 09:00\n")
    assert main(["desk", str(bad), "--lang", "en"]) == 1
    assert "dance" in capsys.readouterr().err


def test_the_run_folder_holds_the_log_of_the_first_replication(tmp_path):
    out = tmp_path / "run"
    assert main(["run", "--replications", "1", "--out", str(out), "--lang", "en"]) == 0
    log, _ = read_log(out / "event_log.csv")
    assert len(log) == len(event_log(run_cloud(load(), 1)))


LOG = (
    "case:concept:name,concept:name,time:timestamp\n"
    "A,submitted,2018-12-03\nA,assessed,2018-12-05\n"
    "B,submitted,2018-12-04\nB,assessed,1999-12-05\n"
    "C,submitted,2018-12-05\nC,assessed,soon\n"
    "D,submitted,2018-12-06\nD,assessed,2018-12-07\n"
    "E,submitted,2018-12-10\n"
)
TABLE = (
    "request_id,submitted,assessed\nA,2018-12-03,2018-12-05\nB,2018-12-04,1999-12-05\n"
    "C,1999-12-05,soon\nD,2018-12-06,2018-12-07\nE,2018-12-10,\n"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LOG, ("row 5, column time:timestamp: 1999-12-05 is outside the working-day calendar; "
               "allowed: 2004-01-01 to", "row 7, column time:timestamp: 'soon' is refused")),
        (TABLE, ("row 3, column assessed: 1999-12-05 is outside the working-day calendar",
                 "row 4, column submitted: 1999-12-05 is outside")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["desk", "fit-requests"])
def test_a_request_with_a_bad_row_is_left_out_by_name_and_the_others_are_done(
    tmp_path, capsys, command, text, said
):
    path = tmp_path / "log.csv"
    path.write_text(text, encoding="utf-8")
    assert main([command, str(path), "--lang", "en"]) == 1
    shown = capsys.readouterr()
    assert shown.out
    assert all(f"{path}: {part}" in shown.err for part in said)
    assert "left out" in shown.err
    log, requests = read_log(path)
    assert set(log["case:concept:name"]) == {r.id for r in requests.found} == {"A", "D", "E"}


def test_a_day_of_reading_in_the_past_knows_nothing_of_what_came_after(tmp_path, capsys):
    path = tmp_path / "log.csv"
    path.write_text(LOG.replace("1999-12-05", "2018-12-20").replace("soon", "2018-12-21"))
    assert main(["desk", str(path), "--as-of", "2018-12-05", "--json", "--lang", "en"]) == 0
    shown = capsys.readouterr()
    assert {row["case"]: row["age"] for row in json.loads(shown.out)["ageing"]}.keys() == set("ABC")
    assert "5 dates lie after 2018-12-05, the day of judgement" in shown.err
    for day, said in (("2018-11-05", "nothing is left to show"), ("1999-01-01", "is outside")):
        assert main(["desk", str(path), "--as-of", day, "--lang", "en"]) == 1
        assert said in capsys.readouterr().err


def test_of_two_rows_with_one_id_the_first_counts_as_in_sla(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("request_id,submitted,assessed\nA,2018-12-03,\nA,2018-12-10,2018-12-12\n")
    log, requests = read_log(path)
    assert log["time:timestamp"].dt.day.tolist() == [3]
    assert [said.en for said in requests.left_out] == [
        "row 3, column request_id: this id stood in row 2 already"
    ]


def test_a_log_in_another_kind_of_file_is_refused_as_a_table(tmp_path, capsys):
    path = tmp_path / "log.xls"
    path.write_text("x")
    assert main(["desk", str(path), "--lang", "en"]) == 1
    assert "the name ends in '.xls'; allowed: .csv and .xlsx" in capsys.readouterr().err
