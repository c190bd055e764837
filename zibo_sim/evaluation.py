"""The evaluation sheet of a reduction list: emission before and after, and the air it saves.

Tonnes are those of the accounted ledger (淄政办字〔2018〕145号 五(四)2): the daily base, the cut
when the list is carried out in full, a staggered plant's cut counted 1.2 times. Concentrations are
those of simulated winters, with and without the measures and as far as they are complied with; the
two sides of the sheet therefore differ on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from openpyxl import Workbook

from zibo_sim.air.inventory import ALERTS, COUNTED
from zibo_sim.air.ledger import INDUSTRIAL, Account
from zibo_sim.air.reductions import reduction_list
from zibo_sim.air.sectors import SECTORS
from zibo_sim.air.simulated import SimulatedAir
from zibo_sim.desk.output import whole
from zibo_sim.errors import Refused
from zibo_sim.experiment import interval
from zibo_sim.ledger.said import said
from zibo_sim.ledger.sheets import fill
from zibo_sim.ledger.texts import mark, printable
from zibo_sim.model import run_once
from zibo_sim.scenario import Scenario
from zibo_sim.words import half, language

REPLICATIONS = 60
CLASSES: dict[str, tuple[str, ...]] = {
    "industry": SECTORS[:INDUSTRIAL],
    "vehicles": ("road", "non_road"),
    "dust": ("dust",),
    "other": ("heating_boilers", "residential_coal", "other_civil", "outdoor_solvent"),
    "all": SECTORS,
}
"""Rows of the sheet: 工业, 机动车 (with machinery off the road), 扬尘, 其它, 全社会."""
RESPONSES, SEASON = "responses", "season"
SPANS = (*ALERTS, RESPONSES, SEASON)


@dataclass(frozen=True)
class Evaluation:
    """What a reduction list does to emission and air.

    Attributes
    ----------
    scenario : Scenario
    seed, replications : int
    emission : DataFrame
        One row a season, level, class and pollutant: ``heating, level, row, pollutant, before_t,
        cut_t, after_t`` (tonnes a day), ``percent``, and ``demanded`` (per cent) in the rows of all
        society.
    air : DataFrame
        Indexed by level, ``responses`` (all of them) and ``season``: PM2.5 ``without`` and ``with``
        measures, their difference ``fall`` with ``fall_low, fall_high`` in µg/m³, ``percent`` with
        ``percent_low, percent_high``, and ``runs``, the winters that have such hours.
    """

    scenario: Scenario
    seed: int
    replications: int
    emission: pd.DataFrame
    air: pd.DataFrame


def evaluate(
    scenario: Scenario,
    replications: int = REPLICATIONS,
    seed: int = 0,
    progress: Callable[[int], Any] | None = None,
) -> Evaluation:
    """Evaluate the reduction list of a scenario.

    Parameters
    ----------
    scenario : Scenario
    replications : int
        Winters for the concentrations; at least two.
    seed : int
    progress : callable, optional
        Told 1 after every winter.
    """
    if replications < 2:
        raise Refused(f"replications: {replications} is refused; an interval needs at least 2")
    rows = []
    for replication in range(replications):
        rows.append(falls(run_once(scenario, seed, replication).air.air))
        if progress is not None:
            progress(1)
    return Evaluation(scenario, seed, replications, emission(scenario), _summed(rows))


# ---- emission ----------------------------------------------------------------------------


def emission(scenario: Scenario) -> pd.DataFrame:
    """Return emission before and after, by season, level, class and pollutant."""
    law = scenario.law_book()
    orders = reduction_list(scenario.air, law)
    factor = law("alert.staggered.factor")
    rows: list[dict[str, Any]] = []
    for heating in (True, False):
        for level in ALERTS:
            account = orders.orders(level, heating).account
            for row in _rows(account, factor):
                demanded = 100 * law(f"alert.cut.{level}.{row['pollutant']}")
                known = {"heating": heating, "level": level, **row}
                rows.append(known | {"demanded": demanded if row["row"] == "all" else np.nan})
    return pd.DataFrame(rows)


def _rows(account: Account, factor: float) -> list[dict[str, Any]]:
    credited = account.cut_t + factor * account.staggered_t
    rows = []
    for name, sectors in CLASSES.items():
        at = [SECTORS.index(sector) for sector in sectors]
        before, cut = account.base_t[at].sum(axis=0), credited[at].sum(axis=0)
        for p, pollutant in enumerate(COUNTED):
            share = 100 * cut[p] / before[p] if before[p] > 0 else np.nan
            rows.append({
                "row": name, "pollutant": pollutant, "before_t": before[p], "cut_t": cut[p],
                "after_t": before[p] - cut[p],
                "percent": account.percent[pollutant] if name == "all" else share,
            })  # fmt: skip
    return rows


# ---- air ---------------------------------------------------------------------------------


def falls(air: SimulatedAir) -> dict[str, tuple[float, float]]:
    """Return mean PM2.5 without and with measures of one winter, by span; µg/m³.

    Spans are the hours under each level's response, under any, and the whole season; one that the
    winter lacks is left out.
    """
    hours = {level: np.zeros(len(air.pm25), dtype=bool) for level in SPANS}
    hours[SEASON][:] = True
    for given in air.responses:
        for span in (given.orders.level, RESPONSES):
            hours[span][given.begin : given.end] = True
    without, measured = air.pm25_no_measures, air.pm25
    return {
        span: (float(without[inside].mean()), float(measured[inside].mean()))
        for span, inside in hours.items()
        if inside.any()
    }


def _summed(rows: Sequence[Mapping[str, tuple[float, float]]]) -> pd.DataFrame:
    """Return means over the winters with 95 % intervals of fall and per cent."""
    found = {}
    for span in SPANS:
        pairs = np.array([row[span] for row in rows if span in row]).reshape(-1, 2)
        fall = pairs[:, 0] - pairs[:, 1]
        percent = 100 * fall / pairs[:, 0]
        mean, low, high, runs = interval(fall)
        share, share_low, share_high, _ = interval(percent)
        found[span] = {
            "without": interval(pairs[:, 0])[0], "with": interval(pairs[:, 1])[0],
            "fall": mean, "fall_low": low, "fall_high": high,
            "percent": share, "percent_low": share_low, "percent_high": share_high, "runs": runs,
        }  # fmt: skip
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("span")


# ---- the sheet ---------------------------------------------------------------------------


def write_evaluation(evaluation: Evaluation, out: Path, lang: str | None = "zh") -> None:
    """Write the evaluation as an Excel workbook: a sheet a season, and one of the air.

    Parameters
    ----------
    evaluation : Evaluation
    out : Path
        ``.xlsx``; it appears whole or not at all.
    lang : {"zh", "en"}, optional

    Raises
    ------
    Refused
        For another ending, or where the file cannot be written.
    """
    lang = language(lang)
    book = _book(evaluation, lang)
    with whole(checked(out)) as part, part.open("wb") as file:
        book.save(file)


def checked(out: Path) -> Path:
    """Return a name for the workbook; one that does not end in .xlsx is refused."""
    if out.suffix.lower() != ".xlsx":
        said_so = "the evaluation sheet is an Excel workbook; allowed: a name in .xlsx"
        raise Refused(said_so, where=str(out))
    return out


def _book(evaluation: Evaluation, lang: str) -> Workbook:
    title = half(evaluation.scenario.title, lang)
    head = mark(title, evaluation.seed, 0, lang)[:1]
    about = {"seed": evaluation.seed, "count": evaluation.replications}
    winters = said("evaluation.run", lang, scenario=printable(title), **about)
    book = Workbook()
    book.remove(book.active)
    book.properties.creator = "zibo_sim"
    for heating in (True, False):
        name = said(f"evaluation.{'heating' if heating else 'other'}", lang)
        lines = [said("evaluation.title", lang), *head, winters, said("evaluation.accounted", lang)]
        table = _season(evaluation, heating, lang)
        fill(book.create_sheet(name), lines, table[0], table[1:], (14, 16, *[11] * 16, 12))
    lines = [said("evaluation.air_title", lang), *head, winters, said("evaluation.simulated", lang)]
    table = _air(evaluation, lang)
    widths = (22, 16, 16, 16, 20, 14, 20, 12)
    fill(book.create_sheet(said("evaluation.air", lang)), lines, table[0], table[1:], widths)
    return book


def _season(evaluation: Evaluation, heating: bool, lang: str) -> list[list[Any]]:
    parts = ("before_t", "after_t", "cut_t", "percent")
    header = [said("evaluation.level", lang), said("evaluation.class", lang)]
    header += [
        said(f"evaluation.{part}", lang, pollutant=said(f"pollutant.{p}", lang))
        for p in COUNTED
        for part in parts
    ]
    table = [header]
    mine = evaluation.emission[evaluation.emission["heating"] == heating]
    for level in ALERTS:
        at_level = mine[mine["level"] == level].set_index(["row", "pollutant"])
        colour = said(f"colour.{level}", lang)
        for row in CLASSES:
            figures = [_cell(at_level.loc[(row, p), part]) for p in COUNTED for part in parts]
            table.append([colour, said(f"evaluation.row_{row}", lang), *figures])
        asked = [
            value
            for p in COUNTED
            for value in ("", "", "", _cell(at_level.loc[("all", p), "demanded"]))
        ]
        table.append([colour, said("evaluation.demanded", lang), *asked])
    return table


def _air(evaluation: Evaluation, lang: str) -> list[list[Any]]:
    names = ("span", "without", "with", "fall", "fall_interval", "fall_percent",
             "percent_interval", "runs")  # fmt: skip
    table: list[list[Any]] = [[said(f"evaluation.{name}", lang) for name in names]]
    for span, row in evaluation.air.iterrows():
        key = f"colour.{span}" if span in ALERTS else f"evaluation.{span}"
        table.append([
            said(key, lang), _cell(row["without"]), _cell(row["with"]), _cell(row["fall"]),
            _between(row["fall_low"], row["fall_high"]), _cell(row["percent"]),
            _between(row["percent_low"], row["percent_high"]), int(row["runs"]),
        ])  # fmt: skip
    return table


def _cell(value: float) -> Any:
    return round(float(value), 2) if np.isfinite(value) else "—"


def _between(low: float, high: float) -> str:
    return f"{low:.2f} – {high:.2f}" if np.isfinite(low) and np.isfinite(high) else "—"
