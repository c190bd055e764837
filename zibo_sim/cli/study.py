"""Commands that run a study: sweep."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import FAILED, jobs_option, language, progress_bar, say

if TYPE_CHECKING:
    from zibo_sim.study.sweep import Session

_SLOW = 2.0


@cli.command()
@click.argument("study", metavar="STUDY.toml", type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Study folder 研究结果文件夹."
)
@jobs_option
@click.option(
    "--dask", metavar="ADDRESS", help="Run on a Dask cluster 在 Dask 集群上运行, tcp://host:port."
)
@click.option("--resume", is_flag=True, help="Go on with what the folder holds 接着做.")
@language
@click.pass_context
def sweep(
    context: click.Context,
    study: Path,
    out: Path,
    jobs: int,
    dask: str | None,
    resume: bool,
    lang: str,
) -> None:
    """Run a study's points and keep every run 按研究文件批量推演.

    STUDY.toml names a base, factors, a design and replications. DIR/results.parquet holds one row
    a point and replication. A study that is killed goes on where it stopped with --resume.
    """
    from zibo_sim.study.cluster import dask_executor
    from zibo_sim.study.spec import load_study
    from zibo_sim.study.sweep import opened

    if dask is not None and context.get_parameter_source("jobs") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--jobs and --dask exclude each other")
    planned = load_study(study)
    with ExitStack() as stack:
        executor = stack.enter_context(dask_executor(dask)) if dask is not None else None
        session = stack.enter_context(opened(planned, out, resume, say=say, lang=lang))
        missing, started = session.folder.missing, time.perf_counter()
        with progress_bar(missing, lang) as progress:
            path = session.run(executor, jobs, progress)
        _tell(session, path, missing, time.perf_counter() - started, lang)
    if session.folder.failures()[0]:
        raise SystemExit(FAILED)


def _tell(session: Session, path: Path, runs: int, seconds: float, lang: str) -> None:
    from zibo_sim.words import word

    study = session.folder.study
    if runs and seconds > _SLOW:
        rate = f"{runs / seconds:.1f}"
        say(word("study.rate", lang, runs=runs, seconds=f"{seconds:.0f}", rate=rate))
    click.echo(
        word("study.written", lang, path=path, points=study.rows,
             replications=study.replications, failed=session.folder.failures()[0])
    )  # fmt: skip
    click.echo()
    click.echo(_table(path, study.outputs, lang))


def _table(path: Path, outputs: tuple[str, ...], lang: str) -> str:
    """Lay out each output's mean, and the points with the lowest and highest mean."""
    import pyarrow.parquet as pq

    from zibo_sim.metrics import METRICS
    from zibo_sim.text import table
    from zibo_sim.words import scale, word

    rows = []
    for name in outputs:
        means = (
            pq.read_table(path, columns=["point", name]).to_pandas().groupby("point")[name].mean()
        )
        written = scale(name, METRICS[name].unit, means.abs().max(), lang)
        ends = [
            word("study.at", lang, value=written.figure(means[p]), point=p)
            for p in (means.idxmin(), means.idxmax())
        ] if means.notna().any() else ["—", "—"]  # fmt: skip
        rows.append((name, written.figure(means.mean()), *ends))
    heads = [word(f"study.{key}", lang) for key in ("output", "mean", "lowest", "highest")]
    return table(heads, rows, right=(1, 2, 3))
