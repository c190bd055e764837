"""The measures of each level as the law book has them, with clause and words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from zibo_sim.law import Entry, Law

HEALTH, ADVOCACY, MANDATORY = KINDS = ("health", "advocacy", "mandatory")
_HEALTH = ("sensitive", "public", "outdoor_workers", "schools", "events", "clinic_hours")
_ALL_LEVELS = (
    "industry.efficiency", "industry.rectify", "industry.staggering", "industry.transport",
)  # fmt: skip
_LIMITS = ("limit.voc", "limit.voc_water", "limit.kiln", "limit.glass")
_DUST = ("stop.dust", "stop.transport", "road_washing")
_GRAVER = ("stop.yards", "stop.mixing")
#: 145号 五(五) says the measures of each level in an item of its own, those of a lower one again.
_ITEM = {"yellow": 2, "orange": 3, "red": 4}


@dataclass(frozen=True)
class Measure:
    """One measure of a level."""

    kind: str
    level: str
    entry: Entry

    @property
    def clause(self) -> str:
        """The clause that says it for this level."""
        return re.sub(r"(五\(五\))[234]\(", rf"\g<1>{_ITEM[self.level]}(", self.entry.clause)

    @property
    def demand(self) -> str:
        """What is asked, in a word; empty where the words of the plan say it all."""
        value = self.entry.value
        if self.entry.id.startswith("alert.limit."):
            return f"{100 * value:g}%"
        if isinstance(value, list):
            return _full("；".join(value))
        return _full(value) if isinstance(value, str) else ""


def _full(text: str) -> str:
    """Return a Chinese text with full-width punctuation, as documents have it."""
    return text.replace(",", "，").replace(";", "；")


def measures(level: str, law: Law) -> list[Measure]:
    """145号 五(五)2–4: the measures of a level in the order of the plan."""
    graver = level != "yellow"
    mandatory = (
        *_ALL_LEVELS, *(f"{limit}.{level}" for limit in _LIMITS), *_DUST,
        *(_GRAVER if graver else ()), f"vehicles.{level}", f"machines.{level}",
        *(("stop.solvent",) if graver else ()),
    )  # fmt: skip
    named = [(HEALTH, f"health.{what}.{level}") for what in _HEALTH]
    named += [(ADVOCACY, f"advocacy.{level}"), *((MANDATORY, key) for key in mandatory)]
    return [
        Measure(kind, level, law.entry(f"alert.{key}"))
        for kind, key in named
        if f"alert.{key}" in law.entries
    ]
