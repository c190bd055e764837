"""The points of a study: where they stand, and what another factor leaves alone."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from zibo_sim.study.design import design_points, scenario_at, unit_points
from zibo_sim.study.spec import Study, study_of

FACTORS: dict[str, Any] = {
    "air.emissions.scale": {"low": 0.7, "high": 1.2},
    "cloud.audit.servers": [1, 2, 3],
    "heating.metered_share": {"low": 0.0, "high": 0.9},
}
MORE = {"air.response.compliance": {"low": 0.5, "high": 1.0}}


def planned(design: str, points: int, factors: dict[str, Any] = FACTORS, seed: int = 3) -> Study:
    return study_of({"design": design, "points": points, "factors": factors, "seed": seed})


@pytest.mark.parametrize("design", ["lhs", "sobol", "morris", "saltelli"])
def test_points_are_the_seeds_and_lie_inside_the_unit_cube(design: str) -> None:
    u = unit_points(planned(design, 16))
    assert u.shape == (planned(design, 16).rows, 3)
    assert 0 < u.min() < u.max() < 1
    assert (u == unit_points(planned(design, 16))).all()
    assert (u != unit_points(planned(design, 16, seed=4))).any()


def test_a_grid_is_every_combination_the_last_factor_fastest() -> None:
    levels: dict[str, Any] = {"cloud.audit.servers": [1, 2], "cloud.queue": ["fifo", "priority"]}
    frame = design_points(study_of({"design": "grid", "factors": levels}))
    assert frame.index.name == "point"
    assert list(frame.itertuples(index=False, name=None)) == list(product(*levels.values()))


def test_a_latin_hypercube_has_one_point_in_every_stratum_of_every_factor() -> None:
    u = unit_points(planned("lhs", 40))
    assert (np.sort((u * 40).astype(int), axis=0) == np.arange(40)[:, None]).all()


def test_a_sobol_design_fills_every_square_of_two_factors() -> None:
    u = unit_points(planned("sobol", 64))
    for i, j in ((0, 1), (0, 2), (1, 2)):
        cells = (u[:, i] * 8).astype(int) * 8 + (u[:, j] * 8).astype(int)
        counts = np.bincount(cells, minlength=64)
        assert counts.sum() == 64
        assert counts.max() <= 4  # a net; at random some square would hold more, many none
    halves = np.bincount((u > 0.5) @ [1, 2, 4], minlength=8)
    assert (halves == 8).all()


@pytest.mark.parametrize("design", ["lhs", "sobol"])
def test_a_factor_added_last_moves_no_other(design: str) -> None:
    few, more = planned(design, 12), planned(design, 12, FACTORS | MORE)
    assert design_points(more)[list(FACTORS)].equals(design_points(few))


def test_a_latin_hypercube_does_not_mind_the_order_of_factors() -> None:
    turned = dict(reversed(FACTORS.items()))
    a, b = design_points(planned("lhs", 12)), design_points(planned("lhs", 12, turned))
    assert a.equals(b[list(a.columns)])


def test_saltelli_blocks_are_a_b_and_a_with_one_column_of_b() -> None:
    u = unit_points(planned("saltelli", 8))
    a, b, *mixed = u.reshape(5, 8, 3)
    for i, block in enumerate(mixed):
        expected = a.copy()
        expected[:, i] = b[:, i]
        assert (block == expected).all()
    assert (a != b).all()


def test_saltelli_keeps_a_and_b_of_a_factor_when_another_is_added_last() -> None:
    few, more = (
        unit_points(planned("saltelli", 8)),
        unit_points(planned("saltelli", 8, FACTORS | MORE)),
    )
    assert (more[:16, :3] == few[:16]).all()


def test_a_morris_trajectory_moves_each_factor_once_by_half_its_range() -> None:
    study = planned("morris", 41)
    assert (study.trajectories, study.rows) == (10, 40)
    steps = np.diff(unit_points(study).reshape(10, 4, 3), axis=1)
    assert ((steps != 0).sum(axis=2) == 1).all()
    assert ((steps != 0).sum(axis=1) == 1).all()
    assert (np.abs(steps[steps != 0]) == 0.5).all()


def test_points_hold_plain_values_that_a_scenario_takes() -> None:
    factors = FACTORS | {
        "cloud.queue": ["fifo", "priority"],
        "air.response.road_cut": [[0.1, 0.2, 0.3], [0.2, 0.3, 0.4]],
        "law.alert.yellow.days": [2, 3],
    }
    study = planned("lhs", 6, factors)
    frame = design_points(study)
    for values in frame.to_dict("records"):
        scenario = scenario_at(study, values)
        assert {key: scenario.get(key) for key in values} == values


def test_a_grid_has_no_unit_cube() -> None:
    with pytest.raises(ValueError, match="levels"):
        unit_points(study_of({"design": "grid", "factors": {"cloud.audit.servers": [1]}}))
