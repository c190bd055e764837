"""What every picture shares: its language, its fonts, its headings, and how it becomes a PNG.

Chinese needs a font that has it; where none is installed the labels fall back to English, so that
no picture ever shows boxes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any, cast

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from zibo_sim.experiment import Replications
from zibo_sim.metrics import said_metric
from zibo_sim.results import Run
from zibo_sim.text import clipped
from zibo_sim.words import half, language, word

#: Families that have simplified Chinese, the best first.
CJK_FAMILIES = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "PingFang SC", "Hiragino Sans GB",
    "Microsoft YaHei", "SimHei", "Heiti SC", "Noto Sans CJK JP", "Noto Sans CJK TC",
)  # fmt: skip
LATIN_FAMILY = "DejaVu Sans"
#: Metrics whose target the law states, and its id.
TARGETS = {"air.pm25_mean": "target.pm25_mean", "air.heavy_days": "target.heavy_days"}
INK, FADED, NO_MEASURES, LIMIT = "#1f3b5c", "#9fb3c8", "#b5541c", "#7a1f1f"
#: Chinese letters fill the whole line, so lines stand further apart than the Latin font asks.
_SPACING = 1.35
#: Points that a second line of a caption takes.
_LINE = 13


def installed_families() -> set[str]:
    """Return the font families that matplotlib knows."""
    return {font.name for font in font_manager.fontManager.ttflist}


@cache
def _add_new_fonts() -> None:
    """Make fonts known that were installed after matplotlib last looked."""
    known = {font.fname for font in font_manager.fontManager.ttflist}
    hints = ("cjk", "sourcehan", "wqy", "pingfang", "msyh", "simhei", "notosanssc")
    for path in font_manager.findSystemFonts():
        name = path.lower().replace("-", "").replace("_", "")
        if path not in known and any(hint in name for hint in hints):
            font_manager.fontManager.addfont(path)


def chinese_family() -> str | None:
    """Return the best installed family that has Chinese, None where there is none."""
    installed = installed_families()
    if installed.isdisjoint(CJK_FAMILIES):
        _add_new_fonts()
        installed = installed_families()
    return next((family for family in CJK_FAMILIES if family in installed), None)


@cache
def _warn_once() -> None:
    warnings.warn(word("font.missing", "en"), UserWarning, stacklevel=4)


@dataclass(frozen=True)
class Pen:
    """The language of a picture and the font families that can write it."""

    lang: str
    families: tuple[str, ...]
    chinese: bool

    @classmethod
    def of(cls, lang: str | None) -> Pen:
        """Choose language and fonts; Chinese without a font for it becomes English."""
        said, family = language(lang), chinese_family()
        if family is None:
            if said == "zh":
                _warn_once()
            return cls("en", (LATIN_FAMILY,), False)
        order = (family, LATIN_FAMILY) if said == "zh" else (LATIN_FAMILY, family)
        return cls(said, order, True)

    def word(self, key: str, **filled: Any) -> str:
        """Return a text of the table in this pen's language."""
        return word(key, self.lang, **filled)

    def users(self, text: str, columns: int = 60) -> str:
        """Return a user's text as it can be shown: clipped, printable, in a font that has it."""
        text = half(text, self.lang)
        plain = "".join(c if c.isprintable() else " " for c in text)
        if not self.chinese and any(ord(c) > 0x2E7F for c in plain):
            return self.word("font.untitled")
        return clipped(plain, columns)

    def style(self, **more: Any) -> dict[str, Any]:
        """Return the keywords of any text: families, and no mathematics in user's dollars."""
        return {"fontfamily": list(self.families), "parse_math": False, **more}

    def metric(self, name: str) -> str:
        """Return what a metric is called."""
        return said_metric(name, self.lang)


def axes_of(ax: Axes | None, width: float, height: float) -> Axes:
    """Return `ax`, or the Axes of a new figure so many inches large."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    ax = plt.subplots(figsize=(width, height), layout="constrained")[1]
    return cast(Axes, ax)


def finish(ax: Axes, pen: Pen) -> None:
    """Take away what says nothing and set the tick labels' font."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(labelsize=9, labelfontfamily=list(pen.families))


def headings(ax: Axes, pen: Pen, title: str, below: str) -> None:
    """Write the title and the line or lines below it."""
    pad = 20 + _LINE * below.count("\n")
    bold = pen.style(fontsize=12, fontweight="bold", linespacing=_SPACING)
    ax.set_title(title, loc="left", pad=pad, **bold)
    ax.annotate(
        below, (0, 1), (0, 6), xycoords="axes fraction", textcoords="offset points",
        annotation_clip=False, **pen.style(fontsize=9, color="#555555", linespacing=_SPACING),
    )  # fmt: skip


def axis_labels(ax: Axes, pen: Pen, x: str, y: str) -> None:
    """Name the axes, each with its unit."""
    ax.set_xlabel(x, **pen.style(fontsize=9.5))
    ax.set_ylabel(y, **pen.style(fontsize=9.5))


def caption(pen: Pen, of: Run | Replications, *notes: str, columns: int = 50) -> str:
    """Say what a picture shows: the scenario, the seed, the replication or how many, and notes.

    Notes stand on a line of their own.
    """
    if isinstance(of, Replications):
        said = pen.word("picture.runs", seed=of.seed, runs=len(of))
    else:
        said = pen.word("plot.run", seed=of.seed, replication=of.outcome.replication)
    first = f"{pen.users(of.scenario.title, columns)} · {said}"
    return "\n".join([first, *([" · ".join(notes)] if notes else [])])


def legend(
    ax: Axes,
    pen: Pen,
    handles: Sequence[Any],
    columns: int = 4,
    title: str = "",
    points: float = 40.0,
) -> None:
    """Put the legend under the picture, so many points below its x axis."""
    families = list(pen.families)
    down = ScaledTranslation(0, -points / 72, ax.figure.dpi_scale_trans)
    found = ax.legend(
        handles=handles, ncols=columns, loc="upper center", bbox_to_anchor=(0.5, 0),
        bbox_transform=ax.transAxes + down, frameon=False, borderaxespad=0, title=title or None,
        prop={"family": families, "size": 8.5}, handlelength=1.8,
    )  # fmt: skip
    found.get_title().set(fontfamily=families, fontsize=9, parse_math=False)
    for text in found.get_texts():
        text.set_parse_math(False)


def png(draw: Callable[[Axes], Any], width: float, height: float, dpi: int = 110) -> bytes:
    """Return what `draw` puts on an Axes as a PNG; equal pictures give equal bytes.

    Parameters
    ----------
    draw : callable
        Takes the Axes.
    width, height : float
        Inches.
    dpi : int
        Dots an inch.

    Returns
    -------
    bytes

    Examples
    --------
    >>> png(lambda ax: ax.plot([1, 2]), 2, 1)[1:4]
    b'PNG'
    """
    figure, held = Figure(figsize=(width, height), layout="constrained"), BytesIO()
    draw(figure.subplots())
    figure.savefig(held, format="png", dpi=dpi, metadata={"Software": None})
    return held.getvalue()
