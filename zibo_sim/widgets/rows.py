"""One control as widgets: a slider with its number, or what else its kind needs, and its note."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets as w

from zibo_sim.text import clipped
from zibo_sim.widgets.catalog import Control
from zibo_sim.words import labelled, said_source, word

_ROW = {"margin": "0 0 2px 0", "width": "100%"}
_SLIDER_WIDTH, _NUMBER_WIDTH = "212px", "104px"

Turn = Callable[[str, Any], None]


class Row:
    """The widgets of one control.

    Parameters
    ----------
    control : Control
    lang : {"zh", "en"}
    turn : callable
        Told the key and what was typed, slid or chosen.
    """

    def __init__(self, control: Control, lang: str, turn: Turn) -> None:
        self.control, self.lang, self._turn = control, lang, turn
        self._quiet = False
        self.label = w.HTML(layout=w.Layout(**_ROW))
        self.back = w.Button(icon="undo", layout=w.Layout(width="30px", min_width="30px"))
        self.back.on_click(lambda _: self._turn(self.control.key, self._base))
        self._base: Any = control.default
        self.inputs = self._inputs()
        for widget in self.inputs:
            widget.observe(self._turned, "value")
        line = w.HBox([*self.inputs, self.back], layout=w.Layout(align_items="center"))
        note = w.HTML(self._note(), layout=w.Layout(width="100%"))
        self.box = w.VBox([self.label, line, note], layout=w.Layout(width="100%"))
        self.box.add_class("zs-row")

    def show(self, value: Any, base: Any) -> None:
        """Show a value, and mark it where the base's is another."""
        self._base = base
        self._quiet = True
        try:
            for widget in self.inputs:
                self._put(widget, value)
        finally:
            self._quiet = False
        changed = value != base
        self.back.disabled = not changed
        said = _brief(self.control, base) if changed else ""
        self.back.tooltip = word("dash.to_default", self.lang, value=said) if changed else ""
        mark = '<span class="zs-dot">●</span> ' if changed else ""
        was = word("dash.was", self.lang, value=clipped(said, 24))
        was = f'<span class="zs-was">{escape(was)}</span>' if changed else ""
        name, unit = escape(self.control.name(self.lang)), escape(self.control.unit_in(self.lang))
        unit = f'<span class="zs-unit">{unit}</span>' if unit else ""
        self.label.value = f'<div class="zs-label">{mark}<b>{name}</b> {unit} {was}</div>'

    def _turned(self, change: Any) -> None:
        if self._quiet or change["new"] is None:
            return
        said = change["new"]
        if isinstance(said, float) and isinstance(change["owner"], w.FloatSlider):
            said = float(f"{said:.10g}")
        self._turn(self.control.key, said)

    def _put(self, widget: Any, value: Any) -> None:
        if isinstance(widget, w.FloatSlider | w.IntSlider):
            low, high, _ = self.control.span(value)
            with widget.hold_sync():
                widget.min, widget.max = min(low, widget.min), max(high, widget.max)
                widget.value = value
                widget.min, widget.max = low, high
        else:
            widget.value = self.control.shown(value) if isinstance(widget, w.Text) else value

    def _inputs(self) -> list[Any]:
        kind, wide = self.control.kind, w.Layout(width="320px")
        if self.control.numeric:
            return self._numbers()
        if kind == "choice":
            pairs = [(_choice(c, self.lang), c.value) for c in self.control.choices]
            return [w.Dropdown(options=pairs, value=self.control.default, layout=wide)]
        if kind == "yes":
            pairs = [(word("dash.yes", self.lang), True), (word("dash.no", self.lang), False)]
            return [w.Dropdown(options=pairs, value=self.control.default, layout=wide)]
        if kind == "day":
            return [w.DatePicker(value=self.control.default, layout=wide)]
        return [w.Text(self.control.shown(), continuous_update=False, layout=wide)]

    def _numbers(self) -> list[Any]:
        whole = self.control.kind == "whole"
        low, high, step = self.control.span(self.control.default)
        slider = (w.IntSlider if whole else w.FloatSlider)(
            value=self.control.default, min=low, max=high, step=step, readout=False,
            continuous_update=False, layout=w.Layout(width=_SLIDER_WIDTH),
        )  # fmt: skip
        # For whole numbers too: IntText turns a typed 2.5 into 25 without a word.
        number = w.FloatText(
            value=self.control.default, step=step, continuous_update=False,
            layout=w.Layout(width=_NUMBER_WIDTH),
        )  # fmt: skip
        return [slider, number]

    def _note(self) -> str:
        control = self.control
        status = escape(word(f"status.{control.status}", self.lang))
        source = said_source(control.clause, self.lang)
        parts = [control.range(self.lang), source]
        said = escape(clipped(" · ".join(p for p in parts if p), 64))
        tip = escape("\n".join(p for p in (control.key, source, control.quote) if p))
        return (
            f'<div class="zs-hint" title="{tip}"><span class="zs-status zs-{control.status}">'
            f"{status}</span> {said}<br><code>{escape(control.key)}</code></div>"
        )


def _brief(control: Control, value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else control.shown(value)


def _choice(choice: Any, lang: str) -> str:
    said = choice.zh if lang == "zh" else choice.en
    return said if said == str(choice.value) else labelled(str(choice.value), said, lang)
