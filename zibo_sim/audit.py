"""The audit of streams finds entities whose draws a change moves that does not concern them.

Base and variant run once on the same seed and replication, with every draw written down: from which
stream, by which line of the model, for whom. For whom is the request or alert in the hands of the
code that draws; where there is none, the hour of the simulation for a single draw, else its place
among the draws of that line. Draws of the same entity must be equal in both arms, unless what it
was asked to draw (the distribution's own numbers, the length of a row) differs. Beside the draws,
what came of them is compared entity by entity: the traits of requests, the work that staff spent on
each, the weather hour by hour, the dwellings of the city.

A stream is out of step when some entity's draws differ although nothing upstream of them does: a
generator that several entities share in the order in which they happen to be served, for one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from zibo_sim.cloud.ledger import Visit
from zibo_sim.cloud.requests import Request
from zibo_sim.errors import Refused
from zibo_sim.heating.stock import city_of, stock
from zibo_sim.model import Outcome, run_once
from zibo_sim.scenario import Scenario, known_keys
from zibo_sim.watched import Draw, WatchedStreams

IN_STEP, OUT_OF_STEP = "in step", "out of step"
OWN_INPUTS, ONE_ARM = "changed by its own inputs", "in one arm only"
COLUMNS = ("stream", "kind", "compared", "differing", "first", "verdict")
_TOLERANCE_H = 1e-6


# ---- draws -------------------------------------------------------------------------------

Keyed = dict[tuple[Any, ...], tuple[str, np.ndarray]]


def _by_entity(draws: Sequence[Draw], named: bool) -> Keyed:
    """Return rows by site and entity; where not `named`, or none is known, by place."""
    keyed: Keyed = {}
    places: dict[tuple[Any, ...], int] = {}
    for draw in draws:
        whom = draw.entity if named else ""
        # Every asking begins afresh, so without an entity it has places of its own.
        line = (draw.site, whom, draw.asked, 0 if whom else draw.asking)
        for row in draw.rows:
            place = places.get(line, 0)
            places[line] = place + 1
            keyed[draw.site, whom, 0 if whom else draw.asking, place] = (draw.asked, row)
    return keyed


def _compared(base: Sequence[Draw], variant: Sequence[Draw]) -> tuple[int, int, int, str]:
    """Return rows compared, rows out of step, rows asked otherwise, and the first out of step."""
    for named in (True, False):
        one, two = _by_entity(base, named), _by_entity(variant, named)
        common = [key for key in one if key in two]
        if common:
            break
    alike = [key for key in common if one[key][0] == two[key][0]]
    differing = [key for key in alike if not np.array_equal(one[key][1], two[key][1])]
    first = ""
    if differing:
        _, whom, _, place = differing[0]
        first = str(whom) or f"row {place}"
    return len(alike), len(differing), len(common) - len(alike), first


def _stream_rows(base: WatchedStreams, variant: WatchedStreams) -> Iterator[tuple[Any, ...]]:
    for name in sorted(base.tape.keys() | variant.tape.keys()):
        one, two = base.tape.get(name, []), variant.tape.get(name, [])
        if not one or not two:
            if one or two:
                yield name, "draws", 0, 0, "", ONE_ARM
            continue
        compared, differing, otherwise, first = _compared(one, two)
        said = OUT_OF_STEP if differing else OWN_INPUTS if otherwise else IN_STEP
        yield name, "draws", compared, differing, first, said


# ---- what came of them -------------------------------------------------------------------


class Quantity(NamedTuple):
    """Something drawn for each of many entities, and the inputs it may change with."""

    stream: str
    kind: str
    upstream: tuple[str, ...]
    rows: Mapping[Any, Any]


_DESK = ("period", "cloud.office", "cloud.requests", "cloud.capacity")
#: Field of a request: the streams it comes from, and the inputs it may change with.
_REQUEST_FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "arrival_h": ("cloud.arrivals", ("period", "cloud.office", "cloud.arrivals")),
    "vcpu": ("cloud.size", ("cloud.requests", "cloud.capacity")),
    "provisioning": ("cloud.service.provisioning", ("cloud.office", "cloud.provisioning")),
    "checks": ("cloud.service.completeness", (*_DESK, "cloud.completeness")),
    "amendments": ("cloud.amendment", ("cloud.office", "cloud.requests")),
    "assessment": ("cloud.service.assessment", ("cloud.office", "cloud.assessment")),
    "acceptance": ("cloud.service.acceptance", ("cloud.office", "cloud.acceptance")),
    "audit": ("cloud.service.audit", ("cloud.office", "cloud.audit")),
    "refused": ("cloud.refusal", ("cloud.requests",)),
    "extension_d": ("cloud.extension", ("cloud.requests",)),
    "traits": ("cloud.traits", (
        *_DESK, "cloud.scope", "cloud.prereview", "cloud.fees", "cloud.use", "cloud.filing",
    )),
}  # fmt: skip
#: Staff numbers change no draw, whatever table they stand in.
_NEVER = ("servers",)
_WEATHER = ("period", "air.weather", "air.dust", "heating.season")


def _quantities(outcome: Outcome) -> Iterator[Quantity]:
    requests = {request.id: request for request in outcome.cloud.requests}
    for name, (stream, upstream) in _REQUEST_FIELDS.items():
        rows = {key: getattr(request, name) for key, request in requests.items()}
        yield Quantity(stream, "request", upstream, rows)
    hours = range(len(outcome.outdoor_c))
    for stream, values in (
        ("air.weather.temperature", outcome.outdoor_c), ("air.weather.dust", outcome.air.air.dust)
    ):  # fmt: skip
        yield Quantity(stream, "hour", _WEATHER, dict(zip(hours, values.tolist(), strict=True)))
    yield from _dwellings(outcome)


def _dwellings(outcome: Outcome) -> Iterator[Quantity]:
    city = city_of(outcome.scenario.heating, outcome.law)
    homes = stock(city.dwellings, city.stock)
    upstream = ("heating.stock", "heating.customers")
    for name, column in (
        ("area", homes.dwellings.main), ("vintage", homes.vintage), ("meter_rank", homes.meter_rank)
    ):  # fmt: skip
        yield Quantity(f"heating.stock.{name}", "dwelling", upstream, dict(enumerate(column)))


def _changed(base: Scenario, variant: Scenario) -> set[str]:
    """Return the inputs that differ between two scenarios; the law by ``law.<id>``."""
    keys = [key for key in known_keys() if key not in ("title", "question")]
    changed = {key for key in keys if base.get(key) != variant.get(key)}
    law = {*base.law, *variant.law}
    return changed | {f"law.{k}" for k in law if base.get(f"law.{k}") != variant.get(f"law.{k}")}


def _touches(changed: set[str], upstream: Sequence[str]) -> bool:
    return any(
        key == up or key.startswith(f"{up}.")
        for key in changed
        for up in upstream
        if key.rpartition(".")[2] not in _NEVER
    )


def _ledger_rows(base: Outcome, variant: Outcome, changed: set[str]) -> Iterator[tuple[Any, ...]]:
    for one, two in zip(_quantities(base), _quantities(variant), strict=True):
        common = [key for key in one.rows if key in two.rows]
        differing = [key for key in common if one.rows[key] != two.rows[key]]
        own = _touches(changed, one.upstream)
        said = IN_STEP if not differing else OWN_INPUTS if own else OUT_OF_STEP
        first = str(differing[0]) if differing else ""
        yield one.stream, one.kind, len(common), len(differing), first, said
    yield from _work_rows(base, variant)


def _work_rows(base: Outcome, variant: Outcome) -> Iterator[tuple[Any, ...]]:
    """Compare the work that staff spent on each request with what each brought with it."""
    one, two = _work(base), _work(variant)
    brought = [{r.id: r for r in outcome.cloud.requests} for outcome in (base, variant)]
    for stage in dict.fromkeys(key[1] for key in one):
        common = [key for key in one if key[1] == stage and key in two]
        differing = [key for key in common if abs(one[key] - two[key]) > _TOLERANCE_H]
        strays = [
            key for key in differing if len({_own_work(b.get(key[0]), stage) for b in brought}) == 1
        ]
        said = OUT_OF_STEP if strays else OWN_INPUTS if differing else IN_STEP
        shown = strays or differing
        first = str(shown[0][0]) if shown else ""
        yield f"cloud.service.{stage}", "work", len(common), len(shown), first, said


def _own_work(request: Request | None, stage: str) -> Any:
    if request is None:
        return None
    if stage == "completeness":
        return request.checks
    return request.traits.prereview if stage == "prereview" else getattr(request, stage, None)


def _work(outcome: Outcome) -> dict[tuple[str, str, int], float]:
    """Return working hours by request, stage and visit; those that end beyond the run left out."""
    office, found = outcome.cloud.office, dict[tuple[str, str, int], float]()
    turns: dict[tuple[str, str], int] = {}
    for visit in outcome.cloud.visits:
        turn = turns.get((visit.request, visit.stage), 0)
        turns[visit.request, visit.stage] = turn + 1
        if visit.done_h <= outcome.clock.hours:
            found[visit.request, visit.stage, turn] = _worked(office, visit)
    return found


def _worked(office: Any, visit: Visit) -> float:
    return float(office.elapsed(visit.done_h) - office.elapsed(visit.start_h))


# ---- the audit ---------------------------------------------------------------------------


def audit(
    base: Scenario, variant: Scenario, *, seed: int = 0, replication: int = 0
) -> pd.DataFrame:
    """Find streams that are out of step between two scenarios.

    Parameters
    ----------
    base, variant : Scenario
    seed, replication : int

    Returns
    -------
    DataFrame
        One row a stream and kind (``draws``, or what came of them: ``request``, ``work``, ``hour``,
        ``dwelling``): ``stream kind compared differing first verdict``. ``first`` names the first
        entity that differs; the verdict is ``in step``, ``out of step``,
        ``changed by its own inputs`` or ``in one arm only``.
    """
    if seed < 0 or replication < 0:
        raise Refused(f"seed {seed}, replication {replication}: neither may be below 0")
    watched = [WatchedStreams(seed, replication) for _ in range(2)]
    outcomes = [
        run_once(scenario, seed, replication, streams=streams)
        for scenario, streams in zip((base, variant), watched, strict=True)
    ]
    rows = [
        *_stream_rows(watched[0], watched[1]),
        *_ledger_rows(outcomes[0], outcomes[1], _changed(base, variant)),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))
