"""Explanations: their parts add up to the metric, their clauses exist, their replay is exact."""

from __future__ import annotations

import csv
import json
import re
import shutil
import string
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import zibo_sim as zs
from zibo_sim.air.observed import align
from zibo_sim.air.stretches import LEVELS
from zibo_sim.cli.main import main
from zibo_sim.errors import Refused
from zibo_sim.explanation import pages
from zibo_sim.explanation.alerts import _forgotten, regional_level
from zibo_sim.explanation.case import Case
from zibo_sim.explanation.chains import EXPLAINERS, USUAL, chain, explain
from zibo_sim.explanation.desks import spells
from zibo_sim.explanation.folder import _HIGH_IS_GOOD, _LOW_IS_GOOD, choose, read, replay
from zibo_sim.explanation.outlooks import outlook
from zibo_sim.explanation.pages import explanation_text, write_trace
from zibo_sim.explanation.said import Statement, cite, table
from zibo_sim.law import book
from zibo_sim.metrics import METRICS, metric_names
from zibo_sim.scenario import load
from zibo_sim.words import bracketed


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("explained") / "run"
    assert (
        main(["run", "--replications", "4", "--seed", "3", "--jobs", "1", "--out", str(out)]) == 0
    )
    return out


@pytest.fixture(scope="module")
def case() -> Case:
    return Case(zs.run(load(), seed=1))


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


# ---- words and clauses -------------------------------------------------------------------


@pytest.mark.parametrize("key", table())
def test_a_sentence_has_both_languages_and_the_same_blanks_to_fill(key: str) -> None:
    zh, en = table()[key]
    assert zh
    assert en
    assert fields(zh) == fields(en)
    assert not any("\u4e00" <= c <= "\u9fff" for c in en)


@pytest.mark.parametrize("metric", metric_names(load()))
def test_every_metric_is_explained_in_both_languages_by_clauses_of_the_book(
    case: Case, metric: str
) -> None:
    found = chain(case, metric)
    value = METRICS[metric].measure(case.facts)
    assert found.value == value or np.isnan([found.value, value]).all()
    assert found.statements
    clauses = {entry.clause for entry in book()}
    for statement in found.statements:
        for lang in ("zh", "en"):
            text = statement.text(lang)
            assert "{" not in text
            assert not re.search(r"\bnan\b", text)
        assert {c.clause for c in statement.cited} <= clauses
        json.dumps(statement.as_json("en"), allow_nan=False)
    assert all(c.quote for c in found.cited)


def test_a_clause_that_the_book_lacks_is_an_error() -> None:
    with pytest.raises(LookupError, match="lacks"):
        cite(book(), "淄政办字〔2018〕145号 四(九)")


def test_numbers_that_are_not_there_are_a_dash_and_minus_is_a_minus() -> None:
    said = Statement("lead_time.waiting", {"days": float("nan"), "stage": "x"}).text("en")
    assert said.startswith("— working days")
    assert "−2.0" in Statement("lead_time.waiting", {"days": -2.0, "stage": "x"}).text("en")


# ---- parts add up ------------------------------------------------------------------------


@pytest.mark.parametrize("metric", [m for m in EXPLAINERS if m.startswith("air.alert_days")])
def test_hours_of_the_alerts_add_up_to_the_days_under_alert(case: Case, metric: str) -> None:
    found = chain(case, metric)
    heads = [s for s in found.statements if s.key in ("alerts.alert", "alerts.alert_open")]
    assert heads
    assert sum(s.about["hours"] for s in heads) / 24 == found.value
    parts = sum(p.about["hours"] for s in heads for p in s.about["parts"])
    assert parts / 24 == found.value


@pytest.mark.parametrize("name", ["winter-2018-19", "plan-2017", "draft-2022", "days-by-calendar"])
def test_the_outlook_worked_out_anew_calls_for_what_was_done(name: str) -> None:
    acts = 0
    for replication in range(2):
        case = Case(zs.run(load(name), seed=7, replication=replication))
        for number, record in enumerate(case.records):
            since = _forgotten(case, number)
            for act in record.acts:
                hour = round(case.clock.hour(act.reported))
                seen, asked = outlook(case, hour, since), regional_level(case, act.reported)
                own = seen.episode.level if seen.episode else "none"
                if act.kind in ("published", "upgraded"):
                    assert max(own, asked, key=LEVELS.index) == act.level
                elif act.kind == "lifted":
                    assert seen.highest <= case.law("alert.aqi.start")
                else:
                    since = max(0, hour - 24)
                acts += 1
    assert acts > 20


def test_every_heavy_day_is_told_with_its_alert_and_cuts(case: Case) -> None:
    found = chain(case, "air.heavy_days")
    days = [s for s in found.statements if s.depth == 1]
    assert len(days) == found.value > 0
    for statement in days:
        assert statement.about["aqi"] > 200
        hours = case.run.series.loc[str(statement.about["date"])]
        assert (statement.key == "days.warned") == bool((hours["alert"] != "none").any())
        if statement.key == "days.warned":
            assert statement.about["cut_so2"] == pytest.approx(100 * hours["cut_so2"].mean())


def test_months_add_up_to_the_mean(case: Case) -> None:
    found = chain(case, "air.pm25_mean")
    months = [s.about["part"] for s in found.statements if s.key == "mean.month"]
    assert len(months) == 6
    assert sum(months) == pytest.approx(found.value)


def test_lead_times_average_to_the_metric(case: Case) -> None:
    found = chain(case, "air.lead_time_h")
    leads = [s.about["lead"] for s in found.statements if s.key == "lead.alert"]
    assert np.mean(leads) == pytest.approx(found.value)


@pytest.mark.parametrize(
    ("metric", "bias"), [("air.false_alerts", 0.5), ("air.missed_episodes", -1.0)]
)
def test_each_false_alert_and_missed_episode_is_told_with_a_reason(
    metric: str, bias: float
) -> None:
    told, wrong = 0, load().replace({"air.forecast.bias": bias})
    for replication in range(2):
        case = Case(zs.run(wrong, seed=1, replication=replication))
        found = chain(case, metric)
        heads = [i for i, s in enumerate(found.statements)
                 if s.key in ("alerts.alert", "alerts.alert_open", "missed.episode")]  # fmt: skip
        assert len(heads) == found.value
        for i in heads:
            assert found.statements[i + 1].depth >= 1
        told += len(heads)
    assert told


@pytest.mark.parametrize("clock", ["accept", "opinion", "test"])
def test_kept_and_missed_clocks_make_the_share(case: Case, clock: str) -> None:
    busy = Case(zs.run(load("half-the-reviewers"), seed=1))
    for one in (case, busy):
        found = chain(one, f"cloud.{clock}_on_time")
        about = found.statements[0].about
        assert about["kept"] / about["of"] == found.value
        missed = [s for s in found.statements if s.key in ("clock.late", "clock.open")]
        assert len(missed) == about["late"]


def test_a_missed_clock_is_split_into_waiting_and_work() -> None:
    busy = Case(zs.run(load("half-the-reviewers"), seed=1))
    found = chain(busy, "cloud.opinion_on_time")
    office = busy.outcome.cloud.office
    late = None
    for statement in found.statements:
        if statement.key == "clock.late":
            late, parts = statement, 0.0
        elif statement.depth == 2 and late is not None:
            parts += statement.about["days"]
            start, done = (busy.clock.hour(late.about[k]) for k in ("start", "done"))
            assert parts <= (office.elapsed(done) - office.elapsed(start)) / 8 + 1e-6
    assert late is not None


def test_states_of_the_backlog_add_up(case: Case) -> None:
    found = chain(case, "cloud.backlog_mean")
    parts = [s.about["mean"] for s in found.statements if s.depth == 1]
    assert sum(parts) == pytest.approx(found.value)


def test_spells_of_a_request_follow_one_another(case: Case) -> None:
    ledger = case.outcome.cloud
    request = next(s.request for s in ledger.steps if s.step == "returned")
    found = spells(ledger, request)
    assert {"waiting", "work", "applicant"} <= {s.state for s in found}
    assert all(a.end_h <= b.start_h + 1e-9 for a, b in pairwise(found))


def test_bill_runs_add_up_to_the_revenue(case: Case) -> None:
    for metric in ("heating.revenue", "heating.revenue_metered"):
        found = chain(case, metric)
        billed = sum(s.about["amount"] for s in found.statements if s.key == "money.billed")
        assert billed * 1e6 == pytest.approx(found.value)


def test_payments_and_their_funders_add_up_to_the_subsidy(case: Case) -> None:
    found = chain(case, "heating.subsidy")
    for keys in (("money.paid_on_time", "money.paid_late"), ("money.funded",)):
        amounts = [s.about["amount"] for s in found.statements if s.key in keys]
        assert sum(amounts) * 1e6 == pytest.approx(found.value)


def test_groups_of_bills_make_the_mean_and_the_share(case: Case) -> None:
    found = chain(case, "heating.mean_bill")
    groups = [s.about for s in found.statements if s.key == "money.group"]
    mean = sum(g["mean"] * g["count"] for g in groups) / sum(g["count"] for g in groups)
    assert mean == pytest.approx(found.value)
    less = chain(case, "heating.metered_paying_less")
    about = less.statements[0].about
    assert about["less"] / about["count"] == less.value


def test_a_short_period_is_explained_as_well() -> None:
    start = load().period.start
    short = Case(zs.run(load().replace({"period.end": start.replace(day=9)}), seed=1))
    for metric in metric_names(short.outcome.scenario):
        assert chain(short, metric).statements[0].text("zh")


# ---- the folder --------------------------------------------------------------------------


def test_the_replay_is_exact_bit_for_bit(folder: Path) -> None:
    found = read(folder)
    for number in range(4):
        again = replay(found, number)
        assert again.exact
        assert again.same_content
        assert not again.absent
    stored = found.metrics.set_index("replication").loc[2]
    run = replay(found, 2).run
    pd.testing.assert_series_equal(
        run.metrics, stored[run.metrics.index].astype(float), check_exact=True, check_names=False
    )


def test_worst_median_and_best_are_by_the_metric(folder: Path) -> None:
    found = read(folder)
    values = found.metrics.set_index("replication")["air.pm25_mean"]
    assert choose(found, "worst") == values.idxmax()
    assert choose(found, "best") == values.idxmin()
    assert choose(found, "median") == values.sort_values().index[1]
    leads = found.metrics.set_index("replication")["air.lead_time_h"]
    assert choose(found, "worst", "air.lead_time_h") == leads.idxmin()
    bills = found.metrics.set_index("replication")["heating.mean_bill"]
    assert choose(found, "worst", "heating.mean_bill", "high") == bills.idxmax()
    with pytest.raises(Refused, match="--worse high or --worse low"):
        choose(found, "worst", "heating.mean_bill")


@pytest.mark.parametrize("wanted", ["4", "-1", "middle", 9])
def test_a_replication_that_is_not_there_is_refused(folder: Path, wanted: str | int) -> None:
    with pytest.raises(Refused, match="allowed is 0 to 3, worst, median, best"):
        choose(read(folder), wanted)


def test_directions_name_metrics_that_exist_once() -> None:
    assert not set(_HIGH_IS_GOOD) & set(_LOW_IS_GOOD)
    assert {*_HIGH_IS_GOOD, *_LOW_IS_GOOD} <= set(METRICS)


def test_other_figures_than_stored_are_said(copy: Path) -> None:
    metrics = pd.read_parquet(copy / "metrics.parquet")
    metrics.loc[1, "air.pm25_mean"] = np.nextafter(metrics.loc[1, "air.pm25_mean"], 0)
    metrics.to_parquet(copy / "metrics.parquet")
    found = explain(copy, ["air.pm25_mean"], 1)
    assert not found.replay.exact
    assert list(found.replay.differs) == ["air.pm25_mean"]
    assert "inputs and code are the same" in " ".join(explanation_text(found, "en").split())
    assert explain(copy, ["air.pm25_mean"], 0).replay.exact


def test_other_code_and_versions_are_said(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest |= {"content": "0" * 64, "version": "0.0.1"}
    (copy / "manifest.json").write_text(json.dumps(manifest))
    text = " ".join(explanation_text(explain(copy, ["air.alerts"]), "en").split())
    assert "though the code or a file it reads is no longer the same" in text
    assert "zibo-sim: 0.0.1 then" in text


@pytest.mark.parametrize("name", ["scenario.toml", "metrics.parquet", "manifest.json"])
def test_a_missing_or_broken_file_is_refused_by_name(copy: Path, name: str) -> None:
    (copy / name).write_bytes(b"\x00broken = [")
    with pytest.raises(Refused, match=name):
        read(copy)
    (copy / name).unlink()
    with pytest.raises(Refused, match=f"no {name} in it"):
        read(copy)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="does not exist"):
        read(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="is a file"):
        read(tmp_path / "file")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop(columns="replication"), "lacks the column replication"),
        (lambda f: f[["replication"]], "holds no metric"),
        (lambda f: f.assign(**{"air.alerts": "many"}), "air.alerts holds .*; allowed: numbers"),
        (lambda f: f.iloc[:0], "holds no run"),
        (lambda f: f.iloc[:2], "holds 2 replications, and manifest.json says 4"),
    ],
)
def test_other_columns_or_rows_are_refused(copy: Path, change: object, said: str) -> None:
    frame = pd.read_parquet(copy / "metrics.parquet")
    change(frame).to_parquet(copy / "metrics.parquet")  # type: ignore[operator]
    with pytest.raises(Refused, match=said):
        read(copy)


def test_a_run_over_measured_air_asks_for_the_file(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["command"] += ["--observed", "air.csv"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(Refused, match="--observed FILE"):
        explain(copy)


# ---- the command -------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_tells_the_usual_chains(
    folder: Path, capsys: pytest.CaptureFixture[str], lang: str
) -> None:
    assert main(["explain", str(folder), "--lang", lang]) == 0
    said = capsys.readouterr().out
    assert all(bracketed(name, lang) in said for name in USUAL)
    assert "145号 四(一)" in said
    assert ("逐位相同" if lang == "zh" else "bit for bit") in said.replace("\n", "")


def test_a_long_list_is_cut_unless_all_of_it_is_wanted(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_SHOWN", 2)
    arguments = ["explain", str(folder), "--metric", "air.heavy_days", "--replication", "worst",
                 "--lang", "en"]  # fmt: skip
    assert main(arguments) == 0
    short = capsys.readouterr().out
    assert main([*arguments, "--all"]) == 0
    whole = capsys.readouterr().out
    days = int(pd.read_parquet(folder / "metrics.parquet")["air.heavy_days"].max())
    assert whole.count(": AQI ") == days > 2
    assert short.count(": AQI ") == 2
    assert f"{days - 2} more are not listed" in short


def test_json_and_trace_hold_everything(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = tmp_path / "trace.csv"
    arguments = ["explain", str(folder), "--replication", "2", "--trace", str(trace), "--json"]
    assert main([*arguments, "--metric", "air.alert_days"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["replication"] == 2
    assert told["replay"]["exact"] is True
    assert told["metrics"]["air.alert_days"]["chain"][0]["clauses"]
    with trace.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    stored = pd.read_parquet(folder / "events.parquet")
    stored = stored[stored["replication"] == 2]
    assert len(rows) == len(stored)
    assert [row["clause"] for row in rows] == stored["clause"].tolist()
    assert all(row["quote"] for row in rows)


def test_a_trace_that_cannot_be_written_leaves_nothing(case: Case, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="cannot be written"):
        write_trace(case.run, tmp_path / "file" / "trace.csv")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_unknown_metrics_are_refused_with_the_nearest(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(folder), "--metric", "air.alertdays"]) == 1
    assert "did you mean 'air.alert_days'" in capsys.readouterr().err
    assert main(["explain", str(folder.parent)]) == 1
    assert "explain takes a folder made by" in capsys.readouterr().err


def test_a_run_over_measured_air_is_explained_with_its_file(tmp_path: Path) -> None:
    series = zs.run(load(), seed=5).series.reset_index()
    series[["time", "aqi"]].iloc[:3600].to_csv(tmp_path / "air.csv", index=False)
    out = tmp_path / "measured"
    arguments = ["--observed", str(tmp_path / "air.csv"), "--lang", "en"]
    assert main(["run", *arguments, "--replications", "2", "--jobs", "1", "--out", str(out)]) == 0
    assert main(["explain", str(out), *arguments]) == 0
    air = zs.run(load(), seed=5).outcome.air.air
    hours = np.arange(3600)
    known = align(hours, load().clock().hours, air.aqi[:3600], np.zeros(3600, bool), {}, book())
    found = explain(out, list(METRICS)[:20], observed=known)
    texts = [s.text("en") for c in found.chains for s in c.statements]
    assert texts
    assert not any("without measures —" in text for text in texts)
