"""Scenario discovery finds the region that was planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from zibo_sim.sensitivity.prim import prim


def points(n: int = 1000, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.random((n, 4)), columns=["a", "b", "c", "d"])
    frame["how"] = rng.choice(["list", "uniform", "none"], n)
    frame["steps"] = rng.choice([1, 2, 3, 4], n)
    return frame


def test_a_planted_box_is_found_with_its_dimensions_alone() -> None:
    frame = points()
    planted = (frame.a > 0.7) & (frame.b < 0.5)
    found = prim(frame, planted.to_numpy(float))
    box = found.boxes[0]
    assert set(box.limits) == {"a", "b"}
    assert box.limits["a"].low == pytest.approx(0.7, abs=0.02)
    assert box.limits["b"].high == pytest.approx(0.5, abs=0.03)
    assert box.coverage > 0.95
    assert box.density > 0.95
    assert max(box.p_values.values()) < 1e-6


def test_noise_around_a_planted_box_adds_no_dimension() -> None:
    frame = points(seed=2)
    planted = ((frame.a > 0.6) & (frame.c > 0.6)).to_numpy()
    chance = np.where(planted, 0.9, 0.08)
    cases = (np.random.default_rng(3).random(len(frame)) < chance).astype(float)
    box = prim(frame, cases).boxes[0]
    assert set(box.limits) == {"a", "c"}


def test_categories_and_steps_are_restricted_by_what_they_are() -> None:
    frame = points(seed=4)
    planted = (frame.how != "none") & (frame.steps >= 3)
    box = prim(frame, planted.to_numpy(float)).boxes[0]
    assert set(box.limits["how"].allowed) == {"list", "uniform"}
    assert (box.limits["steps"].low, box.limits["steps"].high) == (3, None)
    assert (box.coverage, box.density) == (1.0, 1.0)


def test_a_second_region_makes_a_second_box() -> None:
    frame = points(2000, seed=5)
    planted = ((frame.a > 0.8) & (frame.b > 0.6)) | ((frame.c < 0.2) & (frame.d < 0.4))
    found = prim(frame, planted.to_numpy(float))
    assert [set(box.limits) for box in found.boxes[:2]] in (
        [{"a", "b"}, {"c", "d"}], [{"c", "d"}, {"a", "b"}],
    )  # fmt: skip


def test_the_trajectory_goes_from_all_points_to_denser_ones() -> None:
    frame = points()
    found = prim(frame, ((frame.a > 0.7) & (frame.b < 0.5)).to_numpy(float))
    path = found.trajectory
    assert (path.coverage[0], path.mass[0], path.restricted[0]) == (1.0, 1.0, 0)
    assert path.density.is_monotonic_increasing
    assert path.mass.is_monotonic_decreasing


def test_cases_that_lie_anywhere_make_no_box() -> None:
    frame = points(300, seed=6)[["a", "b"]]
    cases = (np.random.default_rng(7).random(300) < 0.3).astype(float)
    boxes = prim(frame, cases).boxes
    assert all(max(box.p_values.values()) <= 0.05 for box in boxes)
    assert all(box.coverage < 0.5 or box.density < 0.5 for box in boxes)


def test_no_case_and_nothing_but_cases_make_no_box() -> None:
    frame = points(50)
    assert not prim(frame, np.zeros(50)).boxes
    assert not prim(frame, np.ones(50)).boxes


def test_shares_of_replications_count_as_parts_of_a_case() -> None:
    frame = points(seed=8)
    box = prim(frame, np.where(frame.a > 0.7, 0.8, 0.05)).boxes[0]
    assert set(box.limits) == {"a"}
    assert box.density == pytest.approx(0.8, abs=0.02)
