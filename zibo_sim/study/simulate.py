"""What a worker runs at a point of a study: the winter, and its metrics in a row."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from math import nan
from typing import Any

from zibo_sim.metrics import measure
from zibo_sim.model import run_once
from zibo_sim.scenario import Scenario
from zibo_sim.study.content import code_version
from zibo_sim.study.work import Model, StudyStopped, Work


@dataclass(frozen=True)
class Context:
    """What all points of a study share."""

    base: Scenario
    seed: int
    metrics: tuple[str, ...]
    code: str


def work_of(base: Scenario, seed: int, metrics: tuple[str, ...]) -> Work:
    """Return what workers are to do: every metric of a replication at a point's values."""
    context = Context(base, seed, metrics, code_version())
    return Work(prepare, context, len(metrics), same_code)


def prepare(context: Context, values: Mapping[str, Any]) -> Model:
    """Build the scenario of a point once; its replications draw by (seed, replication)."""
    scenario = context.base.replace(values)

    def model(replication: int) -> list[float]:
        found = measure(run_once(scenario, context.seed, replication))
        return [found.get(name, nan) for name in context.metrics]

    return model


def same_code(context: Context) -> None:
    """Refuse to work with other code than the driver's: its rows would not belong together."""
    if code_version() != context.code:
        raise StudyStopped(
            f"a worker on {socket.gethostname()} has another zibo_sim, Python, NumPy, SciPy, SimPy "
            "or Numba than this computer; install the same versions there"
        )
