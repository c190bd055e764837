"""Pictures of the table of pictures as figures of a page: each with a caption and words for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from zibo_sim.experiment import Replications
from zibo_sim.metrics import said_metric
from zibo_sim.plots.registry import PICTURES, Picture
from zibo_sim.report import html
from zibo_sim.report.winter import Winter
from zibo_sim.words import word

#: Metrics whose spread over the winters is drawn.
SPREADS = ("air.pm25_mean", "air.heavy_days", "cloud.opinion_on_time", "heating.mean_bill")
#: Pictures that show all winters at once better than one of them.
_OF_ALL = ("forecast",)
BY_NAME = {picture.name: picture for picture in PICTURES}


def of_winter(winter: Winter, reps: Replications, domain: str, lang: str) -> Iterator[str]:
    """Yield the figures of a domain that the winter shown allows.

    Parameters
    ----------
    winter : Winter
    reps : Replications
        The winters it was chosen from.
    domain : {"air", "cloud", "heating"}
    lang : {"zh", "en"}
    """
    for picture in (p for p in PICTURES if p.domain == domain and p.name not in _OF_ALL):
        filled: dict[str, Any] = {}
        thing: Any = winter.run
        if picture.name == "season":
            filled = {"replication": winter.replication, "runs": len(reps)}
            if thing is None and winter.many is not None:
                thing = winter.alone
        if thing is None or not picture.fits(thing):
            continue
        options = {} if picture.name != "season" or not _several(winter) else {"many": winter.many}
        yield _figure(picture, thing, lang, options, **filled)


def of_winters(winter: Winter | None, reps: Replications, lang: str) -> Iterator[str]:
    """Yield the figures that show many winters at once."""
    if winter is not None and winter.many is not None and _several(winter):
        shown = word("page.read_calendar_many", lang)
        picture = BY_NAME["calendar"]
        png = picture.png(winter.many, lang, html.DPI)
        yield html.figure(png, word("page.alt_calendar", lang), shown)
    if winter is not None and winter.run is not None:
        picture = BY_NAME["forecast"]
        things = [thing for thing in (reps, winter.run) if picture.fits(thing)]
        if things:
            yield _figure(picture, things[0], lang, {})
    if len(reps) > 1:
        yield html.side_by_side(spread(reps, metric, lang) for metric in SPREADS)


def _several(winter: Winter) -> bool:
    return winter.many is not None and winter.many.series["replication"].nunique() > 1


def _figure(picture: Picture, thing: Any, lang: str, options: dict[str, Any], **filled: Any) -> str:
    png = picture.png(thing, lang, html.DPI, **options)
    caption = word(f"page.read_{picture.name}", lang, **filled)
    return html.figure(png, word(f"page.alt_{picture.name}", lang), caption)


def spread(reps: Replications, metric: str, lang: str) -> str:
    """Return the figure of how the winters differ in a metric."""
    png = BY_NAME["replications"].png(reps, lang, html.DPI, metric=metric)
    alt = word("page.alt_replications", lang, name=said_metric(metric, lang))
    return html.figure(png, alt, "")


def of_study(name: str, png: bytes, output: str, lang: str) -> str:
    """Return a figure of one output of a study, ``sweep`` or ``tornado`` or the like."""
    alt = word(f"page.alt_{name}", lang, name=said_metric(output, lang))
    return html.figure(png, alt, word(f"page.read_{name}", lang))


def given(pictures: Iterable[tuple[str, bytes]]) -> Iterator[str]:
    """Yield pictures that were drawn before, each under what it is called."""
    for name, png in pictures:
        yield html.heading(name, 3) + html.figure(png, name, "")
