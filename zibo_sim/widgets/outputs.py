"""The results' side: cards, picture tabs, what drives a metric, the table."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from zibo_sim.widgets import tables
from zibo_sim.widgets.engine import Result
from zibo_sim.widgets.pictures import tabs
from zibo_sim.words import word

if TYPE_CHECKING:
    from zibo_sim.widgets.whatif import WhatIf

DRIVERS = "drivers"
_FIRST_METRIC = "air.pm25_mean"


class Outputs:
    """The widgets that hold results.

    Parameters
    ----------
    of : WhatIf
    """

    def __init__(self, of: WhatIf) -> None:
        self._of = of
        self._shown: tuple[Any, ...] = ()
        self._painted: dict[str, tuple[Result, str]] = {}
        self.cards, self.table = w.HTML(), w.HTML(layout=w.Layout(width="100%"))
        self.every = w.Checkbox(value=False, indent=False)
        self.every.observe(lambda _: self.refresh(), "value")
        self.heading = w.HTML()
        self._make_tabs()
        self.results = w.VBox([self.cards, self.tabs, self.heading, self.every, self.table])

    def _make_tabs(self) -> None:
        keys = [*tabs(), DRIVERS]
        self.images = {key: w.Image(format="png", layout=w.Layout(width="100%")) for key in keys}
        self.hints = {key: w.HTML() for key in keys}
        self.metric = w.Dropdown(options=[(_FIRST_METRIC, _FIRST_METRIC)])
        self.drive = w.Button(icon="chart-bar", layout=w.Layout(width="auto"))
        self.drive.on_click(lambda _: self._of.drive(self.metric.value))
        self._driving = w.HBox([self.metric, self.drive], layout=w.Layout(flex_flow="row wrap"))
        self.pages = {key: w.VBox([self.hints[key]]) for key in keys}
        self.pages[DRIVERS].children = (self._driving, self.hints[DRIVERS])
        self.tabs = w.Tab([self.pages[key] for key in keys])
        self.tabs.add_class("zs-tabs")
        self.tabs.observe(lambda _: self._of.look(), "selected_index")
        for key, image in self.images.items():
            image.add_class(f"zs-picture-{key}")

    @property
    def visible(self) -> str:
        """The key of the tab in view."""
        return list(self.pages)[self.tabs.selected_index or 0]

    def wants(self, result: Result | None, lang: str) -> str | None:
        """Return the tab in view where it lacks the picture of a result, else None."""
        key = self.visible
        if result is None or key == DRIVERS:
            return None
        painted, spoken = self._painted.get(key, (None, ""))
        return None if painted is result and spoken == lang else key

    def speak(self, lang: str, metrics: list[tuple[str, str]], hint: str) -> None:
        """Name everything in a language."""
        names = [*(tab.title(lang) for tab in tabs().values()), word("dash.tab_drivers", lang)]
        self.tabs.titles = tuple(names)
        chosen = self.metric.value
        self.metric.options = metrics
        self.metric.value = chosen
        self.metric.description = word("dash.drivers_metric", lang)
        self.drive.description = word("dash.drivers_run", lang)
        self.every.description = word("dash.every", lang)
        self.heading.value = f"<h4>{escape(word('dash.table', lang))}</h4>"
        self.hints[DRIVERS].value = f'<p class="zs-quiet">{escape(hint)}</p>'
        for key in tabs():
            self._hint(key, "dash.first" if self._of.result is None else "dash.drawing", lang)

    def refresh(self) -> None:
        """Show cards and table of the last result."""
        result: Result | None = self._of.result
        asked = (result, self._of.lang, self.every.value)
        if self._shown and all(a is b for a, b in zip(asked, self._shown, strict=True)):
            return
        if self._shown and result is not self._shown[0]:
            for key in tabs():
                self._renew(key, result)
        self._shown = asked
        display = None if result else "none"
        self.every.layout.display = self.heading.layout.display = display
        lang = self._of.lang
        self.cards.value = tables.cards(result, lang) if result else ""
        self.table.value = tables.results(result, lang, self.every.value) if result else ""

    def paint(self, key: str, png: bytes, result: Result, lang: str) -> None:
        """Show the picture of a result in its tab, or say that there is nothing to be seen."""
        self._painted[key] = (result, lang)
        if png:
            self.show(key, png)
        else:
            self._hint(key, "dash.no_picture", lang)
            self.pages[key].children = (self.hints[key],)

    def show(self, key: str, png: bytes) -> None:
        """Show a picture in its tab."""
        self.images[key].value = png
        before = (self._driving,) if key == DRIVERS else ()
        children = (*before, self.images[key])
        if self.pages[key].children != children:
            self.pages[key].children = children

    def undrawn(self, key: str, lang: str) -> None:
        """Say in a tab that its picture was not drawn, in place of an earlier run's."""
        self._hint(key, "dash.undrawn", lang)
        self.pages[key].children = (self.hints[key],)

    def _renew(self, key: str, result: Result | None) -> None:
        """Take another run's picture away."""
        if self._painted.get(key, (None, ""))[0] is not result:
            self._hint(key, "dash.drawing", self._of.lang)
            self.pages[key].children = (self.hints[key],)

    def dim(self, stale: bool) -> None:
        """Dim results that no longer fit the controls."""
        (self.results.add_class if stale else self.results.remove_class)("zs-stale")

    def _hint(self, key: str, said: str, lang: str) -> None:
        text = escape(word(said, lang))
        self.hints[key].value = f'<p class="zs-placeholder">{text}</p>'
