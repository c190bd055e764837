"""Pictures: Axes in, Axes out, labelled in Chinese or English; the only importer of matplotlib."""

from zibo_sim.plots.forest import compare
from zibo_sim.plots.pen import png
from zibo_sim.plots.spread import replications
from zibo_sim.plots.strip import season, season_of
from zibo_sim.plots.tariffs import tariffs
from zibo_sim.plots.validated import validation

__all__ = ["compare", "png", "replications", "season", "season_of", "tariffs", "validation"]
