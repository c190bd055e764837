"""What a ledger says of one alert: who did what when, and what the air did."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from zibo_sim.law import Law

ACTS = ("published", "upgraded", "lowered", "lifted")


@dataclass(frozen=True)
class View:
    """What a consultation had before it.

    Attributes
    ----------
    issued : datetime or None
        When the newest forecast was issued; None before the first.
    blocks : tuple of (datetime, float, float)
        First hour of each 24-hour block, its mean AQI, its mean PM2.5 in µg/m³.
    last_24h : float
        Mean of the last 24 hourly AQI values; NaN where there is none.
    """

    issued: datetime | None
    blocks: tuple[tuple[datetime, float, float], ...]
    last_24h: float


@dataclass(frozen=True)
class Act:
    """One act of the city: an alert is published, its level changed, or it is lifted.

    Attributes
    ----------
    kind : str
        One of `ACTS`.
    level, before : str
        The level from now on (of a lift: until now), and the level before.
    consultation : str
        Which consultation led to it: ``routine``, ``called``, ``daily``, ``real_time``,
        ``regional``.
    view : View
    reported, approved, signed, done : datetime
    approver, signer : str
    clauses : tuple of str
        Clauses of the report, the approval, the signature and the act.
    timing : str
        Of a publication: ``ahead``, ``short_notice``, ``urgent``, ``emergency``.
    regional : str
        Level of a regional alert that led to the consultation; ``none`` where one ended.
    """

    kind: str
    level: str
    before: str
    consultation: str
    view: View
    reported: datetime
    approved: datetime
    signed: datetime
    done: datetime
    approver: str
    signer: str
    clauses: tuple[str, ...]
    timing: str = ""
    regional: str = ""


@dataclass(frozen=True)
class DistrictRow:
    """What one district did in an alert."""

    name: str
    notified: datetime
    reports: int
    late: int
    summarised: datetime | None
    working_days: int | None
    summary_late: bool


@dataclass(frozen=True)
class Stage:
    """The measures of one level in force: when, what they count for, how far they were followed.

    Attributes
    ----------
    percent : dict of str to float
        Credited cut by pollutant under 145号 五(四)2, per cent, full compliance; empty where the
        air was measured.
    compliance : float
    lost_yuan : float
        Output value stopped over the stage, as complied with.
    """

    level: str
    begin: datetime
    end: datetime
    percent: dict[str, float]
    met: bool
    compliance: float
    lost_yuan: float


@dataclass(frozen=True)
class Air:
    """The air while an alert was in force; NaN where the air without measures is not known.

    Attributes
    ----------
    hours_over : int
        Hours whose trailing 24-hour mean of AQI is over 200.
    hours_over_no_measures : int
        The same without measures.
    peak_24h : float
    peak_pm25, mean_pm25, mean_no_measures : float
        µg/m³.
    cut : dict of str to float
        Mean share of the emission avoided while a response was in force, by pollutant.
    """

    hours_over: int
    hours_over_no_measures: int
    peak_24h: float
    peak_pm25: float
    mean_pm25: float
    mean_no_measures: float
    cut: dict[str, float]


@dataclass(frozen=True)
class AlertRecord:
    """Everything a ledger says of one alert."""

    number: int
    name: str
    level: str
    onset: datetime
    lead_h: float
    acts: tuple[Act, ...]
    consultations: dict[str, int]
    districts: tuple[DistrictRow, ...]
    stages: tuple[Stage, ...]
    air: Air
    causes: tuple[str, ...]
    channels: tuple[tuple[str, str, str], ...]
    summaries_due: date | None
    regional: str = ""
    law: Law = field(repr=False, kw_only=True)

    @property
    def published(self) -> datetime:
        """When it was published."""
        return self.acts[0].done

    @property
    def lifted(self) -> datetime | None:
        """When it was lifted; None where the run ended first."""
        return self.acts[-1].done if self.acts[-1].kind == "lifted" else None
