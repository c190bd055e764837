"""What a click, a slider or a menu calls: refusals are shown in words, the view follows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from zibo_sim.errors import Refused, ZiboSimError, unknown
from zibo_sim.scenario import HEADER, Scenario
from zibo_sim.widgets import exports, files
from zibo_sim.widgets.catalog import controls
from zibo_sim.widgets.engine import checked
from zibo_sim.widgets.state import default_base, differences, shipped
from zibo_sim.widgets.work import Work
from zibo_sim.words import half, language, word


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
                self._view.fail(str(refusal))
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
        try:
            self.state.set(key, control.read(said))
        except Refused as refusal:
            name, allowed = control.name(self.lang), control.range(self.lang)
            words = word("dash.refused", self.lang, name=name, value=said, range=allowed)
            raise Refused(words, *refusal.faults) from None

    @_shown
    def rebase(self, name: str) -> None:
        """Take another base; the empty name is the dashboard's own."""
        self.state.rebase(shipped()[name] if name else self.first)

    @_shown
    def apply(self, name: str) -> None:
        """Put a shipped scenario's changes on the chosen variant."""
        if name not in shipped():
            raise Refused(unknown("preset", name, shipped()))
        preset = shipped()[name]
        changes = differences(default_base(), preset)
        self.state.apply(changes, half(preset.title, self.lang), half(preset.question, self.lang))

    @_shown
    def choose(self, number: int) -> None:
        """Show another variant's controls."""
        self.state.choose(number)

    @_shown
    def speak(self, lang: str) -> None:
        """Switch the language; everything else stays."""
        self.lang = language(lang)
        self.state.words = (word("dash.variant", lang), word("dash.question", lang))
        self.look()

    @_shown
    def pairs(self, replications: int) -> None:
        """Take another number of paired runs."""
        checked(replications, self.seed)
        self.replications = replications

    @_shown
    def sow(self, seed: int) -> None:
        """Take another seed."""
        checked(self.replications, seed)
        self.seed = seed

    @_shown
    def add(self) -> None:
        """Add a variant."""
        self.state.add()

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
        """Write the chosen variant into the folder and offer it for download."""
        path = files.save(self.state, self.folder / files.file_name(name, ".toml"), self.lang)
        self._view.files(exports.link(path.name, path.read_bytes(), self.lang), path)

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
