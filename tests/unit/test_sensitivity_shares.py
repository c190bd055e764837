"""The share of variance that comes from assumed values."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pytest
from matplotlib.figure import Figure

from zibo_sim.errors import Refused
from zibo_sim.plots.regions import shares as draw
from zibo_sim.scenario import Scenario, load
from zibo_sim.sensitivity.groups import BLOCKS, GROUPS, group_indices
from zibo_sim.sensitivity.inputs import Elements, Scalar, inputs_of
from zibo_sim.sensitivity.shares import Shares, assumption_shares
from zibo_sim.sensitivity.tell import shares_json, shares_text
from zibo_sim.study.spec import study_of


@pytest.fixture(scope="module")
def weeks() -> Scenario:
    return load().replace({"period.end": date(2018, 10, 21), "heating.dwellings": 2000})


@pytest.fixture(scope="module")
def found(weeks: Scenario) -> Shares:
    return assumption_shares(weeks, 8, seed=3, jobs=1)


def blocks(n: int, seed: int, weights: tuple[float, float, float], both: float) -> np.ndarray:
    """Return outcomes w·g summed over the groups, and a product of the first two."""
    rng = np.random.default_rng(seed)
    sides = dict(zip("AB", rng.normal(size=(2, 3, n)), strict=True))
    rows = []
    for block in BLOCKS:
        a, e, c = (sides[side][g] for g, side in enumerate(block))
        rows.append(weights[0] * a + weights[1] * e + weights[2] * c + both * a * e)
    return np.array(rows)


@pytest.mark.parametrize(
    ("weights", "both"), [((2, 1, 1), 0.0), ((2, 1, 0.5), 1.0), ((0, 0, 1), 0)]
)
def test_the_intervals_of_the_shares_hold_the_truth(
    weights: tuple[float, float, float], both: float
) -> None:
    parts = np.array(weights) ** 2
    whole = parts.sum() + both**2
    alone = parts / whole
    total = alone + np.array([both**2, both**2, 0]) / whole
    inside = []
    for seed in range(60):
        _, low, high = group_indices(blocks(128, seed, weights, both), resamples=300, seed=seed)
        truth = np.array([alone, total])
        inside.append((low - 0.01 <= truth) & (truth <= high + 0.01))
    assert np.mean(inside) > 0.88


def test_shares_are_possible_ones() -> None:
    for seed in range(20):
        value, low, high = group_indices(blocks(16, seed, (1, 1, 1), 1.0), resamples=100)
        assert (value[0] >= 0).all()
        assert value[0].sum() <= 1 + 1e-9
        assert (value[1] >= value[0] - 1e-9).all()
        assert (low >= -1e-9).all() and (high <= 1 + 1e-9).all()


def test_what_decides_everything_has_it_all_and_exactly() -> None:
    value, low, _ = group_indices(blocks(64, 1, (1, 0, 0), 0))
    np.testing.assert_allclose(value[:, 0], 1, atol=1e-3)
    np.testing.assert_allclose(low[:, 0], 1, atol=1e-3)


# ---- inputs ------------------------------------------------------------------------------


def test_every_number_that_is_no_law_varies_or_is_said_not_to() -> None:
    base = load()
    inputs = inputs_of(base)
    keys = {i.key for i in inputs.varied}
    assert {"air.emissions.scale", "air.box.sulfur_base", "heating.dwellings"} <= keys
    assert "period.start" not in keys
    assert not [k for k in keys if k.startswith("law.") and "rounding" not in k
                and inputs_status(inputs, k) == "statutory"]  # fmt: skip
    assert "air.forecast.bias" in inputs.left_out["no_room"]
    assert "heating.stock.seed" in inputs.left_out["seed"]
    assert "air.response.measures" in inputs.left_out["not_numeric"]


def inputs_status(inputs: object, key: str) -> str:
    return next(i.status for i in inputs.varied if i.key == key)


def test_a_range_is_cut_off_at_what_is_allowed() -> None:
    inputs = {i.key: i for i in inputs_of(load()).varied}
    scalar = inputs["clean_heating.completed_share"]
    assert isinstance(scalar, Scalar)
    assert scalar.native(np.array([[1e-9], [1 - 1e-9]])) == pytest.approx([0.8, 1.0])
    weights = inputs["air.forecast.weight"]
    assert isinstance(weights, Elements)
    assert weights.high.max() == 1.0


def test_a_list_that_sums_to_one_keeps_its_sum() -> None:
    inputs = {i.key: i for i in inputs_of(load()).varied}
    drawn = inputs["air.sectors.so2"].native(np.random.default_rng(1).random((5, 13)))
    np.testing.assert_allclose([sum(row) for row in drawn], 1.0)
    assert len({row[0] for row in drawn}) == 5


def test_a_stated_range_and_a_held_table_are_taken_as_said() -> None:
    inputs = inputs_of(
        load(), {"air.emissions.scale": [0.9, 1.0]}, hold=["air.weather", "cloud.audit.cv"]
    )
    keys = {i.key: i for i in inputs.varied}
    assert keys["air.emissions.scale"].factor.values == (0.9, 1.0)
    assert not any(key.startswith("air.weather.") for key in keys)
    assert "cloud.audit.cv" in inputs.left_out["held"]


def test_all_faults_of_ranges_are_said_at_once() -> None:
    with pytest.raises(Refused) as refusal:
        inputs_of(load(), {"air.emissions.scale": {"low": 0.5, "high": 9.0}, "x.y": [1]}, ["nope"])
    assert len(refusal.value.faults) == 3


# ---- the experiment ----------------------------------------------------------------------


def test_every_output_has_its_groups(found: Shares) -> None:
    assert set(found.groups["group"]) == set(GROUPS)
    assert found.failed == 0
    bills = found.groups[found.groups["output"] == "heating.break_even_kwh_m2"]
    assert bills["alone"].isna().all()  # of the law alone, so it does not vary


def test_the_shares_do_not_depend_on_the_executor(weeks: Scenario, found: Shares) -> None:
    with ThreadPoolExecutor(2) as pool:
        again = assumption_shares(weeks, 8, seed=3, executor=pool)
    assert again.groups.equals(found.groups)
    assert again.top.equals(found.top)


def test_requests_come_from_assumed_rates_and_chance_alone(found: Shares) -> None:
    rows = found.groups.set_index(["output", "group"]).loc["cloud.requests"]
    assert rows.loc["evidence", "total"] == pytest.approx(0, abs=1e-6)
    assert rows.loc["assumed", "total"] > 0


def test_the_shares_of_a_study_take_its_factors(weeks: Scenario) -> None:
    study = study_of(
        {
            "base": weeks, "design": "lhs", "points": 8, "outputs": ["cloud.requests"],
            "factors": {
                "cloud.arrivals.new_per_day": {"low": 0.5, "high": 4.0},
                "law.alert.yellow.days": [2, 3],
            },
        }
    )  # fmt: skip
    shares = assumption_shares(study, 24, jobs=1).groups.set_index("group")
    assert shares.loc["assumed", "alone"] > 0.5
    assert shares.loc["evidence", "total"] == pytest.approx(0, abs=1e-6)


def test_combinations_that_are_refused_are_drawn_anew_and_counted(weeks: Scenario) -> None:
    ranges = {
        "air.weather.growth_start_h": {"low": 9.0, "high": 13.0},
        "air.weather.growth_peak_h": {"low": 11.0, "high": 15.0},
    }
    shares = assumption_shares(weeks, 16, ranges=ranges, outputs=["cloud.requests"], jobs=1)
    assert shares.redrawn > 0
    assert "must follow one another" in next(iter(shares.refusals))


def test_ranges_that_never_fit_together_are_refused(weeks: Scenario) -> None:
    ranges = {
        "air.weather.growth_start_h": {"low": 12.0, "high": 13.0},
        "air.weather.growth_peak_h": {"low": 10.0, "high": 11.0},
        "air.weather.growth_end_h": {"low": 20.0, "high": 21.0},
    }
    with pytest.raises(Refused, match="growth"):
        assumption_shares(weeks, 8, ranges=ranges, jobs=1)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_shares_are_told_and_drawn(found: Shares, lang: str) -> None:
    assert "cloud.requests" in shares_text(found, lang)
    ax = draw(found, None, Figure(layout="constrained").subplots(), lang)
    widths: dict[float, float] = {}
    for bar in ax.patches:
        widths[bar.get_y()] = widths.get(bar.get_y(), 0.0) + bar.get_width()
    assert widths
    np.testing.assert_allclose(list(widths.values()), 100)
    assert shares_json(found)["left_out"]["seed"]
