"""The controls' side: groups, a search over all of them, and a page of rows made on demand."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as w

from zibo_sim.scenario import Scenario
from zibo_sim.widgets.catalog import GROUPS, Control, found
from zibo_sim.widgets.rows import Row, Turn
from zibo_sim.words import word

PAGE = 7


class Panel:
    """Groups, search box and the rows in view.

    Parameters
    ----------
    turn : callable
        Told the key and what was typed, slid or chosen.
    refresh : callable
        Called when other rows come into view.
    """

    def __init__(self, turn: Turn, refresh: Callable[[], None]) -> None:
        self._turn, self._refresh = turn, refresh
        self._rows: dict[tuple[str, str], Row] = {}
        self._quiet = False
        self.page, self.lang = 0, ""
        self.changed: tuple[str, ...] = ()
        self.groups = w.ToggleButtons(options=[(g, g) for g in GROUPS], value="common")
        self.groups.add_class("zs-groups")
        self.search = w.Text(continuous_update=False, layout=w.Layout(width="98%"))
        self.rows = w.VBox([], layout=w.Layout(width="100%"))
        self.back = w.Button(icon="chevron-left", layout=w.Layout(width="36px"))
        self.on = w.Button(icon="chevron-right", layout=w.Layout(width="36px"))
        self.where = w.HTML()
        pager = w.HBox([self.back, self.where, self.on], layout=w.Layout(align_items="center"))
        self.box = w.VBox([self.groups, self.search, self.rows, pager])
        self.groups.observe(self._group, "value")
        self.search.observe(self._searched, "value")
        self.back.on_click(lambda _: self._leaf(-1))
        self.on.on_click(lambda _: self._leaf(1))

    @property
    def in_view(self) -> list[Control]:
        """The controls of the page in view."""
        return self._found()[self.page * PAGE : (self.page + 1) * PAGE]

    def row(self, key: str) -> Row:
        """Return the row of a control in view."""
        return self._rows[key, self.lang]

    def show(self, scenario: Scenario, base: Scenario, changed: tuple[str, ...], lang: str) -> None:
        """Show the page as a scenario has it."""
        self.changed = changed
        if lang != self.lang:
            self._label(lang)
        self._count()
        pages = max(1, -(-len(self._found()) // PAGE))
        self.page = min(self.page, pages - 1)
        shown = [self._row(control) for control in self.in_view]
        for row in shown:
            row.show(scenario.get(row.control.key), base.get(row.control.key))
        boxes = tuple(row.box for row in shown)
        if boxes != self.rows.children:
            self.rows.children = boxes
        self.back.disabled, self.on.disabled = self.page == 0, self.page >= pages - 1
        count = len(self._found())
        said = word("dash.page", lang, page=self.page + 1, pages=pages, count=count)
        text = said if count else word("dash.nothing_found", lang)
        self.where.value = f'<span class="zs-quiet">{escape(text)}</span>'

    def _found(self) -> list[Control]:
        return found(self.groups.value, self.search.value, self.changed)

    def _row(self, control: Control) -> Row:
        at = (control.key, self.lang)
        if at not in self._rows:
            self._rows[at] = Row(control, self.lang, self._turn)
        return self._rows[at]

    def _label(self, lang: str) -> None:
        self.lang = lang
        self._rows.clear()
        self.search.placeholder = word("dash.search", lang)
        self._count()

    def _count(self) -> None:
        """Name the groups; ``changed`` says how many."""
        said = [(word(f"dash.group_{g}", self.lang, count=len(self.changed)), g) for g in GROUPS]
        if tuple(said) != tuple(self.groups.options):
            self._quiet = True
            chosen = self.groups.value
            with self.groups.hold_sync():
                self.groups.options = said
                self.groups.value = chosen
            self._quiet = False

    def _group(self, _: Any) -> None:
        if not self._quiet:
            self.page = 0
            self._quiet, self.search.value = True, ""
            self._quiet = False
            self._refresh()

    def _searched(self, _: Any) -> None:
        if not self._quiet:
            self.page = 0
            self._refresh()

    def _leaf(self, step: int) -> None:
        self.page = max(0, self.page + step)
        self._refresh()
