"""`zibo-sim fit-requests`: a log of requests becomes a piece of a scenario, with the fit shown."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import tomli_w

from zibo_sim.cloud.estimates import CONFIDENCE, Estimate, Fit, Profile
from zibo_sim.cloud.eventlog import KIND
from zibo_sim.cloud.fit import fit_requests
from zibo_sim.desk.eventlog import Activities
from zibo_sim.desk.servicedesk import read_log, shown_faults
from zibo_sim.errors import Refused
from zibo_sim.scenario import DEFAULT, load
from zibo_sim.tables.said import Said
from zibo_sim.text import table as laid
from zibo_sim.whole import whole_file

_DIGITS = 4
#: Limits that a fitted value is held to: a time must be above nothing.
_SIGNIFICANT = 1 - CONFIDENCE
_REFUSALS = "cloud.requests.refusal_share"


def fit_file(
    source: Path, mapping: Activities = None, encoding: str | None = None
) -> tuple[Fit, bool, tuple[Said, ...]]:
    """Fit a file; also say whether it tells new systems from changes and exits.

    Last come the faults of the requests that were left out. A table without a column of refusals
    says nothing of their share, not that there are none.

    Raises
    ------
    Refused
        When the file is no log of requests, or too short.
    """
    log, requests = read_log(source, mapping, encoding)
    office = load().cloud.office
    try:
        fit = fit_requests(log, office.opens, office.closes)
    except Refused as refusal:
        faults = shown_faults(requests.left_out, "en")
        raise Refused(*refusal.faults, *faults, where=str(source)) from None
    if "refused" not in requests.recorded:
        fit = fit._replace(estimates=[e for e in fit.estimates if e.key != _REFUSALS])
    return fit, bool((log[KIND] != "").any()), requests.left_out


def changes(fit: Fit, kinds: bool) -> dict[str, Any]:
    """Return the scenario's inputs that the fit sets, by dotted name.

    Over-dispersion and profiles are set where they show (p < 0.05); a log without kinds is all
    new systems, its migrations among them, so that waves are left out.
    """
    found: dict[str, Any] = {e.key: float(f"{e.value:.{_DIGITS}g}") for e in fit.estimates}
    if fit.dispersion_p >= _SIGNIFICANT:
        found["cloud.arrivals.day_cv"] = 0.0
    for profile in fit.profiles:
        if profile.p_value < _SIGNIFICANT:
            found[profile.key] = list(profile.weights)
    if not (kinds and fit.left_out):
        found["cloud.arrivals.migration_waves"] = []
    return found


def fragment(fit: Fit, kinds: bool, source: str, lang: str) -> str:
    """Return the scenario that extends the default one with what was fitted.

    Raises
    ------
    Refused
        When a fitted value is outside what a scenario may hold.
    """
    found = changes(fit, kinds)
    load().replace(found)
    about = {e.key: e for e in fit.estimates}
    said = [f"# {line}" for line in fit_text(fit, kinds, lang).splitlines()]
    lines = [
        f"# zibo-sim fit-requests {source}",
        "# status: calibrated; what is not listed here is that of the scenario it extends.",
        "#",
        *(line.rstrip() for line in said),
        "",
        _toml("title", f"{source} 拟合的申请与办理 / Requests fitted to {source}"),
        _toml("question", "按实际登记数据，时限能否守住？ / Are the clocks kept with the "
              "requests of this log?"),
        _toml("extends", DEFAULT),
    ]  # fmt: skip
    groups = dict[str, list[str]]()
    for key, value in found.items():
        group, _, leaf = key.rpartition(".")
        note = _note(about[key]) if key in about else "calibrated"
        groups.setdefault(group, []).append(f"{_toml(leaf, value)}  # {note}")
    for group, entries in groups.items():
        lines += ["", f"[{group}]", *entries]
    return "\n".join(lines) + "\n"


def write_fragment(path: Path, text: str) -> None:
    """Write the scenario; the file appears whole or not at all."""
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")


def _toml(key: str, value: Any) -> str:
    text = tomli_w.dumps({key: value}, multiline_strings=False)
    return " ".join(text.split()) if isinstance(value, list) else text.strip()


def _note(e: Estimate) -> str:
    return f"calibrated: 95 % {e.low:.3g} to {e.high:.3g}, n = {e.n}; {e.method}"


def fit_text(fit: Fit, kinds: bool, lang: str) -> str:
    """Return the fit as a table with what to be careful of."""
    zh = lang == "zh"
    head = ["参数", "估计", "95% 下限", "95% 上限", "n", "方法"] if zh else [
        "input", "estimate", "95% low", "95% high", "n", "method"]  # fmt: skip
    rows = [
        [e.key, f"{e.value:.4g}", f"{e.low:.4g}", f"{e.high:.4g}", str(e.n), e.method]
        for e in fit.estimates
    ]
    shapes = [_shape(profile, zh) for profile in fit.profiles]
    return "\n".join([laid(head, rows, (1, 2, 3, 4)), "", *shapes, *_remarks(fit, kinds, zh)])


def _shape(profile: Profile, zh: bool) -> str:
    weights = " ".join(f"{w:g}" for w in profile.weights)
    shows = profile.p_value < _SIGNIFICANT
    verdict = ("有差异" if shows else "未显示差异") if zh else ("differs" if shows else "even")
    return f"{profile.key}: {weights} (p = {profile.p_value:.3g}; {verdict})"


def _remarks(fit: Fit, kinds: bool, zh: bool) -> list[str]:
    more = fit.dispersion_p < _SIGNIFICANT
    first, last, n = _day(fit.first), _day(fit.last), fit.cases
    if zh:
        shape = "超离散，按负二项" if more else "未显示超离散，按泊松"
        said = [f"{first} 至 {last}，{n} 件；逐日到达数方差/均值 {fit.dispersion:.2f}"
                f"（p = {fit.dispersion_p:.3g}）：{shape}"]  # fmt: skip
        said += [] if kinds else ["数据无 case:kind 列：全部按新建系统计"]
        said += [f"批次迁移 {fit.left_out} 件不计入到达率"] if fit.left_out else []
        return [*said, "人数、排队与期末未办结件不能由日志估计；尚未办结的服务不计"]
    shape = "over-dispersed, negative binomial" if more else "no over-dispersion shown, Poisson"
    said = [f"{first} to {last}, {n} cases; dispersion of daily arrivals {fit.dispersion:.2f} "
            f"(p = {fit.dispersion_p:.3g}): {shape}"]  # fmt: skip
    said += [] if kinds else ["no column case:kind: all cases are taken as new systems"]
    said += [f"{fit.left_out} systems of waves are not in the rates"] if fit.left_out else []
    return [*said, "staff is not estimated; services not done by the log's end are left out"]


def _day(day: date) -> str:
    return day.isoformat()
