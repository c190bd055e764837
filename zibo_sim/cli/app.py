"""The command that serves the dashboard: app."""

from __future__ import annotations

import signal
from pathlib import Path

import click

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import language, say

_TERMINATED = 143


@cli.command()
@click.argument("scenario", default="winter-2018-19")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8866, show_default=True,
    help="Port 端口 (0: any that is free).",
)  # fmt: skip
@click.option(
    "--folder", type=click.Path(path_type=Path), default=Path(),
    help="Folder its files are written to 导出文件夹 (default: this one).",
)  # fmt: skip
@language
def app(scenario: str, port: int, folder: Path, lang: str) -> None:
    """Serve the dashboard on this computer 在本机打开推演看板.

    Open the address it prints in a browser; Ctrl-C ends it. Nobody else on the network can reach
    it, and it needs none.
    """
    from zibo_sim.scenario import find, load, names
    from zibo_sim.widgets.serve import serve
    from zibo_sim.words import word

    load(scenario)
    named = scenario if scenario in names() else str(find(scenario).resolve())

    def listening(address: str) -> None:
        click.echo(address)
        say(word("dash.serving", lang))

    ended = serve(named, port, lang, folder.absolute(), listening)
    if ended == signal.SIGINT:
        raise KeyboardInterrupt
    if ended is not None:
        raise SystemExit(_TERMINATED)
