"""Draw the pictures of the README from the package itself.

Usage: python notebooks/make_images.py
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")

import zibo_sim as zs

IMAGES = Path(__file__).parent / "images"
#: A winter near the average of many.
SEED = 11
# No version of matplotlib inside: the same picture is the same bytes.
_PLAIN = {"Software": None}


def main() -> None:
    """Draw the season picture of one replication of the shipped winter."""
    IMAGES.mkdir(exist_ok=True)
    axes = zs.plot.season(zs.run(zs.load(), seed=SEED), lang="en")
    figure = axes.figure
    figure.savefig(IMAGES / "season.png", dpi=110, bbox_inches="tight", metadata=_PLAIN)
    print(IMAGES / "season.png")


if __name__ == "__main__":
    main()
