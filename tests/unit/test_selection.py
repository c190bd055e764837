"""The best of several arms, right as often as promised."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from scipy.stats import binomtest

from zibo_sim.errors import Refused
from zibo_sim.experiment import replicate
from zibo_sim.scenario import Scenario, load
from zibo_sim.selection import Sampler, race, select_best
from zibo_sim.show_experiments import selection_json, selection_text

DELTA = 0.5


def gaussian(rng: np.random.Generator, means: list[float], shared: float) -> Sampler:
    """Arms with normal noise, some of which they share; unequal variances."""
    common, drawn = shared * rng.standard_normal(5000), rng.standard_normal((len(means), 5000))
    spread = np.linspace(0.7, 1.5, len(means))

    def sample(arm: int, first: int, count: int) -> np.ndarray:
        rows = slice(first, first + count)
        return means[arm] + common[rows] + spread[arm] * drawn[arm, rows]

    return sample


@pytest.mark.parametrize("shared", [0.0, 3.0])
def test_the_best_is_chosen_as_often_as_promised(shared: float) -> None:
    means, rng, repetitions = [0.0, DELTA, 0.0, 0.0], np.random.default_rng(1), 300
    hits = 0
    for _ in range(repetitions):
        found = race(gaussian(rng, means, shared), 4, DELTA, first_stage=15, most=5000, batch=40)
        assert found.decided
        hits += found.best == 1
    assert binomtest(hits, repetitions).proportion_ci(0.999).high >= 0.95
    assert hits / repetitions >= 0.9


def test_shared_draws_spare_replications() -> None:
    def spent(shared: bool) -> int:
        rng = np.random.default_rng(2)
        own, common = rng.standard_normal((2, 3, 5000))
        if shared:
            common[:] = common[0]

        def sample(arm: int, first: int, count: int) -> np.ndarray:
            rows = slice(first, first + count)
            return DELTA * (arm == 2) + 2 * common[arm, rows] + 0.5 * own[arm, rows]

        found = race(sample, 3, DELTA, most=5000)
        assert found.best == 2
        return sum(map(len, found.runs))

    assert spent(shared=True) < spent(shared=False) / 2


def test_no_answer_depends_on_how_many_are_asked_for_at_a_time() -> None:
    found = [
        race(gaussian(np.random.default_rng(4), [0.0, 0.3, 0.5], 1.0), 3, 0.3, batch=batch)
        for batch in (1, 7, 100)
    ]
    for one in found[1:]:
        assert (one.best, one.left) == (found[0].best, found[0].left)
        assert [len(v) for v in one.runs] == [len(v) for v in found[0].runs]


def test_the_bound_leaves_it_undecided() -> None:
    found = race(gaussian(np.random.default_rng(5), [0.0, 0.01], 0.0), 2, 0.01, most=60)
    assert not found.decided and found.left == [False, False]


def test_equal_arms_are_settled_at_once_for_the_first() -> None:
    found = race(lambda arm, first, count: np.arange(first, first + count) % 7.0, 3, 0.1)
    assert found.decided and found.best == 0
    assert [len(v) for v in found.runs] == [30, 30, 30]


# ---- scenarios ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def arms() -> dict[str, Scenario]:
    short = load().replace({"period.start": date(2018, 12, 1), "period.end": date(2018, 12, 28)})
    slow = {"cloud.audit.mean_days": 4.0}
    return {n: short.replace({**slow, "cloud.audit.servers": int(n)}) for n in ("1", "2", "4")}


def test_more_staff_keep_a_shorter_queue(arms: dict[str, Scenario]) -> None:
    small = select_best(arms, "cloud.backlog_mean", 0.5, larger_is_better=False, first_stage=10)
    assert small.decided and small.best in ("2", "4")
    large = select_best(arms, "cloud.backlog_mean", 0.5, larger_is_better=True, first_stage=10)
    assert large.best == "1"
    assert large.table.loc["1", "mean"] > small.table.loc["4", "mean"] > 0


def test_replications_that_are_there_are_not_run_again(arms: dict[str, Scenario]) -> None:
    ran = list[int]()
    known = {name: replicate(scenario, 40) for name, scenario in arms.items()}
    given = {"larger_is_better": False, "first_stage": 10, "progress": ran.append}
    again = select_best(arms, "cloud.backlog_mean", 0.5, known=known, **given)  # type: ignore[arg-type]
    before = sum(ran)
    fresh = select_best(arms, "cloud.backlog_mean", 0.5, **given)  # type: ignore[arg-type]
    assert again.table.equals(fresh.table)
    assert sum(ran) - before >= before


@pytest.mark.parametrize(("lang", "said"), [("zh", "选出"), ("en", "Chosen")])
def test_the_choice_is_told_with_its_guarantee(
    arms: dict[str, Scenario], lang: str, said: str
) -> None:
    found = select_best(arms, "cloud.backlog_mean", 0.5, larger_is_better=False, first_stage=10)
    text = selection_text(found, lang)
    assert said in text and "95%" in text and "Kim" in text
    assert selection_json(found)["best"] == found.best


def test_every_fault_is_named(arms: dict[str, Scenario]) -> None:
    with pytest.raises(Refused) as refusal:
        select_best({"1": arms["1"]}, "cloud.backlog", 0.0, larger_is_better=True)
    assert len(refusal.value.faults) == 3


def test_a_metric_that_some_run_does_not_define_is_refused(arms: dict[str, Scenario]) -> None:
    with pytest.raises(Refused, match="do not define"):
        select_best(arms, "air.lead_time_h", 1.0, larger_is_better=True)
