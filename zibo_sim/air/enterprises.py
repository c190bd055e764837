"""A synthetic list of enterprises: assumed, seeded, and adding up to the scenario's sectors.

Every quantity has its own random stream, so that a share can be changed without moving anything
else: of two lists that differ in the share of benchmarks, one's benchmarks are among the other's.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from zibo_sim.air.enterprise_parameters import INDUSTRIAL, Enterprises
from zibo_sim.air.inventory import (
    COUNTED,
    INDUSTRIES,
    INDUSTRY_KEYS,
    STRUCK_OFF,
    Flags,
    Floats,
    Inventory,
    Places,
)
from zibo_sim.air.sectors import SECTORS
from zibo_sim.places import DISTRICTS
from zibo_sim.streams import Streams

#: Kinds of the six that are enterprises at all.
_STRUCK = tuple(list(STRUCK_OFF).index(kind) for kind in ("zombie", "false", "closed", "boilers"))
_BULK = ("power", "steel_coking", "kiln_materials", "glass", "chemicals")
#: How far a plant's number of lines follows its size.
_LINES_BY_SIZE = 0.6
_BN = 1e9


def synthetic(given: Enterprises, annual_t: Floats, water_share: float) -> Inventory:
    """Draw the list.

    Parameters
    ----------
    given : Enterprises
    annual_t : ndarray, shape (6, 4)
        Tonnes a year of the industrial sectors by pollutant (`COUNTED`); the plants that stay on
        the list add up to them.
    water_share : float
        Share of the coating sector's VOCs that come from water-based processes.
    """
    streams, n = Streams(given.seed), given.count

    def normal(name: str, columns: int = 1) -> Floats:
        return streams(f"air.enterprises.{name}").standard_normal((n, columns))

    def chance(name: str) -> Floats:
        return streams(f"air.enterprises.{name}").random(n)

    sector = _sectors(given)
    industry = _industries(sector, chance("industry"))
    size = given.size_sigma * normal("size")[:, 0]
    struck = chance("struck_off") < given.struck_off_share
    struck[np.unique(sector, return_index=True)[1]] = False  # no sector is left without a plant
    water = _is("coating", sector) & (chance("water") < water_share)
    staggers = np.array([i.staggers for i in INDUSTRIES.values()])[industry]
    benchmark = (chance("benchmark") < given.benchmark_share) & ~struck
    staggered = staggers & ~benchmark & ~struck & (chance("staggered") < given.staggered_share)
    bulk = np.isin(sector, [SECTORS.index(s) for s in _BULK])
    tonnes = np.exp(size[:, None] + given.intensity_sigma * normal("tonnes", len(COUNTED)))
    value = np.exp(size[:, None] + given.intensity_sigma * normal("value"))
    totals = _BN * np.array(given.output_value_bn)[:, None]
    return Inventory(
        source="",
        name=tuple(_name(place, industry[place]) for place in range(n)),
        code=tuple(f"SYNTHETIC{place + 1:09d}" for place in range(n)),
        district=_placed(chance("district"), np.array(given.district_weights)),
        industry=industry,
        lines=_lines(given, size, normal("lines")[:, 0]),
        value_yuan=_scaled(value, sector, ~struck, totals)[:, 0],
        tonnes=_split_by_water(_scaled(tonnes, sector, ~struck, annual_t), sector, water, struck,
                               annual_t, water_share),
        benchmark=benchmark,
        staggered=staggered,
        standing_cut=np.where(staggered, given.standing_cut, 0.0),
        water_based=water,
        heavy_trucks=bulk & ~struck & (chance("heavy_trucks") < given.heavy_trucks_share),
        struck_off=np.where(
            struck, np.array(_STRUCK)[(chance("kind") * len(_STRUCK)).astype(int)], -1
        ),
        named=np.full((3, n), np.nan),
    )  # fmt: skip


def _name(place: int, industry: int) -> str:
    return f"虚拟{INDUSTRIES[INDUSTRY_KEYS[industry]].zh}企业{place + 1:05d}"


def _is(name: str, sector: Places) -> Flags:
    found: Flags = sector == SECTORS.index(name)
    return found


def _sectors(given: Enterprises) -> Places:
    """Share the plants out among the sectors, none without one."""
    weights = np.array(given.plant_weights)
    exact = np.cumsum(weights) / weights.sum() * (given.count - INDUSTRIAL)
    ends = np.floor(exact + 0.5).astype(np.int64) + np.arange(1, INDUSTRIAL + 1)
    return np.repeat(np.arange(INDUSTRIAL), np.diff(ends, prepend=0))


def _industries(sector: Places, chance: Floats) -> Places:
    """Draw each plant's industry among those of its sector, all equally likely."""
    found = np.empty(len(sector), dtype=np.int64)
    for place in range(INDUSTRIAL):
        choices = [k for k, i in enumerate(INDUSTRIES.values()) if SECTORS.index(i.sector) == place]
        mine = sector == place
        found[mine] = np.array(choices)[(chance[mine] * len(choices)).astype(np.int64)]
    return found


def _placed(chance: Floats, weights: Floats) -> Places:
    edges = np.cumsum(weights) / weights.sum()
    found: Places = np.minimum(np.searchsorted(edges, chance, side="right"), len(DISTRICTS) - 1)
    return found


def _lines(given: Enterprises, size: Floats, noise: Floats) -> Places:
    own = size / given.size_sigma if given.size_sigma else np.zeros_like(size)
    rank = ndtr(_LINES_BY_SIZE * own + np.sqrt(1 - _LINES_BY_SIZE**2) * noise)
    drawn: Places = (rank**given.lines_power * given.max_lines).astype(np.int64)
    return np.minimum(1 + drawn, given.max_lines)


def _scaled(amounts: Floats, sector: Places, counts: Flags, totals: Floats) -> Floats:
    """Scale each sector's amounts so that the plants that count add up to its totals."""
    scaled = np.empty_like(amounts)
    for place in range(INDUSTRIAL):
        mine = sector == place
        kept = amounts[mine & counts].sum(axis=0)
        scaled[mine] = amounts[mine] * np.divide(
            totals[place], kept, out=np.zeros_like(kept), where=kept > 0
        )
    return scaled


def _split_by_water(
    tonnes: Floats, sector: Places, water: Flags, struck: Flags, totals: Floats, share: float
) -> Floats:
    """Give water-based processes exactly their share of the coating sector's emission."""
    coating = _is("coating", sector) & ~struck
    with_water, without = coating & water, coating & ~water
    if not with_water.any() or not without.any():
        return tonnes
    total = totals[SECTORS.index("coating")]
    for group, part in ((with_water, share), (without, 1.0 - share)):
        kept = tonnes[group].sum(axis=0)
        tonnes[group] *= np.divide(part * total, kept, out=np.zeros_like(kept), where=kept > 0)
    return tonnes
