"""A study file: what it means, what is refused, and that every fault is said at once."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zibo_sim.errors import Refused
from zibo_sim.metrics import METRICS, metric_names
from zibo_sim.scenario import load
from zibo_sim.study.factor_file import read_factor
from zibo_sim.study.spec import Study, load_study, notes, study_of

FACTORS: dict[str, Any] = {
    "air.emissions.scale": {"low": 0.7, "high": 1.2},
    "cloud.audit.servers": [1, 2, 3],
    "law.alert.yellow.days": [2, 3],
}
TABLE: dict[str, Any] = {"design": "lhs", "points": 8, "factors": FACTORS}
BAD = """
titel = "x"
base = "winter-2018-20"
design = "lhz"
replications = 0
seed = -1
outputs = ["air.heavy_day"]
[factors]
"air.emissions.scal" = [1.0]
"heating.metered_share" = { low = 0.9, high = 0.1 }
"cloud.audit.servers" = 3
"cloud.queue" = { low = 1, high = 2 }
"""


def refused(**changes: Any) -> str:
    with pytest.raises(Refused) as refusal:
        study_of({**TABLE, **changes})
    return str(refusal.value)


def with_factor(key: str, said: Any) -> str:
    return refused(factors={key: said})


def test_a_file_says_all_its_faults_at_once_with_the_nearest_names(tmp_path: Path) -> None:
    file = tmp_path / "study.toml"
    file.write_text(BAD, encoding="utf-8")
    with pytest.raises(Refused) as refusal:
        load_study(file)
    said = refusal.value.faults
    assert all(fault.startswith(f"{file}: ") for fault in said)
    for part in (
        "did you mean 'title'", "did you mean 'winter-2018-19'", "did you mean 'lhs'",
        "replications: 0", "seed: -1", "did you mean 'air.heavy_days'",
        "did you mean 'air.emissions.scale'", "low 0.9 is not below high 0.1",
        "cloud.audit.servers: 3 is refused", "['fifo', 'priority']",
    ):  # fmt: skip
        assert sum(part in fault for fault in said) == 1, part


@pytest.mark.parametrize(
    ("key", "said", "part"),
    [
        ("air.emissions.scale", {"low": -1.0, "high": 1.0}, "greater than or equal to 0"),
        ("cloud.audit.servers", [0, 1], "got 0"),
        ("cloud.audit.servers", {"low": 1.5, "high": 3}, "low 1.5 is refused"),
        ("law.alert.yellow.days", [2.5], "a whole number"),
        ("air.emissions.scale", {"low": 1.0}, "missing 'high'"),
        ("air.emissions.scale", {"values": [1.0], "low": 0.5, "high": 2.0}, "not both"),
        ("air.emissions.scale", {"low": 0.0, "high": 1.0, "log": True}, "above 0"),
        ("air.emissions.scale", {"normal": [1.0, 0.0]}, "sd above 0"),
        ("air.emissions.scale", {"normal": [1.0, 2.0]}, "give low and high"),
        ("air.emissions.scale", {"triangular": [1.0, 0.5, 2.0]}, "low ≤ mode ≤ high"),
        ("air.emissions.scale", {"lo": 1.0, "high": 2.0}, "did you mean 'low'"),
        ("air.emissions.scale", [], "one level or more"),
        ("air.emissions.scale", [1.0, 1.0], "stands twice"),
        ("air.emissions.scale", {"low": True, "high": 2.0}, "low True is refused"),
        ("cloud.queue", ["fofi"], "'fifo' or 'priority'"),
        ("title", ["a"], "unknown factor 'title'"),
    ],
)
def test_a_factor_that_cannot_be_is_refused_in_words(key: str, said: Any, part: str) -> None:
    text = with_factor(key, said)
    assert key in text
    assert part in text


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"points": None}, "points: missing"),
        ({"points": 0}, "points: 0 is refused"),
        ({"points": 8.0}, "points: 8.0 is refused"),
        ({"design": "morris", "points": 7}, "at least 8"),
        ({"design": "saltelli", "points": 12}, "8 or 16"),
        ({"design": "grid"}, "points: is not for a grid"),
        ({"design": "grid", "points": None}, "air.emissions.scale: a grid takes lists"),
        ({"outputs": []}, "outputs: [] is refused"),
        ({"outputs": ["air.alerts", "air.alerts"]}, "air.alerts stands twice"),
        ({"outputs": ["valuation.cost"]}, "valuation.enabled"),
        ({"replications": True}, "replications: True is refused"),
        ({"points": 900_000, "replications": 900_000}, "runs"),
        ({"factors": {}}, "factors: {} is refused"),
        ({"title": " "}, "title"),
        ({"base": 3}, "base: 3 is refused"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words(changes: dict[str, Any], part: str) -> None:
    assert part in refused(**changes)


def test_a_study_that_says_little_takes_the_defaults() -> None:
    study = study_of(TABLE, name="mine")
    assert (study.title, study.base_name, study.seed, study.replications) == (
        "mine", "winter-2018-19", 1, 1,
    )  # fmt: skip
    assert list(study.outputs) == metric_names(load())


def test_keys_may_stand_without_quotes_and_the_base_beside_the_study(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        'title = "t"\nquestion = "q"\nextends = "winter-2018-19"\n[cloud.audit]\nservers = 5\n',
        encoding="utf-8",
    )
    file = tmp_path / "study.toml"
    file.write_text(
        'design = "grid"\nbase = "mine"\n[factors]\nlaw.alert.yellow.days = [2, 3]\n'
        "[factors.air.forecast]\nhorizon_h = [72, 96]\n", encoding="utf-8",
    )  # fmt: skip
    study = load_study(file)
    assert study.base.get("cloud.audit.servers") == 5
    assert study.keys == ("law.alert.yellow.days", "air.forecast.horizon_h")


@pytest.mark.parametrize("design", ["lhs", "sobol", "morris", "saltelli"])
def test_the_canonical_text_gives_the_same_study_back(design: str) -> None:
    factors = FACTORS | {
        "cloud.queue": ["fifo", "priority"],
        "air.response.compliance": {"normal": [0.8, 0.1], "low": 0.5, "high": 1.0},
        "air.response.road_cut": [[0.1, 0.2, 0.3], [0.2, 0.3, 0.4]],
        "valuation.enabled": [False, True],
    }
    study = study_of({"design": design, "points": 32, "factors": factors, "title": 'a "b"'})
    again = study_of(tomllib.loads(study.to_toml()))
    assert again == study
    assert again.to_toml() == study.to_toml()


def test_a_factor_that_turns_metrics_on_brings_them_to_the_outputs() -> None:
    study = study_of({"design": "grid", "factors": {"valuation.enabled": [False, True]}})
    assert "valuation.cost" in study.outputs
    assert set(study.outputs) <= set(METRICS)


def test_a_factor_knows_unit_status_and_whether_it_counts() -> None:
    days = read_factor("law.alert.yellow.days", [2, 3])
    scale = read_factor("air.emissions.scale", {"low": 0.5, "high": 1.0})
    servers = read_factor("cloud.audit.servers", {"low": 1, "high": 4})
    assert (days.status, days.integer, days.kind) == ("statutory", True, "list")
    assert (scale.status, scale.unit, scale.integer) == ("assumed", "1", False)
    assert (servers.integer, servers.kind) == (True, "range")


U = (np.arange(20_000) + 0.5) / 20_000


@pytest.mark.parametrize(
    ("table", "mean", "low", "high"),
    [
        ({"low": 0.5, "high": 1.5}, 1.0, 0.5, 1.5),
        ({"low": 0.1, "high": 10.0, "log": True}, 9.9 / np.log(100), 0.1, 10.0),
        ({"normal": [1.0, 0.1]}, 1.0, 0.5, 1.5),
        ({"normal": [1.0, 0.1], "low": 1.0}, 1 + 0.1 * np.sqrt(2 / np.pi), 1.0, 2.0),
        ({"triangular": [0.0, 0.5, 2.0]}, 2.5 / 3, 0.0, 2.0),
    ],
)
def test_quantiles_have_the_mean_of_their_distribution_and_rise(
    table: dict[str, Any], mean: float, low: float, high: float
) -> None:
    drawn = read_factor("air.emissions.scale", table).quantile(U)
    assert drawn.mean() == pytest.approx(mean, rel=1e-3)
    assert (np.diff(drawn) >= 0).all()
    assert low <= drawn.min() < drawn.max() <= high


@pytest.mark.parametrize("log", [False, True])
def test_a_whole_number_range_reaches_both_ends_and_no_further(log: bool) -> None:
    drawn = read_factor("cloud.audit.servers", {"low": 1, "high": 4, "log": log}).quantile(U)
    assert drawn.dtype == np.int64
    counts = np.bincount(drawn)[1:]
    assert len(counts) == 4
    if not log:
        assert counts.tolist() == [5000] * 4
    else:
        assert (np.diff(counts) < 0).all()


def test_levels_share_the_unit_interval_evenly() -> None:
    factor = read_factor("cloud.queue", ["fifo", "priority"])
    assert factor.native(np.array([0.0, 0.49, 0.51, 1.0])) == [
        "fifo",
        "fifo",
        "priority",
        "priority",
    ]


def test_a_design_that_is_not_at_its_best_is_remarked() -> None:
    def remarks(**said: Any) -> list[str]:
        return notes(study_of({**TABLE, **said}))

    assert not remarks()
    assert not remarks(design="sobol", points=16)
    assert "16" in remarks(design="sobol", points=12)[0]
    assert "8 of 11" in remarks(design="morris", points=11)[0]


def test_a_study_is_frozen() -> None:
    study: Study = study_of(TABLE)
    with pytest.raises(AttributeError):
        study.seed = 2  # type: ignore[misc]
