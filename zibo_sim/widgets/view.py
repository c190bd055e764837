"""The dashboard as widgets: what is shown, and which call each click makes."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from zibo_sim.metrics import METRICS, said_metric
from zibo_sim.plots.pen import chinese_family
from zibo_sim.scenario import HEADER
from zibo_sim.widgets import tables
from zibo_sim.widgets.drivers import REPLICATIONS as DRIVER_RUNS
from zibo_sim.widgets.files import python, suggested
from zibo_sim.widgets.outputs import Outputs
from zibo_sim.widgets.panel import Panel
from zibo_sim.widgets.state import MOST_VARIANTS, name_of, shipped
from zibo_sim.widgets.style import CSS
from zibo_sim.words import LANGUAGES, half, word

if TYPE_CHECKING:
    from zibo_sim.widgets.whatif import WhatIf

_WIDE = {"width": "100%"}
_CENTRE = {"align_items": "center"}
_BUTTONS = ("add", "copy", "remove", "undo", "redo", "reset", "replay")
_ICONS = {"add": "plus", "copy": "copy", "remove": "trash", "undo": "undo", "redo": "redo",
          "reset": "sync", "replay": "history"}  # fmt: skip


class View:
    """The widgets of one dashboard.

    Parameters
    ----------
    of : WhatIf
        What is told of every click; it calls `refresh` when its state has changed.
    """

    def __init__(self, of: WhatIf) -> None:
        self._of = of
        self._quiet = False
        self._make_head()
        self._make_menus()
        self.panel = Panel(of.turn, self.refresh)
        self._make_actions()
        self.outputs = Outputs(of)
        self._make_files()
        self.root = self._laid_out()
        self.refresh()

    # ---- the widgets ------------------------------------------------------------------------

    def _make_head(self) -> None:
        self.title, self.count, self.law = w.HTML(), w.HTML(), w.HTML(layout=w.Layout(**_WIDE))
        self.title.add_class("zs-head")
        names = [("中文", "zh"), ("English", "en")]
        assert {value for _, value in names} == set(LANGUAGES)
        self.language = w.ToggleButtons(options=names, value=self._of.lang)
        self.language.style.button_width = "68px"
        self.language.observe(self._on(lambda new: self._of.speak(new)), "value")

    def _make_menus(self) -> None:
        menu = w.Layout(width="100%")
        self.base = w.Dropdown(options=[("", "")], layout=menu)
        self.preset = w.Dropdown(options=[("", "")], layout=menu)
        self.variants = w.ToggleButtons(options=[("", 0)])
        self.variants.add_class("zs-variants")
        self.header = {
            key: w.Text(continuous_update=False, layout=menu) for key in HEADER
        }  # fmt: skip
        for widget in (self.base, self.preset, *self.header.values()):
            widget.style.description_width = "70px"
        self.buttons = {
            name: w.Button(icon=_ICONS[name], layout=w.Layout(width="auto")) for name in _BUTTONS
        }
        self.base.observe(self._on(self._of.rebase), "value")
        self.preset.observe(self._on(self._preset), "value")
        self.variants.observe(self._on(self._of.choose), "value")
        for key, text in self.header.items():
            text.observe(self._on(lambda new, key=key: self._of.turn(key, new)), "value")
        for name, button in self.buttons.items():
            button.on_click(lambda _, name=name: getattr(self._of, name)())

    def _make_actions(self) -> None:
        self.run = w.Button(icon="play", button_style="primary", layout=w.Layout(width="110px"))
        self.cancel = w.Button(icon="stop", disabled=True, layout=w.Layout(width="90px"))
        self.run.add_class("zs-run")
        self.cancel.add_class("zs-cancel")
        self.progress = w.IntProgress(value=0, min=0, max=1, layout=w.Layout(width="150px"))
        self.said = w.HTML()
        self.error, self.hint = w.HTML(layout=w.Layout(**_WIDE)), w.HTML()
        small = w.Layout(width="170px")
        self.replications, self.seed = (
            w.FloatText(value=value, step=1, continuous_update=False, layout=small)
            for value in (self._of.replications, self._of.seed)
        )
        for widget in (self.replications, self.seed):
            widget.style.description_width = "84px"
        self.run.on_click(lambda _: self._of.run(wait=False))
        self.cancel.on_click(lambda _: self._of.cancel())
        self.replications.observe(self._on(self._of.pairs), "value")
        self.seed.observe(self._on(self._of.sow), "value")

    def _make_files(self) -> None:
        self._suggested = ""
        self.file = w.Text(layout=w.Layout(width="300px"))
        names = ("save", "load", "report", "figures", "data")
        self.file_buttons = {n: w.Button(layout=w.Layout(width="auto")) for n in names}
        self.upload = w.FileUpload(accept=".toml", multiple=False, layout=w.Layout(width="130px"))
        self.downloads = w.HTML(layout=w.Layout(**_WIDE))
        self.python = w.HTML(layout=w.Layout(**_WIDE))
        for name, button in self.file_buttons.items():
            button.on_click(lambda _, name=name: self._filed(name))
        self.upload.observe(self._on(self._uploaded), "value")

    def _laid_out(self) -> Any:
        line = w.Layout(flex_flow="row wrap", **_CENTRE)
        arms = w.HBox([self.buttons[n] for n in ("add", "copy", "remove")], layout=line)
        steps = w.HBox([self.buttons[n] for n in ("undo", "redo", "reset", "replay")], layout=line)
        choice = [self.base, w.HBox([self.variants, arms], layout=line), self.preset,
                  *self.header.values(), steps]  # fmt: skip
        left = w.VBox([*choice, self.panel.box], layout=w.Layout(flex="0 0 408px", width="408px"))
        row = [self.run, self.cancel, self.progress, self.replications, self.seed]
        actions = w.HBox([*row, self.said], layout=line)
        saving = [self.file, *self.file_buttons.values(), self.upload]
        self.files_row = w.HBox(saving, layout=line)
        self.drawers = w.Accordion([self.python], selected_index=None)
        right = w.VBox(
            [self.outputs.results, self.drawers], layout=w.Layout(flex="1 1 0%", min_width="0")
        )
        left.add_class("zs-panel")
        right.add_class("zs-results")
        for column in (left, right):
            column.add_class("zs-scroll")
        space = w.HBox([], layout=w.Layout(flex="1 1 auto"))
        head = w.HBox([self.title, space, self.count, self.language], layout=w.Layout(**_CENTRE))
        body = w.HBox([left, right], layout=w.Layout(width="100%", align_items="flex-start"))
        body.add_class("zs-body")
        parts = [w.HTML(CSS, layout=w.Layout(display="none")), head, self.law, actions,
                 self.files_row, self.downloads, self.hint, self.error, body]  # fmt: skip
        root = w.VBox(parts, layout=w.Layout(width="100%"))
        root.add_class("zs-root")
        return root

    # ---- what is shown ----------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the state as it is."""
        self._quiet = True
        try:
            self._words()
            self._menus()
            state, lang = self._of.state, self._of.lang
            current = state.current()
            self.panel.show(current, state.base, tuple(state.variant.changes), lang)
            self.law.value = tables.law_differences(state.scenarios(), lang)
            code = escape(python(state, self._of.replications, self._of.seed), quote=False)
            self.python.value = f'<pre class="zs-code">{code}</pre>'
            self._suggest()
            self.outputs.refresh()
        finally:
            self._quiet = False
        self.status()

    def status(self) -> None:
        """Say whether something runs, how far it is, and whether the results fit the controls."""
        of, lang = self._of, self._of.lang
        self.run.disabled = of.busy
        self.cancel.disabled = not of.busy
        for button in self.file_buttons.values():
            button.disabled = of.busy
        self.outputs.drive.disabled = of.busy
        self.buttons["replay"].disabled = of.busy or of.state.last is None
        kind = "zs-said zs-warn" if of.stale and not of.busy else "zs-said"
        self.said.value = f'<span class="{kind}">{escape(self._said())}</span>'
        said = word("dash.count", lang, count=of.count) if of.count else word("dash.no_run", lang)
        self.count.value = (
            f'<span class="zs-run-count" data-count="{of.count}">{escape(said)}</span>'
        )
        self.outputs.dim(of.stale)

    def _said(self) -> str:
        of = self._of
        if of.message:
            return of.message
        if of.busy:
            return word("dash.running", of.lang)
        if of.result is None:
            return word("dash.ready", of.lang)
        return word("dash.stale" if of.stale else "dash.fresh", of.lang)

    def fail(self, said: str) -> None:
        """Show what went wrong, in words; nothing where the text is empty."""
        self.error.value = (
            f'<div class="zs-error" role="alert">{escape(said)}</div>' if said else ""
        )

    def far(self, done: int, total: int) -> None:
        """Show how far a run is."""
        self.progress.max = max(total, 1)
        self.progress.value = done if total else 1

    def files(self, links: str, path: Path, asked: Path) -> None:
        """Show where a file was written, whether it had to be numbered, and the links to it."""
        key = "written" if path == asked else "numbered"
        said = escape(word(f"dash.{key}", self._of.lang, path=path, name=asked.name))
        kind = "zs-quiet" if path == asked else "zs-quiet zs-warn"
        self.downloads.value = f'<span class="{kind}">{said}</span> {links}'

    def _suggest(self) -> None:
        """Name the file after the variant, until a user names it."""
        said = suggested(half(self._of.state.variant.title, self._of.lang))
        if self.file.value == self._suggested:
            self.file.value = said
        self._suggested = said

    def _words(self) -> None:
        lang = self._of.lang
        if self.title.value and self.language.value == lang and self._spoken == lang:
            return
        self._spoken = lang

        def said(key: str) -> str:
            return word(f"dash.{key}", lang)

        self.language.value = lang
        self.title.value = f"<h2>{escape(said('title'))}</h2>"
        for name, button in {**self.buttons, **self.file_buttons}.items():
            button.description = said(name)
            button.tooltip = said(f"tip_{name}")
        self.run.description, self.cancel.description = said("run"), said("cancel")
        self.replications.description, self.seed.description = said("replications"), said("seed")
        self.base.description, self.preset.description = said("base_menu"), said("preset")
        self.base.tooltip, self.preset.tooltip = said("tip_base"), said("tip_preset")
        self.header["title"].description, self.header["question"].description = (
            said("name"), said("asks"),
        )  # fmt: skip
        self.file.description, self.upload.description = said("file"), said("upload")
        self.drawers.titles = (said("python"),)
        self.file.tooltip = word("dash.folder", lang, folder=self._of.folder)
        self.downloads.value = ""
        unwritten = lang == "zh" and chinese_family() is None
        text = f'<span class="zs-quiet">{escape(said("no_font"))}</span>' if unwritten else ""
        self.hint.value = text
        metrics = [(said_metric(name, lang), name) for name in METRICS if "valuation" not in name]
        self.outputs.speak(lang, metrics, word("dash.drivers_hint", lang, runs=DRIVER_RUNS))

    _spoken = ""

    def _menus(self) -> None:
        of, lang = self._of, self._of.lang
        titles = [(half(s.title, lang), name) for name, s in shipped().items()]
        if name_of(of.first) is None:
            title = word("dash.own_base", lang, title=half(of.first.title, lang))
            titles.insert(0, (title, ""))
        _offer(self.base, titles, name_of(of.state.base) or "")
        _offer(self.preset, [(word("dash.preset_none", lang), ""), *titles[-len(shipped()) :]], "")
        named = [(half(v.title, lang), i) for i, v in enumerate(of.state.now.variants)]
        _offer(self.variants, named, of.state.now.chosen)
        for key, text in self.header.items():
            text.value = half(getattr(of.state.variant, key), lang)
        self.buttons["undo"].disabled = not of.state.can_undo
        self.buttons["redo"].disabled = not of.state.can_redo
        self.buttons["reset"].disabled = not of.state.variant.changes
        for name in ("add", "copy"):
            self.buttons[name].disabled = len(of.state) >= MOST_VARIANTS
        self.buttons["remove"].disabled = len(of.state) == 1
        self.replications.value, self.seed.value = of.replications, of.seed

    # ---- what is clicked --------------------------------------------------------------------

    def _on(self, act: Any) -> Any:
        def told(change: Any) -> None:
            if not self._quiet:
                act(change["new"])

        return told

    def _preset(self, name: str) -> None:
        if name:
            self._of.apply(name)

    def _filed(self, name: str) -> None:
        acts = {"save": self._of.keep, "load": self._of.fetch}
        if name in acts:
            acts[name](self.file.value)
        else:
            self._of.export(name, self.file.value)

    def _uploaded(self, files: Any) -> None:
        if files:
            self._of.receive(bytes(files[0]["content"]), str(files[0]["name"]))
            self._quiet, self.upload.value = True, ()
            self._quiet = False


def _offer(menu: Any, options: list[tuple[str, Any]], value: Any) -> None:
    """Give a menu its options and its choice without a flicker where nothing changes."""
    if tuple(menu.options) != tuple(options):
        menu.options = options
    if menu.value != value:
        menu.value = value
