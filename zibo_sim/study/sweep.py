"""Run a study anywhere and keep what is done.

`sweep` takes any executor of ``concurrent.futures``; the result is the same to the byte, whatever
the executor, the number of workers and the order in which batches come back. Workers import
``zibo_sim`` and nothing of the notebook or script that called.

Without an executor it starts processes of its own, and again when one of them is killed::

    zs.sweep("study.toml", out="overnight", resume=True)

Dask, on one machine or many (install ``zibo-sim[dask]`` where the workers run as well)::

    from dask.distributed import Client
    with Client("tcp://scheduler:8786") as client:
        zs.sweep("study.toml", client.get_executor(), out="overnight", resume=True)

or ``zibo-sim sweep study.toml --out overnight --dask tcp://scheduler:8786``.

SLURM: ``dask-jobqueue`` asks the queue for workers and needs no change here; the driver is one
small process on the login node or in a job of its own, and may be killed and started again::

    from dask_jobqueue import SLURMCluster
    cluster = SLURMCluster(cores=16, processes=16, memory="32GB", walltime="04:00:00")
    cluster.scale(jobs=10)
    with Client(cluster) as client:
        zs.sweep("study.toml", client.get_executor(), out="overnight", resume=True)

MPI: ``mpi4py.futures`` gives an executor over the ranks of a job; with
``mpiexec -n 64 python -m mpi4py.futures sweep_all.py`` rank 0 drives and the others run::

    from mpi4py.futures import MPIPoolExecutor
    with MPIPoolExecutor() as executor:
        zs.sweep("study.toml", executor, out="overnight", resume=True)

Batches grow to about a quarter of a second, so that a scheduler's milliseconds a task do not
count. The folder must be one that the driver alone writes to; workers need no shared disk.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pandas as pd

from zibo_sim.errors import Refused, ZiboSimError
from zibo_sim.model import run_once
from zibo_sim.study.engine import execute
from zibo_sim.study.folder import StudyFolder, check_folder, make_folder, plan_of
from zibo_sim.study.pools import Processes, pool_of
from zibo_sim.study.simulate import work_of
from zibo_sim.study.spec import Study, load_study, notes, study_of
from zibo_sim.study.store import locked
from zibo_sim.study.work import Rows, StudyStopped
from zibo_sim.words import word

Progress = Callable[[int], Any]
Say = Callable[[str], Any]
#: A study ends when its first runs all fail, or when more than this share of many do.
FIRST_FAILURES = 5
FAILED_SHARE = 0.1
ENOUGH_RUNS = 20
_WARM_RUNS = 20
_WARM_DAYS = 14


def sweep(
    study: Study | Mapping[str, Any] | str | Path,
    executor: Executor | None = None,
    *,
    out: str | Path | None = None,
    resume: bool = False,
    jobs: int = 0,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Run every point of a study, each as often as it says, on common random numbers.

    Parameters
    ----------
    study : Study, mapping or path
        What `load_study` gives, a table as a study file has it, or the file.
    executor : concurrent.futures.Executor, optional
        Any; default: a process pool of our own. It is left running.
    out : path, optional
        A folder that keeps every run done, and the results as ``results.parquet``.
    resume : bool
        Go on with what `out` holds, in place of refusing a folder that is not empty.
    jobs : int
        Processes where no executor is given: 0 takes one a processor, 1 runs in this process.
    progress : callable, optional
        Told how many runs were finished each time some are. Default: a bar with rate and time
        left, on a terminal.

    Returns
    -------
    DataFrame
        One row a point and replication, in that order: ``point, replication``, every factor, every
        output (NaN where the run does not define it or failed), ``error`` (empty when it went
        well).

    Raises
    ------
    Refused
        For faults of the study, points whose values do not go together, or a folder in use.
    StudyStopped
        When too many runs fail or the executor is lost; what is done is kept in `out`.

    Examples
    --------
    >>> from datetime import date
    >>> from zibo_sim.scenario import load
    >>> october = load().replace({"period.end": date(2018, 10, 14)})
    >>> table = sweep({
    ...     "base": october, "design": "grid", "outputs": ["cloud.requests"],
    ...     "factors": {"cloud.audit.servers": [1, 3]},
    ... }, jobs=1)
    >>> list(table.columns)
    ['point', 'replication', 'cloud.audit.servers', 'cloud.requests', 'error']
    >>> len(table)
    2
    """
    if type(jobs) is not int or jobs < 0:
        raise Refused(f"jobs: {jobs!r} is refused; allowed is a whole number from 0")
    planned = as_study(study)
    with ExitStack() as stack:
        kept = out is not None
        folder = Path(out) if out is not None else Path(stack.enter_context(_passing()))
        session = stack.enter_context(opened(planned, folder, resume, kept=kept))
        told = progress or stack.enter_context(_bar(session.folder.missing))
        session.run(executor, jobs, told)
        return session.frame()


def as_study(study: Study | Mapping[str, Any] | str | Path) -> Study:
    """Return a study given as such, as a table or as a file."""
    if isinstance(study, Study):
        return study
    return study_of(study) if isinstance(study, Mapping) else load_study(study)


class Session:
    """A study at work in its folder.

    Parameters
    ----------
    folder : StudyFolder
    say : callable
        Told what a user should know, in lines.
    lang : {"zh", "en"} or None
    kept : bool
        Whether the folder stays.
    """

    def __init__(self, folder: StudyFolder, say: Say, lang: str | None, kept: bool) -> None:
        self.folder, self.say, self.lang, self.kept = folder, say, lang, kept
        self.done = self.failed = 0
        self._first_error = ""
        self._greet()

    def _greet(self) -> None:
        folder, runs = self.folder, self.folder.runs
        fit, again = runs - folder.missing, int(folder.store.failed.sum())
        for note in notes(folder.study):
            self.say(note)
        for file in folder.store.unreadable:
            self._said("unreadable", file=file)
        if folder.changed:
            parts = [word("study.code", self.lang) if p == "code" else p for p in folder.changed]
            self._said("changed", what=", ".join(parts), runs=runs, fit=fit, anew=runs - fit)
        elif fit:
            self._said("here", runs=runs, done=fit)
        if again:
            self._said("again", failed=again)

    def _said(self, key: str, **filled: Any) -> None:
        self.say(word(f"study.{key}", self.lang, **filled))

    def run(self, executor: Executor | None, jobs: int, told: Progress) -> Path:
        """Do what is missing and put the results together; return their file."""
        folder, store, study = self.folder, self.folder.store, self.folder.study
        if folder.missing:
            pool = pool_of(executor, jobs)
            if isinstance(pool, Processes):
                pool.workers = min(pool.workers, folder.missing)
                _warm(study) if folder.missing > _WARM_RUNS else None
            work = work_of(study.base, study.seed, folder.metrics)

            def land(rows: Rows) -> None:
                store.add(rows)
                told(len(rows))
                self._count(rows)

            try:
                execute(work, folder.groups(), folder.missing, pool, land)
                store.flush()
            except (KeyboardInterrupt, ZiboSimError):
                with suppress(Refused):  # a full disk has been said, and keeps what it has
                    store.flush()
                if self.kept:
                    done = folder.runs - folder.missing
                    self._said("kept", done=done, runs=folder.runs, folder=folder.path)
                raise
            finally:
                pool.stop([])
        path = folder.finish()
        failed, error = folder.failures()
        if failed:
            runs = folder.study.runs
            self._said("failed", runs=runs, failed=failed, error=error)
        return path

    def _count(self, rows: Rows) -> None:
        """Count failures; too many end the study."""
        self.done += len(rows)
        self.failed += len(rows.errors)
        if rows.errors and not self._first_error:
            self._first_error = rows.errors[min(rows.errors)]
        all_failed = self.failed == self.done >= FIRST_FAILURES
        if all_failed or (self.done >= ENOUGH_RUNS and self.failed > FAILED_SHARE * self.done):
            said = {"runs": self.done, "failed": self.failed, "error": self._first_error}
            raise StudyStopped(word("study.stopped", self.lang, **said))

    def frame(self) -> pd.DataFrame:
        """Return the results."""
        return self.folder.frame()


@contextmanager
def opened(
    study: Study,
    path: Path,
    resume: bool = False,
    *,
    say: Say | None = None,
    lang: str | None = None,
    kept: bool = True,
) -> Iterator[Session]:
    """Open a study's folder and hold it.

    Parameters
    ----------
    study : Study
    path : Path
    resume : bool
    say : callable, optional
        Told what a user should know. Default: standard error.
    lang : {"zh", "en"}, optional
    kept : bool
        Whether the folder stays afterwards.

    Raises
    ------
    Refused
        For a folder that is in use or holds something else.
    """
    check_folder(path, resume)
    plan = plan_of(study)
    make_folder(path)
    with locked(path):
        yield Session(StudyFolder(study, plan, path), say or _stderr, lang, kept)


def _stderr(line: str) -> None:
    print(line, file=sys.stderr)


@contextmanager
def _passing() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="zibo-sim-") as name:
        yield name


@contextmanager
def _bar(total: int) -> Iterator[Progress]:
    if not total or sys.stderr is None or not sys.stderr.isatty():
        yield lambda done: None
        return
    from tqdm import tqdm

    with tqdm(total=total, desc="sweep", unit="run", file=sys.stderr, leave=False) as bar:
        yield bar.update


def _warm(study: Study) -> None:
    """Run two weeks here before processes are forked: what is loaded and compiled, they share."""
    from datetime import timedelta

    start = study.base.period.end - timedelta(days=_WARM_DAYS - 1)
    with suppress(Exception):  # only to be quick; a fault shows in the run it belongs to
        run_once(study.base.replace({"period.start": max(start, study.base.period.start)}), 0)
