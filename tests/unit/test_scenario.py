"""Scenario files: what loads, what is refused, and how helpfully."""

from __future__ import annotations

import pickle
import random
import string
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from zibo_sim import scenario as module
from zibo_sim.errors import Refused
from zibo_sim.law import book
from zibo_sim.model import run_cloud
from zibo_sim.reforms import reforms
from zibo_sim.results import resolved_toml
from zibo_sim.scenario import (
    DEFAULT,
    Scenario,
    find,
    known_keys,
    load,
    names,
    resolve,
    settable_keys,
)

FIRST = {
    "winter-2018-19",
    "everybody-complies",
    "half-the-reviewers",
    "heat-plus-10-percent",
    "horizon-96h",
    "law-from-its-day",
    "yellow-after-three-days",
}
SHIPPED = set(names())
HEAD = 'title = "A winter"\nquestion = "What if?"\n'
Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a scenario file below a title and a question; return its path."""

    def written(text: str, name: str = "mine.toml", head: str = HEAD) -> str:
        path = tmp_path / name
        path.write_text(head + text, encoding="utf-8")
        return str(path)

    return written


def refused(path: str | Path, changes: dict[str, Any] | None = None) -> tuple[str, ...]:
    with pytest.raises(Refused) as error:
        load(path, changes)
    return error.value.faults


# ---- the scenarios that come with the package -------------------------------------------------


def test_the_shipped_scenarios_are_listed_with_the_default_first() -> None:
    assert set(names()) >= FIRST
    assert names()[0] == DEFAULT


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_scenario_asks_a_question_in_both_languages(name: str) -> None:
    scenario = load(name)
    for said in (scenario.title, scenario.question):
        chinese, english = said.split(" / ")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)
        assert english.isascii() or "–" in english
    assert scenario.question.count("?") + scenario.question.count("?") >= 2


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_shipped_scenario_says_where_it_comes_from(name: str) -> None:
    first = find(name).read_text(encoding="utf-8").split("\n\n")[0]
    assert first.startswith("# ")
    assert "淄政办字" in first or name == "law-from-its-day"


@pytest.mark.parametrize("name", sorted(SHIPPED - {DEFAULT}))
def test_a_shipped_variant_differs_from_the_winter(name: str) -> None:
    words = {"title", "question"}
    assert load(name).model_dump(exclude=words) != load().model_dump(exclude=words)


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("horizon-96h", "air.forecast.horizon_h", 96),
        ("everybody-complies", "air.response.compliance", 1.0),
        ("half-the-reviewers", "cloud.assessment.servers", 1),
        ("half-the-reviewers", "cloud.provisioning.servers", 1),
        ("cloud-priority-queue", "cloud.queue", "priority"),
        (
            "cloud-districts-join",
            "cloud.arrivals.district_waves",
            (("12-10", "zhangdian", 4), ("01-07", "linzi", 4), ("02-18", "zichuan", 4)),
        ),
        ("heat-plus-10-percent", "law.heating.metered.residential.rate", 0.1705),
        ("law-from-its-day", "law_from", "in_force"),
        ("yellow-after-three-days", "law.alert.yellow.days", 3),
    ],
)
def test_a_shipped_variant_changes_what_it_says(name: str, key: str, value: Any) -> None:
    assert load(name).get(key) == value
    assert load(DEFAULT).get(key) != value


def test_half_the_reviewers_keeps_half_of_each_stage_and_one_at_least() -> None:
    base, half = load().cloud, load("half-the-reviewers").cloud
    for stage in ("assessment", "acceptance", "audit", "provisioning"):
        before, after = getattr(base, stage).servers, getattr(half, stage).servers
        assert after == max(1, before // 2)


def test_districts_that_join_bring_their_systems_and_new_ones_may_go_first() -> None:
    joined, ordered = load("cloud-districts-join"), load("cloud-priority-queue")
    assert ordered.replace({"cloud.queue": "fifo"}).cloud == joined.cloud
    for seed in range(2):
        before, after = (run_cloud(s, seed).requests for s in (load(), joined))
        assert len(after) - len(before) == 12
        assert sum(r.kind == "district" for r in after) == 12


def test_a_tenth_more_for_heat_raises_every_price_of_heat_and_nothing_else() -> None:
    prices = [k for k in book().entries if k.startswith(("heating.price.", "heating.metered."))]
    numbers = {k for k in prices if isinstance(book()(k), int | float)}
    raised = load("heat-plus-10-percent").differs_from_law()
    assert {row["id"] for row in raised} == numbers
    for row in raised:
        assert row["scenario"] == pytest.approx(1.1 * row["law"], rel=1e-12)


# ---- names that programs rely on --------------------------------------------------------------


@pytest.mark.parametrize(
    "key",
    [
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
        "law.alert.yellow.days",
    ],
)
def test_a_promised_name_can_be_read_and_set(key: str) -> None:
    base = load()
    assert base.replace({key: base.get(key)}).get(key) == base.get(key)


def test_every_input_says_its_unit_status_and_source() -> None:
    for name, said in known_keys().items():
        if name not in ("title", "question"):
            assert {"unit", "status", "source", "zh", "en"} <= said.keys(), name


def test_the_period_is_the_season_of_the_plan() -> None:
    period = load().period
    assert (period.start, period.end) == (date(2018, 10, 1), date(2019, 3, 31))


# ---- files ------------------------------------------------------------------------------------


def test_a_file_says_only_what_differs(write: Write) -> None:
    path = write('extends = "horizon-96h"\n[cloud.audit]\nservers = 4\n')
    scenario = load(path)
    assert scenario.get("air.forecast.horizon_h") == 96
    assert scenario.get("cloud.audit.servers") == 4
    assert scenario.get("cloud.assessment.servers") == load().get("cloud.assessment.servers")
    assert scenario.title == "A winter"


def test_a_scenario_extends_one_that_lies_beside_it(write: Write) -> None:
    write("[cloud.audit]\nservers = 7\n", "below.toml")
    for parent in ("below", "below.toml"):
        path = write(f'extends = "{parent}"\n', "above.toml")
        assert load(path).get("cloud.audit.servers") == 7


def test_every_value_says_which_file_wrote_it(write: Write) -> None:
    path = write('extends = "horizon-96h"\n[cloud.audit]\nservers = 4\n')
    _, sources = resolve(path, {"heating.dwellings": 1000})
    origin = {source.key: source.origin for source in sources}
    assert origin["air.forecast.horizon_h"] == "horizon-96h.toml"
    assert origin["cloud.audit.servers"] == "mine.toml"
    assert origin["heating.dwellings"] == "--set"
    assert "heating.metered_share" not in origin


def test_a_key_may_be_written_as_tables_as_a_dotted_key_or_in_quotes(write: Write) -> None:
    ways = (
        "[cloud.audit]\nservers = 4\n",
        "cloud.audit.servers = 4\n",
        "[cloud]\naudit = { servers = 4 }\n",
        '"cloud.audit.servers" = 4\n',
    )
    assert len({load(write(way)).model_dump_json() for way in ways}) == 1


@pytest.mark.parametrize(
    "way",
    [
        "[law]\nalert.yellow.days = 3\n",
        '[law]\n"alert.yellow.days" = 3\n',
        "[law.alert.yellow]\ndays = 3\n",
        "[law]\nalert = { yellow = { days = 3 } }\n",
        "law.alert.yellow.days = 3\n",
        '"law.alert.yellow.days" = 3\n',
    ],
)
def test_a_law_may_be_changed_by_nested_and_by_quoted_keys(write: Write, way: str) -> None:
    scenario = load(write(way))
    assert scenario.law == {"alert.yellow.days": 3}
    assert scenario.law_book()("alert.yellow.days") == 3
    assert book()("alert.yellow.days") == 2


def test_a_reading_is_chosen_by_the_name_of_its_option(write: Write) -> None:
    scenario = load(write('[law.alert.yellow.days]\nreading = "calendar"\n'))
    assert scenario.law_book().option("alert.yellow.days") == "calendar"
    assert scenario.get("law.alert.yellow.days") == 2
    assert scenario.get("law.alert.yellow.days.reading") == "calendar"


def test_an_array_of_a_file_is_a_frozen_tuple_of_the_scenario(write: Write) -> None:
    scenario = load(write("[air.forecast]\nsigma = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 1]\n"))
    assert scenario.air.forecast.sigma == (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 1.0)


# ---- refusals ---------------------------------------------------------------------------------


def test_all_faults_of_a_file_are_told_at_once(write: Write) -> None:
    path = write("""
[air.forecast]
horizon_h = 500
horizon = 96
[cluod.audit]
servers = 3
[cloud.audit]
servers = 0
[law]
alert.yelow.days = 3
alert.lift.hours = -1
cloud.accept.days = "one"
""")
    faults = refused(path)
    assert all(fault.startswith(f"{path}: ") for fault in faults)
    told = [fault.removeprefix(f"{path}: ") for fault in faults]
    wanted = [
        "unknown key 'air.forecast.horizon'; did you mean 'air.forecast.horizon_h'?",
        "unknown key 'cluod.audit.servers'; did you mean 'cloud.audit.servers'?",
        "unknown key 'law.alert.yelow.days'; did you mean 'law.alert.yellow.days'?",
        "air.forecast.horizon_h: input should be less than or equal to 168 (got 500)",
        "cloud.audit.servers: input should be greater than or equal to 1 (got 0)",
        "law.alert.lift.hours: -1 is refused; allowed is a whole number ≥ 0 in h",
        "law.cloud.accept.days: 'one' is refused; allowed is a whole number ≥ 0 in working d",
    ]
    assert len(told) == len(wanted)
    for start in wanted:
        assert sum(fault.startswith(start) for fault in told) == 1, start


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[cloud.audit]\nservers = 2.0\n", "cloud.audit.servers: input should be a valid integer"),
        ("[heating]\ndwellings = true\n", "heating.dwellings: input should be a valid integer"),
        ('[air.emissions]\nscale = "1"\n', "air.emissions.scale: input should be a valid number"),
        ("[air.emissions]\nscale = nan\n", "air.emissions.scale: input should be a finite"),
        ("[air.emissions]\nscale = inf\n", "air.emissions.scale: input should be a finite"),
        ("[air.response]\ncompliance = 75\n", "air.response.compliance: input should be less"),
        ("[air.response]\ncompliance = -0.1\n", "air.response.compliance: input should be greater"),
        ("[air.forecast]\nweight = [1.0, 1.0]\n", "air.forecast.weight: "),
        ('law_from = "tomorrow"\n', "law_from: input should be 'throughout' or 'in_force'"),
        ('[period]\nstart = "1 October"\n', "period.start: input should be a valid date"),
        ("[period]\nstart = 2018-10-01T08:00:00\n", "period.start: input should be a valid date"),
        ("[period]\nstart = 2019-04-01\n", "period: 2019-04-01 to 2019-03-31 is refused"),
        ("[period]\nend = 2100-01-01\n", "period: 2018-10-01 to 2100-01-01 is refused"),
        ("[period]\nend = 2019-11-01\n", "period: 2018-10-01 to 2019-11-01 is longer than"),
        ("[air]\nforecast = 96\n", "air.forecast: 96 is refused; [air.forecast] is a table"),
        ("law = 3\n", "law: 3 is refused; [law] is a table"),
        ("[law]\nalert.yellow.days = 2.5\n", "law.alert.yellow.days: 2.5 is refused"),
        ("[law]\nalert.cut.red.so2 = 30\n", "law.alert.cut.red.so2: 30 is refused"),
        ('[law]\nheating.season.start = "15-11"\n', "law.heating.season.start: '15-11' is refused"),
        (
            '[law.alert.yellow.days]\nreading = "calender"\n',
            "unknown reading of alert.yellow.days 'calender'; did you mean 'calendar'?",
        ),
        (
            "[law.heating.price.residential]\nreading = 1\n",
            "unknown key 'law.heating.price.residential.reading'; did you mean ",
        ),
        ("[cluod.audit]\n", "unknown table 'cluod.audit'; did you mean 'cloud.audit'?"),
        ("[a.b.c]\nd = 1\n", "unknown key 'a.b.c.d'; allowed: "),
    ],
)
def test_a_wrong_value_is_refused_by_file_key_value_and_range(
    write: Write, text: str, said: str
) -> None:
    path = write(text)
    (fault,) = refused(path)
    assert fault.startswith(f"{path}: {said}")


def test_an_empty_table_that_exists_changes_nothing(write: Write) -> None:
    assert load(write("[law]\n[cloud.audit]\n")).cloud == load().cloud


def test_a_scenario_says_its_own_title_and_question(write: Write) -> None:
    faults = refused(write('extends = "winter-2018-19"\n', head=""))
    assert [fault.split(": ")[1] for fault in faults] == ["title", "question"]


def test_an_empty_file_is_no_scenario(write: Write) -> None:
    (fault,) = refused(write("", head=""))
    assert fault.endswith("is empty; a scenario says at least title and question")


def test_a_scenario_that_extends_itself_is_refused(write: Write) -> None:
    path = write('extends = "mine"\n')
    assert refused(path) == (f"{path}: extends itself: mine.toml → mine.toml",)


def test_a_loop_of_scenarios_is_refused_by_its_names(write: Write) -> None:
    first = write('extends = "b"\n', "a.toml")
    write('extends = "c"\n', "b.toml")
    write('extends = "a"\n', "c.toml")
    (fault,) = refused(first)
    assert fault.endswith("a.toml → b.toml → c.toml → a.toml")
    outside = write('extends = "b"\n', "outside.toml")
    assert refused(outside)[0].endswith("extends itself: b.toml → c.toml → a.toml → b.toml")


def test_a_fault_is_told_of_the_file_that_has_it(write: Write) -> None:
    write("[cloud.audit]\nservers = 0\n", "below.toml")
    (fault,) = refused(write('extends = "below"\n'))
    assert fault.split(": ")[0].endswith("below.toml")


def test_what_is_extended_must_be_there(write: Write) -> None:
    (fault,) = refused(write('extends = "winter-2018-91"\n'))
    assert "mine.toml: extends: unknown scenario 'winter-2018-91'" in fault
    assert "did you mean 'winter-2018-19'?" in fault
    assert refused(write("extends = 3\n"))[0].endswith("allowed is a name or a path")


@pytest.mark.parametrize("name", ["horizon-96", "horizon_96h", "x" * 5000, "no/such.toml", ""])
def test_a_name_that_is_no_scenario_is_refused(name: str) -> None:
    refused(name)


def test_the_nearest_scenario_is_named() -> None:
    assert "did you mean 'horizon-96h'?" in refused("horizon-96")[0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('title = "冬季"'.encode("gb18030"), "is not UTF-8 text"),
        (bytes(range(256)), "is not UTF-8 text"),
        (b"title = ", "is not TOML: "),
        (b'title = "a"\ntitle = "b"\n', "is not TOML: "),
    ],
)
def test_a_file_that_is_no_toml_in_utf_8_is_refused(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(content)
    (fault,) = refused(path)
    assert fault.startswith(f"{path}: {said}")


def test_a_directory_is_refused(tmp_path: Path) -> None:
    assert "is a directory" in refused(tmp_path)[0]


# ---- replace, get, differs_from_law -----------------------------------------------------------


def test_replace_gives_a_new_scenario_and_leaves_the_old_one() -> None:
    base = load()
    changed = base.replace({"cloud.audit.servers": 2, "law.alert.yellow.days": 3})
    assert (changed.get("cloud.audit.servers"), changed.get("law.alert.yellow.days")) == (2, 3)
    assert base == load()
    assert changed.replace({"cloud.audit.servers": 1}).law == {"alert.yellow.days": 3}


def test_a_scenario_is_frozen() -> None:
    base = load()
    with pytest.raises(ValueError, match="frozen"):
        base.title = "another"  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        base.cloud.audit.servers = 2  # type: ignore[misc]


def test_replace_tells_all_faults_at_once() -> None:
    with pytest.raises(Refused) as error:
        load().replace(
            {"cloud.audit.server": 2, "law.alert.yelow.days": 3, "air.response.compliance": 2.0}
        )
    assert len(error.value.faults) == 3


def test_numbers_of_an_array_are_taken() -> None:
    servers, share = np.arange(3, 4)[0], np.linspace(0.5, 1.0, 3)[1]
    changed = load().replace({"cloud.audit.servers": servers, "air.response.compliance": share})
    assert changed.get("cloud.audit.servers") == 3
    assert type(changed.get("cloud.audit.servers")) is int
    assert changed.get("air.response.compliance") == 0.75


def test_changes_given_to_load_stand_above_the_file(write: Write) -> None:
    path = write("[cloud.audit]\nservers = 4\n")
    assert load(path, {"cloud.audit.servers": 5}).get("cloud.audit.servers") == 5
    assert "cloud.audit.servers" in refused(path, {"cloud.audit.server": 5})[0]


def test_what_differs_from_the_law_is_told_with_its_clause() -> None:
    (row,) = load("yellow-after-three-days").differs_from_law()
    assert row == {
        "id": "alert.yellow.days",
        "law": 2,
        "scenario": 3,
        "clause": "淄政办字〔2018〕145号 四(一)1",
    }


def test_a_changed_reading_differs_from_the_law() -> None:
    (row,) = load().replace({"law.alert.yellow.days.reading": "calendar"}).differs_from_law()
    assert (row["law"], row["scenario"]) == ("windows", "calendar")


def test_a_law_set_to_what_is_printed_does_not_differ() -> None:
    assert load().differs_from_law() == []
    assert load().replace({"law.alert.yellow.days": 2}).differs_from_law() == []


def test_an_input_that_a_document_states_differs_from_the_law() -> None:
    (row,) = load("horizon-96h").differs_from_law()
    assert row == {
        "id": "air.forecast.horizon_h",
        "law": 72,
        "scenario": 96,
        "clause": "淄政办字〔2018〕145号 四(二)",
    }
    assert load().replace({"air.forecast.horizon_h": 72}).differs_from_law() == []


def test_the_days_that_are_looked_at_are_no_rule() -> None:
    assert load().replace({"period.end": "2018-12-31"}).differs_from_law() == []


def test_a_reform_is_told_by_name_unit_and_words() -> None:
    base = load().replace({"air.forecast.horizon_h": 96, "law.alert.yellow.days": 3})
    horizon, yellow = reforms(base)
    assert (horizon.name["zh"], horizon.unit, horizon.quote) == ("预报时效", "h", "未来1—3天")
    assert yellow.unit == "d"
    assert yellow.quote == base.law_book().entry("alert.yellow.days").quote
    (reading,) = reforms(load().replace({"law.alert.yellow.days.reading": "calendar"}))
    assert (reading.id, reading.unit) == ("alert.yellow.days.reading", "")


def test_a_name_that_does_not_exist_cannot_be_read() -> None:
    for key in ("cloud.audit.server", "law.alert.yelow.days", "cloud"):
        with pytest.raises(Refused):
            load().get(key)


# ---- the resolved file ------------------------------------------------------------------------


def reloaded(scenario: Scenario, path: Path) -> Scenario:
    path.write_text(resolved_toml(scenario), encoding="utf-8")
    return load(path)


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_a_resolved_scenario_loads_to_the_same_scenario(name: str, tmp_path: Path) -> None:
    assert reloaded(load(name), tmp_path / "resolved.toml") == load(name)


def test_a_resolved_scenario_keeps_lists_texts_dates_and_readings(tmp_path: Path) -> None:
    scenario = load().replace(
        {
            "title": 'A "quoted" title \\ # with\ta tab',
            "question": "Two\nlines?",
            "period.end": date(2018, 12, 31),
            "cloud.arrivals.migration_waves": (("11-27", 3),),
            "law.heating.scope.districts": ["张店区"],
            "law.heating.season.start": "11-10",
            "law.alert.merge.reading": "durations_added",
            "law.alert.dust.excluded": False,
        }
    )
    assert reloaded(scenario, tmp_path / "resolved.toml") == scenario


def test_a_resolved_scenario_says_every_input_with_its_source(write: Write) -> None:
    scenario, sources = resolve(write("[cloud.audit]\nservers = 4\n[law]\nalert.yellow.days = 3\n"))
    lines = resolved_toml(scenario, sources).splitlines()
    written = {key.rpartition(".")[2] for key in known_keys()}
    assert written <= {line.split(" = ")[0] for line in lines}
    (servers,) = [line for line in lines if line.startswith("servers = 4")]
    assert servers.endswith("; mine.toml")
    assert '"alert.yellow.days" = 3  # mine.toml' in lines
    (horizon,) = [line for line in lines if line.startswith("horizon_h = 72  # h; ")]
    assert "default, statutory: 淄政办字〔2018〕145号 四(二)" in horizon


@settings(max_examples=25, deadline=None)
@given(
    compliance=st.floats(0.0, 1.0),
    bias=st.floats(-2.0, 2.0),
    servers=st.integers(1, 10_000),
    title=st.text(st.characters(codec="utf-8"), min_size=1, max_size=50),
)
def test_any_scenario_comes_back_from_its_resolved_file(
    tmp_path_factory: pytest.TempPathFactory,
    compliance: float,
    bias: float,
    servers: int,
    title: str,
) -> None:
    scenario = load().replace(
        {
            "title": title,
            "air.response.compliance": compliance,
            "air.forecast.bias": bias,
            "cloud.audit.servers": servers,
        }
    )
    assert reloaded(scenario, tmp_path_factory.mktemp("any") / "resolved.toml") == scenario


# ---- a hundred misspellings -------------------------------------------------------------------


def slips(a: str, b: str) -> int:
    """Damerau-Levenshtein distance, plainly: the test's own measure of what is near."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def misspelt(key: str, draw: random.Random) -> str:
    """Drop, double, swap or replace one letter of a key."""
    letters = [i for i, letter in enumerate(key) if letter.isalpha()]
    at = draw.choice(letters)
    ways = {
        "drop": key[:at] + key[at + 1 :],
        "double": key[: at + 1] + key[at:],
        "replace": key[:at] + draw.choice(string.ascii_lowercase) + key[at + 1 :],
        "swap": key[:at] + key[at + 1 : at + 2] + key[at] + key[at + 2 :],
    }
    return ways[draw.choice(sorted(ways))]


def is_a_key_of_toml(word: str) -> bool:
    return all(part and set(part) <= {*string.ascii_lowercase, *string.digits, "_"}
               for part in word.split("."))  # fmt: skip


def hundred_misspellings() -> list[tuple[str, str]]:
    """Return a hundred misspelt keys, each nearer to the one it was made from than to any other."""
    draw, found = random.Random(20181116), dict[str, str]()
    words = set(settable_keys())
    tops = ("law", "air", "cloud", "heating", "clean_heating", "valuation")
    each = [[key for key in settable_keys() if key.startswith(f"{top}.")] for top in tops]
    while len(found) < 100:
        key = draw.choice(each[len(found)] if len(found) < len(each) else settable_keys())
        word = misspelt(key, draw)
        if word in words or not is_a_key_of_toml(word):
            continue
        near = [other for other in words if abs(len(other) - len(word)) <= 1]
        if all(other == key or slips(word, other) > 1 for other in near):
            found[word] = key
    return list(found.items())


MISSPELT = hundred_misspellings()


def nested(key: str, value: Any) -> dict[str, Any]:
    for part in reversed(key.split(".")):
        value = {part: value}
    return dict(value)


@pytest.mark.parametrize(("word", "meant"), MISSPELT, ids=[word for word, _ in MISSPELT])
def test_a_misspelt_key_is_refused_with_the_right_nearest_one(
    tmp_path: Path, word: str, meant: str
) -> None:
    assert slips(word, meant) == 1
    tree = {"title": "t", "question": "q", "extends": DEFAULT, **nested(word, 1)}
    path = tmp_path / "mine.toml"
    path.write_text(tomli_w.dumps(tree), encoding="utf-8")
    said = f"unknown key {word!r}; did you mean {meant!r}? Allowed: {meant}"
    (fault,) = refused(path)
    assert fault.startswith(f"{path}: {said}")
    with pytest.raises(Refused) as error:
        load().replace({word: 1})
    assert str(error.value).startswith(said)


def test_the_hundred_misspellings_cover_the_law_and_every_domain() -> None:
    assert len({word for word, _ in MISSPELT}) == 100
    tops = {meant.split(".")[0] for _, meant in MISSPELT}
    assert {"law", "air", "cloud", "heating", "clean_heating", "valuation"} <= tops


def test_a_hundred_misspellings_in_one_file_are_told_at_once(write: Write) -> None:
    text = "".join(f'"{word}" = 1\n' for word, _ in MISSPELT)
    faults = refused(write(text))
    assert len(faults) == 100
    for (word, meant), fault in zip(MISSPELT, faults, strict=True):
        assert f"{word!r}; did you mean {meant!r}?" in fault


def test_the_names_a_file_may_use_are_those_of_the_schema() -> None:
    schema = Scenario.model_json_schema()
    assert set(schema["properties"]) >= {k.split(".")[0] for k in module.settable_keys()}
    assert schema["additionalProperties"] is False


def test_the_changes_of_the_law_are_frozen_and_travel_to_other_processes() -> None:
    scenario = load().replace({"law.alert.yellow.days": 3})
    with pytest.raises(TypeError, match="frozen"):
        scenario.law["alert.orange.days"] = 4
    assert pickle.loads(pickle.dumps(scenario)) == scenario
