"""Packages split into parts: they add up, Shapley's axioms hold, refusals are said."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zibo_sim.attribution import (
    MOST_EXACT,
    Attribution,
    attribute,
    count_runs,
    differing,
    parts_of,
)
from zibo_sim.cli.main import main
from zibo_sim.comparison import compare
from zibo_sim.errors import Refused
from zibo_sim.plots.attribution import waterfall
from zibo_sim.scenario import Scenario, load
from zibo_sim.shapley import Values, drawn_orders, exact_effects, sampled_effects, walked

CHANGES = {
    "law.alert.yellow.days": 1,
    "air.response.compliance": 1.0,
    "air.forecast.horizon_h": 96,
    "cloud.audit.servers": 2,
}
METRIC = "air.pm25_mean"


def december(**changes: object) -> Scenario:
    dates = {"period.start": load().period.start.replace(month=12, day=1),
             "period.end": load().period.start.replace(month=12, day=31)}  # fmt: skip
    return load().replace({**dates, **changes})


@pytest.fixture(scope="module")
def base() -> Scenario:
    return december()


@pytest.fixture(scope="module")
def found(base: Scenario) -> Attribution:
    return attribute(base, base.replace(CHANGES), replications=6, seed=2)


def test_every_differing_key_is_a_part(base: Scenario) -> None:
    assert differing(base, base.replace(CHANGES)) == [
        "air.forecast.horizon_h", "air.response.compliance", "cloud.audit.servers",
        "law.alert.yellow.days",
    ]  # fmt: skip


def test_a_change_of_the_law_that_the_variant_takes_back_is_a_part(base: Scenario) -> None:
    reformed = base.replace({"law.alert.yellow.days": 3})
    assert differing(reformed, base) == ["law.alert.yellow.days"]
    assert attribute(reformed, base, replications=2, seed=1).package.loc[METRIC, "pairs"] == 2


def test_parts_add_up_to_the_package(found: Attribution) -> None:
    effects = found.table.groupby(level="metric")["effect"].sum(min_count=4)
    wanted = found.package["difference"]
    size = found.package["base"].abs() + 1.0
    off = ((effects.reindex(wanted.index) - wanted).abs() / size).dropna()
    assert len(off) > 40
    assert off.max() < 1e-12


def test_the_package_is_what_a_paired_comparison_says(found: Attribution, base: Scenario) -> None:
    table = compare(base, base.replace(CHANGES), replications=6, seed=2).table
    complete = found.package["pairs"] == table["pairs"].reindex(found.package.index)
    rows = found.package[complete]
    assert len(rows) > 40
    for column in ("base", "variant", "difference", "low", "high"):
        expected = table.loc[rows.index, column]
        assert np.allclose(rows[column], expected, rtol=1e-12, equal_nan=True)


def test_a_part_that_moves_nothing_has_no_effect_and_no_verdict(found: Attribution) -> None:
    row = found.table.loc[(METRIC, "cloud.audit.servers")]
    assert (row["effect"], row["low"], row["high"]) == (0.0, 0.0, 0.0)
    assert not np.signbit(row["share"])
    assert row["verdict"] == "no difference shown"


def test_the_effect_lies_between_alone_and_last_for_two_parts(base: Scenario) -> None:
    two = {k: CHANGES[k] for k in ("law.alert.yellow.days", "air.response.compliance")}
    rows = attribute(base, base.replace(two), replications=4, seed=1).table.loc[METRIC]
    assert np.allclose(rows["effect"], (rows["alone"] + rows["last"]) / 2, atol=1e-12)


def test_shapley_is_the_mean_over_all_orders() -> None:
    rng = np.random.default_rng()
    values = {mask: rng.normal(size=(3, 1)) for mask in range(16)}
    frames = {m: pd.DataFrame(v, columns=[METRIC]) for m, v in values.items()}
    exact = exact_effects(Values(frames, 3), 4)
    walks = [[list(order) for order in permutations(range(4))]] * 3
    assert np.allclose(exact, sampled_effects(Values(frames, 3), walks))
    assert np.allclose(exact.sum(axis=0), values[15] - values[0])


def test_a_game_without_interaction_gives_each_part_its_own_effect() -> None:
    own = np.array([1.0, -2.0, 5.0])
    frames = {
        mask: pd.DataFrame({METRIC: [sum(own[i] for i in range(3) if mask >> i & 1)] * 2})
        for mask in range(8)
    }
    assert np.allclose(exact_effects(Values(frames, 2), 3)[:, 0, 0], own)


def test_sampled_orders_add_up_too_and_their_interval_holds_the_exact_effect(
    base: Scenario, found: Attribution
) -> None:
    drawn = attribute(base, base.replace(CHANGES), replications=6, seed=2, samples=2)
    assert drawn.runs < found.runs
    rows, exact = drawn.table.loc[METRIC], found.table.loc[METRIC]
    assert rows["effect"].sum() == pytest.approx(drawn.package.loc[METRIC, "difference"], abs=1e-9)
    wide = exact["high"] - exact["low"] + rows["high"] - rows["low"] + 1e-9
    assert ((rows["effect"] - exact["effect"]).abs() <= wide).all()
    assert rows["alone"].isna().all()


def test_each_drawn_order_stands_beside_its_reverse() -> None:
    for orders in drawn_orders(5, 3, 4, seed=1):
        assert [order[::-1] for order in orders[:2]] == orders[2:]
    wanted = walked(drawn_orders(5, 3, 4, seed=1))
    assert wanted[0] == wanted[31] == [0, 1, 2]
    assert count_runs(5, 3, 4, seed=1) == sum(map(len, wanted.values()))


def test_processes_change_no_byte(base: Scenario, found: Attribution) -> None:
    again = attribute(base, base.replace(CHANGES), replications=6, seed=2, jobs=2)
    pd.testing.assert_frame_equal(again.table, found.table, check_exact=True)


def test_a_group_is_one_part_and_takes_a_table(base: Scenario) -> None:
    variant = base.replace(CHANGES)
    parts = parts_of(base, variant, {"warning": ["law.alert", "air.forecast.horizon_h"]})
    assert parts == {
        "warning": ("law.alert.yellow.days", "air.forecast.horizon_h"),
        "air.response.compliance": ("air.response.compliance",),
        "cloud.audit.servers": ("cloud.audit.servers",),
    }


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ({"a": ["heating.dwellings"]}, "group a: heating.dwellings does not differ"),
        ({"a": ["law.alert.yelow.days"]}, "did you mean 'law.alert.yellow.days'"),
        ({"a": ["law.alert"], "b": ["law.alert.yellow.days"]}, "stands in group a already"),
    ],
)
def test_faults_of_groups_are_refused(
    base: Scenario, groups: dict[str, list[str]], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        parts_of(base, base.replace(CHANGES), groups)


def test_scenarios_that_do_not_differ_are_refused(base: Scenario) -> None:
    with pytest.raises(Refused, match="do not differ"):
        attribute(base, base)


def test_many_parts_are_refused_with_what_to_do(base: Scenario) -> None:
    keys = [f"law.alert.cut.{level}.{p}" for level in ("yellow", "orange", "red")
            for p in ("so2", "nox", "pm")]  # fmt: skip
    assert len(keys) > MOST_EXACT
    many = base.replace(dict.fromkeys(keys, 0.35))
    with pytest.raises(Refused, match=r"--group NAME=key,key.*--samples 8"):
        attribute(base, many, replications=2)
    assert attribute(base, many, replications=2, samples=2).runs <= 2 * (2 * 8 + 2)


@pytest.mark.parametrize("samples", [0, 1, 3])
def test_an_odd_number_of_orders_is_refused(base: Scenario, samples: int) -> None:
    with pytest.raises(Refused, match=f"samples: {samples} is refused"):
        attribute(base, base.replace(CHANGES), replications=2, samples=samples)


def test_a_sub_package_that_is_no_scenario_is_named(base: Scenario) -> None:
    values = {"valuation.life_low_yuan": 6.0e6, "valuation.life_high_yuan": 7.0e6}
    variant = base.replace(values)
    said = "life_low_yuan without valuation.life_high_yuan is no scenario.*one group"
    with pytest.raises(Refused, match=said):
        attribute(base, variant, replications=2)
    grouped = attribute(base, variant, replications=2, groups={"life": ["valuation"]})
    assert list(grouped.parts) == ["life"]


def test_a_tidy_frame_has_parts_and_package_of_every_metric(found: Attribution) -> None:
    frame = found.tidy()
    assert set(frame["metric"]) == set(found.package.index)
    assert (frame["part"] == "").sum() == len(found.package)
    assert list(frame.columns[:4]) == ["metric", "unit", "part", "keys"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_waterfall_leads_from_base_to_variant(found: Attribution, lang: str) -> None:
    ax = waterfall(found, METRIC, lang=lang)
    totals = {line.get_gid(): line.get_xdata()[0] for line in ax.lines
              if str(line.get_gid()).startswith("total")}  # fmt: skip
    assert totals["total-base"] == pytest.approx(found.package.loc[METRIC, "base"])
    assert totals["total-variant"] == pytest.approx(found.package.loc[METRIC, "variant"])
    bars = {p.get_gid(): p for p in ax.patches if str(p.get_gid()).startswith("effect")}
    assert len(bars) == 4
    part = "effect-law.alert.yellow.days"
    effect = found.table.loc[(METRIC, "law.alert.yellow.days"), "effect"]
    assert bars[part].get_width() == pytest.approx(effect)


def test_the_command_prints_and_writes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "split"
    scenario = tmp_path / "december.toml"
    scenario.write_text('extends = "winter-2018-19"\ntitle = "D"\nquestion = "?"\n'
                        "[period]\nstart = 2018-12-01\nend = 2018-12-20\n")  # fmt: skip
    arguments = ["attribute", str(scenario), "--set", "law.alert.yellow.days=1", "--set",
                 "air.response.compliance=1.0", "--replications", "3", "--jobs", "1"]  # fmt: skip
    assert main([*arguments, "--metric", METRIC, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    package = told["metrics"][METRIC]["package"]
    parts = told["metrics"][METRIC]["parts"]
    effects = [part["effect"] for part in parts.values()]
    assert sum(effects) == pytest.approx(package["difference"], abs=1e-9)
    assert (out / f"{METRIC}.png").read_bytes().startswith(b"\x89PNG")
    assert set(pd.read_parquet(out / "attribution.parquet")["part"]) == {*parts, ""}
    assert main([*arguments, "--lang", "zh"]) == 0
    assert "整体" in capsys.readouterr().out
    assert main([*arguments, "--metric", "air.pm25_maen"]) == 1
    assert "did you mean 'air.pm25_mean'" in capsys.readouterr().err
    assert main(["attribute", str(scenario)]) == 2
    assert main([*arguments, "--group", "nothing"]) == 2
