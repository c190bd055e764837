"""The run folder that is explained: read, one replication chosen, and run again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pyarrow import ArrowException

from zibo_sim.air.observed import MeasuredAir
from zibo_sim.errors import Refused, unknown
from zibo_sim.experiment import run
from zibo_sim.metrics import METRICS, metric_names
from zibo_sim.provenance import content_hash
from zibo_sim.results import Run
from zibo_sim.scenario import Scenario, load

WORST, MEDIAN, BEST = CHOICES = ("worst", "median", "best")
TYPICAL = "air.pm25_mean"
_FILES = ("scenario.toml", "metrics.parquet", "manifest.json")
#: Where more is better; of the metrics in neither list it has to be said which way is worse.
_HIGH_IS_GOOD = (
    "air.lead_time_h", "air.target_met", "air.target_pm25_mean_met", "air.target_pm25_change_met",
    "air.target_heavy_days_met", "air.target_heavy_days_change_met", "air.episodes_in_time",
    "air.measured_share", "cloud.accept_on_time", "cloud.opinion_on_time", "cloud.test_on_time",
    "cloud.filing_on_time", "cloud.availability", "valuation.exposure_avoided",
    "valuation.deaths_avoided", "valuation.benefit_low", "valuation.benefit_high",
    "valuation.chronic_deaths_avoided",
)  # fmt: skip
_LOW_IS_GOOD = (
    "air.pm25_mean", "air.pm25_mean_no_measures", "air.heavy_days", "air.heavy_days_no_measures",
    "air.severe_days", "air.alerts", "air.alert_days", "air.alert_days_yellow",
    "air.alert_days_orange", "air.alert_days_red", "air.false_alerts", "air.missed_episodes",
    "air.output_lost", "air.episodes", "air.episodes_late", "air.response_days",
    "cloud.lead_time_p50", "cloud.lead_time_p95", "cloud.backlog_mean", "cloud.reopened_share",
    "cloud.waits_for_room", "cloud.late_notices", "cloud.idle_share",
    "cloud.overprovisioned_share", "cloud.fees", "heating.arrears", "heating.refunds",
    "heating.anomalies", "heating.extension_cost", "valuation.cost",
    "valuation.cost_per_response_day", "valuation.break_even",
)  # fmt: skip


@dataclass(frozen=True)
class RunFolder:
    """What a run folder holds.

    Attributes
    ----------
    path : Path
    scenario : Scenario
    seed : int
    metrics : DataFrame
        One row a replication.
    manifest : mapping
    """

    path: Path
    scenario: Scenario
    seed: int
    metrics: pd.DataFrame
    manifest: Mapping[str, Any]


def read(path: Path) -> RunFolder:
    """Read a run folder.

    Raises
    ------
    Refused
        Saying which file is missing, is not what it should be, or does not fit the others.
    """
    if not path.is_dir():
        said = "is a file" if path.exists() else "does not exist"
        raise Refused(f"{said}; explain takes a folder made by `zibo-sim run --out`",
                      where=str(path))  # fmt: skip
    if missing := [name for name in _FILES if not (path / name).is_file()]:
        said = f"no {' and no '.join(missing)} in it; explain takes a folder made by"
        raise Refused(f"{said} `zibo-sim run --out`", where=str(path))
    manifest = _manifest(path / "manifest.json")
    scenario = load((path / "scenario.toml").resolve())
    metrics = _metrics(path / "metrics.parquet", scenario)
    if len(metrics) != manifest["replications"]:
        raise Refused(
            f"holds {len(metrics)} replications, and manifest.json says "
            f"{manifest['replications']}: the files are not of one run",
            where=str(path / "metrics.parquet"),
        )
    return RunFolder(path, scenario, manifest["seed"], metrics, manifest)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        raise Refused("is no manifest of a run: not JSON", where=str(path)) from None
    if not isinstance(found, dict) or found.get("package") != "zibo_sim":
        raise Refused("is no manifest of a zibo_sim run", where=str(path))
    for key in ("seed", "replications"):
        value = found.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise Refused(f"{key}: {value!r} is refused; a whole number stands there",
                          where=str(path))  # fmt: skip
    return dict(found)


def _metrics(path: Path, scenario: Scenario) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(path)
    except (ArrowException, OSError, ValueError) as error:
        first = str(error).partition("\n")[0]
        raise Refused(f"is no Parquet file of a run: {first}", where=str(path)) from None
    if "replication" not in frame:
        raise Refused("lacks the column replication; is it the metrics of a run?", where=str(path))
    names = [name for name in metric_names(scenario) if name in frame]
    if not names:
        raise Refused("holds no metric of this version; was it made by another?", where=str(path))
    odd = [n for n in ("replication", *names) if not pd.api.types.is_numeric_dtype(frame[n])]
    if odd:
        raise Refused(f"column {odd[0]} holds {frame[odd[0]].dtype}; allowed: numbers",
                      where=str(path))  # fmt: skip
    if frame.empty:
        raise Refused("holds no run", where=str(path))
    return frame


# ---- which replication -------------------------------------------------------------------


def choose(
    folder: RunFolder, wanted: str | int = MEDIAN, metric: str = TYPICAL, worse: str | None = None
) -> int:
    """Return the number of a replication.

    Parameters
    ----------
    folder : RunFolder
    wanted : {"worst", "median", "best"} or int
    metric : str
        By which the worst, the median (the lower of two) or the best is found.
    worse : {"high", "low"}, optional
        Which way is worse, for metrics where it is not known.

    Raises
    ------
    Refused
        For a replication that is not there, a metric that no replication defines, and where it is
        not known which way is worse.
    """
    numbers = [int(n) for n in folder.metrics["replication"]]
    if wanted not in CHOICES:
        return _numbered(wanted, numbers)
    known = [name for name in METRICS if name in folder.metrics]
    if metric not in known:
        raise Refused(unknown("metric", metric, known))
    column = "replication"
    rows = folder.metrics[[column, metric]].dropna().sort_values([metric, column])
    if rows.empty:
        raise Refused(f"{metric}: no replication defines it, so none is the {wanted}")
    if wanted == MEDIAN:
        return int(rows[column].iloc[(len(rows) - 1) // 2])
    high = _worse(metric, worse) == ("high" if wanted == WORST else "low")
    value = rows[metric].iloc[-1 if high else 0]
    return int(rows.loc[rows[metric] == value, column].iloc[0])


def _numbered(wanted: str | int, numbers: list[int]) -> int:
    given = str(wanted)
    if not given.lstrip("-").isdigit() or int(given) not in numbers:
        raise Refused(
            f"replication: {given!r} is refused; allowed is {min(numbers)} to {max(numbers)}, "
            f"{', '.join(CHOICES)}"
        )
    return int(given)


def _worse(metric: str, said: str | None) -> str:
    if said is not None:
        return said
    if metric in _HIGH_IS_GOOD or metric in _LOW_IS_GOOD:
        return "low" if metric in _HIGH_IS_GOOD else "high"
    raise Refused(
        f"{metric}: whether more or less of it is worse is a question of view; say --worse high or "
        "--worse low"
    )


# ---- the replay --------------------------------------------------------------------------


@dataclass(frozen=True)
class Replay:
    """A replication run again.

    Attributes
    ----------
    run : Run
    differs : mapping of str to tuple of float
        Metrics whose value now is not, bit for bit, the stored one: stored, now.
    absent : tuple of str
        Metrics of this version that the folder does not hold.
    same_content : bool
        Whether scenario, code, lists, seed and replications are those of the folder.
    versions : mapping of str to tuple of str
        Packages whose version is another: then, now.
    """

    run: Run
    differs: Mapping[str, tuple[float, float]]
    absent: tuple[str, ...]
    same_content: bool
    versions: Mapping[str, tuple[str, str]]

    @property
    def exact(self) -> bool:
        """Whether every metric came out as stored."""
        return not self.differs


def replay(folder: RunFolder, replication: int, observed: MeasuredAir | None = None) -> Replay:
    """Run a replication of a folder again and hold its metrics against the stored ones.

    Parameters
    ----------
    folder : RunFolder
    replication : int
    observed : MeasuredAir, optional
        The measured air of the run, where it had one.

    Raises
    ------
    Refused
        Where the run had measured air and none is given.
    """
    if observed is None and _was_measured(folder):
        raise Refused(
            "was run over measured air, which a folder does not hold; name the file again with "
            "--observed FILE", where=str(folder.path),
        )  # fmt: skip
    found = run(folder.scenario, folder.seed, replication, observed)
    stored = folder.metrics[folder.metrics["replication"] == replication].iloc[0]
    kept = [name for name in found.metrics.index if name in stored.index]
    pairs = {name: (float(stored[name]), float(found.metrics[name])) for name in kept}
    differs = {name: pair for name, pair in pairs.items() if not _same_bits(*pair)}
    content = content_hash(folder.scenario, folder.seed, len(folder.metrics))
    return Replay(
        found,
        differs,
        tuple(name for name in found.metrics.index if name not in stored.index),
        content == folder.manifest.get("content"),
        _versions(folder.manifest),
    )


def _was_measured(folder: RunFolder) -> bool:
    command = folder.manifest.get("command")
    words = command if isinstance(command, list) else []
    return any(str(word).partition("=")[0] == "--observed" for word in words)


def _same_bits(stored: float, now: float) -> bool:
    if np.isnan(stored) and np.isnan(now):
        return True
    return np.float64(stored).tobytes() == np.float64(now).tobytes()


def _versions(manifest: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    stored = manifest.get("dependencies")
    then = {"zibo-sim": manifest.get("version"), **(stored if isinstance(stored, dict) else {})}
    found = {}
    for name, version in then.items():
        try:
            now = metadata.version(str(name))
        except metadata.PackageNotFoundError:
            now = "—"
        if version is not None and str(version) != now:
            found[str(name)] = (str(version), now)
    return found
