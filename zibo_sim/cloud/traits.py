"""What a system on the cloud is like: memory, storage, payer, grade, use; and those there before.

All traits of a source come from one stream, a row a request and a column a trait, so that a trait
that nobody asks for moves no other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from zibo_sim.cloud.parameters import Cloud
from zibo_sim.cloud.pool import Size
from zibo_sim.cloud.use_parameters import CITY
from zibo_sim.places import DISTRICTS
from zibo_sim.streams import Streams

Array = NDArray[np.float64]

_COLUMNS = ("memory", "storage", "payer", "classified", "grade", "use", "filing", "prereview",
            "declined")  # fmt: skip
#: Who pays (第二十九条): the city's finance, or that of a district or zone.
PAYERS = (CITY, *DISTRICTS.values())
#: More systems than this from before the period are drawn as that many, each counting for several.
_MOST_STOCK = 20_000


class Traits(NamedTuple):
    """What a request brings beside its papers.

    Attributes
    ----------
    memory_gb, storage_gb : int
        What it adds, negative where it gives back.
    payer : str
        ``city`` or the key of a district or zone.
    classified : bool
        Whether the system is classified (涉密).
    grade : int
        Protection grade (等级保护), one to five.
    use : float
        Mean use of what it holds, a share.
    filing_d : float
        Days from formal operation to the protection filing; infinite where none is drawn.
    prereview : float
        Working hours of its pre-review.
    declined : bool
        Whether the pre-review does not approve it.
    """

    memory_gb: int = 0
    storage_gb: int = 0
    payer: str = CITY
    classified: bool = False
    grade: int = 1
    use: float = 1.0
    filing_d: float = math.inf
    prereview: float = 0.0
    declined: bool = False


@dataclass(frozen=True)
class Stock:
    """Systems on the cloud before the period, as columns; together they hold what is promised."""

    vcpu: Array = field(default_factory=lambda: np.empty(0))
    memory_gb: Array = field(default_factory=lambda: np.empty(0))
    storage_gb: Array = field(default_factory=lambda: np.empty(0))
    use: Array = field(default_factory=lambda: np.empty(0))
    payer: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))


def lognormal(z: Array, mean: float, cv: float) -> Array:
    """Return lognormal values of a mean and coefficient of variation, from standard normals."""
    sigma = math.sqrt(math.log1p(cv**2))
    return np.asarray(mean * np.exp(sigma * z - sigma**2 / 2))


def draw_traits(
    rng: np.random.Generator, vcpu: Array, cloud: Cloud, per_day: float, payer: str | None = None
) -> list[Traits]:
    """Draw the traits of requests of one source.

    Parameters
    ----------
    rng : numpy.random.Generator
    vcpu : ndarray
        What each adds; memory and storage follow it.
    cloud : Cloud
    per_day : float
        Working hours of a day.
    payer : str, optional
        Who pays for all of them; drawn when left out.
    """
    u = dict(zip(_COLUMNS, rng.random((len(vcpu), len(_COLUMNS))).T, strict=True))
    rules, limit = cloud.requests, capacity(cloud)
    memory = _beside(vcpu, u["memory"], rules.memory_per_vcpu_gb, rules.ratio_gsd, limit.memory_gb)
    storage = _beside(
        vcpu, u["storage"], rules.storage_per_vcpu_gb, rules.ratio_gsd, limit.storage_gb
    )
    review = lognormal(ndtri(u["prereview"]), cloud.prereview.mean_days, cloud.prereview.cv)
    columns = (
        memory.astype(int).tolist(),
        storage.astype(int).tolist(),
        [payer or PAYERS[i] for i in _payers(u["payer"], cloud).tolist()],
        (u["classified"] < cloud.scope.classified_share).tolist(),
        (
            1 + np.searchsorted(np.cumsum(cloud.scope.grade_shares)[:-1], u["grade"], "right")
        ).tolist(),
        _use(u["use"], cloud).tolist(),
        (cloud.filing.median_days * cloud.filing.gsd ** ndtri(u["filing"])).tolist(),
        (review * per_day).tolist(),
        (u["declined"] < cloud.prereview.declined_share).tolist(),
    )
    return [Traits(*row) for row in zip(*columns, strict=True)]


def draw_stock(cloud: Cloud, streams: Streams) -> Stock:
    """Draw the systems from before the period, scaled to hold exactly what is promised then."""
    rules, held = cloud.requests, initial(cloud)
    mean = rules.size_median_vcpu * math.exp(math.log(rules.size_gsd) ** 2 / 2)
    n = min(round(held.vcpu / mean), _MOST_STOCK) or int(held.vcpu > 0)
    u = streams("cloud.stock").random((n, 5)).T
    vcpu = rules.size_median_vcpu * rules.size_gsd ** ndtri(u[0])
    memory, storage = (vcpu * rules.ratio_gsd ** ndtri(column) for column in u[1:3])
    return Stock(
        _scaled(vcpu, held.vcpu),
        _scaled(memory, held.memory_gb),
        _scaled(storage, held.storage_gb),
        _use(u[3], cloud),
        _payers(u[4], cloud),
    )


def capacity(cloud: Cloud) -> Size:
    """Return how much may be promised: the physical pool times the overcommitment."""
    pool = cloud.capacity
    return Size(
        pool.vcpu * pool.overcommit,
        pool.memory_gb * pool.memory_overcommit,
        pool.storage_gb * pool.storage_overcommit,
    )


def initial(cloud: Cloud) -> Size:
    """Return what is promised before the period."""
    return Size(*(most * cloud.capacity.initial_allocation_share for most in capacity(cloud)))


def _scaled(values: Array, total: float) -> Array:
    return np.asarray(values * (total / values.sum())) if len(values) else values


def _beside(vcpu: Array, u: Array, median: float, gsd: float, limit: float) -> Array:
    beside: Array = np.clip(
        np.rint(vcpu * median * gsd ** ndtri(u)), -math.floor(limit), math.floor(limit)
    )
    return beside


def _use(u: Array, cloud: Cloud) -> Array:
    rules = cloud.use
    odds = rules.median / (1 - rules.median) * np.exp(rules.spread * ndtri(u))
    return np.asarray(odds / (1 + odds))


def _payers(u: Array, cloud: Cloud) -> NDArray[np.int64]:
    """Return the number in `PAYERS` of who pays: below the share a district, any of them alike."""
    share, districts = cloud.fees.district_share, len(PAYERS) - 1
    chosen = (u / max(share, 1e-12) * districts).astype(np.int64) + 1
    return np.where(u < share, np.minimum(chosen, districts), 0)
