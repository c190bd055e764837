"""zibo_sim: what if? of a city's own rules, with their clauses.

Four calls make an experiment:

>>> import zibo_sim as zs
>>> base = zs.load("winter-2018-19")
>>> fewer = base.replace({"cloud.audit.servers": 2})
>>> run = zs.run(base, seed=1)
>>> diff = zs.compare(base, fewer, replications=2, seed=5)

``run.events``, ``run.series`` and ``run.metrics`` are pandas; ``diff.table`` has a row a metric.
``zs.rules["heating.bill"](...)`` applies one rule; ``zs.book()`` is the law book.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zibo_sim import plots as plot
    from zibo_sim.comparison import Comparison, compare
    from zibo_sim.errors import Refused, ZiboSimError
    from zibo_sim.experiment import Replications, replicate, run
    from zibo_sim.law import book
    from zibo_sim.results import Run
    from zibo_sim.rulebook import rules
    from zibo_sim.scenario import Scenario, load

__all__ = [
    "Comparison",
    "Refused",
    "Replications",
    "Run",
    "Scenario",
    "ZiboSimError",
    "book",
    "compare",
    "load",
    "plot",
    "replicate",
    "rules",
    "run",
]

_HOMES = {
    "Comparison": "comparison",
    "Refused": "errors",
    "Replications": "experiment",
    "Run": "results",
    "Scenario": "scenario",
    "ZiboSimError": "errors",
    "book": "law",
    "compare": "comparison",
    "load": "scenario",
    "replicate": "experiment",
    "rules": "rulebook",
    "run": "experiment",
}


def __getattr__(name: str) -> Any:
    # Loaded when first asked for: a command needs few of them, and pandas takes its time.
    if name == "plot":
        value: Any = import_module("zibo_sim.plots")
    elif name in _HOMES:
        value = getattr(import_module(f"zibo_sim.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module 'zibo_sim' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
