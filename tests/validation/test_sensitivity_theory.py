"""Indices and screening against functions whose answers are known, and against SALib's numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from SALib.analyze import morris as salib_morris
from SALib.analyze import sobol as salib_sobol
from SALib.sample import morris as salib_trajectories
from scipy.stats import qmc

from zibo_sim.sensitivity.given import bins, first_order, grid_indices
from zibo_sim.sensitivity.morris import elementary_effects, screening
from zibo_sim.sensitivity.sobol import sobol_indices

Array = NDArray[np.float64]
G = np.array([0.0, 1.0, 4.5, 9.0, 99.0])


def ishigami(u: Array) -> Array:
    x = np.pi * (2 * u - 1)
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_answer() -> tuple[Array, Array, float]:
    v1 = 0.5 * (1 + 0.1 * np.pi**4 / 5) ** 2
    v2, v13 = 49 / 8, 0.01 * np.pi**8 * (1 / 18 - 1 / 50)
    v = v1 + v2 + v13
    return np.array([v1, v2, 0]) / v, np.array([v1 + v13, v2, v13]) / v, v


def g_function(u: Array) -> Array:
    return np.prod((np.abs(4 * u - 2) + G) / (1 + G), axis=1)


def g_answer() -> tuple[Array, Array, float]:
    parts = 1 / (3 * (1 + G) ** 2)
    v = np.prod(1 + parts) - 1
    others = np.prod(1 + parts) / (1 + parts)
    return parts / v, parts * others / v, v


FUNCTIONS = [(ishigami, ishigami_answer, 3), (g_function, g_answer, 5)]
Function = Callable[[Array], Array]


def blocks(k: int, n: int, seed: int) -> tuple[Array, Array, list[Array]]:
    u = qmc.Sobol(2 * k, rng=np.random.default_rng(seed)).random(n)
    a, b = u[:, :k], u[:, k:]
    mixed = [np.where(np.arange(k) == j, b, a) for j in range(k)]
    return a, b, mixed


@pytest.mark.parametrize(("f", "answer", "k"), FUNCTIONS)
def test_sobol_indices_hold_the_analytic_ones(
    f: Function, answer: Callable[[], tuple[Array, Array, float]], k: int
) -> None:
    first, total, variance = answer()
    a, b, mixed = blocks(k, 2048, seed=3)
    found = sobol_indices(f(a), f(b), np.array([f(x) for x in mixed]))
    assert (found.first_low - 1e-3 <= first).all() and (first <= found.first_high + 1e-3).all()
    assert (found.total_low - 1e-3 <= total).all() and (total <= found.total_high + 1e-3).all()
    assert found.variance == pytest.approx(variance, rel=0.05)


@pytest.mark.parametrize(("f", "answer", "k"), FUNCTIONS)
def test_sobol_indices_are_those_of_salib(f: Function, answer: object, k: int) -> None:
    a, b, mixed = blocks(k, 256, seed=4)
    # Far from zero, so that a wrong centre would show.
    fa, fb, fab = f(a) + 50, f(b) + 50, np.array([f(x) + 50 for x in mixed])
    found = sobol_indices(fa, fb, fab)
    ordered = np.column_stack([fa, *fab, fb]).ravel()
    problem = {"num_vars": k, "names": [str(i) for i in range(k)], "bounds": [[0, 1]] * k}
    theirs = salib_sobol.analyze(problem, ordered, calc_second_order=False, seed=1)
    np.testing.assert_allclose(found.first, theirs["S1"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.total, theirs["ST"], rtol=0, atol=1e-10)


def test_the_intervals_of_sobol_indices_cover() -> None:
    first, total, _ = g_answer()
    inside = []
    for seed in range(200):
        u = np.random.default_rng(seed).random((128, 10))
        a, b = u[:, :5], u[:, 5:]
        mixed = [np.where(np.arange(5) == j, b, a) for j in range(5)]
        found = sobol_indices(
            g_function(a), g_function(b), np.array([g_function(x) for x in mixed]), seed=seed
        )
        inside += [(found.first_low <= first) & (first <= found.first_high)]
        inside += [(found.total_low <= total) & (total <= found.total_high)]
    assert np.mean(inside) > 0.88


def test_a_group_has_its_closed_and_its_total_index() -> None:
    # Of Ishigami, the group {1, 3} has no interaction with 2: closed and total agree.
    first, _, _ = ishigami_answer()
    a, b, _ = blocks(3, 2048, seed=5)
    mixed = np.where(np.array([True, False, True]), b, a)
    found = sobol_indices(ishigami(a), ishigami(b), ishigami(mixed)[None])
    assert found.first_low[0] <= 1 - first[1] <= found.first_high[0]
    assert found.total_low[0] <= 1 - first[1] <= found.total_high[0]


def test_indices_with_replications_leave_chance_out() -> None:
    """The noise here has five times the variance of the parameters, and interacts with them."""
    rng = np.random.default_rng(6)
    n, r, k = 4096, 4, 2
    a, b = rng.random((n, k)), rng.random((n, k))
    mixed = np.array([np.where(np.arange(k) == j, b, a) for j in range(k)])
    together = np.concatenate([a[None], b[None], mixed])
    shared = rng.normal(size=r)  # the replication, on common random numbers
    own = rng.normal(size=(*together.shape[:2], r))  # chance that points do not share
    y = together @ np.array([1.0, 2.0]) + 0.0
    y = y[..., None] + shared + 1.4 * own
    found = sobol_indices(y[0], y[1], y[2:])
    for value, low, high in [
        (0.2, found.first_low[0], found.first_high[0]),
        (0.8, found.first_low[1], found.first_high[1]),
        (0.2, found.total_low[0], found.total_high[0]),
        (0.8, found.total_low[1], found.total_high[1]),
    ]:
        assert low <= value <= high
    assert found.variance == pytest.approx(5 / 12, rel=0.15)
    plain = sobol_indices(y[0, :, 0], y[1, :, 0], y[2:, :, 0])
    assert plain.total[0] > found.total_high[0]  # noise would pass for interaction


@pytest.mark.parametrize(("f", "answer", "k"), FUNCTIONS)
def test_first_order_from_given_points_holds_the_analytic_one(
    f: Function, answer: Callable[[], tuple[Array, Array, float]], k: int
) -> None:
    u = qmc.LatinHypercube(k, rng=np.random.default_rng(8)).random(4000)
    found = first_order([bins(column) for column in u.T], f(u)[:, None])
    first = answer()[0]
    assert (found.low - 0.005 <= first).all() and (first <= found.high + 0.005).all()


def test_a_complete_grid_is_split_exactly() -> None:
    x, y, z = (g.ravel() for g in np.meshgrid([0, 1], [0, 1, 2], [0, 1], indexing="ij"))
    outcome = x + 0.0 * z + x * y  # x alone, y alone and x with y
    found = grid_indices([x, y, z], outcome[:, None].astype(float))
    v_x, v_y, v_xy = 1.0, (2 / 3) / 4, (2 / 3) / 4
    v = v_x + v_y + v_xy
    np.testing.assert_allclose(found.first, np.array([v_x, v_y, 0]) / v, atol=1e-12)
    np.testing.assert_allclose(found.total, np.array([v_x + v_xy, v_y + v_xy, 0]) / v, atol=1e-12)


@pytest.mark.parametrize(("f", "answer", "k"), FUNCTIONS)
def test_morris_measures_are_those_of_salib(f: Function, answer: object, k: int) -> None:
    problem = {"num_vars": k, "names": [str(i) for i in range(k)], "bounds": [[0, 1]] * k}
    x = salib_trajectories.sample(problem, 20, num_levels=6, seed=3)
    found = screening(elementary_effects(x, f(x)))
    theirs = salib_morris.analyze(problem, x, f(x), num_levels=6, seed=1)
    np.testing.assert_allclose(found.mu, theirs["mu"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.mu_star, theirs["mu_star"], rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.sigma, theirs["sigma"], rtol=0, atol=1e-10)


def test_morris_of_a_straight_line_is_its_slopes_without_spread() -> None:
    problem = {"num_vars": 2, "names": ["a", "b"], "bounds": [[0, 1]] * 2}
    x = salib_trajectories.sample(problem, 8, num_levels=4, seed=2)
    found = screening(elementary_effects(x, 3 * x[:, 0] - 2 * x[:, 1]))
    np.testing.assert_allclose(found.mu, [3, -2])
    np.testing.assert_allclose(found.mu_star, [3, 2])
    np.testing.assert_allclose(found.sigma, 0, atol=1e-6)


def test_morris_takes_chance_out_of_the_spread_and_says_what_chance_would_show() -> None:
    problem = {"num_vars": 2, "names": ["a", "b"], "bounds": [[0, 1]] * 2}
    x = salib_trajectories.sample(problem, 500, num_levels=4, seed=2)
    noise = np.random.default_rng(4).normal(size=(len(x), 5))
    found = screening(elementary_effects(x, 3 * x[:, :1] + noise))
    assert found.sigma[0] < 0.6  # with chance it would be sqrt(2/5) ÷ (2/3) = 0.95
    # b does nothing: its mu* is what chance makes.
    assert found.mu_star_low[1] <= found.by_chance[1] <= found.mu_star_high[1]


def with_chance(u: Array, seed: int, r: int) -> Array:
    """Return x1 + 2·x2 + a chance that is smooth in x and shared by all points, (N, R)."""
    z = np.random.default_rng(seed).normal(size=(4, r))
    return (
        (u[:, 0] + 2 * u[:, 1])[:, None]
        + z[0]
        + 0.5 * z[1] * (u[:, :1] - 0.5)
        + z[2] * (u[:, 1:2] - 0.5)
        + z[3] * (u[:, :1] - 0.5) * (u[:, 1:2] - 0.5)
    )


@pytest.mark.parametrize("method", ["sobol", "given"])
def test_intervals_hold_what_other_replications_would_change(method: str) -> None:
    """Chance interacts smoothly with the factors, so more points alone would not average it out."""
    inside = []
    for seed in range(150):
        a, b, mixed = blocks(2, 128, seed)
        if method == "sobol":
            y = [with_chance(x, seed, 10) for x in (a, b, *mixed)]
            found = sobol_indices(y[0], y[1], np.array(y[2:]), resamples=300)
            inside.append((found.total_low <= [0.2, 0.8]) & (found.total_high >= [0.2, 0.8]))
            inside.append((found.first_low <= [0.2, 0.8]) & (found.first_high >= [0.2, 0.8]))
        else:
            levels = [bins(column) for column in a.T]
            given = first_order(levels, with_chance(a, seed, 10), resamples=300)
            inside.append((given.low <= [0.21, 0.81]) & (given.high >= [0.19, 0.79]))
    assert np.mean(inside) > 0.88
