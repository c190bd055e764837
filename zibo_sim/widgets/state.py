"""What the dashboard holds: a base, up to three variants, and the way back; no widget is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from zibo_sim.errors import Refused, unknown
from zibo_sim.law.notes import VALUE, plain
from zibo_sim.scenario import (
    DEFAULT,
    HEADER,
    Scenario,
    known_keys,
    load,
    names,
    settable_keys,
)
from zibo_sim.words import LANGUAGES, word

MOST_VARIANTS = 3
_LAW = "law."
_LONGEST_PAST = 200


@dataclass(frozen=True)
class Variant:
    """One variant: what it is called, what it asks, and how it differs from the base."""

    title: str
    question: str
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """One turn of a control: which, from what, to what."""

    key: str
    before: Any
    after: Any
    variant: int = 0


@dataclass(frozen=True)
class Snapshot:
    """Everything undo goes back to."""

    base: Scenario
    variants: tuple[Variant, ...]
    chosen: int = 0
    change: Change | None = None


def said_of(scenario: Scenario, key: str) -> Any:
    """Return a value as `Scenario.replace` takes it: with its note where the scenario has one."""
    note = scenario.law_notes.get(key.removeprefix(_LAW)) if key.startswith(_LAW) else None
    value = scenario.get(key)
    return {VALUE: value, **note} if note else value


def same(a: Scenario, b: Scenario, key: str) -> bool:
    """Say whether two scenarios say the same of a key."""
    one, other = said_of(a, key), said_of(b, key)
    return type(plain(one)) is type(plain(other)) and one == other


def differences(base: Scenario, scenario: Scenario) -> dict[str, Any]:
    """Return what turns `base` into `scenario`, title and question aside."""
    inputs = [key for key in known_keys() if key not in HEADER]
    law = dict.fromkeys(f"{_LAW}{key}" for key in (*base.law, *scenario.law))
    return {key: said_of(scenario, key) for key in (*inputs, *law) if not same(base, scenario, key)}


@cache
def shipped() -> dict[str, Scenario]:
    """Return the scenarios that come with the package, by name."""
    return {name: load(name) for name in names()}


def name_of(scenario: Scenario) -> str | None:
    """Return the name of a shipped scenario, None for any other."""
    return next((name for name, known in shipped().items() if known == scenario), None)


class State:
    """The base, the variants, and every step back and forth.

    Parameters
    ----------
    base : Scenario
    title : str
        What a new variant is called, with ``{number}`` in it.
    question : str
        What a new variant asks.
    """

    def __init__(
        self, base: Scenario, title: str = "variant {number}", question: str = "What if?"
    ) -> None:
        self.words = (title, question)
        self.first = base
        self.now = Snapshot(base, (self._new(1),))
        self._past: list[Snapshot] = []
        self._future: list[Snapshot] = []

    # ---- what is ----------------------------------------------------------------------------

    @property
    def base(self) -> Scenario:
        """The scenario the variants are held against."""
        return self.now.base

    @property
    def variant(self) -> Variant:
        """The variant whose controls are shown."""
        return self.now.variants[self.now.chosen]

    def scenario(self, number: int) -> Scenario:
        """Return the base (0) or a variant (from 1)."""
        if not 0 <= number <= len(self.now.variants):
            raise Refused(f"scenario {number} is refused; allowed is 0 to {len(self)}")
        if number == 0:
            return self.base
        found = self.now.variants[number - 1]
        header = {"title": found.title, "question": found.question}
        return self.base.replace({**found.changes, **header})

    def __len__(self) -> int:
        return len(self.now.variants)

    def scenarios(self) -> list[Scenario]:
        """Return the base and every variant."""
        return [self.scenario(number) for number in range(len(self) + 1)]

    def current(self) -> Scenario:
        """Return the chosen variant as a scenario."""
        return self.scenario(self.now.chosen + 1)

    # ---- what is turned ---------------------------------------------------------------------

    def set(self, key: str, value: Any) -> bool:
        """Turn one control of the chosen variant; say whether anything changed.

        Raises
        ------
        Refused
            For an unknown key or a value that is not allowed; the state stays as it was.
        """
        before = self.current()
        if key not in settable_keys():
            raise Refused(unknown("key", key, settable_keys()))
        after = before.replace({key: value})
        if same(before, after, key):
            return False
        if key in HEADER:
            variant = replace(self.variant, **{key: value})
        else:
            kept = {k: v for k, v in self.variant.changes.items() if k != key}
            if not same(self.base, after, key):
                kept[key] = said_of(after, key)
            variant = replace(self.variant, changes=kept)
        change = Change(key, before.get(key), after.get(key), self.now.chosen)
        self._go(replace(self._with(variant), change=change))
        return True

    def apply(self, preset: Scenario) -> None:
        """Make the chosen variant the base with a preset's changes alone, as one step."""
        header = {"title": preset.title, "question": preset.question}
        self.put(self.base.replace({**differences(default_base(), preset), **header}))

    def put(self, scenario: Scenario) -> None:
        """Make the chosen variant what a scenario is, as one step."""
        found = Variant(scenario.title, scenario.question, differences(self.base, scenario))
        self._go(replace(self._with(found), change=None))

    def rebase(self, base: Scenario) -> None:
        """Hold the variants against another base; each keeps its own changes.

        Raises
        ------
        Refused
            Where a variant's changes do not fit the base; nothing is changed then.
        """
        moved = []
        for variant in self.now.variants:
            after = base.replace(variant.changes)
            moved.append(replace(variant, changes=differences(base, after)))
        self._go(replace(self.now, base=base, variants=tuple(moved), change=None))

    def add(self) -> None:
        """Add a variant that is the base, without a change, and choose it."""
        self._join(self._new(self._free()))

    def copy(self, title: str = "") -> None:
        """Add a variant with the chosen one's question and changes, and choose it."""
        fresh = self._new(self._free())
        self._join(replace(self.variant, title=title or fresh.title))

    def _join(self, variant: Variant) -> None:
        if len(self) >= MOST_VARIANTS:
            raise Refused(f"variants: {len(self) + 1} is refused; allowed is 1 to {MOST_VARIANTS}")
        variants = (*self.now.variants, variant)
        self._go(replace(self.now, variants=variants, chosen=len(self), change=None))

    def remove(self) -> None:
        """Take the chosen variant away; the last one stays, without changes."""
        kept = [v for i, v in enumerate(self.now.variants) if i != self.now.chosen]
        variants = tuple(kept) or (self._new(1),)
        chosen = min(self.now.chosen, len(variants) - 1)
        self._go(replace(self.now, variants=variants, chosen=chosen, change=None))

    def choose(self, number: int) -> None:
        """Show the controls of a variant (from 0); no step to undo."""
        if 0 <= number < len(self):
            self.now = replace(self.now, chosen=number)

    def reset(self) -> None:
        """Take back every change of the chosen variant, as one step.

        The name and question of a preset, which would say what is no longer so, go with them.
        """
        if self.variant.changes:
            preset = self.variant.title in {scenario.title for scenario in shipped().values()}
            bare = self._new(self._free()) if preset else replace(self.variant, changes={})
            self._go(replace(self._with(bare), change=None))

    # ---- the way back -----------------------------------------------------------------------

    @property
    def can_undo(self) -> bool:
        """Whether there is a step back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step forth."""
        return bool(self._future)

    @property
    def last(self) -> Change | None:
        """The last turn of one control, None where the last step was another."""
        return self.now.change

    def undo(self) -> None:
        """Go one step back."""
        if self._past:
            self._future.append(self.now)
            self.now = self._past.pop()

    def redo(self) -> None:
        """Go one step forth."""
        if self._future:
            self._past.append(self.now)
            self.now = self._future.pop()

    def before(self) -> Snapshot | None:
        """Return what stood before the last step, None where there was none."""
        return self._past[-1] if self._past else None

    def _go(self, snapshot: Snapshot) -> None:
        self._past = [*self._past, self.now][-_LONGEST_PAST:]
        self._future = []
        self.now = snapshot

    def _with(self, variant: Variant) -> Snapshot:
        variants = list(self.now.variants)
        variants[self.now.chosen] = variant
        return replace(self.now, variants=tuple(variants))

    def _free(self) -> int:
        taken = {variant.title for variant in self.now.variants}
        return next(n for n in range(1, MOST_VARIANTS + 2) if self._new(n).title not in taken)

    def _new(self, number: int) -> Variant:
        title, question = self.words
        return Variant(title.format(number=number), question)


def in_both(key: str) -> str:
    """Return a text of the table in both languages, so that it can be shown in either."""
    return " / ".join(word(key, lang) for lang in LANGUAGES)


def default_base() -> Scenario:
    """Return the scenario everything begins from."""
    return shipped()[DEFAULT] if DEFAULT in shipped() else load(DEFAULT)
