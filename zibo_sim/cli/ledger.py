"""Commands that write what a bureau files: ledger, evaluate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import (
    language,
    progress_bar,
    replications_option,
    say,
    say_written,
    seed_option,
    set_option,
    settings_of,
)


@cli.command()
@click.argument("scenario", default="winter-2018-19")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Folder of the ledger 台账文件夹."
)
@seed_option
@click.option(
    "--replication", type=click.IntRange(0), default=0, show_default=True,
    help="Which replication of the seed 第几次重复.",
)  # fmt: skip
@set_option
@language
def ledger(
    scenario: str, out: Path, seed: int, replication: int, settings: Sequence[str], lang: str
) -> None:
    """Write the ledger of a simulated winter 生成模拟冬季的预警台账 (145号 六(二)).

    Five documents for every alert, each marked as simulated.
    """
    from zibo_sim.experiment import run
    from zibo_sim.ledger import write_ledger
    from zibo_sim.scenario import load

    made = run(load(scenario, settings_of(settings)), seed, replication)
    folders = write_ledger(made, out, lang)
    for folder in folders:
        click.echo(str(folder))
    if not folders:
        say("该冬季没有发布预警" if lang == "zh" else "no alert was published in this winter")


@cli.command()
@click.argument("scenario", default="winter-2018-19")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path),
    help="Output file 输出文件 (.xlsx).",
)  # fmt: skip
@replications_option(60)
@seed_option
@set_option
@language
def evaluate(
    scenario: str, output: Path, replications: int, seed: int, settings: Sequence[str], lang: str
) -> None:
    """Evaluate the reduction list before and after 应急减排前后评估表 (145号 五(三), 五(四)2)."""
    from zibo_sim.evaluation import checked, write_evaluation
    from zibo_sim.evaluation import evaluate as evaluate_scenario
    from zibo_sim.scenario import load

    loaded = load(scenario, settings_of(settings))
    checked(output)
    with progress_bar(replications, lang) as progress:
        evaluation = evaluate_scenario(loaded, replications, seed, progress)
    write_evaluation(evaluation, output, lang)
    say_written(output, lang)
