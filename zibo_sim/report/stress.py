"""STRESS-DES: the items by which a simulation study is reported, filled in from the run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from zibo_sim.air.weather import SPIN_UP_DAYS
from zibo_sim.experiment import Replications, changed_inputs
from zibo_sim.report import html
from zibo_sim.report.figures import DOCUMENTS
from zibo_sim.report.summary import (
    differences,
    in_force,
    period,
    printable,
    said_value,
    status_counts,
    statuses,
)
from zibo_sim.scenario import Scenario
from zibo_sim.words import listed, said_date, word, words

_ITEM = re.compile(r"stress\.(\d)((?:\.\d)*)")


def stress_items(
    reps: Replications, about: Mapping[str, Any], lang: str
) -> Iterator[tuple[str, str]]:
    """Yield heading and content of every item; sections have no content.

    Parameters
    ----------
    reps : Replications
    about : mapping
        The run's manifest.
    lang : {"zh", "en"}
    """
    shown = Shown(reps.scenario, len(reps), reps.seed, len(reps.summary))
    yield from stress_of(shown, about, lang)


@dataclass(frozen=True)
class Shown:
    """What the items are filled in from.

    Attributes
    ----------
    scenario : Scenario
    runs, seed : int
    metrics : int
        How many metrics there are.
    kind : {"run", "compare", "study"}
        Which of an item's wordings is taken.
    more : mapping
        What the wordings of that kind name besides.
    """

    scenario: Scenario
    runs: int
    seed: int
    metrics: int
    kind: str = "run"
    more: Mapping[str, Any] = field(default_factory=dict)


def stress_of(shown: Shown, about: Mapping[str, Any], lang: str) -> Iterator[tuple[str, str]]:
    """Yield heading and content of every item for a run, a comparison or a study."""
    filled = {**_filled(shown, about, lang), **shown.more}
    for key in words():
        if _ITEM.fullmatch(key):
            own = f"{key}.{shown.kind}"
            said = own if own in words() else f"{key}.text"
            yield word(key, lang), word(said, lang, **filled) if said in words() else ""


def stress_table(shown: Shown, about: Mapping[str, Any], lang: str) -> Iterator[str]:
    """Yield the section of a page that holds the items."""
    yield html.title("stress", lang)
    rows = list(stress_of(shown, about, lang))
    yield html.table(html.heads(lang, "item", "said t"), rows, "stress")


def _filled(shown: Shown, about: Mapping[str, Any], lang: str) -> dict[str, Any]:
    scenario, law = shown.scenario, shown.scenario.law_book()
    changed, counts = changed_inputs(scenario), statuses()
    cloud, stop = scenario.cloud, "。" if lang == "zh" else "."
    staff = ("completeness", "assessment", "acceptance", "audit", "provisioning")
    packages = about.get("dependencies", {})
    return {
        "question": printable(scenario.question, lang),
        "count": shown.metrics,
        "differs": listed(differences(scenario, lang), lang, "clause").rstrip(stop),
        "start": said_date(scenario.period.start, lang),
        "documents": listed(DOCUMENTS, lang),
        "force": ("" if lang == "zh" else " ").join(in_force(scenario, lang)),
        "inputs": sum(not key.startswith("law.") for key in changed),
        "laws": len(scenario.differs_from_law()),
        **{stage: getattr(cloud, stage).servers for stage in staff},
        "vcpu": said_value(cloud.capacity.vcpu),
        "overcommit": said_value(cloud.capacity.overcommit),
        "memory": said_value(cloud.capacity.memory_gb),
        "storage": said_value(cloud.capacity.storage_gb),
        "queue": word(f"service.queue.{cloud.queue}", lang),
        "total": counts.total(),
        "counts": status_counts(lang),
        "assumed": counts["assumed"],
        "valid": law("aqi.valid_hours"),
        "days": SPIN_UP_DAYS,
        "period": period(scenario, lang),
        "hours": scenario.clock().hours,
        "runs": shown.runs,
        "seed": shown.seed,
        "version": about.get("version", "—"),
        "python": about.get("python", "—"),
        "dependencies": ", ".join(f"{name} {version}" for name, version in packages.items()),
        "content": about.get("content", about.get("base", "—")),
    }
