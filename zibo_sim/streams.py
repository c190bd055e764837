"""Random streams by name: adding a reviewer does not move one arrival.

Every quantity that is drawn has a stream of its own, keyed by the seed, the replication and the
stream's name. The order in which streams are asked for, and which others exist, changes nothing,
so the arms of a comparison share their draws by construction.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from zibo_sim.errors import Refused

Words = NDArray[np.uint32]


def check_seed(seed: int) -> None:
    """Refuse a seed out of range."""
    if not 0 <= seed < 2**63:
        raise Refused(f"seed: {seed} is refused; allowed is 0 to 2^63 − 1")


@cache
def _words_of(name: str) -> Words:
    """Return what a name adds to the key of its stream: four words of its hash."""
    return np.frombuffer(hashlib.sha256(name.encode()).digest()[:16], dtype="<u4")


def _words(number: int) -> Words:
    """Return the words of a whole number, the lowest first, as NumPy's seeding splits it."""
    count = max(1, -(-int(number).bit_length() // 32))
    return np.frombuffer(int(number).to_bytes(4 * count, "little"), dtype="<u4")


@dataclass(frozen=True)
class Streams:
    """The named random streams of one replication.

    Parameters
    ----------
    seed : int
        The seed of the whole experiment.
    replication : int
        Which replication of it.

    Examples
    --------
    >>> streams = Streams(seed=1, replication=0)
    >>> streams("air.weather.noise").random() == streams("air.weather.noise").random()
    True
    >>> streams("air.weather.noise").random() == streams("cloud.arrivals.new").random()
    False
    """

    seed: int
    replication: int = 0

    @cached_property
    def _key(self) -> Words:
        return np.concatenate([_words(self.seed), _words(self.replication)])

    def __call__(self, name: str) -> np.random.Generator:
        """Return a fresh generator for the stream `name`, always from its beginning.

        Parameters
        ----------
        name : str
            One name a quantity: ``air.weather.noise``.

        Returns
        -------
        numpy.random.Generator

        Examples
        --------
        >>> Streams(1)("demo").random(3).shape
        (3,)
        """
        key = np.concatenate([self._key, _words_of(name)])
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(key)))
