"""How often the 95 % intervals hold the true difference: fixed pairs, precision, quantiles.

Run with ``python tests/benchmarks/bench_coverage.py [REPETITIONS]`` (2,000 where left out; some ten
seconds). A small case with a known answer takes the place of the winter: two arms share most of
their chance, and the variant lies a known amount higher. Everything else is the package's own:
`paired` makes the intervals, `until_precise` adds the pairs, `paired_quantiles` does the bootstrap.
The last line says whether the intervals of the bell-shaped case and of the counts hold in 93 to
97 % of the repetitions; the skewed case is there to show where they do less well.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from zibo_sim.contrasts import QUANTILES, paired, paired_quantiles
from zibo_sim.precision import Aim, until_precise

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Floats]
SHIFT, PAIRS, MOST = 0.7, 60, 4000
REPETITIONS = 2000
LOW, HIGH = 0.93, 0.97


class Toy(NamedTuple):
    """A case: what both arms share, what each adds, and the half-width asked of the precision."""

    name: str
    common: Draw
    own: Draw
    difference: float
    wanted: float


def _counts(rng: np.random.Generator, n: int) -> Floats:
    return rng.poisson(6.0, n).astype(float)


TOYS = {
    "bell": Toy("bell-shaped", lambda rng, n: 12 + 3 * rng.standard_normal(n),
                lambda rng, n: rng.standard_normal(n), SHIFT, 0.25),
    "counts": Toy("counts", _counts, lambda rng, n: rng.poisson(1.0, n).astype(float), 0.0, 0.3),
    "skewed": Toy("skewed", lambda rng, n: rng.standard_exponential(n),
                  lambda rng, n: np.zeros(n), 0.5, 0.1),
}  # fmt: skip


def pairs(toy: Toy, rng: np.random.Generator, n: int) -> Floats:
    """Draw `n` pairs, shape (2, n); of the skewed case the variant is half as much again."""
    common = toy.common(rng, n)
    if toy.name == "skewed":
        return np.vstack([common, 1.5 * common])
    return np.vstack([common + toy.own(rng, n), common + toy.difference + toy.own(rng, n)])


def fixed(toy: Toy, rng: np.random.Generator) -> tuple[bool, int]:
    """Say whether the interval of `PAIRS` pairs holds the difference."""
    _, _, _, low, high, n = paired(*pairs(toy, rng, PAIRS))
    return low <= toy.difference <= high, n


def precise(toy: Toy, rng: np.random.Generator) -> tuple[bool, int]:
    """Say whether the interval at which the precision stops holds the difference."""

    def extend(have: Floats | None, first: int, count: int) -> Floats:
        more = pairs(toy, rng, count)
        return more if have is None else np.hstack([have, more])

    def aims(have: Floats) -> list[Aim]:
        _, _, _, low, high, _ = paired(*have)
        return [Aim("variant", toy.name, (high - low) / 2, toy.wanted)]

    have, told = until_precise(extend, aims, most=MOST)
    assert told.reached and told.aims[0].half_width <= toy.wanted
    _, _, _, low, high, n = paired(*have)
    return low <= toy.difference <= high, n


def quantiles(rng: np.random.Generator) -> list[bool]:
    """Say which intervals of P10, P50, P90 of a wider and higher variant hold their difference."""
    z = rng.standard_normal((3, PAIRS))
    base, variant = z[0] + 0.5 * z[1], SHIFT + 1.4 * (z[0] + 0.5 * z[2])
    sd = np.sqrt(1.25)
    true = [SHIFT + 0.4 * sd * float(ndtri(q)) for q in QUANTILES]
    rows = paired_quantiles(base, variant)
    return [row[3] <= t <= row[4] for row, t in zip(rows, true, strict=True)]


def coverage(
    case: Callable[[Toy, np.random.Generator], tuple[bool, int]],
    toy: Toy,
    repetitions: int,
    seed: int,
) -> tuple[float, float]:
    """Return the share of repetitions whose interval holds, and the mean number of pairs."""
    rng = np.random.default_rng(seed)
    found = np.array([case(toy, rng) for _ in range(repetitions)], dtype=float)
    return float(found[:, 0].mean()), float(found[:, 1].mean())


def main(repetitions: int = REPETITIONS) -> int:
    """Print the shares and return 1 when one that is asked for lies outside."""
    print(f"{repetitions} repetitions; ± is two standard errors of the share at 95 %")
    error = 2 * np.sqrt(0.95 * 0.05 / repetitions)
    print(f"{'case':14} {'interval':22} {'covers':>8} {'±':>7} {'mean pairs':>11}")
    inside = True
    for number, (key, toy) in enumerate(TOYS.items()):
        for name, case in (("fixed number of pairs", fixed), ("stopped by precision", precise)):
            share, mean = coverage(case, toy, repetitions, number)
            inside &= key == "skewed" or LOW <= share <= HIGH
            print(f"{toy.name:14} {name:22} {share:8.1%} {error:7.1%} {mean:11.1f}")
    rng = np.random.default_rng(10)
    hits = np.mean([quantiles(rng) for _ in range(repetitions)], axis=0)
    for q, share in zip(QUANTILES, hits, strict=True):
        print(f"{'bell-shaped':14} {f'P{100 * q:.0f}, bootstrap':22} {share:8.1%} {error:7.1%} "
              f"{PAIRS:11.1f}")  # fmt: skip
    print(f"means of the bell-shaped case and of counts within {LOW:.0%} to {HIGH:.0%}: "
          f"{'yes' if inside else 'NO'}")  # fmt: skip
    return 0 if inside else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else REPETITIONS))
