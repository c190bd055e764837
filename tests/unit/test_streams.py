"""Random streams: told apart by name, and by nothing else."""

from __future__ import annotations

import hashlib
import itertools
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from numpy.typing import NDArray

from zibo_sim.streams import Streams

NAMES = ["air.weather.regime", "air.weather.wind", "cloud.arrivals", "cloud.arrivals.", "a", "b"]


def draws(streams: Streams, name: str, count: int = 8) -> NDArray[np.float64]:
    return streams(name).random(count)


def test_the_same_name_gives_the_same_draws() -> None:
    assert np.array_equal(draws(Streams(1, 2), "air.wind"), draws(Streams(1, 2), "air.wind"))


def test_a_stream_always_begins_at_its_beginning() -> None:
    streams = Streams(1)
    used = streams("air.wind")
    first = used.random(8)
    assert np.array_equal(streams("air.wind").random(8), first)
    assert not np.array_equal(used.random(8), first)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ((Streams(1, 0), "a"), (Streams(1, 0), "b")),
        ((Streams(1, 0), "a"), (Streams(1, 1), "a")),
        ((Streams(1, 0), "a"), (Streams(2, 0), "a")),
        ((Streams(1, 2), "a"), (Streams(2, 1), "a")),
        ((Streams(1, 0), "air.wind"), (Streams(1, 0), "air.wind ")),
        ((Streams(1, 0), "空气"), (Streams(1, 0), "云")),
    ],
)
def test_another_name_replication_or_seed_gives_other_draws(
    one: tuple[Streams, str], two: tuple[Streams, str]
) -> None:
    assert not np.any(draws(*one) == draws(*two))


def test_no_two_of_many_streams_begin_alike() -> None:
    firsts = {
        draws(Streams(seed, replication), name, 1)[0]
        for seed in range(10)
        for replication in range(10)
        for name in NAMES
    }
    assert len(firsts) == 10 * 10 * len(NAMES)


def test_the_order_of_asking_changes_nothing() -> None:
    streams = Streams(7, 3)
    there = {name: draws(streams, name) for name in NAMES}
    back = {name: draws(streams, name) for name in reversed(NAMES)}
    assert all(np.array_equal(there[name], back[name]) for name in NAMES)


def test_a_new_stream_moves_no_other() -> None:
    alone = Streams(7)("cloud.arrivals").random(8)
    streams = Streams(7)
    arrivals = streams("cloud.arrivals")
    streams("cloud.reviewers").random(1000)
    assert np.array_equal(arrivals.random(8), alone)


def test_draws_survive_pickling_and_another_process() -> None:
    streams = Streams(5, 4)
    assert np.array_equal(draws(pickle.loads(pickle.dumps(streams)), "a"), draws(streams, "a"))
    code = "from zibo_sim.streams import Streams; print(Streams(5, 4)('a').random().hex())"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": salt},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for salt in ("1", "2")
    }
    assert told == {float(draws(streams, "a", 1)[0]).hex()}


def test_streams_are_independent() -> None:
    count = 20_000
    series = [draws(Streams(1), name, count) for name in NAMES]
    series += [draws(Streams(1, r), "a", count) for r in (1, 2)]
    series += [draws(Streams(s), "a", count) for s in (2, 3)]
    z = [np.corrcoef(x, y)[0, 1] * np.sqrt(count) for x, y in itertools.combinations(series, 2)]
    assert np.max(np.abs(z)) < 4  # 45 pairs, each standard normal when independent
    assert abs(np.sum(np.square(z)) / len(z) - 1) < 4 * np.sqrt(2 / len(z))


def test_replications_of_a_stream_spread_like_independent_means() -> None:
    means = [Streams(1, r)("a").random(100).mean() for r in range(400)]
    expected = 1 / np.sqrt(12 * 100)
    assert abs(np.mean(means) - 0.5) < 4 * expected / np.sqrt(400)
    assert abs(np.std(means) / expected - 1) < 4 / np.sqrt(2 * 400)


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**32, 2**63 - 1])
@pytest.mark.parametrize("replication", [0, 7, 2**33])
def test_a_stream_is_what_numpy_makes_of_seed_replication_and_hash(
    seed: int, replication: int
) -> None:
    words = np.frombuffer(hashlib.sha256(b"air.wind").digest()[:16], dtype="<u4").tolist()
    plain = np.random.default_rng(np.random.SeedSequence([seed, replication, *words]))
    assert np.array_equal(draws(Streams(seed, replication), "air.wind"), plain.random(8))
