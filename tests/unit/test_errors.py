"""What is said when something is refused."""

from __future__ import annotations

import pickle

import pytest
from pydantic import ValidationError, validate_call

from zibo_sim.errors import Refused, ZiboSimError, from_pydantic, nearest, unknown
from zibo_sim.fields import Parameters, parameter

KEYS = [
    "air.emissions.scale",
    "air.forecast.horizon_h",
    "air.forecast.bias",
    "air.response.compliance",
    "cloud.arrivals.new_per_day",
    "cloud.assessment.servers",
    "cloud.acceptance.servers",
    "cloud.audit.servers",
    "cloud.provisioning.servers",
    "heating.dwellings",
    "heating.metered_share",
    "clean_heating.completed_share",
]


def share(default: float) -> float:
    return parameter(
        default, unit="1", status="assumed", source="test", zh="比例", en="share", ge=0.0, le=1.0
    )


class Audit(Parameters):
    share: float = share(0.5)
    servers: int = parameter(
        2, unit="people", status="assumed", source="test", zh="人数", en="staff", ge=1
    )


class City(Parameters):
    name: str
    audit: Audit = Audit()


def refusal(data: dict[str, object], known: list[str] | None = None, where: str = "") -> Refused:
    with pytest.raises(ValidationError) as error:
        City.model_validate(data)
    return from_pydantic(error.value, known or [], where)


def test_a_refusal_is_a_value_error_of_the_package() -> None:
    assert issubclass(Refused, ZiboSimError)
    assert issubclass(Refused, ValueError)


def test_every_fault_has_its_line_and_its_place() -> None:
    refused = Refused("a is 1", "b is 2", where="x.toml")
    assert refused.faults == ("x.toml: a is 1", "x.toml: b is 2")
    assert str(refused) == "x.toml: a is 1\nx.toml: b is 2"


def test_a_place_can_be_said_later() -> None:
    assert Refused("a is 1", where="row 3").at("x.csv").faults == ("x.csv: row 3: a is 1",)


def test_a_refusal_comes_back_whole_from_another_process() -> None:
    refused = Refused("a is 1", "b is 2", where="x.toml")
    back = pickle.loads(pickle.dumps(refused))
    assert type(back) is Refused
    assert (back.faults, str(back)) == (refused.faults, str(refused))


def test_all_faults_are_told_at_once() -> None:
    refused = refusal(
        {"audit": {"share": 1.5, "servers": "two", "server": 3}},
        ["name", "audit.share", "audit.servers"],
        "x.toml",
    )
    assert sorted(refused.faults) == [
        "x.toml: audit.servers: input should be a valid integer (got 'two')",
        "x.toml: audit.share: input should be less than or equal to 1 (got 1.5)",
        "x.toml: name: field required",
        "x.toml: unknown key 'audit.server'; did you mean 'audit.servers'? "
        "Allowed: name, audit.share, audit.servers",
    ]


def test_what_is_missing_is_not_said_to_be_the_whole_table() -> None:
    (fault,) = refusal({"audit": {"share": 0.25}}).faults
    assert fault == "name: field required"


def test_a_missing_argument_is_not_said_to_be_all_the_others() -> None:
    @validate_call
    def billed(*, area: float, price: float) -> float:
        return area * price

    with pytest.raises(ValidationError) as error:
        billed(area=100.0)  # type: ignore[call-arg]
    (fault,) = from_pydantic(error.value).faults
    assert fault == "price: missing required keyword only argument"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("air.emission.scale", "air.emissions.scale"),
        ("air.forecast.horizon", "air.forecast.horizon_h"),
        ("air.forcast.bais", "air.forecast.bias"),
        ("cloud.audit.server", "cloud.audit.servers"),
        ("cloud.acceptence.servers", "cloud.acceptance.servers"),
        ("cloud.asessment.servers", "cloud.assessment.servers"),
        ("heating.meterd_share", "heating.metered_share"),
        ("clean_heating.complete_share", "clean_heating.completed_share"),
    ],
)
def test_the_nearest_key_is_the_one_that_was_meant(word: str, meant: str) -> None:
    assert nearest(word, KEYS) == meant
    assert f"{word!r}; did you mean {meant!r}? Allowed: " in unknown("key", word, KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_short_of_any_letter_is_still_known(key: str) -> None:
    assert {nearest(key[:i] + key[i + 1 :], KEYS) for i in range(len(key))} == {key}


def test_nothing_near_is_not_guessed() -> None:
    assert nearest("zzz", KEYS) is None
    assert unknown("key", "zzz", ["one", "two"]) == "unknown key 'zzz'; allowed: one, two"


def test_a_long_list_is_cut_and_counted() -> None:
    words = [f"word{i:02d}" for i in range(30)]
    said = unknown("id", "zzz", words, shown=3)
    assert said == "unknown id 'zzz'; allowed: word00, word01, word02 … (30 in all)"


def test_without_known_words_none_are_promised() -> None:
    assert unknown("key", "zzz", []) == "unknown key 'zzz'"


def test_the_word_itself_is_left_as_it_was() -> None:
    assert "'what? allowed'" in unknown("key", "what? allowed", KEYS)
