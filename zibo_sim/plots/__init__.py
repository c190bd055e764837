"""Pictures: Axes in, Axes out, labelled in Chinese or English; the only importer of matplotlib.

Every picture takes what it draws, ``ax=`` and ``lang=``, and returns the Axes. `pictures` lists
those that a run, replications, a comparison or a study's table allow.
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
