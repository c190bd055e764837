"""What takes time: runs, pictures, replays, exports; off the kernel's thread, soon cancelled."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from zibo_sim.errors import Refused, ZiboSimError
from zibo_sim.faults import said_faults
from zibo_sim.scenario import Scenario
from zibo_sim.widgets import exports, files
from zibo_sim.widgets.catalog import controls, found
from zibo_sim.widgets.engine import Cancelled, Engine, Job, Result
from zibo_sim.widgets.rehearsal import rehearse
from zibo_sim.widgets.state import State
from zibo_sim.words import word

_REPLAY_PAUSE_S = 1.5

#: Pictures by tab and language.
Pictures = dict[tuple[str, str], bytes]


class Work:
    """The part of the dashboard that runs; `zibo_sim.widgets.whatif.WhatIf` fills its fields."""

    state: State
    lang: str
    replications: int
    seed: int
    folder: Path
    result: Result | None = None
    #: Runs that were shown.
    count: int = 0
    _message: str = ""
    _job: Job | None = None
    _warming: Job | None = None
    _drivers: tuple[Any, ...] | None = None
    _engine: Engine
    _view: Any

    def __init__(self) -> None:
        self._lock = threading.RLock()

    @property
    def busy(self) -> bool:
        """Whether a run, an export or a tornado is under way."""
        return self._job is not None

    @property
    def message(self) -> str:
        """What is to be said beside the buttons."""
        if not self._message and self._warming is not None and not self.busy:
            return word("dash.warming", self.lang) if self.result is None else ""
        return self._message

    @property
    def stale(self) -> bool:
        """Whether the results are from before the last change."""
        asked = (self.state.scenarios(), self.seed, self.replications)
        return self.result is not None and not self.result.fits(*asked)

    def run(self, wait: bool = True) -> None:
        """Run base and variants on the same draws; only what is not known yet is run.

        Parameters
        ----------
        wait : bool
            Come back when the results are there; else at once, and the view follows.

        Raises
        ------
        ZiboSimError
            What went wrong, where it was waited for; the view says it too.
        """
        failure = self._start(self._run, self.state.scenarios(), wait=wait)
        if failure is not None:
            raise failure

    def cancel(self) -> None:
        """Call off what is under way; the earlier results stay."""
        with self._lock:
            if self._job is None:
                return
            self._job.cancel()
            self._job = None
            undrawn = self._view.outputs.wants(self.result, self.lang)
            if undrawn is not None:
                self._view.outputs.undrawn(undrawn, self.lang)
            said = "dash.cancelled" if undrawn is None else "dash.cancelled_drawing"
            self._message = word(said, self.lang)
            self._view.far(0, 1)
            self._view.status()

    def replay(self, wait: bool = False, pause: float = _REPLAY_PAUSE_S) -> None:
        """Show the results before the last change and, after a pause, those after it."""
        if self.state.last is None:
            self._view.fail(word("dash.replay_nothing", self.lang))
            return
        self._start(self._replay, pause, wait=wait)

    def look(self) -> None:
        """Draw the tab that has come into view, unless a run is about to."""
        with self._lock:
            wanted = self._view.outputs.wants(self.result, self.lang)
            if wanted is not None and not self.busy:
                self._start(self._paint)

    def drive(self, metric: str, wait: bool = False) -> None:
        """Turn each control in reach down and up, and draw what drives a metric."""
        self._start(self._drive, metric, wait=wait)

    def export(self, kind: str, name: str, wait: bool = False) -> None:
        """Write the ``report``, ``figures`` or ``data`` into the folder, and offer a download."""
        self._start(self._export, kind, name, wait=wait)

    def _start(
        self, work: Callable[..., None], *given: Any, wait: bool = False
    ) -> Exception | None:
        with self._lock:
            if self._job is not None:
                self._job.cancel()
            self._job = job = Job()
            self._message = ""
            self._view.fail("")
            self._view.status()
        if wait:
            return self._guarded(work, job, *given)
        self._aside(self._guarded, work, job, *given)
        return None

    def _aside(self, work: Callable[..., Any], *given: Any) -> None:
        # The context carries whose output this is, which some kernels ask for in every thread.
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(work, *given), daemon=True).start()

    def _guarded(self, work: Callable[..., None], job: Job, *given: Any) -> Exception | None:
        said = ""
        failure: Exception | None = None
        try:
            work(job, *given)
        except Cancelled:
            pass
        except ZiboSimError as error:
            said, failure = said_faults(str(error), self.lang), error
        except Exception as error:
            said, failure = self._unexpected(error), error
        with self._lock:
            if self._job is job:
                self._job = None
                self._view.fail(said)
                self._view.refresh()
        return failure

    def _unexpected(self, error: Exception) -> str:
        return word("dash.unexpected", self.lang, kind=type(error).__name__, said=str(error))

    def _told(self, job: Job) -> Callable[[int, int], None]:
        def told(done: int, total: int) -> None:
            with self._lock:
                if self._job is job and not job.cancelled:
                    self._view.far(done, total)

        return told

    def _warm(self, job: Job) -> None:
        try:
            for future in self._engine.pool.warm(rehearse):
                future.result()
                job.check()
            self._engine.fill([self.state.base], range(self.replications), self.seed, job,
                              lambda done, total: None)  # fmt: skip
        except Exception:
            return  # a run says what is wrong
        finally:
            with self._lock:
                self._warming = None
                self._view.status()

    def _run(self, job: Job, scenarios: list[Scenario]) -> None:
        if self._warming is not None:
            self._warming.cancel()
        asked = (scenarios, self.replications, self.seed, job, self._told(job))
        result = self._engine.result(*asked)
        self._say(word("dash.drawing", self.lang), job)
        ready: Pictures = {}
        try:
            while (wanted := self._settled(job, result, ready)) is not None:
                ready[wanted] = self._drawn(job, result, *wanted)
        except Cancelled:
            raise
        except Exception:  # the numbers stand, whatever is wrong with a picture
            with self._lock:
                job.check()
                self._show(result, ready)
                self._view.outputs.undrawn(self._view.outputs.visible, self.lang)
            raise

    def _settled(self, job: Job, result: Result, ready: Pictures) -> tuple[str, str] | None:
        """Show a result with its picture, or say which is to be drawn first.

        Numbers, picture and count change at once, so that all that is shown is of one run.
        """
        with self._lock:
            job.check()
            wanted = self._view.outputs.wants(result, self.lang)
            if wanted is not None and (wanted, self.lang) not in ready:
                return wanted, self.lang
            self._show(result, ready)
            return None

    def _show(self, result: Result, ready: Pictures) -> None:
        self.result, self._message = result, ""
        self.count += 1
        self._view.status()
        for (key, lang), png in ready.items():
            if lang == self.lang:
                self._view.outputs.paint(key, png, result, lang)
        self._view.refresh()

    def _paint(self, job: Job) -> None:
        """Draw the picture of the tab in view; others are drawn when they come into view."""
        while True:
            with self._lock:
                result, lang = self.result, self.lang
                key = self._view.outputs.wants(result, lang)
            if key is None or result is None:
                return
            png = self._drawn(job, result, key, lang)
            with self._lock:
                job.check()
                self._view.outputs.paint(key, png, result, lang)

    def _drawn(self, job: Job, result: Result, key: str, lang: str) -> bytes:
        from zibo_sim.widgets.pictures import drawn

        assert result.comparison is not None  # made here once, and handed over with the rest
        png: bytes = self._engine.draw(job, drawn, key, result, lang)
        return png

    def _replay(self, job: Job, pause: float) -> None:
        last = self.state.last
        assert last is not None
        name = controls()[last.key].name(self.lang) if last.key in controls() else last.key
        with self._lock:
            self.state.undo()
            self._say(word("dash.replay_before", self.lang, name=name, before=last.before))
            self._view.refresh()
        try:
            self._run(job, self.state.scenarios())
            self._say(word("dash.replay_before", self.lang, name=name, before=last.before), job)
            time.sleep(pause)
        finally:
            with self._lock:
                self.state.redo()
                self._view.refresh()
        self._run(job, self.state.scenarios())
        after = {"before": last.before, "after": last.after}
        if not self.stale:  # where a control was turned meanwhile, that is what is to be said
            self._say(word("dash.replayed", self.lang, name=name, **after), job)

    def _drive(self, job: Job, metric: str) -> None:
        from zibo_sim.widgets.drivers import drivers, tornado

        current = self.state.current()
        reach = [*found("changed", "", tuple(self.state.variant.changes)),
                 *self._view.panel.in_view]  # fmt: skip
        every = list(dict.fromkeys(c.key for c in reach))
        rows = drivers(self._engine, current, [controls()[k] for k in every], metric, self.seed,
                       job, self._told(job))  # fmt: skip
        self._drivers = (rows, current, metric, self.seed)
        png = self._engine.draw(job, tornado, *self._drivers, self.lang)
        with self._lock:
            job.check()
            self._view.outputs.show("drivers", png)

    def _export(self, job: Job, kind: str, name: str) -> None:
        from zibo_sim.widgets.pictures import drawn

        if self.result is None:
            raise Refused(word("dash.needs_run", self.lang))
        if self.stale:
            raise Refused(word("dash.outdated", self.lang))
        result, lang = self.result, self.lang
        stem = files.file_name(name, "").removesuffix(".toml")
        self._say(word("dash.exporting", lang))
        made: Mapping[str, bytes]
        if kind == "data":
            made = exports.data(result, lang)
        else:
            endings = ("png",) if kind == "report" else ("png", "svg")
            wanted = [(key, ending) for key in exports.keys(kind) for ending in endings]
            tasks = [(drawn, key, result, lang, ending) for key, ending in wanted]
            images = self._engine.draw_all(job, tasks, self._told(job))
            made = {f"{key}.{ending}": image for (key, ending), image
                    in zip(wanted, images, strict=True) if image}  # fmt: skip
        job.check()
        if kind == "report":
            pictures = {file.removesuffix(".png"): png for file, png in made.items()}
            content = exports.report(result, pictures, lang)
            asked = self.folder / f"{stem}-report.html"
            path = exports.write(files.free(asked, lambda at: False), content)
        else:
            content = exports.zipped(made)
            asked = self.folder / f"{stem}-{kind}"
            path = exports.write_all(files.free(asked, lambda at: False), made)
        download = path.name if kind == "report" else f"{path.name}.zip"
        with self._lock:
            self._say("")
            self._view.files(exports.link(download, content, lang), path, asked)

    def _say(self, said: str, job: Job | None = None) -> None:
        """Say something beside the buttons, unless the job that says it was called off."""
        with self._lock:
            if job is not None:
                job.check()
            self._message = said
            self._view.status()
