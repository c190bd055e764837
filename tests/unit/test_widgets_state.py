"""The dashboard's state, catalogue, files and runs: all of it without ipywidgets."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import redirect_stdout
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zibo_sim.comparison import compare
from zibo_sim.errors import Refused, ZiboSimError
from zibo_sim.law import book
from zibo_sim.scenario import Scenario, known_keys, load
from zibo_sim.widgets import exports, files, tables
from zibo_sim.widgets.catalog import COMMON, GROUPS, Control, controls, found
from zibo_sim.widgets.drivers import drivers, ends, tornado
from zibo_sim.widgets.engine import Cancelled, Engine, Job, Result, fingerprint
from zibo_sim.widgets.state import MOST_VARIANTS, State, default_base, differences, shipped

SHORT = {"period.start": date(2019, 1, 5), "period.end": date(2019, 1, 14)}
NUMERIC = [c for c in controls().values() if c.numeric]


def quiet(done: int, total: int) -> None:
    """Say nothing."""


@pytest.fixture(scope="module")
def base() -> Scenario:
    return default_base().replace({**SHORT, "title": "短冬 / Short winter"})


@pytest.fixture
def state(base: Scenario) -> State:
    return State(base, "Variant {number}", "What if?")


@pytest.fixture(scope="module")
def result(base: Scenario) -> Result:
    variant = base.replace({"title": "=1+1 <b>x</b>", "law.alert.yellow.days": 1,
                            "air.emissions.scale": 1.5})  # fmt: skip
    return Engine(jobs=1).result([base, variant], 4, 3, Job(), quiet)


# ---- the catalogue ------------------------------------------------------------------------------


def test_every_input_and_every_value_of_the_law_has_a_control() -> None:
    wanted = {k for k in known_keys() if k not in ("title", "question")}
    wanted |= {f"law.{key}" for key in book().keys()}  # noqa: SIM118
    assert set(controls()) == wanted


def test_every_control_says_unit_status_and_clause_in_both_languages() -> None:
    for control in controls().values():
        assert control.unit, control.key
        assert control.status, control.key
        assert control.clause, control.key
        assert control.zh, control.key
        assert control.en, control.key


def test_a_slider_holds_its_default_inside_the_range_that_is_allowed() -> None:
    for control in NUMERIC:
        low, high, step = control.span(control.default)
        assert control.low <= low <= control.default <= high <= control.high, control.key
        assert 0 < step <= high - low, control.key


@pytest.mark.parametrize("key", ["air.response.compliance", "cloud.audit.servers"])
@pytest.mark.parametrize("end", [0, 1])
def test_both_ends_of_a_slider_are_accepted(state: State, key: str, end: int) -> None:
    control = controls()[key]
    state.set(key, control.read(control.span(control.default)[end]))


def test_a_typed_value_beyond_the_slider_widens_it() -> None:
    control = controls()["law.alert.yellow.days"]
    assert control.span(50)[1] == 50


@pytest.mark.parametrize("group", [g for g in GROUPS if g != "changed"])
def test_no_group_is_empty(group: str) -> None:
    assert found(group)


def test_the_common_controls_exist() -> None:
    assert set(COMMON) <= set(controls())


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("yellow days", "law.alert.yellow.days"),
        ("黄色预警 持续", "law.alert.yellow.days"),
        ("145号 四(一)1", "law.alert.yellow.days"),
        ("AUDIT.servers", "cloud.audit.servers"),
    ],
)
def test_a_search_finds_by_name_clause_and_key_in_every_group(query: str, key: str) -> None:
    assert key in [control.key for control in found("air", query)]


def test_a_search_for_nonsense_finds_nothing() -> None:
    assert found("common", "zzzz") == []


@pytest.mark.parametrize(
    ("key", "typed", "read"),
    [
        ("cloud.audit.servers", "3", 3),
        ("air.response.compliance", 0.5, 0.5),
        ("law.alert.aqi.start", 150.0, 150),
        ("air.weather.duration_h", "1, 2, 3", (1, 2, 3)),
        ("air.weather.duration_h", "[1.5, 2.0, 3.0]", (1.5, 2.0, 3.0)),
        ("cloud.arrivals.migration_waves", '["11-26", 4]', ((("11-26", 4)),)),
        ("law.alert.levels", '"a", "b"', ["a", "b"]),
    ],
)
def test_what_is_typed_is_read_as_the_scenario_takes_it(key: str, typed: Any, read: Any) -> None:
    found = controls()[key].read(typed)
    assert found == (("11-26", 4) if key.endswith("migration_waves") else read)


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("cloud.audit.servers", 2.5), ("cloud.audit.servers", float("inf")),
        ("air.response.compliance", "much"), ("air.response.compliance", float("nan")),
        ("air.weather.duration_h", "one; two"), ("period.start", "soon"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_key_and_value(key: str, typed: Any) -> None:
    with pytest.raises(Refused, match=rf"{key}: .* is refused; allowed is"):
        controls()[key].read(typed)


# ---- the state ----------------------------------------------------------------------------------


def test_a_control_set_back_to_the_base_is_no_change(state: State) -> None:
    state.set("cloud.audit.servers", 3)
    state.set("cloud.audit.servers", state.base.get("cloud.audit.servers"))
    assert state.variant.changes == {}


def test_setting_the_same_value_is_no_step(state: State) -> None:
    assert not state.set("cloud.audit.servers", 1)
    assert not state.can_undo


def test_a_refused_value_changes_nothing(state: State) -> None:
    with pytest.raises(Refused):
        state.set("air.response.compliance", 7.0)
    assert state.variant.changes == {}
    assert not state.can_undo


def test_an_unknown_key_is_refused_with_the_nearest(state: State) -> None:
    with pytest.raises(Refused, match="audit"):
        state.set("cloud.audit.server", 2)


def test_undo_and_redo_go_through_every_kind_of_step(state: State) -> None:
    seen = [state.now]
    state.set("cloud.audit.servers", 3)
    seen.append(state.now)
    state.add()
    seen.append(state.now)
    state.set("law.alert.yellow.days", 1)
    seen.append(state.now)
    state.reset()
    seen.append(state.now)
    state.remove()
    for snapshot in reversed(seen):
        state.undo()
        assert state.now == snapshot
    assert not state.can_undo
    for snapshot in seen[1:]:
        state.redo()
        assert state.now == snapshot
    state.redo()
    assert not state.can_redo


def test_a_new_step_ends_what_could_be_redone(state: State) -> None:
    state.set("cloud.audit.servers", 3)
    state.undo()
    state.set("cloud.audit.servers", 4)
    assert not state.can_redo


def test_there_are_at_most_three_variants_and_at_least_one(state: State) -> None:
    for _ in range(MOST_VARIANTS - 1):
        state.add()
    with pytest.raises(Refused, match="allowed is 1 to 3"):
        state.add()
    assert len({variant.title for variant in state.now.variants}) == MOST_VARIANTS
    for _ in range(MOST_VARIANTS + 1):
        state.remove()
    assert len(state) == 1


def test_a_new_variant_begins_as_the_base(state: State) -> None:
    state.set("cloud.audit.servers", 3)
    state.add()
    assert state.variant.changes == {}
    assert state.scenario(2).replace({"title": "t", "question": "q"}) == state.base.replace(
        {"title": "t", "question": "q"}
    )
    assert state.scenario(1).get("cloud.audit.servers") == 3


def test_a_copy_has_the_changes_of_the_chosen_one_under_another_name(state: State) -> None:
    state.set("cloud.audit.servers", 3)
    state.set("question", "how many?")
    state.copy()
    assert state.scenario(2).get("cloud.audit.servers") == 3
    assert state.variant.question == "how many?"
    assert state.scenario(2).title != state.scenario(1).title


def test_a_preset_takes_the_place_of_all_changes_and_undo_brings_them_back(state: State) -> None:
    state.set("cloud.audit.servers", 3)
    before = state.now
    preset = shipped()["horizon-96h"]
    state.apply(preset)
    assert state.variant.changes == differences(default_base(), preset)
    assert state.variant.title == preset.title
    state.undo()
    assert state.now == before


def test_a_reset_takes_the_name_of_a_preset_away_but_keeps_one_that_was_typed(state: State) -> None:
    state.apply(shipped()["horizon-96h"])
    state.reset()
    assert (state.variant.title, state.variant.changes) == ("Variant 1", {})
    state.set("title", "mine")
    state.set("cloud.audit.servers", 3)
    state.reset()
    assert (state.variant.title, state.variant.changes) == ("mine", {})


def test_another_base_keeps_the_variants_own_changes(state: State) -> None:
    state.set("cloud.audit.servers", 3)
    state.rebase(shipped()["half-the-reviewers"])
    assert state.current().get("cloud.audit.servers") == 3
    assert state.current().get("cloud.provisioning.servers") == 1
    state.undo()
    assert state.base.get("cloud.provisioning.servers") == 2


def test_the_last_change_says_what_was_turned(state: State) -> None:
    state.set("cloud.audit.servers", 3)
    assert state.last is not None
    assert (state.last.key, state.last.before, state.last.after) == ("cloud.audit.servers", 1, 3)
    state.add()
    assert state.last is None


# ---- state to file and back ---------------------------------------------------------------------


def drawn_value(control: Control, data: st.DataObject) -> Any:
    """Draw a value that the control may have."""
    if control.numeric:
        low, high, _ = control.span(control.default)
        if control.kind == "whole":
            return data.draw(st.integers(int(low), int(high)))
        value = data.draw(st.floats(low, high, allow_subnormal=False))
        return control.read(value)
    if control.kind == "yes":
        return data.draw(st.booleans())
    if control.kind == "choice":
        return data.draw(st.sampled_from([choice.value for choice in control.choices]))
    if control.kind == "day":
        return date(2018, 10, 1) + timedelta(days=data.draw(st.integers(0, 181)))
    return control.default


TURNED = [c for c in controls().values() if c.kind not in ("list", "text")]
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1, max_size=40)
BASES = st.sampled_from(["winter-2018-19", "half-the-reviewers", "draft-2022"])


@given(name=BASES, keys=st.lists(st.sampled_from(TURNED), max_size=6), title=TEXT, asks=TEXT,
       data=st.data())  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_a_state_saved_and_loaded_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, name: str, keys: list[Control], title: str,
    asks: str, data: st.DataObject,
) -> None:  # fmt: skip
    state = State(shipped()[name])
    for control in keys:
        try:
            state.set(control.key, drawn_value(control, data))
        except Refused:
            continue  # values that do not go together
    state.set("title", title)
    state.set("question", asks)
    path = files.save(state, tmp_path_factory.mktemp("saved") / "variant.toml", "zh")
    restored = State(default_base())
    files.restore(restored, path)
    assert restored.variant == state.variant
    assert restored.base == state.base
    assert load(path) == state.current()


def test_notes_of_a_changed_value_survive_the_file(state: State, tmp_path: Path) -> None:
    value = {"value": 1, "status": "literature", "source": "some [paper], p. 3"}
    state.set("law.alert.yellow.days", value)
    state.set("law.alert.yellow.days.reading", "calendar")
    path = files.save(state, tmp_path / "v.toml")
    other = State(state.base)
    files.restore(other, path)
    assert other.variant == state.variant
    assert other.current().law_notes == {"alert.yellow.days": {k: value[k] for k in
                                                               ("status", "source")}}  # fmt: skip


def test_a_base_of_ones_own_goes_into_the_file(state: State, tmp_path: Path) -> None:
    state.set("cloud.audit.servers", 2)
    path = files.save(state, tmp_path / "v.toml")
    loaded = load(path)
    assert loaded.period == state.base.period
    assert loaded.get("cloud.audit.servers") == 2


def test_a_file_that_is_refused_changes_nothing(state: State, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('title = "x"\nquestion = "y"\n[cloud.audit]\nserver = 2\n', encoding="utf-8")
    before = state.now
    with pytest.raises(Refused, match=r"bad\.toml.*servers"):
        files.restore(state, path)
    assert state.now == before


@pytest.mark.parametrize("name", ["", "..", ".x", " .x.toml", "a/b", "a\\b", "a\nb", "x:y"])
def test_a_file_name_cannot_leave_the_folder_or_hide_in_it(name: str) -> None:
    with pytest.raises(Refused, match="file name"):
        files.file_name(name, ".toml")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("预报延长至96小时", "预报延长至96小时"),
        ("Forecasts that reach 96 hours", "Forecasts-that-reach-96-hours"),
        ('../a: "b" <c>|d?*', "a-b-c-d"),
        (".hidden\n", "hidden"),
        ("☃ …", "variant"),
    ],
)
def test_a_title_suggests_a_plain_file_name(title: str, name: str) -> None:
    assert files.suggested(title) == name


@given(title=TEXT)
def test_every_suggested_file_name_is_accepted_and_short(title: str) -> None:
    name = files.suggested(title * 9)
    assert files.file_name(name, "") == name
    assert len(name.encode()) < 200


def test_a_saved_variant_is_never_lost_to_another_of_its_name(state: State, tmp_path: Path) -> None:
    path = tmp_path / "v.toml"
    state.set("cloud.audit.servers", 2)
    assert files.save(state, path, keep=True) == path
    first = path.read_bytes()
    assert files.save(state, path, keep=True) == path, "what is the same needs no second file"
    state.set("cloud.audit.servers", 3)
    assert files.save(state, path, keep=True) == tmp_path / "v-2.toml"
    state.set("cloud.audit.servers", 4)
    assert files.save(state, path, keep=True) == tmp_path / "v-3.toml"
    assert path.read_bytes() == first
    assert load(tmp_path / "v-2.toml").get("cloud.audit.servers") == 3


def test_the_same_in_python_gives_the_same_table(state: State) -> None:
    state.set("law.alert.yellow.days", 1)
    state.set("title", 'it\'s "quoted" \\ 方案')
    state.add()
    state.set("air.weather.duration_h", (10.0, 30.0, 40.0))
    code = files.python(state, 3, 2)
    space: dict[str, Any] = {}
    with redirect_stdout(StringIO()) as said:
        exec(code, space)
    assert "air.pm25_mean" in said.getvalue(), "it prints the table where it is run as a script"
    result = Engine(jobs=1).result(state.scenarios(), 3, 2, Job(), quiet)
    pd.testing.assert_frame_equal(space["diff"].table, result.comparison.table)


# ---- runs ---------------------------------------------------------------------------------------


def test_a_cached_run_equals_a_comparison(base: Scenario, result: Result) -> None:
    made = compare(base, result.scenarios[1], replications=4, seed=3)
    pd.testing.assert_frame_equal(made.table, result.comparison.table)


def test_only_what_is_not_known_is_run(base: Scenario) -> None:
    engine, told = Engine(jobs=1), list[tuple[int, int]]()

    def tell(done: int, total: int) -> None:
        told.append((done, total))

    engine.result([base, base], 2, 1, Job(), tell)
    assert told[-1] == (2, 2)
    engine.result([base, base.replace({"title": "another"})], 4, 1, Job(), tell)
    assert told[-1] == (2, 2), "two more of the base, none of what runs alike"
    engine.result([base, base], 4, 1, Job(), tell)
    assert told[-1] == (0, 0)


def test_titles_do_not_count_but_the_law_does(base: Scenario) -> None:
    assert fingerprint(base) == fingerprint(base.replace({"title": "z"}))
    assert fingerprint(base) != fingerprint(base.replace({"law.alert.yellow.days": 1}))


def test_a_cancelled_run_stops(base: Scenario) -> None:
    job = Job()
    seen = list[int]()

    def tell(done: int, total: int) -> None:
        seen.append(done)
        if done:
            job.cancel()

    with pytest.raises(Cancelled):
        Engine(jobs=1).result([base], 30, 1, job, tell)
    assert seen[-1] < 30


def test_a_closed_engine_says_so(base: Scenario) -> None:
    engine = Engine(jobs=1)
    engine.close()
    with pytest.raises(ZiboSimError, match="closed"):
        engine.result([base], 2, 1, Job(), quiet)


@pytest.mark.parametrize(("replications", "seed"), [(1, 1), (0, 1), (10**6, 1), (5, -1)])
def test_numbers_out_of_range_are_refused(base: Scenario, replications: int, seed: int) -> None:
    with pytest.raises(Refused, match="allowed is"):
        Engine(jobs=1).result([base], replications, seed, Job(), quiet)


def test_a_pool_of_processes_gives_the_same_numbers(base: Scenario, result: Result) -> None:
    engine = Engine(jobs=2)
    try:
        again = engine.result(result.scenarios, 4, 3, Job(), quiet)
    finally:
        engine.close()
    pd.testing.assert_frame_equal(again.comparison.table, result.comparison.table)


def test_drivers_are_ordered_and_turned_alone(base: Scenario) -> None:
    keys = ("air.emissions.scale", "cloud.audit.servers", "law.alert.yellow.days.reading")
    picked = [controls()[key] for key in keys]
    rows = drivers(Engine(jobs=1), base, picked, "air.pm25_mean", 1, Job(), quiet)
    assert [row.control.key for row in rows] == list(keys[:2])
    emissions, audit = rows
    assert emissions.ends == (0.8, 1.2)
    assert emissions.effects[0][0] < 0 < emissions.effects[1][0]
    assert audit.reach == 0, "auditors of the cloud do not move the air"


def test_a_tornado_says_which_values_each_bar_stands_for(
    base: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = list[Any]()
    monkeypatch.setattr("zibo_sim.widgets.drivers.image", figures.append)
    picked = [controls()["law.alert.yellow.days"]]
    turned = base.replace({"law.alert.yellow.days": 3})
    rows = drivers(Engine(jobs=1), turned, picked, "air.pm25_mean", 1, Job(), quiet)
    tornado(rows, turned, "air.pm25_mean", 1, "en")
    (ax,) = figures[0].axes
    assert next(label.get_text() for label in ax.get_yticklabels()).endswith("2 … 4 days")
    said = " ".join(text.get_text() for text in ax.texts)
    assert "whole numbers by 1 or more" in said
    assert "the values used" in said


def test_the_ends_of_a_bar_lie_in_the_range() -> None:
    for control in NUMERIC:
        low, high = ends(control, control.default)
        assert control.low <= low <= control.default <= high <= control.high, control.key
        assert low < high, control.key


# ---- what is shown and carried away -------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_a_user_wrote_is_escaped_everywhere(result: Result, lang: str) -> None:
    texts = [
        tables.cards(result, lang), tables.results(result, lang, every=True),
        tables.law_differences(list(result.scenarios), lang),
        exports.report(result, {}, lang).decode(),
    ]  # fmt: skip
    assert all("<b>x</b>" not in text for text in texts)
    assert ["&lt;b&gt;x&lt;/b&gt;" in text for text in texts] == [True, False, True, True]


def test_the_table_has_intervals_and_verdicts(result: Result) -> None:
    shown = tables.results(result, "en", every=True)
    row = result.comparison.table.loc["air.pm25_mean"]
    assert row["verdict"] == "rises"
    assert "▲ rises" in shown
    assert f"[+{row['low']:.1f}, +{row['high']:.1f}]" in shown


def test_what_differs_from_the_law_has_its_clause(result: Result) -> None:
    assert "淄政办字〔2018〕145号 四(一)1" in tables.law_differences(list(result.scenarios), "zh")


def test_the_data_hold_every_pair_and_no_formula(result: Result, tmp_path: Path) -> None:
    made = exports.data(result)
    folder = exports.write_all(tmp_path / "data", made)
    table = pd.read_csv(folder / "comparison.csv", encoding="utf-8-sig")
    assert set(table["arm"]) == {"'=1+1 <b>x</b>"}
    runs = pd.read_excel(folder / "results.xlsx", sheet_name="replications")
    assert len(runs) == 8
    said = pd.read_csv(folder / "metrics.csv", encoding="utf-8-sig").set_index("metric")
    assert set(said.index) == set(table["metric"]) <= set(runs.columns)
    assert said.loc["air.heavy_days", "zh"] == "重污染天数"
    assert load(folder / "variant_1.toml") == result.scenarios[1]
    assert load(folder / "scenario.toml") == result.scenarios[0]


def test_a_report_loads_nothing_and_holds_its_pictures(result: Result) -> None:
    png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (400).to_bytes(4) + (300).to_bytes(4)
    text = exports.report(result, {"compare": png}, "zh").decode()
    assert "http" not in text.replace("http-equiv", "")
    assert "data:image/png;base64" in text
    assert "default-src 'none'" in text


def test_an_archive_is_compressed_and_readable_by_others() -> None:
    with ZipFile(BytesIO(exports.zipped({"a.csv": b"0" * 9000}))) as archive:
        (info,) = archive.infolist()
    assert info.compress_size < info.file_size
    assert info.external_attr >> 16 & 0o777 == 0o644


def test_a_unit_is_said_in_chinese_unless_it_is_a_symbol() -> None:
    symbols = {"AQI", "GB", "K", "MW", "vCPU", "kPa", "g/L", "cm/s", "g/m³", "mg/m³", "µg/m³",
               "mg/µg", "W/m²", "W/(m²·K)", "°C", "%", ""}  # fmt: skip
    said = {control.unit_in("zh") for control in controls().values()} - symbols
    assert [unit for unit in said if not any("\u4e00" <= c <= "\u9fff" for c in unit)] == []


def test_a_link_carries_the_file_itself() -> None:
    assert 'download="a&quot;b.html" href="data:text/html;base64,eA=="' in exports.link(
        'a"b.html', b"x", "en"
    )


def test_a_folder_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(TypeError):
        exports.write_all(tmp_path / "data", {"a.txt": b"x", "b.txt": None})  # type: ignore[dict-item]
    assert list(tmp_path.iterdir()) == []


def test_importing_the_package_imports_no_widgets() -> None:
    code = (
        "import sys, zibo_sim as zs; zs.load(); zs.WhatIf; "
        "import zibo_sim.widgets.state, zibo_sim.widgets.engine, zibo_sim.widgets.files; "
        "assert 'ipywidgets' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_ipywidgets_the_dashboard_names_the_extra() -> None:
    code = (
        "import sys; sys.modules['ipywidgets'] = None\n"
        "import zibo_sim as zs\n"
        "try:\n    zs.WhatIf()\n"
        "except zs.ZiboSimError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "zibo-sim[notebooks]" in done.stdout


def test_differences_are_what_turns_one_into_the_other() -> None:
    base = default_base()
    for scenario in shipped().values():
        again = base.replace(differences(base, scenario))
        assert again.replace({"title": "t", "question": "q"}) == scenario.replace(
            {"title": "t", "question": "q"}
        )


_LEFT_RUNNING = """
import os, time
from zibo_sim.widgets.engine import Engine
from zibo_sim.widgets.state import default_base
from zibo_sim.experiment import run_batch
if __name__ == "__main__":
    engine = Engine(jobs=2)
    pids = {f.result() for f in [engine.pool.submit(os.getpid) for _ in range(20)]}
    futures = [engine.pool.submit(run_batch, default_base(), 1, range(20)) for _ in range(40)]
    print(*pids, flush=True)
    time.sleep(WAIT)
"""


def alive(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
@pytest.mark.parametrize("killed", [False, True])
def test_no_worker_outlives_its_kernel_and_none_holds_it_up(killed: bool) -> None:
    code = _LEFT_RUNNING.replace("WAIT", "600" if killed else "0")
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pids = [int(word) for word in process.stdout.readline().split()]
    assert pids
    if killed:
        process.kill()
    process.wait(120)
    until = time.monotonic() + 60
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < until, "a worker was left behind"
        time.sleep(0.05)
    process.stdout.close()
