"""What replications do to a variance, on tables made with known parts."""

from __future__ import annotations

import numpy as np
import pytest

from zibo_sim.sensitivity.chance import components, crossed


def table(n: int, r: int, seed: int, own: float = 0.5, shared: float = 1.0) -> np.ndarray:
    """Return 2·P + shared·C + own·I."""
    rng = np.random.default_rng(seed)
    chance = shared * rng.normal(size=(1, r))
    return 2 * rng.normal(size=(n, 1)) + chance + own * rng.normal(size=(n, r))


def test_the_parts_of_a_table_are_found_without_bias() -> None:
    found = np.array([components(table(20, 4, seed)).variances for seed in range(600)])
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - [4.0, 1.0, 0.25]) < 4 * error).all()


def test_the_intervals_of_the_shares_cover() -> None:
    truth = np.array([4.0, 1.0, 0.25]) / 5.25
    split = [components(table(20, 4, seed), seed=seed) for seed in range(300)]
    inside = np.mean([(s.low <= truth) & (truth <= s.high) for s in split], axis=0)
    assert (inside > 0.91).all()


def test_chance_shared_by_all_points_is_no_interaction() -> None:
    split = components(table(50, 3, 1, own=0.0, shared=3.0))
    assert split.shares[2] == pytest.approx(0, abs=1e-12)


def test_points_that_lack_a_replication_are_left_out_and_counted() -> None:
    y = table(30, 3, 2)
    y[4, 1] = np.nan
    assert components(y).points == 29


def test_one_replication_says_nothing_of_chance() -> None:
    assert components(table(30, 1, 3)) is None


def test_products_run_over_different_replications_only() -> None:
    u, v = np.array([1.0, 2.0, 4.0]), np.array([3.0, 5.0, np.nan])
    pairs = [u[i] * v[j] for i in range(3) for j in range(2) if i != j]
    assert crossed(u, v) == pytest.approx(np.mean(pairs))
    assert np.isnan(crossed(np.array([1.0, np.nan]), np.array([1.0, np.nan])))
