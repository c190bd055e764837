"""The smallest level that reaches a goal, with its evidence."""

from __future__ import annotations

import json
import math
from datetime import date

import numpy as np
import pytest

from zibo_sim.cli.main import main
from zibo_sim.errors import Refused
from zibo_sim.goals import (
    FAILS,
    FOUND,
    LOOKS,
    MEETS,
    NONE,
    NOT_SHARP,
    UNDECIDED,
    Goal,
    Trials,
    monotone,
    proportion,
    search,
    seek,
)
from zibo_sim.scenario import Scenario, load
from zibo_sim.show_experiments import goal_text

LEVELS = tuple(range(1, 17))


def trials(mean: dict[int, float] | None = None, goal: Goal | None = None) -> Trials:
    """Levels whose metric is a tenth of the level, or as given, with a little shared noise."""
    noise = np.random.default_rng(1).normal(0, 0.02, 1000)

    def sample(level: float, first: int, count: int) -> np.ndarray:
        middle = mean[int(level)] if mean else level / 10
        return middle + noise[first : first + count]

    return Trials(sample, goal or Goal("m", 0.75, at_least=True), 30)


@pytest.mark.parametrize("bound", [0.05, 0.35, 0.75, 1.55])
def test_the_first_level_that_meets_the_goal_is_found(bound: float) -> None:
    tried = trials(goal=Goal("m", bound, at_least=True))
    assert search(tried, LEVELS) == (FOUND, int(bound * 10) + 1)
    assert monotone(tried, LEVELS)


def test_the_neighbours_of_the_answer_are_evidence() -> None:
    tried = trials()
    _, answer = search(tried, LEVELS)
    assert answer == 8
    assert tried.rows[7][-1] == FAILS and tried.rows[8][-1] == tried.rows[9][-1] == MEETS
    assert len(tried.rows) < len(LEVELS)


def test_a_goal_from_above_is_sought_downwards() -> None:
    tried = trials(goal=Goal("m", 0.75, at_least=False))
    assert search(tried, LEVELS[::-1]) == (FOUND, 7)


def test_none_reaches_when_the_last_does_not() -> None:
    assert search(trials(goal=Goal("m", 2.0, at_least=True)), LEVELS) == (NONE, None)


def test_a_level_on_the_bound_is_undecided_and_the_next_is_the_answer() -> None:
    tried = trials({**{i: i / 10 for i in LEVELS}, 8: 0.75 + 1e-4})
    outcome, answer = search(tried, LEVELS)
    assert (outcome, answer) == (NOT_SHARP, 9)
    assert tried.rows[8][-1] == UNDECIDED
    assert tried.rows[8][3] == 30 * 2 ** (LOOKS - 1)


def test_what_is_not_monotone_is_said() -> None:
    bumpy = trials({**{i: i / 10 for i in LEVELS}, 4: 0.9})
    search(bumpy, LEVELS)
    assert not monotone(bumpy, LEVELS)


def test_a_share_of_the_winters_is_judged_by_its_binomial_interval() -> None:
    goal = Goal("m", 0.75, at_least=True, share=0.9)
    estimate, low, high, said = goal.judge(np.repeat([0.8, 0.6], [29, 1]), 0.95)
    assert estimate == pytest.approx(29 / 30)
    assert low < 0.9 < high and said == UNDECIDED
    assert goal.judge(np.full(60, 0.8), 0.95)[-1] == MEETS
    assert goal.judge(np.full(60, 0.7), 0.95)[-1] == FAILS


def test_the_binomial_interval_is_exact() -> None:
    _, low, high = proportion(0, 20, 0.95)
    assert low == 0.0
    assert (1 - high) ** 20 == pytest.approx(0.025)
    _, low, high = proportion(20, 20, 0.95)
    assert high == 1.0
    assert low**20 == pytest.approx(0.025)


# ---- scenarios ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def short() -> Scenario:
    days = {"period.start": date(2018, 12, 1), "period.end": date(2018, 12, 28)}
    return load().replace({**days, "cloud.audit.mean_days": 4.0})


def test_the_fewest_staff_are_found_with_the_levels_tried(short: Scenario) -> None:
    found = seek(
        short,
        "cloud.audit.servers",
        "cloud.audit_utilisation",
        at_most=0.5,
        high=8,
        replications=12,
    )
    assert found.outcome == FOUND and found.monotone
    assert found.table.loc[found.answer, "verdict"] == MEETS
    assert found.table.loc[found.answer - 1, "verdict"] == FAILS
    assert found.table.loc[found.answer, "high"] <= 0.5 < found.table.loc[found.answer - 1, "low"]
    for lang in ("zh", "en"):
        text = goal_text(found, lang)
        assert f"{found.answer}" in text and "cloud.audit.servers" in text


def test_the_largest_level_of_a_number_with_a_fraction(short: Scenario) -> None:
    found = seek(
        short, "air.emissions.scale", "air.pm25_mean", at_most=80.0, low=0.2, high=1.4, step=0.2,
        largest=True, replications=10,
    )  # fmt: skip
    assert found.answer in found.levels and found.levels[0] == 1.4
    assert found.table.loc[found.answer, "high"] <= 80.0


@pytest.mark.parametrize(
    ("key", "metric", "given", "said"),
    [
        ("cloud.audit.server", "air.alerts", {"at_least": 1.0}, "cloud.audit.servers"),
        ("cloud.queue", "air.alerts", {"at_least": 1.0}, "not a number"),
        ("cloud.audit.servers", "air.allerts", {"at_least": 1.0}, "air.alerts"),
        ("cloud.audit.servers", "air.alerts", {}, "one of at_least and at_most"),
        ("cloud.audit.servers", "air.alerts", {"at_least": 1.0, "at_most": 2.0}, "one of"),
        ("cloud.audit.servers", "air.alerts", {"at_least": 1.0, "step": 0.5}, "whole"),
        ("cloud.audit.servers", "air.alerts", {"at_least": 1.0, "low": 5, "high": 2}, "low ≤ high"),
        ("cloud.audit.servers", "air.alerts", {"at_least": 1.0, "low": 0}, "greater than"),
        ("cloud.audit.servers", "air.alerts", {"at_least": 1.0, "share": 1.5}, "share"),
        ("air.emissions.scale", "air.alerts", {"at_least": 1.0, "step": 1e-9}, "up to 100000"),
        ("air.emissions.scale", "air.alerts", {"at_least": 1.0, "high": math.inf}, "low ≤ high"),
    ],
)
def test_what_cannot_be_sought_is_refused(
    short: Scenario, key: str, metric: str, given: dict[str, float], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        seek(short, key, metric, **given)  # type: ignore[arg-type]


def test_the_command_prints_json_and_fails_where_none_reaches(
    capsys: pytest.CaptureFixture[str], tmp_path: object
) -> None:
    given = ["seek", "winter-2018-19", "cloud.audit.servers", "--metric", "cloud.opinion_on_time",
             "--high", "2", "--replications", "10", "--jobs", "1", "--json"]  # fmt: skip
    assert main([*given, "--at-least", "1.5"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["outcome"] == NONE and said["answer"] is None
    assert [row["level"] for row in said["levels"]] == [2]
    assert main(given) == 2
