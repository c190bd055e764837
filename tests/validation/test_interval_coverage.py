"""95 % intervals hold a known difference in 93 to 97 % of repetitions."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binomtest

from zibo_sim.contrasts import paired, paired_quantiles
from zibo_sim.precision import Aim, until_precise

Floats = NDArray[np.float64]
SHIFT, REPETITIONS = 0.7, 1200


def pairs(rng: np.random.Generator, n: int) -> Floats:
    """Two arms that share most of their chance; the variant lies `SHIFT` higher."""
    common, own = 3 * rng.standard_normal(n), rng.standard_normal((2, n))
    return np.vstack([common + own[0], common + SHIFT + own[1]])


def holds(both: Floats) -> bool:
    _, _, _, low, high, _ = paired(*both)
    return low <= SHIFT <= high


def to_precision(rng: np.random.Generator, wanted: float = 0.3) -> Floats:
    def extend(have: Floats | None, first: int, count: int) -> Floats:
        more = pairs(rng, count)
        return more if have is None else np.hstack([have, more])

    def aims(have: Floats) -> list[Aim]:
        _, _, _, low, high, _ = paired(*have)
        return [Aim("v", "toy", (high - low) / 2, wanted)]

    have, told = until_precise(extend, aims)
    assert told.reached
    return have


def plausible(hits: int, low: float = 0.93, high: float = 0.97) -> bool:
    """Say whether so many hits can come from a coverage between `low` and `high`."""
    shown = binomtest(hits, REPETITIONS).proportion_ci(0.999)
    return shown.low <= high and shown.high >= low


def test_the_interval_of_a_fixed_number_of_pairs_covers_as_it_says() -> None:
    rng = np.random.default_rng(1)
    assert plausible(sum(holds(pairs(rng, 60)) for _ in range(REPETITIONS)))


def test_stopping_by_precision_does_not_spoil_the_coverage() -> None:
    rng = np.random.default_rng(2)
    assert plausible(sum(holds(to_precision(rng)) for _ in range(REPETITIONS)))


def test_an_interval_that_is_too_narrow_would_be_found_out() -> None:
    rng, hits = np.random.default_rng(3), 0
    for _ in range(REPETITIONS):
        _, _, mean, low, high, _ = paired(*pairs(rng, 60))
        hits += abs(mean - SHIFT) <= 0.75 * (high - low) / 2
    assert not plausible(hits)


@pytest.mark.parametrize("quantile", [0, 1, 2])
def test_bootstrap_intervals_of_quantiles_cover_at_least_as_they_say(quantile: int) -> None:
    rng, hits, repetitions = np.random.default_rng(4), 0, 300
    for _ in range(repetitions):
        row = paired_quantiles(*pairs(rng, 60))[quantile]
        hits += row[3] <= SHIFT <= row[4]
    assert binomtest(hits, repetitions).proportion_ci(0.999).high >= 0.95
    assert hits < repetitions  # an interval that always holds says nothing
