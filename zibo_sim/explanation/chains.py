"""Chains from a metric to the events it is made of and the clauses behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zibo_sim.air.observed import MeasuredAir
from zibo_sim.errors import Refused, unknown
from zibo_sim.explanation import alerts, days, desks, money
from zibo_sim.explanation.case import Case, Explainer
from zibo_sim.explanation.folder import MEDIAN, TYPICAL, Replay, RunFolder, choose, read, replay
from zibo_sim.explanation.said import Citation, Statement, Word
from zibo_sim.metrics import METRICS, metric_names, said_metric
from zibo_sim.results import Run
from zibo_sim.show import number

EXPLAINERS: Mapping[str, Explainer] = {
    **dict.fromkeys(
        ("air.alerts", "air.alert_days", "air.alert_days_yellow", "air.alert_days_orange",
         "air.alert_days_red"), alerts.alert_days,
    ),
    "air.false_alerts": alerts.false_alerts,
    "air.missed_episodes": alerts.missed_episodes,
    "air.lead_time_h": alerts.lead_time,
    "air.heavy_days": days.heavy_days,
    "air.severe_days": days.heavy_days,
    "air.pm25_mean": days.pm25_mean,
    "air.target_met": days.target_met,
    **dict.fromkeys(
        ("cloud.accept_on_time", "cloud.opinion_on_time", "cloud.test_on_time",
         "cloud.filing_on_time"), desks.on_time,
    ),
    "cloud.backlog_mean": desks.backlog,
    "cloud.lead_time_p50": desks.lead_time_tail,
    "cloud.lead_time_p95": desks.lead_time_tail,
    "cloud.availability": desks.availability,
    "heating.revenue": money.revenue,
    "heating.revenue_metered": money.revenue,
    "heating.mean_bill": money.mean_bill,
    "heating.metered_paying_less": money.metered_paying_less,
    "heating.subsidy": money.subsidy,
}  # fmt: skip
#: What is explained where nothing is asked for.
USUAL = (
    "air.alert_days", "air.false_alerts", "air.missed_episodes", "air.heavy_days",
    "cloud.opinion_on_time", "heating.revenue", "heating.subsidy",
)  # fmt: skip

_CHOSEN_BY = (TYPICAL, "air.alert_days", "cloud.requests")


@dataclass(frozen=True)
class Chain:
    """A metric of one replication and the statements that explain it."""

    metric: str
    value: float
    statements: tuple[Statement, ...]

    @property
    def cited(self) -> tuple[Citation, ...]:
        """The clauses cited, each once, with their words."""
        found = dict.fromkeys(c for s in self.statements for c in s.cited)
        return tuple({c.clause: c for c in reversed(found)}.values())[::-1]


@dataclass(frozen=True)
class Explanation:
    """The chains of some metrics of one replication.

    Attributes
    ----------
    folder : Path
    replication : int
    chosen : str
        How the replication was chosen: ``worst``, ``median``, ``best`` or its number.
    by : str
        The metric it was chosen by.
    replay : Replay
        The replication run again: its run, and how its metrics compare with the stored ones.
    chains : tuple of Chain

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import zibo_sim as zs
    >>> from zibo_sim.results import manifest, write_folder
    >>> short = zs.load().replace({"period.end": "2018-10-14"})
    >>> many = zs.replicate(short, 2, keep=True)
    >>> frames = {"metrics": many.metrics, "events": many.events, "series": many.series}
    >>> with TemporaryDirectory() as place:  # the folder of ``zibo-sim run --out``
    ...     folder = Path(place) / "run"
    ...     write_folder(folder, short, frames, manifest(short, 0, 2, []))
    ...     found = zs.explain(folder, ["air.alerts"], "worst")
    >>> found.chosen, found.by
    ('worst', 'air.alerts')
    """

    folder: Path
    replication: int
    chosen: str
    by: str
    replay: Replay
    chains: tuple[Chain, ...]

    @property
    def run(self) -> Run:
        """The replication with every event, series and metric.

        See `explain` for an example.
        """
        return self.replay.run


def chain(run: Run | Case, metric: str) -> Chain:
    """Explain one metric of a run.

    Parameters
    ----------
    run : Run or Case
    metric : str

    Returns
    -------
    Chain

    Raises
    ------
    Refused
        For a metric that the run does not have.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> base = zs.load()
    >>> found = chain(zs.run(base.replace({"period.end": base.period.start})), "air.alerts")
    >>> found.value
    0.0
    """
    case = run if isinstance(run, Case) else Case(run)
    known = metric_names(case.outcome.scenario)
    if metric not in known:
        raise Refused(unknown("metric", metric, known))
    explainer = EXPLAINERS.get(metric, generic)
    value = METRICS[metric].measure(case.facts)
    return Chain(metric, float(value), tuple(explainer(case, metric)))


def explain(
    folder: str | Path,
    metrics: Sequence[str] = (),
    replication: str | int = MEDIAN,
    *,
    worse: str | None = None,
    observed: MeasuredAir | None = None,
) -> Explanation:
    """Explain metrics of one replication of a run folder, which is run again.

    Parameters
    ----------
    folder : str or Path
        Made by ``zibo-sim run --out``.
    metrics : sequence of str, optional
        Default: `USUAL`.
    replication : {"worst", "median", "best"} or int
        By the first metric named, else by the mean of PM2.5; the median also by what follows
        where no replication defines that.
    worse : {"high", "low"}, optional
        Which way is worse, for a metric where that is a question of view.
    observed : MeasuredAir, optional
        The measured air of the run, where it had one.

    Returns
    -------
    Explanation

    Raises
    ------
    Refused
        For a folder that is none or has faults, and for unknown metrics and replications.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import zibo_sim as zs
    >>> from zibo_sim.results import manifest, write_folder
    >>> short = zs.load().replace({"period.end": "2018-10-14"})
    >>> many = zs.replicate(short, 2, keep=True)
    >>> frames = {"metrics": many.metrics, "events": many.events, "series": many.series}
    >>> with TemporaryDirectory() as place:  # the folder of ``zibo-sim run --out``
    ...     folder = Path(place) / "run"
    ...     write_folder(folder, short, frames, manifest(short, 0, 2, []))
    ...     found = zs.explain(folder, ["air.alerts"], "worst")
    >>> [chain.metric for chain in found.chains]
    ['air.alerts']
    >>> bool(found.chains[0].value == found.run.metrics["air.alerts"])
    True
    """
    found = read(Path(folder))
    known = metric_names(found.scenario)
    if faults := [unknown("metric", name, known) for name in metrics if name not in known]:
        raise Refused(*faults)
    by = metrics[0] if metrics and replication != MEDIAN else _known(found, metrics)
    number = choose(found, replication, by, worse)
    again = replay(found, number, observed)
    case = Case(again.run)
    chains = tuple(chain(case, name) for name in dict.fromkeys(metrics or USUAL))
    return Explanation(found.path, number, str(replication), by, again, chains)


def _known(folder: RunFolder, metrics: Sequence[str]) -> str:
    """Return the first of the metrics to choose by that some replication defines."""
    wanted = [*metrics[:1], *_CHOSEN_BY]
    known = (n for n in wanted if n in folder.metrics and folder.metrics[n].notna().any())
    return next(known, wanted[0])


def generic(case: Case, metric: str) -> Iterator[Statement]:
    """Explain any metric: its formula, and the events of its domain by kind and clause."""
    domain = metric.partition(".")[0]
    events = case.run.events
    ours = events[events["domain"] == domain]
    yield Statement("generic.sum", {"domain": Word(f"domain.{domain}"), "count": len(ours)})
    kinds = ours.groupby(["event", "clause"], sort=False, dropna=False).agg(
        count=("entity", "size"), first=("time", "min"), last=("time", "max")
    )
    for (event, clause), row in kinds.sort_values("count", ascending=False).iterrows():
        yield case.say("generic.events", str(clause), depth=1, event=str(event),
                       count=int(row["count"]), first=row["first"].to_pydatetime(),
                       last=row["last"].to_pydatetime())  # fmt: skip


def as_json(found: Explanation, lang: str) -> dict[str, Any]:
    """Return the object that ``explain --json`` prints."""
    again = found.replay
    return {
        "replication": found.replication,
        "seed": found.run.seed,
        "chosen": found.chosen,
        "by": found.by,
        "replay": {
            "exact": again.exact,
            "same_content": again.same_content,
            "differs": {k: {"stored": number(a), "now": number(b)}
                        for k, (a, b) in again.differs.items()},
            "absent": list(again.absent),
            "versions": {k: {"then": a, "now": b} for k, (a, b) in again.versions.items()},
        },
        "metrics": {
            c.metric: {
                "value": number(c.value), "unit": METRICS[c.metric].unit,
                "meaning": said_metric(c.metric, lang),
                "formula": METRICS[c.metric].formula_in(lang),
                "chain": [s.as_json(lang) for s in c.statements],
                "clauses": {cited.clause: cited.quote for cited in c.cited},
            }
            for c in found.chains
        },
    }  # fmt: skip
