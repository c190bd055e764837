"""What a click, a slider or a menu calls: refusals are shown in words, the view follows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

from zibo_sim.errors import Refused, ZiboSimError, unknown
from zibo_sim.faults import said_faults
from zibo_sim.scenario import HEADER, Scenario
from zibo_sim.widgets import exports, files
from zibo_sim.widgets.catalog import controls
from zibo_sim.widgets.engine import LEAST_REPLICATIONS, MOST_REPLICATIONS
from zibo_sim.widgets.state import shipped
from zibo_sim.widgets.work import Work
from zibo_sim.words import LANGUAGES, half, language, word

_LARGEST_SEED = 2**31 - 1
_LONGEST_TITLE = 200


def _shown(act: Callable[..., Any]) -> Callable[..., Any]:
    """Make a click's call: refusals are shown in words, and the view follows the state."""

    @wraps(act)
    def call(self: Clicks, *given: Any) -> None:
        with self._lock:
            self._view.fail("")
            self._message = ""
            try:
                act(self, *given)
            except ZiboSimError as refusal:
                self._view.fail(said_faults(str(refusal), self.lang))
            except Exception as error:
                self._view.fail(self._unexpected(error))
            self._view.refresh()

    return call


class Clicks(Work):
    """The part of the dashboard that answers the view."""

    first: Scenario

    @_shown
    def turn(self, key: str, said: Any) -> None:
        """Take what was typed or slid."""
        if key in HEADER:
            self.state.set(key, said)
            return
        control = controls()[key]
        with self._refusing(control.name(self.lang), said, control.range(self.lang)):
            self.state.set(key, control.read(said))

    @contextmanager
    def _refusing(self, name: str, said: Any, allowed: str) -> Iterator[None]:
        """Say a refusal in the dashboard's language before the library's own words."""
        try:
            yield
        except Refused as refusal:
            value = f"{said:.15g}" if isinstance(said, float) else said
            words = word("dash.refused", self.lang, name=name, value=value, range=allowed)
            raise Refused(words.rstrip(), *refusal.faults) from None

    @_shown
    def rebase(self, name: str) -> None:
        """Take another base; the empty name is the dashboard's own."""
        self.state.rebase(shipped()[name] if name else self.first)

    @_shown
    def apply(self, name: str) -> None:
        """Give the chosen variant a shipped scenario's changes, name and question for its own."""
        if name not in shipped():
            raise Refused(unknown("preset", name, shipped()))
        self.state.apply(shipped()[name])
        title = half(self.state.variant.title, self.lang)
        self._message = word("dash.applied", self.lang, title=title)

    @_shown
    def choose(self, number: int) -> None:
        """Show another variant's controls."""
        self.state.choose(number)

    @_shown
    def speak(self, lang: str) -> None:
        """Switch the language; everything else stays."""
        self.lang = language(lang)
        self.look()

    @_shown
    def pairs(self, replications: float) -> None:
        """Take another number of paired runs."""
        self.replications = self._whole(
            "replications", replications, LEAST_REPLICATIONS, MOST_REPLICATIONS
        )

    @_shown
    def sow(self, seed: float) -> None:
        """Take another seed."""
        self.seed = self._whole("seed", seed, 0, _LARGEST_SEED)

    def _whole(self, name: str, said: float, low: int, high: int) -> int:
        """Return a typed number as a whole one in its range; else it is refused, once."""
        if float(said).is_integer() and low <= said <= high:
            return int(said)
        named, allowed = (word(f"dash.{key}", self.lang, low=low, high=high)
                          for key in (name, "whole_range"))  # fmt: skip
        raise Refused(word("dash.refused", self.lang, name=named, value=f"{said:.15g}",
                           range=allowed))  # fmt: skip

    @_shown
    def add(self) -> None:
        """Add a variant that begins from the base."""
        self.state.add()

    @_shown
    def copy(self) -> None:
        """Add a variant that begins as a copy of the chosen one."""
        halves = [half(self.state.variant.title, lang) for lang in LANGUAGES]
        spoken = LANGUAGES if halves[0] != halves[1] else (self.lang,)
        named = [word("dash.copy_of", lang, title=half(self.state.variant.title, lang))
                 for lang in spoken]  # fmt: skip
        title = " / ".join(named)
        self.state.copy(title if len(title) <= _LONGEST_TITLE else "")

    @_shown
    def remove(self) -> None:
        """Take the chosen variant away."""
        self.state.remove()

    @_shown
    def undo(self) -> None:
        """Go one step back."""
        self.state.undo()

    @_shown
    def redo(self) -> None:
        """Go one step forth."""
        self.state.redo()

    @_shown
    def reset(self) -> None:
        """Take back every change of the chosen variant."""
        self.state.reset()

    @_shown
    def keep(self, name: str) -> None:
        """Write the chosen variant into the folder and offer it for download.

        Another file of that name stays: the new one is numbered.
        """
        asked = self.folder / files.file_name(name, ".toml")
        path = files.save(self.state, asked, self.lang, keep=True)
        self._view.files(exports.link(path.name, path.read_bytes(), self.lang), path, asked)

    @_shown
    def fetch(self, name: str) -> None:
        """Load a scenario file from the folder."""
        path = self.folder / files.file_name(name, ".toml")
        if not path.is_file():
            raise Refused(f"{path}: there is no such file")
        files.restore(self.state, path)
        self._message = word("dash.loaded", self.lang, name=path.name)

    @_shown
    def receive(self, content: bytes, name: str) -> None:
        """Load a scenario file that a browser handed over."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / files.file_name(Path(name).name, ".toml")
            path.write_bytes(content)
            try:
                files.restore(self.state, path)
            except Refused as refusal:
                said = [fault.replace(f"{folder}/", "") for fault in refusal.faults]
                raise Refused(*said) from None
        self._message = word("dash.loaded", self.lang, name=name)
