"""Commands that run the model: run, report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import (
    command_line,
    encoding_option,
    jobs_option,
    json_flag,
    language,
    out_option,
    progress_bar,
    replications_option,
    say,
    say_written,
    seed_option,
    set_option,
    settings_of,
)

if TYPE_CHECKING:
    from zibo_sim.air.observed import MeasuredAir
    from zibo_sim.experiment import Replications
    from zibo_sim.scenario import Source


@cli.command()
@click.argument("scenario", default="winter-2018-19")
@replications_option(120)
@seed_option
@jobs_option
@set_option
@click.option(
    "--observed", type=click.Path(path_type=Path),
    help="Measured hourly air in place of simulated 用实测空气代替模拟.",
)  # fmt: skip
@encoding_option
@out_option
@json_flag
@language
def run(
    scenario: str,
    replications: int,
    seed: int,
    jobs: int,
    settings: Sequence[str],
    observed: Path | None,
    encoding: str | None,
    out: Path | None,
    as_json: bool,
    lang: str,
) -> None:
    """Run a winter many times and sum it up 运行一个冬季."""
    from zibo_sim.desk.observed import load as load_record
    from zibo_sim.experiment import replicate
    from zibo_sim.experiment import run as run_one
    from zibo_sim.report import summary_text
    from zibo_sim.scenario import resolve
    from zibo_sim.show import dump, run_json

    resolved, sources = resolve(scenario, settings_of(settings))
    measured = None if observed is None else load_record(observed, resolved, encoding)
    if measured is not None:
        say(*measured.statements(lang))
    air = None if measured is None else measured.air
    with progress_bar(replications, lang) as progress:
        reps = replicate(
            resolved, replications, seed, jobs=jobs, keep=out is not None, progress=progress,
            observed=air,
        )  # fmt: skip
    if out is not None:
        _write(out, reps, sources, lang, air)
        say_written(out, lang)
    if as_json:
        said = run_json(scenario, reps)
        if measured is not None:
            said["observed"] = measured.as_json(run_one(resolved, seed, observed=measured.air))
        click.echo(dump(said))
        return
    click.echo(summary_text(reps, lang, sources))
    if measured is not None:
        click.echo()
        click.echo(measured.text(run_one(resolved, seed, observed=measured.air), lang))


def _write(
    out: Path, reps: Replications, sources: Sequence[Source], lang: str, air: MeasuredAir | None
) -> None:
    """Write the folder: every run, the event log of the first one's cloud, the report."""
    from zibo_sim.desk.servicedesk import write_event_log
    from zibo_sim.model import run_cloud
    from zibo_sim.provenance import manifest
    from zibo_sim.report import write_report
    from zibo_sim.results import write_folder

    scenario, seed = reps.scenario, reps.seed
    about = manifest(scenario, seed, len(reps), command_line())
    frames = {"metrics": reps.metrics, "events": reps.events, "series": reps.series}

    def beside(folder: Path) -> None:
        write_event_log(folder / "event_log.csv", run_cloud(scenario, seed))
        write_report(folder / "report.html", reps, about, sources, lang, observed=air)

    write_folder(out, scenario, frames, about, sources, beside)


@cli.command("report")
@click.argument("folder", type=click.Path(path_type=Path))
@language
def report_command(folder: Path, lang: str) -> None:
    """Write the report of a folder: a run's, a comparison's, a sweep's 生成结果文件夹的报告.

    FOLDER is what run --out, compare --out or sweep --out left; report.html is written into it:
    one file that loads nothing and prints on A4.
    """
    from zibo_sim.report import report_folder

    click.echo(str(report_folder(folder, lang)))
