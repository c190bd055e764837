"""The group all commands belong to."""

from __future__ import annotations

import click

from zibo_sim.cli.spoken import SpokenGroup


@click.group(
    cls=SpokenGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="zibo-sim")
def cli() -> None:
    """Ask "what if?" of a city's rules. 淄博市空气、政务云、供暖规则的推演。

    Zibo's rules of November 2018 for air, government cloud and heating: simulated, compared,
    applied to files, each figure with its interval and each act with its clause.
    """  # noqa: D400
