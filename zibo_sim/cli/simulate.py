"""Commands that run the model: run, compare, report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

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
    seed_option,
    set_option,
    settings_of,
)


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
    from zibo_sim import experiment, report, results, show
    from zibo_sim.desk import observed as records
    from zibo_sim.scenario import resolve

    resolved, sources = resolve(scenario, settings_of(settings))
    measured = None if observed is None else records.load(observed, resolved, encoding)
    if measured is not None:
        say(*measured.statements(lang))
    with progress_bar(replications, lang) as progress:
        reps = experiment.replicate(
            resolved, replications, seed, jobs=jobs, keep=out is not None, progress=progress,
            observed=None if measured is None else measured.air,
        )  # fmt: skip
    if out is not None:
        about = results.manifest(resolved, seed, replications, command_line())
        frames = {"metrics": reps.metrics, "events": reps.events, "series": reps.series}
        results.write_folder(
            out, resolved, frames, about, sources,
            lambda folder: report.write_report(
                folder / "report.html", reps, about, sources, lang,
                observed=None if measured is None else measured.air,
            ),
        )  # fmt: skip
        say(f"{'结果已写入' if lang == 'zh' else 'written to'} {out}")
    if as_json:
        said = show.run_json(scenario, reps)
        if measured is not None:
            said["observed"] = measured.as_json(
                experiment.run(resolved, seed, observed=measured.air)
            )
        click.echo(show.dump(said))
        return
    click.echo(report.summary_text(reps, lang, sources))
    if measured is not None:
        click.echo()
        click.echo(measured.text(experiment.run(resolved, seed, observed=measured.air), lang))


@cli.command()
@click.argument("base")
@click.argument("variants", nargs=-1)
@set_option
@replications_option(60)
@seed_option
@jobs_option
@out_option
@json_flag
@language
def compare(
    base: str,
    variants: Sequence[str],
    settings: Sequence[str],
    replications: int,
    seed: int,
    jobs: int,
    out: Path | None,
    as_json: bool,
    lang: str,
) -> None:
    """Compare scenarios on the same draws 同一随机数下比较方案.

    --set changes the variants; where none is named, the variant is BASE with those changes.
    """
    from zibo_sim import comparison as comparing
    from zibo_sim import results, show
    from zibo_sim.scenario import load

    changes = settings_of(settings)
    if not variants and not changes:
        raise click.UsageError("compare needs a VARIANT or --set")
    first = load(base)
    arms = [load(name, changes) for name in variants] or [first.replace(changes)]
    with progress_bar(replications * (1 + len(arms)), lang) as progress:
        comparison = comparing.compare(
            first, *arms, replications=replications, seed=seed, jobs=jobs, progress=progress,
            names=list(variants) or [", ".join(settings)],
        )  # fmt: skip
    if out is not None:
        about = results.manifest(first, seed, replications, command_line())
        frames = {"comparison": comparison.tidy()}
        results.write_folder(out, first, frames, about)
        say(f"{'结果已写入' if lang == 'zh' else 'written to'} {out}")
    if as_json:
        click.echo(show.dump(show.compare_json(base, comparison)))
    else:
        click.echo(show.compare_text(comparison, lang))


@cli.command("report")
@click.argument("folder", type=click.Path(path_type=Path))
@language
def report_command(folder: Path, lang: str) -> None:
    """Write a run folder's report anew 重新生成结果文件夹的报告."""
    from zibo_sim import report

    click.echo(str(report.report_folder(folder, lang)))
