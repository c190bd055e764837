"""zibo_sim: what if? of a city's own rules, with their clauses.

Four calls make an experiment:

>>> import zibo_sim as zs
>>> base = zs.load("winter-2018-19")
>>> fewer = base.replace({"cloud.audit.servers": 2})
>>> run = zs.run(base, seed=1)
>>> diff = zs.compare(base, fewer, replications=2, seed=5)

``run.events``, ``run.series`` and ``run.metrics`` are pandas; ``diff.table`` has a row a metric,
with its interval and a verdict. ``help(zs.compare)``, and so on for every name below, says what
goes in, in which unit, what is refused, and shows an example that runs. In a terminal,
``zibo-sim guide`` says how the model works and what it is not for, ``zibo-sim glossary`` explains
the words of the field in Chinese and English, ``zibo-sim show`` lists every input; unit and formula
of every metric are in ``zibo_sim.metrics.METRICS`` and ``zibo-sim show --metrics``.

Run a winter
    load               a scenario by name (``winter-2018-19``) or file
    Scenario           what comes back: .replace, .get, .differs_from_law, .law_book, .clock
    run                one winter: a Run
    Run                .events, .series, .metrics, .alerts, .who_pays, .event_log
    replicate          many winters: Replications
    Replications       .metrics, .summary
Compare
    compare            scenarios on the same draws: a Comparison
    Comparison         .table, .quantiles, .pairing, .tidy(), .runs()
    attribute          what each part of a package of changes does: an Attribution
    Attribution        .table, .package, .tidy()
    seek               the smallest level of an input with which a metric keeps a bound
    select_best        the best of several scenarios by one metric
    frontier           the settings that no other beats: a Frontier
    Frontier           .table, .settings, .sources
Sweep
    study_of           a study (base, design, factors, outputs) of a dict
    load_study         a study of a TOML file
    Study              what comes back: .keys, .rows, .runs, .to_toml()
    sweep              run every point of a study, in any executor
    read_sweep         a finished sweep's folder
    indices            how much each factor moves each output
    discover           in which region of the factors a condition holds
What hangs on assumptions
    assumption_shares  how much of the spread comes from assumed values, evidence and chance
Explain a figure
    explain            which events, clauses and signatures it comes from: an Explanation
    Explanation        .chains, .run
Your own data
    bill               heating bills for a list of customers
    subsidy            heating subsidies for a list of households
    alerts             the alert plan on an hourly series of air
    sla                a log of requests against the cloud's clocks
    measured           measured air, for ``run(scenario, observed=...)``
The dashboard, in a notebook
    WhatIf             controls with their clauses, base and variants side by side
The law book and the rules
    book               every value of the gazette: .find, .entry, .with_changes
    rules              every rule as a pure function: ``zs.rules`` lists them
Pictures
    plot               ``help(zs.plot)`` lists them; ``zs.plot.pictures(thing)`` says which fit
What is refused
    Refused            an input was refused: which, its value, what is allowed
    ZiboSimError       the base of every error raised on purpose
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zibo_sim import plots as plot
    from zibo_sim.attribution import Attribution, attribute
    from zibo_sim.comparison import Comparison, compare
    from zibo_sim.desk.frames import alerts, bill, measured, sla, subsidy
    from zibo_sim.errors import Refused, ZiboSimError
    from zibo_sim.experiment import Replications, replicate, run
    from zibo_sim.explanation.chains import Explanation, explain
    from zibo_sim.frontiers import Frontier, frontier
    from zibo_sim.goals import seek
    from zibo_sim.law import book
    from zibo_sim.results import Run
    from zibo_sim.rulebook import rules
    from zibo_sim.scenario import Scenario, load
    from zibo_sim.selection import select_best
    from zibo_sim.sensitivity.discovery import discover
    from zibo_sim.sensitivity.indices import indices, read_sweep
    from zibo_sim.sensitivity.shares import assumption_shares
    from zibo_sim.study.spec import Study, load_study, study_of
    from zibo_sim.study.sweep import sweep
    from zibo_sim.widgets.whatif import WhatIf

__all__ = [
    "Attribution",
    "Comparison",
    "Explanation",
    "Frontier",
    "Refused",
    "Replications",
    "Run",
    "Scenario",
    "Study",
    "WhatIf",
    "ZiboSimError",
    "alerts",
    "assumption_shares",
    "attribute",
    "bill",
    "book",
    "compare",
    "discover",
    "explain",
    "frontier",
    "indices",
    "load",
    "load_study",
    "measured",
    "plot",
    "read_sweep",
    "replicate",
    "rules",
    "run",
    "seek",
    "select_best",
    "sla",
    "study_of",
    "subsidy",
    "sweep",
]

_HOMES = {
    "Attribution": "attribution",
    "Comparison": "comparison",
    "Explanation": "explanation.chains",
    "Frontier": "frontiers",
    "Refused": "errors",
    "Replications": "experiment",
    "Run": "results",
    "Scenario": "scenario",
    "Study": "study.spec",
    "WhatIf": "widgets.whatif",
    "ZiboSimError": "errors",
    "alerts": "desk.frames",
    "assumption_shares": "sensitivity.shares",
    "attribute": "attribution",
    "bill": "desk.frames",
    "book": "law",
    "compare": "comparison",
    "discover": "sensitivity.discovery",
    "explain": "explanation.chains",
    "frontier": "frontiers",
    "indices": "sensitivity.indices",
    "load": "scenario",
    "measured": "desk.frames",
    "load_study": "study.spec",
    "read_sweep": "sensitivity.indices",
    "replicate": "experiment",
    "rules": "rulebook",
    "run": "experiment",
    "seek": "goals",
    "select_best": "selection",
    "sla": "desk.frames",
    "study_of": "study.spec",
    "subsidy": "desk.frames",
    "sweep": "study.sweep",
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
