"""What a summary finds wrong, each finding with the figures that show it."""

from __future__ import annotations

from typing import Any

from zibo_sim.ledger.record import AlertRecord

_FULL = 0.995


def findings(record: AlertRecord) -> dict[str, dict[str, Any]]:
    """Return the problems of one alert by key, with what their texts are filled with.

    Parameters
    ----------
    record : AlertRecord

    Returns
    -------
    dict
        Keys as in ``problem`` and ``suggestion`` of the words.
    """
    law, found = record.law, dict[str, dict[str, Any]]()
    if record.lead_h < 0:
        found["late_issue"] = {"hours": f"{-record.lead_h:.1f}"}
    elif record.lead_h < law("alert.lead.hours"):
        found["short_lead"] = {"hours": f"{record.lead_h:.1f}"}
    if record.air.hours_over_no_measures == 0:
        found["false"] = {"limit": law("alert.aqi.heavy")}
    if late := sum(d.late for d in record.districts):
        found["reports"] = {"count": late}
    if late := sum(d.summary_late for d in record.districts):
        found["summaries"] = {"count": late}
    short = [stage.level for stage in record.stages if not stage.met]
    if short:
        found["unmet"] = {"level": short[-1]}
    compliance = min((stage.compliance for stage in record.stages), default=1.0)
    if compliance < _FULL:
        found["followed"] = {"compliance": f"{100 * compliance:.0f}%"}
    return found
