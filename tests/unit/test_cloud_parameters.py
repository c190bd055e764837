"""What a scenario may set of the cloud, and what it is refused."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from zibo_sim.cloud.parameters import Cloud
from zibo_sim.fields import STATUSES, about, leaves

LEAVES = dict(leaves(Cloud))


@pytest.mark.parametrize("name", LEAVES)
def test_every_input_says_its_unit_status_source_and_meaning(name):
    said = about(LEAVES[name])
    assert all(said[key] for key in ("unit", "status", "source", "zh", "en"))
    assert said["status"] in STATUSES


@pytest.mark.parametrize("name", LEAVES)
def test_every_default_lies_within_its_own_limits(name):
    *groups, leaf = name.split(".")
    value = LEAVES[name].default
    for key in reversed([*groups, leaf]):
        value = {key: value}
    Cloud.model_validate(value)


@pytest.mark.parametrize(
    "name",
    [
        "arrivals.new_per_day",
        "assessment.servers",
        "acceptance.servers",
        "audit.servers",
        "provisioning.servers",
    ],
)
def test_the_names_others_rely_on_exist(name):
    assert name in LEAVES


@pytest.mark.parametrize(
    ("group", "key", "value"),
    [
        ("audit", "servers", 0),
        ("audit", "servers", 10_001),
        ("audit", "servers", 1.5),
        ("audit", "servers", "2"),
        ("audit", "cv", -0.1),
        ("audit", "mean_days", float("nan")),
        ("arrivals", "new_per_day", -1.0),
        ("arrivals", "new_per_week", 1.0),
        ("arrivals", "migration_waves", [["26-11", 4]]),
        ("arrivals", "migration_waves", [["11-31", 4]]),
        ("arrivals", "migration_waves", [["11-26", -4]]),
        ("arrivals", "migration_waves", [["11-26", 4, 5]]),
        ("arrivals", "migration_waves", 7),
        ("requests", "refusal_share", 1.01),
        ("requests", "change_low", 0.6),
        ("requests", "max_returns", 21),
        ("office", "closes", 8.0),
        ("capacity", "vcpu", 0),
    ],
)
def test_impossible_inputs_are_refused(group, key, value):
    with pytest.raises(ValidationError):
        Cloud.model_validate({group: {key: value}})


def test_waves_are_read_from_the_lists_of_a_scenario_file_and_kept_frozen():
    cloud = Cloud.model_validate({"arrivals": {"migration_waves": [["11-26", 4], ["02-25", 0]]}})
    assert cloud.arrivals.migration_waves == (("11-26", 4), ("02-25", 0))
    assert (
        Cloud.model_validate({"arrivals": {"migration_waves": []}}).arrivals.migration_waves == ()
    )


def test_a_group_cannot_be_changed_in_place():
    with pytest.raises(ValidationError, match="frozen"):
        Cloud().audit.servers = 3
