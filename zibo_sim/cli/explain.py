"""The command that says how a figure came about: explain."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import encoding_option, json_flag, language, say


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--replication", default="median", show_default=True, metavar="K|worst|median|best",
    help="Which replication 第几次重复; worst, median and best by the first --metric.",
)  # fmt: skip
@click.option(
    "--metric", "metrics", multiple=True, metavar="NAME",
    help="What to explain 要解释的指标; may be repeated.",
)  # fmt: skip
@click.option(
    "--worse", type=click.Choice(["high", "low"]),
    help="Which way is worse, for metrics where that is a question of view 何者为差.",
)  # fmt: skip
@click.option("--all", "full", is_flag=True, help="Shorten no list 完整列出.")
@click.option(
    "--trace", type=click.Path(path_type=Path), metavar="FILE.csv",
    help="Write every event of the replication with its clause and words 全部事件.",
)  # fmt: skip
@click.option(
    "--observed", type=click.Path(path_type=Path),
    help="The measured air of the run, where it had one 该运行所用的实测空气.",
)  # fmt: skip
@encoding_option
@json_flag
@language
def explain(
    folder: Path,
    replication: str,
    metrics: Sequence[str],
    worse: str | None,
    full: bool,
    trace: Path | None,
    observed: Path | None,
    encoding: str | None,
    as_json: bool,
    lang: str,
) -> None:
    """Say how figures came about: events, who signed, why, which clause 解释指标的由来.

    FOLDER is made by `run --out`. One of its replications is run again, held against what the
    folder has, and its figures are taken apart.
    """
    from zibo_sim.desk.observed import load as load_record
    from zibo_sim.explanation.chains import as_json as chains_json
    from zibo_sim.explanation.chains import explain as explain_folder
    from zibo_sim.explanation.folder import read
    from zibo_sim.explanation.pages import explanation_text, write_trace
    from zibo_sim.show import dump

    air = None
    if observed is not None:
        air = load_record(observed, read(folder).scenario, encoding).air
    found = explain_folder(folder, metrics, replication, worse=worse, observed=air)
    if trace is not None:
        count = write_trace(found.run, trace)
        say(f"{trace}：{count} 个事件" if lang == "zh" else f"{trace}: {count} events")
    if as_json:
        click.echo(dump(chains_json(found, lang)))
    else:
        click.echo(explanation_text(found, lang, full))
