"""The pictures there are, and what each needs: what reports, notebooks and the dashboard go by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from zibo_sim.air.simulated import SimulatedAir
from zibo_sim.cloud.parameters import SYSTEMS
from zibo_sim.comparison import Comparison
from zibo_sim.experiment import Replications
from zibo_sim.metrics import METRICS
from zibo_sim.plots import days, forest
from zibo_sim.plots.pen import Pen, png
from zibo_sim.results import Run

KINDS: dict[str, type] = {
    "run": Run, "replications": Replications, "comparison": Comparison, "study": pd.DataFrame,
}  # fmt: skip


def _always(_: Any) -> bool:
    return True


@dataclass(frozen=True)
class Picture:
    """One picture of the table.

    Attributes
    ----------
    name : str
        What it is called in ``zs.plot``.
    domain : str
        ``air``, ``cloud``, ``heating`` or ``all``.
    needs : tuple of str
        What it can be drawn from: ``run``, ``replications``, ``comparison``, ``study`` (the table
        of a sweep).
    home : str
        The module it stands in.
    shape : tuple of float, or callable
        Inches, or what returns them for the thing to be drawn.
    holds : callable
        Says whether a thing of these kinds holds what the picture shows.
    options : callable
        Returns further arguments for the thing, such as a metric.

    Examples
    --------
    >>> season = PICTURES[0]
    >>> season.name, season.domain, season.needs
    ('season', 'air', ('run', 'replications'))
    """

    name: str
    domain: str
    needs: tuple[str, ...]
    home: str
    shape: tuple[float, float] | Callable[[Any], tuple[float, float]]
    holds: Callable[[Any], bool] = _always
    options: Callable[[Any], dict[str, Any]] = lambda _: {}

    def title(self, lang: str | None = None) -> str:
        """Return what the picture is called, in English where no font has Chinese.

        Parameters
        ----------
        lang : {"zh", "en"}, optional
            Default: the locale's.
        """
        return Pen.of(lang).word(f"picture.{self.name}")

    def fits(self, thing: Any) -> bool:
        """Say whether it can be drawn from this.

        Parameters
        ----------
        thing : Run, Replications, Comparison, DataFrame or other

        Examples
        --------
        >>> PICTURES[0].fits("a text")
        False
        """
        return any(isinstance(thing, KINDS[need]) for need in self.needs) and self.holds(thing)

    def size(self, thing: Any) -> tuple[float, float]:
        """Return how many inches wide and high it is best drawn.

        Parameters
        ----------
        thing : Run, Replications, Comparison or DataFrame
            What is to be drawn.
        """
        return self.shape(thing) if callable(self.shape) else self.shape

    def draw(
        self, thing: Any, ax: Axes | None = None, lang: str | None = None, **options: Any
    ) -> Axes:
        """Draw it; without an Axes on a figure of its own, which no window opens for.

        Parameters
        ----------
        thing : Run, Replications, Comparison or DataFrame
        ax : matplotlib Axes, optional
        lang : {"zh", "en"}, optional
            Default: the locale's.
        **options
            Further arguments of the picture's function.

        Returns
        -------
        matplotlib Axes

        Examples
        --------
        >>> import zibo_sim as zs
        >>> run = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
        >>> PICTURES[0].draw(run, lang="en").get_ylabel()
        'PM2.5 (µg/m³)'
        """
        if ax is None:
            ax = Figure(figsize=self.size(thing), layout="constrained").subplots()
        function = getattr(import_module(f"zibo_sim.plots.{self.home}"), self.name)
        drawn: Axes = function(thing, ax=ax, lang=lang, **{**self.options(thing), **options})
        return drawn

    def png(self, thing: Any, lang: str | None = None, dpi: int = 110, **options: Any) -> bytes:
        """Return it as a PNG.

        Parameters
        ----------
        thing : Run, Replications, Comparison or DataFrame
        lang : {"zh", "en"}, optional
            Default: the locale's.
        dpi : int
            Dots an inch.
        **options
            Further arguments of the picture's function.

        Returns
        -------
        bytes

        Examples
        --------
        >>> import zibo_sim as zs
        >>> run = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
        >>> PICTURES[1].png(run, "en", dpi=40)[1:4]
        b'PNG'
        """
        return png(lambda ax: self.draw(thing, ax, lang, **options), *self.size(thing), dpi)


def _kept(thing: Run | Replications) -> bool:
    return isinstance(thing, Run) or not thing.series.empty


def _foreseen(thing: Run | Replications) -> bool:
    if isinstance(thing, Run):
        return len(thing.outcome.air.vintages.issued) > 0
    return bool(thing.metrics["air.pm25_mean_no_measures"].notna().any())


def _simulated(run: Run) -> bool:
    return isinstance(run.outcome.air.air, SimulatedAir)


def _asked(run: Run) -> bool:
    return any(request.kind in SYSTEMS for request in run.outcome.cloud.requests)


def _billed(run: Run) -> bool:
    return any(map(len, run.outcome.heating.area_fen + run.outcome.heating.metered_fen))


def _metered(run: Run) -> bool:
    return any(map(len, run.outcome.heating.metered_fen))


def _whole(run: Run) -> bool:
    return bool(run.outcome.heating.vintage_kwh_m2)


def _outputs(table: pd.DataFrame) -> list[str]:
    return [column for column in table.columns if column in METRICS]


def _first(table: pd.DataFrame) -> dict[str, Any]:
    return {"output": _outputs(table)[0]}


def _pm25(_: Replications) -> dict[str, Any]:
    return {"metric": "air.pm25_mean"}


_EITHER = ("run", "replications")

#: Every picture, in the order of a report.
PICTURES: tuple[Picture, ...] = (
    Picture("season", "air", _EITHER, "strip", (11, 4.6), _kept),
    Picture("calendar", "air", _EITHER, "days", days.size, _kept),
    Picture("forecast", "air", _EITHER, "leads", (7, 4.4), _foreseen),
    Picture("cuts", "air", ("run",), "sectors", (10, 6.8), _simulated),
    Picture("requests", "cloud", ("run",), "timelines", (10, 7.3), _asked),
    Picture("backlog", "cloud", ("run",), "desks", (10, 3.8), _asked),
    Picture("utilisation", "cloud", ("run",), "desks", (10, 3.7)),
    Picture("bills", "heating", ("run",), "billing", (7.2, 4.4), _billed),
    Picture("winners", "heating", ("run",), "billing", (7.2, 4.4), _metered),
    Picture("tariffs", "heating", ("run",), "payers", (7.2, 4.4), _whole),
    Picture("replications", "all", ("replications",), "spread", (5.4, 3.4), options=_pm25),
    Picture("compare", "all", ("comparison",), "forest", forest.size),
    Picture("sweep", "all", ("study",), "surface", (7.6, 4.8), lambda t: bool(_outputs(t)), _first),
)


def pictures(thing: Any) -> list[Picture]:
    """Return the pictures that can be drawn from a run, replications, a comparison or a table.

    Parameters
    ----------
    thing : Run, Replications, Comparison or DataFrame
        A DataFrame is the table of a study.

    Returns
    -------
    list of Picture
        In the order of a report; none for anything else.

    Examples
    --------
    >>> from datetime import date
    >>> from zibo_sim.experiment import run
    >>> from zibo_sim.scenario import load
    >>> short = load().replace({"period.start": date(2019, 3, 1), "period.end": date(2019, 3, 5)})
    >>> [picture.name for picture in pictures(run(short))][:3]
    ['season', 'calendar', 'forecast']
    """
    return [picture for picture in PICTURES if picture.fits(thing)]
