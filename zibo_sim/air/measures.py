"""What an alert level demands: production limits, emission bases, credited cuts, targets.

Source: 淄政办字〔2018〕145号 五(三)–五(五), 六(一); 淄政办字〔2018〕144号 一(一).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field

from zibo_sim.air.alerts import Alert
from zibo_sim.clock import working_calendar
from zibo_sim.errors import Refused
from zibo_sim.law import Law, book
from zibo_sim.law.rule import Day, NonNegative, Number, RuleInput, Whole, YesNo, exact, rule

Sector = Literal["voc_process", "kiln_building_materials", "flat_and_daily_glass"]
Source = Literal[
    "industry",
    "clusters",
    "heating_boilers",
    "residential_coal",
    "other_residential",
    "road",
    "non_road",
    "dust",
]
_DIVISOR_IDS = {
    "industry": "alert.base.industry_days",
    "clusters": "alert.base.cluster_days",
    "other_residential": "alert.base.other_residential_days",
    "road": "alert.base.mobile_days",
    "non_road": "alert.base.mobile_days",
    "dust": "alert.base.dust_days",
}
HEATING_SOURCES = ("heating_boilers", "residential_coal")
POLLUTANTS = ("so2", "nox", "pm", "voc")
_ROUNDING = 1 + Fraction(1, 10**9)
"""Sums of tonnes may exceed what they are the whole of by so little."""


def limit_id(sector: str, water_based: bool) -> str:
    """Return the stem of the law-book id that limits a sector."""
    if sector == "voc_process":
        return "alert.limit.voc_water" if water_based else "alert.limit.voc"
    return {
        "kiln_building_materials": "alert.limit.kiln",
        "flat_and_daily_glass": "alert.limit.glass",
    }[sector]


@rule("air.production_limit")
def production_limit(
    *,
    sector: Sector,
    level: Alert,
    lines: Annotated[Whole, Field(ge=1)],
    water_based: YesNo | None = None,
    output: NonNegative | None = None,
    law: Law | None = None,
) -> dict[str, Any]:
    """145号 五(五)2–4(3)①: how many lines stop, or how much a single line may still make.

    A part of a line counts as one. One line, and glass always, is counted by `output` (any unit a
    day), which must then be given; so must `water_based` for processes with VOCs.

    Parameters
    ----------
    sector : {"voc_process", "kiln_building_materials", "flat_and_daily_glass"}
    level : {"yellow", "orange", "red"}
    lines : int
        Production lines of the plant.
    water_based : bool, optional
        Whether the process uses water-based materials.
    output : float, optional
        What the plant makes, in any unit a day.
    law : Law, optional
        The law book as printed when left out.

    Returns
    -------
    dict
        ``stop_lines`` (int), or ``max_output`` in the unit of `output`, 0 at a full stop.

    Raises
    ------
    Refused
        For inputs that do not fit or are missing.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> rules["air.production_limit"](
    ...     sector="voc_process", level="orange", lines=5, water_based=False
    ... )
    {'stop_lines': 3}
    """
    law = law or book()
    if sector == "voc_process" and water_based is None:
        raise Refused(f"water_based: missing; the limit of {sector} depends on it")
    share = exact(law(f"{limit_id(sector, bool(water_based))}.{level}"))
    if lines > 1 and sector != "flat_and_daily_glass":
        return {"stop_lines": -int(-share * lines // 1)}
    if output is None:
        raise Refused(f"output: missing; {sector} with {lines} line(s) is limited by its output")
    return {"max_output": float(exact(output) * (1 - share))}


class EmissionSource(RuleInput):
    """One source class of the annual base."""

    source: Source
    annual_t: NonNegative
    heating_days: Annotated[Whole, Field(ge=1, le=366)] | None = None
    closed_t: NonNegative = 0.0


def _daily(entry: EmissionSource, heating: bool, law: Law) -> Fraction:
    kept = exact(entry.annual_t) - exact(entry.closed_t)
    if entry.source not in HEATING_SOURCES:
        return kept / _divisor(_DIVISOR_IDS[entry.source], law)
    return kept / Fraction(entry.heating_days or 1) if heating else Fraction(0)


def _divisor(key: str, law: Law) -> Fraction:
    if not law(key):
        raise Refused(f"law.{key}: 0 is refused; allowed is a number of days above 0")
    return exact(law(key))


@rule("air.daily_base")
def daily_base(
    *,
    heating: YesNo,
    sources: Annotated[Sequence[EmissionSource], Field(min_length=1)],
    law: Law | None = None,
) -> dict[str, Any]:
    """145号 五(四)2: the daily emission base that cut ratios are counted on, in tonnes.

    Heating boilers and residential coal count the days actually heated, and nothing outside the
    heating season; firms closed this year (``closed_t``) are left out.

    Parameters
    ----------
    heating : bool
        Whether the day lies in the heating season.
    sources : list of dict
        ``source`` (``industry``, ``clusters``, ``heating_boilers``, ``residential_coal``,
        ``other_residential``, ``road``, ``non_road``, ``dust``), ``annual_t`` (tonnes a year),
        ``heating_days`` (of the two heating sources), ``closed_t`` (tonnes a year).
    law : Law, optional
        The law book as printed when left out.

    Returns
    -------
    dict
        ``base_t``: tonnes a day.

    Raises
    ------
    Refused
        For heating sources without their days, and more closed than there was.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> stoves = {"source": "residential_coal", "annual_t": 1200.0, "heating_days": 120}
    >>> rules["air.daily_base"](heating=True, sources=[stoves])
    {'base_t': 10.0}
    """
    law = law or book()
    faults = [
        f"sources[{i}].heating_days: missing; {s.source} is counted on the days actually heated"
        for i, s in enumerate(sources)
        if s.source in HEATING_SOURCES and s.heating_days is None
    ]
    faults += [
        f"sources[{i}].closed_t: {s.closed_t} is more than annual_t {s.annual_t}"
        for i, s in enumerate(sources)
        if s.closed_t > s.annual_t
    ]
    if faults:
        raise Refused(*faults)
    return {"base_t": float(sum((_daily(s, heating, law) for s in sources), Fraction(0)))}


@rule("air.credited_share")
def credited_share(
    *,
    base_t: Annotated[Number, Field(gt=0)],
    cut_t: NonNegative,
    staggered_cut_t: NonNegative = 0.0,
    law: Law | None = None,
) -> dict[str, Any]:
    """145号 五(四)2: the cut as a share of the daily base, staggered plants counted 1.2 times.

    No more can be cut than the base; of that, counting 1.2 times may make more than 100 %.

    Parameters
    ----------
    base_t : float
        The daily base, tonnes a day.
    cut_t : float
        What is cut, tonnes a day, without the staggered part.
    staggered_cut_t : float
        What plants under staggered production cut, tonnes a day.
    law : Law, optional
        The law book as printed when left out.

    Returns
    -------
    dict
        ``percent``; no cap is stated and none is applied.

    Raises
    ------
    Refused
        For cuts above the base.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> rules["air.credited_share"](base_t=100.0, cut_t=10.0, staggered_cut_t=5.0)
    {'percent': 16.0}
    """
    law = law or book()
    most = exact(base_t) * _ROUNDING
    if exact(cut_t) > most:
        raise Refused(f"cut_t: {cut_t} is refused; allowed is at most base_t, {base_t}")
    if exact(cut_t) + exact(staggered_cut_t) > most:
        raise Refused(
            f"staggered_cut_t: {staggered_cut_t} is refused; allowed is at most what cut_t, "
            f"{cut_t}, leaves of base_t, {base_t}"
        )
    credited = exact(cut_t) + exact(law("alert.staggered.factor")) * exact(staggered_cut_t)
    return {"percent": float(100 * credited / exact(base_t))}


@rule("air.reductions_met")
def reductions_met(
    *, level: Alert, so2: Number, nox: Number, pm: Number, voc: Number, law: Law | None = None
) -> dict[str, Any]:
    """145号 五(三): say whether the cuts (in percent) reach what the level demands.

    All that is emitted can be cut and no more; staggered plants counted 1.2 times, that is 120 %.
    SO2 and NOx may be traded, the sum of their ratios being at least twice the single demand (the
    mean of the two, should a reform set them apart); PM and VOCs may not.

    Parameters
    ----------
    level : {"yellow", "orange", "red"}
    so2, nox, pm, voc : float
        Cuts in percent of the daily base.
    law : Law, optional
        The law book as printed when left out.

    Returns
    -------
    dict
        ``met`` (bool).

    Raises
    ------
    Refused
        For cuts outside 0 to 120 percent.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> rules["air.reductions_met"](level="yellow", so2=5.0, nox=15.0, pm=10.0, voc=10.0)
    {'met': True}
    """
    law = law or book()
    most = 100 * max(Fraction(1), exact(law("alert.staggered.factor")))
    faults = [
        f"{name}: {percent} is refused; allowed is 0 to {float(most):g} percent (all that is "
        "emitted, staggered plants counted more than once)"
        for name, percent in zip(POLLUTANTS, (so2, nox, pm, voc), strict=True)
        if not 0 <= exact(percent) <= most * _ROUNDING
    ]
    if faults:
        raise Refused(*faults)
    demanded = {p: 100 * exact(law(f"alert.cut.{level}.{p}")) for p in POLLUTANTS}
    single = (demanded["so2"] + demanded["nox"]) / 2
    traded = exact(so2) + exact(nox) >= exact(law("alert.cut.trade")) * single
    return {"met": traded and exact(pm) >= demanded["pm"] and exact(voc) >= demanded["voc"]}


@rule("air.report_by")
def report_by(*, response_ended: Day, law: Law | None = None) -> dict[str, Any]:
    """145号 六(一): the report is due within 3 working days of the end of the response.

    Parameters
    ----------
    response_ended : date
    law : Law, optional
        The law book as printed when left out.

    Returns
    -------
    dict
        ``report_by`` (date), by the State Council's calendar.

    Raises
    ------
    Refused
        For a date outside the calendar.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> rules["air.report_by"](response_ended="2018-12-07")
    {'report_by': datetime.date(2018, 12, 12)}
    """
    law = law or book()
    days = law("alert.summary.working_days")
    return {"report_by": working_calendar().add(response_ended, days)}


@rule("air.season_targets")
def season_targets(
    *,
    pm25_mean: NonNegative,
    pm25_change_percent: Number,
    heavy_days: NonNegative,
    heavy_days_change: Number,
    law: Law | None = None,
) -> dict[str, Any]:
    """144号 一(一): the four targets of the autumn and winter, and which are missed.

    Parameters
    ----------
    pm25_mean : float
        µg/m³.
    pm25_change_percent : float
        Against the same period of the year before, percent; a fall is negative.
    heavy_days : float
        Days of heavy pollution.
    heavy_days_change : float
        Against the same period of the year before, days; fewer is negative.
    law : Law, optional
        The law book as printed when left out.

    Returns
    -------
    dict
        ``met`` (bool) and ``missed``: any of ``pm25_mean``, ``pm25_change``, ``heavy_days``,
        ``heavy_days_change``, in this order.

    Raises
    ------
    Refused
        For inputs that do not fit.

    Examples
    --------
    >>> from zibo_sim.rulebook import rules
    >>> rules["air.season_targets"](
    ...     pm25_mean=71.0, pm25_change_percent=-3.0, heavy_days=11, heavy_days_change=-1
    ... )
    {'met': False, 'missed': ['heavy_days']}
    """
    law = law or book()
    missed = {
        "pm25_mean": exact(pm25_mean) > exact(law("target.pm25_mean")),
        "pm25_change": exact(pm25_change_percent) > 100 * exact(law("target.pm25_change")),
        "heavy_days": exact(heavy_days) > law("target.heavy_days"),
        "heavy_days_change": exact(heavy_days_change) > law("target.heavy_days_change"),
    }
    return {"met": not any(missed.values()), "missed": [k for k, v in missed.items() if v]}
