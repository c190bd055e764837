"""Paired comparison: differences, quantiles, what pairing gained, several variants, the folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zibo_sim.cli.main import main
from zibo_sim.comparison import COLUMNS, NOTHING_SHOWN, RISES, Comparison, compare
from zibo_sim.contrasts import LEAST_PAIRS, paired, paired_quantiles, pairing_gain
from zibo_sim.errors import Refused
from zibo_sim.experiment import Replications, replicate
from zibo_sim.metrics import METRICS, metric_names
from zibo_sim.scenario import Scenario, load
from zibo_sim.show_experiments import compare_json, compare_text

SHORT = {"period.start": date(2018, 12, 1), "period.end": date(2018, 12, 21)}
FASTER = {"cloud.audit.servers": 3}


@pytest.fixture(scope="module")
def base() -> Scenario:
    return load().replace(SHORT)


@pytest.fixture(scope="module")
def diff(base: Scenario) -> Comparison:
    return compare(base, base.replace(FASTER), replications=12, seed=3, names=["faster"])


def toy(values: Mapping[str, np.ndarray], runs: int = 40) -> Replications:
    """Return replications whose metrics are 5, save those given."""
    scenario = Scenario(title="toy", question="?")
    frame = pd.DataFrame({name: np.full(runs, 5.0) for name in metric_names(scenario)})
    for name, column in values.items():
        frame[name] = column
    frame.insert(0, "replication", np.arange(runs))
    frame.insert(1, "seed", 0)
    return Replications(scenario, 0, frame)


def toys(count: int = 2, runs: int = 40, shift: float = 0.5) -> Comparison:
    rng = np.random.default_rng(1)
    common = rng.normal(20, 3, runs)
    arms = [
        toy({"air.heavy_days": common + i * shift + rng.normal(0, 1, runs)}, runs)
        for i in range(count + 1)
    ]
    return Comparison(arms[0], {f"v{i}": arm for i, arm in enumerate(arms[1:], 1)})


# ---- means -------------------------------------------------------------------------------


def test_a_change_of_staff_moves_no_weather(diff: Comparison) -> None:
    row = diff.table.loc["air.pm25_mean"]
    assert (row["difference"], row["low"], row["high"]) == (0, 0, 0)
    assert row["verdict"] == NOTHING_SHOWN


def test_the_table_has_the_columns_others_rely_on(diff: Comparison) -> None:
    assert list(diff.table.columns) == list(COLUMNS)
    assert diff.table.index.name == "metric"


@pytest.mark.parametrize("defined", [0, 1])
def test_fewer_than_two_pairs_show_no_difference(defined: int) -> None:
    column = np.full(40, np.nan)
    column[:defined] = 3.0
    made = Comparison(toy({"air.alerts": column}), {"v": toy({})})
    row = made.table.loc["air.alerts"]
    assert row["verdict"] == NOTHING_SHOWN
    assert row["pairs"] == defined
    assert np.isnan(row["low"]) and np.isnan(row["high"])
    said = compare_json("x", made)["variants"]["v"]["air.alerts"]
    assert said["low"] is None and said["high"] is None
    json.dumps(compare_json("x", made), allow_nan=False)
    compare_text(made, "en", quantiles=True)


def test_replications_that_go_on_are_those_of_one_run(base: Scenario) -> None:
    whole = replicate(base, 5, 3)
    parts = replicate(base, 2, 3).followed_by(replicate(base, 3, 3, first=2))
    pd.testing.assert_frame_equal(whole.metrics, parts.metrics)


def test_the_number_of_processes_changes_no_byte(base: Scenario) -> None:
    one = compare(base, base.replace(FASTER), replications=6, seed=3)
    two = compare(base, base.replace(FASTER), replications=6, seed=3, jobs=2)
    pd.testing.assert_frame_equal(one.table, two.table, check_exact=True)
    pd.testing.assert_frame_equal(one.quantiles, two.quantiles, check_exact=True)


# ---- quantiles ---------------------------------------------------------------------------


def test_quantiles_of_a_wider_variant_move_apart() -> None:
    rng = np.random.default_rng(2)
    base = rng.normal(0, 1, 200)
    low, middle, high = paired_quantiles(base, 3 * base)
    assert low[4] < 0 < high[3]
    assert middle[3] <= 0 <= middle[4]


def test_quantiles_are_those_of_the_pairs(diff: Comparison) -> None:
    values = diff.base.metrics["cloud.lead_time_p50"].dropna()
    both = values[diff.variants["faster"].metrics["cloud.lead_time_p50"].notna()]
    assert diff.quantiles.loc[("cloud.lead_time_p50", 0.9), "base"] == np.quantile(both, 0.9)
    assert list(diff.quantiles.columns) == list(COLUMNS)


def test_equal_arms_have_equal_quantiles_without_any_doubt() -> None:
    values = np.arange(30.0)
    assert all(row[2:5] == (0, 0, 0) for row in paired_quantiles(values, values.copy()))


def test_intervals_of_quantiles_are_unknown_with_few_pairs() -> None:
    rng = np.random.default_rng(3)
    base = rng.normal(size=LEAST_PAIRS - 1)
    for row in paired_quantiles(base, base + rng.normal(size=len(base))):
        assert np.isfinite(row[2]) and np.isnan(row[3]) and np.isnan(row[4])


def test_the_bootstrap_draws_the_same_each_time() -> None:
    rng = np.random.default_rng(4)
    base, variant = rng.normal(size=(2, 50))
    assert paired_quantiles(base, variant) == paired_quantiles(base, variant)


def test_several_variants_keep_their_names_in_the_quantiles() -> None:
    made = toys()
    assert made.quantiles.index.names == ["metric", "variant_name", "quantile"]
    assert made.pairing.index.names == made.table.index.names == ["metric", "variant_name"]
    assert len(made.quantiles) == 2 * 3 * len(made.tables["v1"])


# ---- pairing -----------------------------------------------------------------------------


def test_the_gain_of_pairing_is_the_ratio_of_the_variances() -> None:
    rng = np.random.default_rng(5)
    common = rng.normal(0, 3, 4000)
    base, variant = common + rng.normal(size=4000), common + rng.normal(size=4000)
    correlation, ratio, narrowing, pairs = pairing_gain(base, variant)
    assert ratio == pytest.approx(10, rel=0.1)  # (9 + 1 + 9 + 1) ÷ (1 + 1)
    assert narrowing == pytest.approx(ratio**0.5)
    assert correlation == pytest.approx(0.9, abs=0.02)
    assert pairs == 4000
    _, _, _, low, high, _ = paired(base, variant)
    _, _, _, lone, lofty, _ = paired(base, np.roll(variant, 1))
    assert (lofty - lone) / (high - low) == pytest.approx(narrowing, rel=0.1)


def test_arms_that_differ_alike_in_every_pair_gain_without_bound() -> None:
    base = np.arange(8.0)
    assert pairing_gain(base, base + 1)[2] == np.inf
    assert np.isnan(pairing_gain(np.full(8, 0.1), np.full(8, 0.3))[2])


@pytest.mark.parametrize(("lang", "heading"), [("zh", "配对"), ("en", "pairing")])
def test_the_gain_of_pairing_is_printed(lang: str, heading: str) -> None:
    made = toys(1)
    text = compare_text(made, lang)
    assert heading in text
    assert f"×{made.pairing.loc['air.heavy_days', 'narrowing']:.2g}" in text


# ---- several variants --------------------------------------------------------------------


def test_simultaneous_intervals_are_wider_and_cover_together() -> None:
    rng, repetitions, variants = np.random.default_rng(6), 600, 4
    arms = {f"v{i}": toy({}) for i in range(variants)}
    levels = [Comparison(toy({}), arms, simultaneous=s).confidence for s in (True, False)]
    hits = np.zeros(2)
    for _ in range(repetitions):
        base = rng.normal(0, 2, 30)
        drawn = base + rng.normal(size=(variants, 30))
        for i, level in enumerate(levels):
            rows = [paired(base, variant, level) for variant in drawn]
            hits[i] += all(row[3] <= 0 <= row[4] for row in rows)
    together, apart = hits / repetitions
    assert apart < 0.93 < together


def test_each_interval_is_by_itself_unless_asked_and_that_is_said() -> None:
    made = toys()
    alone = Comparison(made.base, {"v1": made.variants["v1"]})
    pd.testing.assert_frame_equal(made.tables["v1"], alone.tables["v1"])
    assert "--simultaneous" in compare_text(made, "en")
    wider = Comparison(made.base, made.variants, simultaneous=True)
    assert (
        wider.table.loc[("air.heavy_days", "v1"), "low"] < alone.table.loc["air.heavy_days", "low"]
    )
    assert "Bonferroni" in compare_text(wider, "zh")
    assert "97.5%" in compare_text(wider, "en")


def test_one_variant_is_no_wider_for_being_asked_together() -> None:
    made = toys(1)
    same = Comparison(made.base, made.variants, simultaneous=True)
    pd.testing.assert_frame_equal(made.table, same.table)


# ---- the command -------------------------------------------------------------------------


def test_no_variant_is_refused(base: Scenario) -> None:
    with pytest.raises(Refused, match="no variant"):
        compare(base)


def test_json_keeps_its_keys(diff: Comparison) -> None:
    said = compare_json("b", diff)
    row = said["variants"]["faster"]["air.pm25_mean"]
    assert set(row) == set(COLUMNS)
    assert set(said["quantiles"]["faster"]["air.pm25_mean"]) == {"p10", "p50", "p90"}
    assert said["pairing"]["faster"]["air.pm25_mean"]["narrowing"] is None
    json.dumps(said, allow_nan=False)


def test_the_folder_holds_differences_quantiles_every_run_and_the_variants(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow, fast = tmp_path / "slow.toml", tmp_path / "fast.toml"
    text = 'extends = "winter-2018-19"\ntitle = "t"\nquestion = "q"\n'
    text += "[period]\nstart = 2018-12-01\nend = 2018-12-14\n"
    slow.write_text(text, encoding="utf-8")
    fast.write_text(text + "[cloud.audit]\nservers = 3\n[law]\n'alert.yellow.days' = 3\n", "utf-8")
    out = tmp_path / "out"
    given = ["compare", str(slow), str(fast), str(slow), "--replications", "12", "--jobs", "1"]
    more = ["--out", str(out), "--audit", "--lang", "en"]
    choice = ["--best", "cloud.backlog_mean", "--indifference", "0.5", "--smallest"]
    assert main([*given, *more, *choice]) == 0
    said = capsys.readouterr().out
    assert "No stream is out of step" in said
    assert "Chosen" in said
    runs = pd.read_parquet(out / "replications.parquet")
    assert len(runs) == 36
    assert list(runs["arm"].unique()) == ["base", str(fast), str(slow)]
    assert runs.loc[runs["arm"] == "base", "cloud.audit.servers"].eq(1).all()
    assert set(pd.read_parquet(out / "quantiles.parquet")["quantile"]) == {0.1, 0.5, 0.9}
    assert "narrowing" in pd.read_parquet(out / "comparison.parquet")
    assert len(pd.read_parquet(out / "best.parquet")) == 3
    assert set(pd.read_parquet(out / "audit.parquet")["verdict"]) >= {"in step"}
    assert load(str(out / "variant_1.toml")).get("cloud.audit.servers") == 3
    listed = json.loads((out / "manifest.json").read_text("utf-8"))["variants"]
    assert [v["file"] for v in listed] == ["variant_1.toml", "variant_2.toml"]


@pytest.mark.parametrize(
    "given",
    [
        ["--best", "air.alerts"],
        ["--best", "air.alerts", "--indifference", "1"],
        ["--indifference", "1"],
        ["--largest"],
        ["--most", "50"],
        ["--precision", "0.1", "--precision", "0.2"],
        ["--precision", "air.alerts=1", "--precision", "air.alerts=2"],
    ],
)
def test_options_that_lack_each_other_are_wrong_usage(given: list[str]) -> None:
    assert main(["compare", "winter-2018-19", "yellow-after-three-days", *given]) == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--best", "air.allerts", "--indifference", "1", "--largest"], "air.alerts"),
        (["--best", "air.alerts", "--indifference", "0", "--largest"], "above 0"),
        (["--out", "{file}"], "is a file"),
    ],
)
def test_what_is_refused_is_refused_before_anything_is_run(
    given: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr("zibo_sim.comparison.replicate", None)
    (tmp_path / "file").touch()
    filled = [part.format(file=tmp_path / "file") for part in given]
    assert main(["compare", "winter-2018-19", "yellow-after-three-days", *filled]) == 1
    assert said in capsys.readouterr().err


def test_every_metric_has_a_row(diff: Comparison) -> None:
    assert set(diff.table.index) == set(metric_names(diff.base.scenario)) <= set(METRICS)


def test_a_difference_that_is_the_same_in_every_pair_is_shown() -> None:
    made = Comparison(toy({}), {"v": toy({"air.alerts": np.full(40, 6.0)})})
    assert made.table.loc["air.alerts", "verdict"] == RISES
