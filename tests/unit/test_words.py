"""The table of words, the language of the locale, and how numbers are written."""

from __future__ import annotations

import string

import pytest

from zibo_sim.errors import Refused
from zibo_sim.law import book
from zibo_sim.metrics import METRICS
from zibo_sim.scenario import known_keys
from zibo_sim.words import (
    _sources,
    choose_language,
    half,
    is_count,
    is_share,
    language,
    quantity,
    said_source,
    scale,
    word,
    words,
)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", words())
def test_a_text_has_both_languages_and_the_same_blanks_to_fill(key: str) -> None:
    zh, en = words()[key]
    assert bool(zh) == bool(en)
    assert fields(zh) == fields(en)
    assert not any("\u4e00" <= c <= "\u9fff" for c in en.replace("145号 四(一)", ""))


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "", "LC_MESSAGES": "en_US"}, "en"),
    ],
)
def test_the_locale_decides_the_language(
    monkeypatch: pytest.MonkeyPatch, locale: dict[str, str], expected: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in locale.items():
        monkeypatch.setenv(name, value)
    assert choose_language() == language(None) == expected


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused, match="zh, en"):
        word("summary.air", "fr")


def test_a_bilingual_text_gives_the_half_that_is_asked_for() -> None:
    both = "一个冬季 / One winter"
    assert half(both, "zh") == "一个冬季"
    assert half(both, "en") == "One winter"
    assert half("Coal / gas", "zh") == "Coal / gas"


@pytest.mark.parametrize(
    ("name", "unit", "value", "zh", "en"),
    [
        ("air.pm25_mean", "µg/m³", 73.846, "73.8 µg/m³", "73.8 µg/m³"),
        ("cloud.accept_on_time", "1", 0.9996, "100.0%", "100.0%"),
        ("air.missed_episodes", "1", 0.117, "0.12", "0.12"),
        ("air.alerts", "1", 9.42, "9.4", "9.4"),
        ("air.lead_time_h", "h", -3.64, "−3.6小时", "−3.6 h"),
        ("air.lead_time_h", "h", -0.04, "0.0小时", "0.0 h"),
        ("heating.revenue", "yuan", 534_145_200.0, "5.341亿元", "534.15 million yuan"),
        ("heating.subsidy", "yuan", 4_364_472.0, "436.4万元", "4.36 million yuan"),
        ("heating.mean_bill", "yuan", 2054.4, "2,054元", "2,054 yuan"),
        ("cloud.lead_time_p50", "working d", 8.34, "8.3个工作日", "8.3 working days"),
        ("air.alerts", "1", float("nan"), "—", "—"),
    ],
)
def test_a_figure_is_written_as_people_read_it(
    name: str, unit: str, value: float, zh: str, en: str
) -> None:
    assert scale(name, unit, value, "zh").figure(value) == zh
    assert scale(name, unit, value, "en").figure(value) == en


def test_an_interval_stays_inside_what_is_possible() -> None:
    share = scale("cloud.accept_on_time", "1", 0.999, "en")
    assert share.interval(0.9981, 1.0003) == "[99.8, 100.0]"
    assert scale("air.missed_episodes", "1", 0.05, "en").interval(-0.02, 0.12) == "[0.00, 0.12]"
    assert scale("air.lead_time_h", "h", -3.6, "en").interval(-6.7, -0.6) == "[−6.7, −0.6]"
    assert share.interval(float("nan"), float("nan")) == ""


def test_one_day_is_no_plural() -> None:
    assert quantity(1, "working d", "en") == "1 working day"
    assert quantity(3, "working d", "en") == "3 working days"
    assert quantity(3, "working d", "zh") == "3个工作日"


def test_shares_are_told_from_counts() -> None:
    plain = {name for name, metric in METRICS.items() if metric.unit == "1"}
    shares = {name for name in plain if is_share(name, "1")}
    some = ("target_met", "opinion_on_time", "metered_paying_less", "availability",
            "vcpu_peak_share", "audit_utilisation")  # fmt: skip
    assert all(any(name.endswith(ending) for name in shares) for ending in some)
    counts = {"air.alerts", "air.false_alerts", "air.missed_episodes", "cloud.requests"}
    assert counts <= plain - shares
    assert all(is_count(name, "1") for name in counts)
    assert not is_share("air.heavy_days", "d")


def test_every_source_is_said_in_chinese() -> None:
    """Where a value comes from is read by a planner: a name and a year alone need no Chinese."""

    def chinese(text: str) -> bool:
        return any("\u4e00" <= letter <= "\u9fff" for letter in text.partition(" / ")[0])

    sources = {about["source"] for about in known_keys().values() if about.get("source")}
    sources |= {entry.source for entry in book() if entry.source}
    said = {source: said_source(source, "zh") for source in sources}
    assert not [s for s, zh in said.items() if not chinese(zh) and "et al." not in s]


def test_no_source_is_kept_that_nothing_uses() -> None:
    used = {about.get("source") for about in known_keys().values()}
    assert set(_sources()) <= used
