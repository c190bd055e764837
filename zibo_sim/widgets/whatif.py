"""``zs.WhatIf``: turn a control, run, see base and variants side by side with the verdict."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from zibo_sim.errors import Refused, ZiboSimError
from zibo_sim.scenario import Scenario, load
from zibo_sim.widgets import files
from zibo_sim.widgets.clicks import Clicks
from zibo_sim.widgets.engine import Engine, Job, checked
from zibo_sim.widgets.state import State, default_base, in_both
from zibo_sim.words import language, word

if TYPE_CHECKING:
    import pandas as pd

REPLICATIONS, SEED = 60, 1


class WhatIf(Clicks):
    """The dashboard: show it as a cell's last line, or drive it by its methods.

    Parameters
    ----------
    base : Scenario or str, optional
        What variants are held against; a scenario or the name of one.
    lang : {"zh", "en"}, optional
        Default: the locale's.
    replications, seed : int
        Paired runs, and what fixes their draws.
    jobs : int
        Processes; 0 takes one a processor, 1 runs in the notebook's own.
    folder : str or Path
        Where its files are written.
    warm : bool
        Start the processes and run the base in the background at once.

    Raises
    ------
    ZiboSimError
        Where ipywidgets is not installed.

    Notes
    -----
    It is made of standard widgets alone, for JupyterLab, Notebook 7 and Voilà; VS Code should show
    it as well, which is untested.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> what = zs.WhatIf("winter-2018-19", lang="en", replications=2, jobs=1, warm=False)
    >>> what.set("law.alert.yellow.days", 1)
    >>> what.run()
    >>> what.table.loc["air.alert_days", "verdict"] in ("rises", "no difference shown")
    True
    >>> what.scenario(1).differs_from_law()[0]["clause"]
    '淄政办字〔2018〕145号 四(一)1'
    >>> what.close()
    """

    def __init__(
        self,
        base: Scenario | str | None = None,
        *,
        lang: str | None = None,
        replications: int = REPLICATIONS,
        seed: int = SEED,
        jobs: int = 0,
        folder: str | Path = ".",
        warm: bool = True,
    ) -> None:
        super().__init__()
        view = _view()
        checked(replications, seed)
        self.lang = language(lang)
        self.first = load(base) if isinstance(base, str) else base or default_base()
        self.state = State(self.first, in_both("dash.variant"), in_both("dash.question"))
        self.replications, self.seed = replications, seed
        self.folder = Path(folder).absolute()
        self._engine = Engine(jobs)
        self._view = view(self)
        if warm and self._engine.pool.workers > 1:
            self._warming = Job()
            self._view.status()
            self._aside(self._warm, self._warming)

    # ---- by hand ----------------------------------------------------------------------------

    def set(self, key: str, value: Any) -> None:
        """Set one input, value of the law (``law.<id>``), ``title`` or ``question``.

        Parameters
        ----------
        key : str
        value : int, float, str, bool or list
            In the input's unit.

        Raises
        ------
        Refused
            For an unknown key or a value that is not allowed; nothing is changed then.
        """
        with self._lock:
            self.state.set(key, value)
            self._view.refresh()

    def get(self, key: str) -> Any:
        """Return what the chosen variant has for a key.

        Parameters
        ----------
        key : str
            As `Scenario.get` takes it.
        """
        return self.state.current().get(key)

    def scenario(self, number: int = 1) -> Scenario:
        """Return the base (0) or a variant (1 to 3).

        Parameters
        ----------
        number : int
        """
        return self.state.scenario(number)

    @property
    def table(self) -> pd.DataFrame:
        """The last run's paired differences, as ``zs.compare(...).table`` has them."""
        if self.result is None:
            raise Refused(word("dash.needs_run", self.lang))
        return self.result.comparison.table

    def save(self, path: str | Path) -> Path:
        """Write the chosen variant as a scenario file that ``zibo-sim run`` takes.

        Parameters
        ----------
        path : str or Path
            A file that is there is replaced; the button never does that, it numbers the new one.

        Returns
        -------
        Path
            Where it was written.
        """
        return files.save(self.state, Path(path), self.lang)

    def load(self, path: str | Path) -> None:
        """Make the chosen variant what a scenario file says.

        Parameters
        ----------
        path : str or Path

        Raises
        ------
        Refused
            With every fault of the file; nothing is changed then.
        """
        with self._lock:
            files.restore(self.state, Path(path))
            self._view.refresh()

    def close(self) -> None:
        """Stop what runs and let the processes go."""
        for job in (self._job, self._warming):
            if job is not None:
                job.cancel()
        self._engine.close()

    @property
    def widget(self) -> Any:
        """The widget that is displayed."""
        return self._view.root

    @property
    def view(self) -> Any:
        """The widgets by name."""
        return self._view

    def __repr__(self) -> str:
        return f"WhatIf({self.state.base.title!r}, variants={len(self.state)})"

    def _repr_mimebundle_(self, **given: Any) -> Any:
        found = self._view.root._repr_mimebundle_(**given)
        data, *rest = found if isinstance(found, tuple) else (found,)
        data = {**data, "text/plain": repr(self)}
        return (data, *rest) if rest else data


def _view() -> Any:
    """Return the class of the view, which alone needs ipywidgets."""
    try:
        from zibo_sim.widgets.view import View
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "ipywidgets":
            raise
        raise ZiboSimError(
            "the dashboard needs ipywidgets, which is not installed; "
            "install it with: pip install 'zibo-sim[notebooks]'"
        ) from None
    return View
