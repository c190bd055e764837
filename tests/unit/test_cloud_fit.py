"""A log is simulated, fitted, and the truth lies in the stated intervals."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from zibo_sim.cli.main import main
from zibo_sim.cloud.estimates import dispersion, overdispersion
from zibo_sim.cloud.eventlog import event_log
from zibo_sim.cloud.fit import fit_requests
from zibo_sim.desk.fits import changes
from zibo_sim.desk.servicedesk import write_event_log
from zibo_sim.model import run_cloud
from zibo_sim.scenario import load

HOURS = [1.0, 2.0, 2.0, 1.0, 0.5, 1.5, 1.5, 1.0]
TRUTH = {
    "cloud.arrivals.new_per_day": 1.5,
    "cloud.arrivals.change_per_day": 1.2,
    "cloud.arrivals.exit_per_day": 0.3,
    "cloud.arrivals.day_cv": 0.6,
    "cloud.arrivals.hour_weights": HOURS,
    "cloud.arrivals.migration_waves": [],
    "cloud.assessment.servers": 8,
    "cloud.audit.servers": 5,
    "cloud.requests.rework_share": 0.3,
    "cloud.requests.refusal_share": 0.12,
}
RUNS = 25


@pytest.fixture(scope="module")
def truth():
    return load().replace(TRUTH)


@pytest.fixture(scope="module")
def fits(truth):
    return [fit_requests(event_log(run_cloud(truth, 5, r))) for r in range(RUNS)]


@pytest.fixture(scope="module")
def written(truth, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("log") / "requests.csv"
    write_event_log(path, run_cloud(truth, 5))
    return path


def test_the_intervals_hold_the_truth_as_often_as_they_say(truth, fits):
    held = Counter(
        e.key for fit in fits for e in fit.estimates if e.low <= truth.get(e.key) <= e.high
    )
    fewest = binom.ppf(0.0005, RUNS, 0.95)
    keys = {e.key for e in fits[0].estimates}
    assert len(keys) == 17
    assert {key: held[key] for key in keys if held[key] < fewest} == {}
    assert sum(held.values()) / (RUNS * len(keys)) == pytest.approx(0.95, abs=0.03)


def test_busy_days_and_busy_hours_are_seen_and_even_ones_are_not(fits):
    assert all(fit.dispersion_p < 0.05 for fit in fits)
    hours = np.mean([fit.profiles[1].weights for fit in fits], axis=0)
    assert hours == pytest.approx(np.array(HOURS) / np.mean(HOURS), abs=0.15)
    assert all(fit.profiles[1].p_value < 0.05 for fit in fits)
    even = load().replace({"cloud.arrivals.new_per_day": 1.5})
    plain = [fit_requests(event_log(run_cloud(even, 5, r))) for r in range(RUNS)]
    most = binom.ppf(0.9995, RUNS, 0.05)
    assert sum(fit.dispersion_p < 0.05 for fit in plain) <= most
    assert sum(fit.profiles[0].p_value < 0.05 for fit in plain) <= most
    assert sum(fit.profiles[1].p_value < 0.05 for fit in plain) <= most


def test_poisson_counts_have_a_dispersion_of_one_and_gamma_rates_theirs():
    rng, ones = np.random.default_rng(1), np.full(4000, 3.0)
    assert dispersion(rng.poisson(ones).astype(float), ones)[0] == pytest.approx(1.0, abs=0.07)
    rates = rng.gamma(4.0, 0.25, 4000) * ones
    best, low, high = overdispersion(rng.poisson(rates).astype(float), ones)
    assert low < 0.5 < high
    assert best == pytest.approx(0.5, abs=0.05)


def test_without_start_rows_the_time_between_steps_stands_in_and_says_so(truth):
    log = event_log(run_cloud(truth, 5))
    steps = log[log["lifecycle:transition"] != "start"]
    steps = steps[~steps["concept:name"].isin(["assessment", "acceptance", "audit"])]
    full = {e.key: e for e in fit_requests(log).estimates}
    bare = {e.key: e for e in fit_requests(steps).estimates}
    for stage in ("assessment", "acceptance", "audit", "provisioning"):
        key = f"cloud.{stage}.mean_days"
        assert "HOLDS THE WAITING" in bare[key].method
        assert bare[key].value > full[key].value
    assert "cloud.completeness.mean_days" not in bare


def test_over_dispersion_is_set_where_it_shows_and_waves_where_the_log_tells(fits, truth):
    found = changes(fits[0], kinds=True)
    assert found["cloud.arrivals.day_cv"] > 0
    assert found["cloud.arrivals.migration_waves"] == []
    waves = fit_requests(event_log(run_cloud(load(), 5)))
    assert waves.left_out == 8
    assert "cloud.arrivals.migration_waves" not in changes(waves, kinds=True)
    assert changes(waves._replace(dispersion_p=0.5), kinds=True)["cloud.arrivals.day_cv"] == 0.0


def test_the_command_writes_a_scenario_that_loads_and_shows_the_fit(written, tmp_path, capsys):
    out = tmp_path / "fitted.toml"
    assert main(["fit-requests", str(written), "--out", str(out), "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    text = out.read_text(encoding="utf-8")
    assert 'extends = "winter-2018-19"' in text
    assert "calibrated: 95 %" in text
    fitted = load(out)
    log = event_log(run_cloud(load().replace(TRUTH), 5))
    for e in fit_requests(log).estimates:
        assert fitted.get(e.key) == pytest.approx(e.value, rel=1e-3)
        assert e.key in shown
    assert len(fitted.cloud.arrivals.hour_weights) == 8
    assert main(["fit-requests", str(written), "--lang", "zh"]) == 0
    assert "超离散" in capsys.readouterr().out


def test_a_table_of_dates_is_fitted_with_what_it_has(tmp_path, capsys):
    table = tmp_path / "table.csv"
    rows = [("A", "2018-12-03", "2018-12-05"), ("B", "2018-12-04", "2018-12-04"),
            ("C", "2018-12-05", "2018-12-10"), ("D", "2018-12-06", "2018-12-12")]  # fmt: skip
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([("request_id", "submitted", "assessed"), *rows])
    assert main(["fit-requests", str(table), "--lang", "en"]) == 0
    text = capsys.readouterr().out
    assert "from dates alone" in text
    assert "rework_share" not in text
    assert "hour_weights = " not in text


@pytest.mark.parametrize("column", ["refused", "不予受理", None])
def test_only_a_table_that_tells_refusals_says_how_many_there_are(tmp_path, capsys, column):
    table = tmp_path / "table.csv"
    days = ["2018-12-03", "2018-12-04", "2018-12-05", "2018-12-06"]
    rows = [[name, day, day, ""] for name, day in zip("ABCD", days, strict=True)]
    head = ["request_id", "submitted", "accepted", column or "remarks"]
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])
    assert main(["fit-requests", str(table), "--lang", "en"]) == 0
    text = capsys.readouterr().out
    assert ("refusal_share = 0.0" in text) == (column is not None)
    assert ("refusal_share" in text) == (column is not None)


def test_a_log_that_is_too_short_is_refused(tmp_path, capsys):
    short = tmp_path / "short.csv"
    short.write_text("request_id,submitted\nA,2018-12-03\nB,2018-12-04\n")
    assert main(["fit-requests", str(short), "--lang", "en"]) == 1
    assert "too few" in capsys.readouterr().err
