"""Every worked case passes, and no value of the law can change without one of them noticing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from zibo_sim.cases import Case, read_cases, run_case
from zibo_sim.errors import Refused
from zibo_sim.law import Entry, Law, book
from zibo_sim.law.book import READING_SUFFIX
from zibo_sim.rulebook import rules

HERE = Path(__file__).parent
SHARED = "cases.toml"
FILES = {path.name: read_cases(path) for path in sorted(HERE.glob("*.toml"))}
CASES = [case for cases in FILES.values() for case in cases]

#: One direction in which a value can move without any bill or alert moving, and why.
NO_EFFECT = {
    ("heating.rounding.step", 0.0098): "a step below a fen counts as a fen, the smallest coin",
}


class TracingLaw(Law):
    """The law, noting every id it is asked for a value, and every id for a reading."""

    def __init__(self, law: Law, seen: set[str] | None = None) -> None:
        super().__init__(law.entries, law.documents, law.changed)
        self.seen = set[str]() if seen is None else seen

    def __call__(self, key: str) -> Any:
        self.seen.add(key)
        return super().__call__(key)

    def option(self, key: str) -> str:
        self.seen.add(key + READING_SUFFIX)
        return super().option(key)

    def with_changes(self, changes: Mapping[str, Any]) -> Law:
        return TracingLaw(super().with_changes(changes), self.seen)


def _reached(case: Case) -> set[str]:
    law = TracingLaw(book())
    run_case(case, law)
    return law.seen


@cache
def _cases_by_key() -> dict[str, list[Case]]:
    found = defaultdict(list)
    for case in CASES:
        for key in _reached(case):
            found[key].append(case)
    return found


VALUES = sorted(key for key in _cases_by_key() if not key.endswith(READING_SUFFIX))
READINGS = sorted(
    (key.removesuffix(READING_SUFFIX), option)
    for key in _cases_by_key()
    if key.endswith(READING_SUFFIX)
    for option in book().entry(key.removesuffix(READING_SUFFIX)).reading.options
    if option != book().option(key.removesuffix(READING_SUFFIX))
)


def _days_beside(text: str) -> Iterator[str]:
    """A day earlier and a day later, of a day with or without its year."""
    year = "" if len(text) == len("YYYY-MM-DD") else "2019-"
    day = date.fromisoformat(year + text)
    for step in (-1, 1):
        yield (day + timedelta(days=step)).isoformat().removeprefix(year)


def _numbers_beside(value: float) -> Iterator[float]:
    """A whole number by one, a share or a price by two per cent, zero by five hundredths."""
    step = 1 if isinstance(value, int) else 0.02 * abs(value) or 0.05
    yield from (round(value - step, 12), round(value + step, 12))


def _lists_beside(value: list[Any]) -> Iterator[list[Any]]:
    for i, element in enumerate(value):
        if isinstance(element, str):
            yield [*value[:i], *value[i + 1 :]]
        else:
            yield from ([*value[:i], moved, *value[i + 1 :]] for moved in _numbers_beside(element))


def _beside(entry: Entry) -> Iterator[Any]:
    """Values next to the printed one, every way it can move."""
    value = entry.value
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from _numbers_beside(value)
    elif isinstance(value, list):
        yield from _lists_beside(value)
    elif entry.unit in ("MM-DD", "date"):
        yield from _days_beside(value)
    else:
        yield f"{value}之外"


def _changes(entry: Entry) -> list[tuple[Any, Law]]:
    """The neighbouring values that the law book takes, with the law that has them."""
    found = []
    for value in _beside(entry):
        try:
            found.append((value, book().with_changes({entry.id: value})))
        except Refused:
            continue
    return found


def _noticed(key: str, law: Law) -> bool:
    """Ask the cases that reach the value, then the others of their rules.

    The others count because a value that follows another one is read only once it is set apart.
    """
    reaching = _cases_by_key()[key]
    touched = {case.rule for case in reaching}
    others = (case for case in CASES if case.rule in touched)
    return any(_fails(case, law) for case in (*reaching, *others))


def _fails(case: Case, law: Law) -> bool:
    try:
        return bool(run_case(case, law))
    except Refused:  # the case changes the law itself, and no longer in a way the book takes
        return False


def _name(case: Case) -> str:
    return f"{case.id}: {case.name}"


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_the_rule_gives_what_the_case_expects(case: Case) -> None:
    differences = run_case(case)
    assert not differences, [(d.key, d.expected, d.got) for d in differences]


def test_no_id_stands_twice() -> None:
    assert [case for case, times in Counter(c.id for c in CASES).items() if times > 1] == []


def test_no_case_is_the_copy_of_another() -> None:
    told = Counter((c.rule, repr(c.input), repr(c.law)) for c in CASES)
    shared = {(c.rule, repr(c.input), repr(c.law)) for c in FILES[SHARED]}
    assert [key for key, times in told.items() if times > 1 and key not in shared] == []


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_the_law_book_has_the_clause_of_the_case(case: Case) -> None:
    assert book().find(case.clause), case.clause


@pytest.mark.parametrize("name", sorted(rules))
def test_every_rule_has_cases_of_the_projects_own_and_a_refusal(name: str) -> None:
    own = [c for file, cases in FILES.items() if file != SHARED for c in cases if c.rule == name]
    refusals = [c for c in own if c.expect.get("refused") is True]
    assert len(own) > len(refusals) > 0


@pytest.mark.parametrize("key", VALUES)
def test_a_changed_value_of_the_law_makes_a_case_fail(key: str) -> None:
    changes = _changes(book().entry(key))
    assert changes, f"no neighbour of {book()(key)} is allowed, so nothing is shown"
    unnoticed = [
        value for value, law in changes if not _noticed(key, law) and (key, value) not in NO_EFFECT
    ]
    assert unnoticed == []


@pytest.mark.parametrize(("key", "value"), sorted(NO_EFFECT, key=str))
def test_a_change_listed_as_without_effect_has_none(key: str, value: Any) -> None:
    changes = _changes(book().entry(key))
    assert not _noticed(key, book().with_changes({key: value}))
    assert any(_noticed(key, law) for _, law in changes)


@pytest.mark.parametrize(("key", "option"), READINGS)
def test_another_reading_of_the_law_makes_a_case_fail(key: str, option: str) -> None:
    law = book().with_changes({key + READING_SUFFIX: option})
    assert _noticed(key + READING_SUFFIX, law)


def test_the_cases_reach_every_part_of_the_law_that_the_rules_rest_on() -> None:
    reached = Counter(key.split(".")[0] for key in VALUES)
    assert set(reached) == {"alert", "aqi", "cloud", "heating", "target"}
    assert len(READINGS) >= 15


def test_tables_stay_in_order_when_one_limit_moves() -> None:
    tables = [value for _, value in _table_changes()]
    assert tables
    assert all(a < b for table in tables for a, b in pairwise(table))


def _table_changes() -> Iterator[tuple[str, list[float]]]:
    for entry in book():
        if isinstance(entry.value, list) and isinstance(entry.value[0], int | float):
            yield from ((entry.id, law(entry.id)) for _, law in _changes(entry))


CASE = """[[case]]
id = "T1"
rule = "air.report_by"
clause = "淄政办字〔2018〕145号 六(一)"
input = { response_ended = 2018-12-03 }
expect = { report_by = 2018-12-06 }
"""


@pytest.mark.parametrize(
    ("printed", "instead", "said"),
    [
        ("{ report_by = 2018-12-06 }", "{}", "could not fail"),
        ("2018-12-03 }", "2018-12-03, law = {} }", "stands beside"),
        ('"air.report_by"', '["air.report_by"]', "unknown rule"),
        ('"air.report_by"', '"air.report_buy"', "did you mean 'air.report_by'"),
        ("expect = {", "expects = {", "'expect' is missing"),
    ],
)
def test_a_case_that_shows_nothing_is_refused(
    tmp_path: Path, printed: str, instead: str, said: str
) -> None:
    file = tmp_path / "cases.toml"
    file.write_text(CASE.replace(printed, instead), encoding="utf-8")
    with pytest.raises(Refused, match=said):
        read_cases(file)


def test_a_case_with_a_law_that_does_not_exist_is_refused_by_its_id(tmp_path: Path) -> None:
    file = tmp_path / "cases.toml"
    file.write_text(CASE + 'law = { "alert.summary.days" = 2 }\n', encoding="utf-8")
    (case,) = read_cases(file)
    with pytest.raises(Refused, match="case T1"):
        run_case(case)


def test_a_case_that_differs_says_what_was_expected_and_what_came(tmp_path: Path) -> None:
    file = tmp_path / "cases.toml"
    file.write_text(CASE.replace("2018-12-06", "2018-12-07"), encoding="utf-8")
    (difference,) = run_case(read_cases(file)[0])
    assert (difference.key, difference.expected) == ("report_by", date(2018, 12, 7))
    assert difference.got == date(2018, 12, 6)
