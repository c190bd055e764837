"""Pictures: Axes in, Axes out, labelled in Chinese or English; the only importer of matplotlib.

Every picture takes what it draws, ``ax=`` and ``lang=``, and returns the Axes; without ``ax`` it
opens a figure of its own. Axes have units, captions say scenario and seed, and alert levels have
the plan's colours with words or letters beside them. Where no Chinese font is installed, labels are
English. ``help(zs.plot.season)`` shows what one takes, with an example.

>>> import zibo_sim as zs
>>> run = zs.run(zs.load().replace({"period.end": "2018-10-14"}), seed=1)
>>> [picture.name for picture in zs.plot.pictures(run)][:3]
['season', 'calendar', 'forecast']
>>> ax = zs.plot.season(run, lang="en")

What fits a thing
    pictures      the pictures that a run, replications, comparison or sweep's table allows
    PICTURES      all of them, in the order of a report
    Picture       one: .title(), .fits(), .size(), .draw(), .png()
    png           what a function draws on an Axes, as a PNG
Of a run; season, calendar and forecast also of replications kept with ``keep=True``
    season        hourly PM2.5 with and without measures, alerts behind
    season_of     the same from a frame of hours
    calendar      the highest alert level of every day
    forecast      hits, false alarms and errors of the forecasts by lead
    cuts          what each level cuts, by sector, in both ledgers
    requests      requests of the cloud against their clocks
    backlog       requests in hand, by what they wait for
    utilisation   how busy each desk is, day by day
    bills         how heating bills are spread
    winners       who pays less and who pays more by the meter
    tariffs       both tariffs for each group of dwellings
Of many runs
    replications  how a metric differs from winter to winter, with its target
    compare       paired differences with their intervals (zs.compare)
    waterfall     how parts of a package lead from base to variant (zs.attribute)
    frontier      missed heavy days against cost, setting by setting (zs.frontier)
Of a sweep
    sweep         an output over one factor or two (zs.sweep)
    indices       which factors matter (zs.indices)
    screening     Morris' map of the factors
    tornado       an output at both ends of each factor
    region        where a condition holds (zs.discover)
Of what is assumed and measured
    shares        how much of the spread comes from assumed values (zs.assumption_shares)
    validation    a measured winter on the model's bands
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zibo_sim.plots.attribution import waterfall
    from zibo_sim.plots.billing import bills, winners
    from zibo_sim.plots.days import calendar
    from zibo_sim.plots.desks import backlog, utilisation
    from zibo_sim.plots.forest import compare
    from zibo_sim.plots.frontiers import frontier
    from zibo_sim.plots.leads import forecast
    from zibo_sim.plots.payers import tariffs
    from zibo_sim.plots.pen import png
    from zibo_sim.plots.regions import region, shares
    from zibo_sim.plots.registry import PICTURES, Picture, pictures
    from zibo_sim.plots.sectors import cuts
    from zibo_sim.plots.sensitivity import indices, screening, tornado
    from zibo_sim.plots.spread import replications
    from zibo_sim.plots.strip import season, season_of
    from zibo_sim.plots.surface import sweep
    from zibo_sim.plots.timelines import requests
    from zibo_sim.plots.validated import validation

__all__ = [
    "PICTURES",
    "Picture",
    "backlog",
    "bills",
    "calendar",
    "compare",
    "cuts",
    "forecast",
    "frontier",
    "indices",
    "pictures",
    "png",
    "region",
    "replications",
    "requests",
    "screening",
    "season",
    "season_of",
    "shares",
    "sweep",
    "tariffs",
    "tornado",
    "utilisation",
    "validation",
    "waterfall",
    "winners",
]

#: Where each name lives; a module is never called like a picture, or it would take its place.
_HOMES = {
    "PICTURES": "registry",
    "Picture": "registry",
    "backlog": "desks",
    "bills": "billing",
    "calendar": "days",
    "compare": "forest",
    "cuts": "sectors",
    "forecast": "leads",
    "frontier": "frontiers",
    "indices": "sensitivity",
    "pictures": "registry",
    "png": "pen",
    "region": "regions",
    "replications": "spread",
    "requests": "timelines",
    "screening": "sensitivity",
    "season": "strip",
    "season_of": "strip",
    "shares": "regions",
    "sweep": "surface",
    "tariffs": "payers",
    "tornado": "sensitivity",
    "utilisation": "desks",
    "validation": "validated",
    "waterfall": "attribution",
    "winners": "billing",
}


def __getattr__(name: str) -> Any:
    # Loaded when first asked for: a picture needs few of them.
    if name not in _HOMES:
        raise AttributeError(f"module 'zibo_sim.plots' has no attribute {name!r}")
    value = getattr(import_module(f"zibo_sim.plots.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
