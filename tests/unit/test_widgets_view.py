"""Every control of the dashboard, driven without a browser: set a value, click, look at traits."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import pytest

pytest.importorskip("ipywidgets")

import ipywidgets as w

from zibo_sim.errors import Refused
from zibo_sim.plots import pen
from zibo_sim.scenario import Scenario, load
from zibo_sim.widgets import serve
from zibo_sim.widgets.catalog import GROUPS, controls
from zibo_sim.widgets.panel import PAGE
from zibo_sim.widgets.pictures import readable, tabs
from zibo_sim.widgets.state import MOST_VARIANTS, default_base
from zibo_sim.widgets.whatif import WhatIf
from zibo_sim.words import LANGUAGES

SHORT = {"period.start": date(2019, 1, 5), "period.end": date(2019, 1, 9)}
PNG = b"\x89PNG"


@pytest.fixture
def base() -> Scenario:
    return default_base().replace(SHORT)


@pytest.fixture
def what(base: Scenario, tmp_path: Path) -> Iterator[WhatIf]:
    made = WhatIf(base, lang="en", replications=3, jobs=1, folder=tmp_path, warm=False)
    yield made
    made.close()


def settle(what: WhatIf) -> None:
    """Wait until nothing is under way."""
    until = time.monotonic() + 120
    while what.busy:
        assert time.monotonic() < until
        time.sleep(0.01)


def parts(box: Any) -> Iterator[Any]:
    yield box
    for child in getattr(box, "children", ()):
        yield from parts(child)


def picture(what: WhatIf, key: str) -> bytes:
    return bytes(what.view.outputs.images[key].value)


def error(what: WhatIf) -> str:
    return str(what.view.error.value)


# ---- controls -----------------------------------------------------------------------------------


def test_slider_and_number_are_linked_both_ways(what: WhatIf) -> None:
    slider, number = what.view.panel.row("law.alert.yellow.days").inputs
    slider.value = 1
    assert number.value == what.get("law.alert.yellow.days") == 1
    number.value = 40
    assert slider.value == what.get("law.alert.yellow.days") == 40
    assert slider.max >= 40


def test_sliders_report_on_release_alone(what: WhatIf) -> None:
    found = [p for p in parts(what.widget) if isinstance(p, w.FloatSlider | w.IntSlider)]
    assert found
    assert not any(slider.continuous_update for slider in found)


def test_an_exact_number_is_kept_as_typed(what: WhatIf) -> None:
    what.view.panel.row("air.response.compliance").inputs[1].value = 0.123456789
    assert what.get("air.response.compliance") == 0.123456789


def test_every_control_can_be_brought_into_view_in_both_languages(what: WhatIf) -> None:
    panel, seen = what.view.panel, set()
    for lang in LANGUAGES:
        what.view.language.value = lang
        for group in GROUPS[:-1]:
            panel.groups.value = group
            while True:
                seen |= {(control.key, lang) for control in panel.in_view}
                assert len(panel.rows.children) <= PAGE
                if panel.on.disabled:
                    break
                panel.on.click()
    assert seen == {(key, lang) for key in controls() for lang in LANGUAGES}
    assert error(what) == ""


@pytest.mark.parametrize(
    ("key", "given", "kept"),
    [
        ("period.end", date(2019, 1, 8), date(2019, 1, 8)),
        ("law.alert.yellow.days.reading", "calendar", "calendar"),
        ("valuation.enabled", True, True),
        ("cloud.queue", "priority", "priority"),
        ("law.heating.season.start", "11-10", "11-10"),
        ("air.weather.duration_h", "10, 20, 30", (10.0, 20.0, 30.0)),
        ("cloud.audit.servers", 4, 4),
        ("air.emissions.scale", 1.25, 1.25),
    ],
)
def test_each_kind_of_control_turns_its_input(
    what: WhatIf, key: str, given: Any, kept: Any
) -> None:
    what.view.panel.search.value = key
    row = what.view.panel.row(key)
    row.inputs[-1].value = given
    assert what.get(key) == kept
    assert key in what.state.variant.changes
    row.back.click()
    assert key not in what.state.variant.changes
    assert error(what) == ""


@pytest.mark.parametrize(
    ("key", "given", "said"),
    [
        ("air.response.compliance", 7.0, "less than or equal to 1"),
        ("cloud.audit.servers", 0, "greater than or equal to 1"),
        ("cloud.audit.servers", 2.5, "allowed is a whole number"),
        ("air.weather.duration_h", "often", "is refused"),
        ("law.heating.season.start", "31-31", "a day as MM-DD"),
        ("period.end", date(2018, 1, 1), "period"),
    ],
)
def test_a_refused_value_is_said_in_words_and_goes_back(
    what: WhatIf, key: str, given: Any, said: str
) -> None:
    what.view.panel.search.value = key
    before = what.get(key)
    entry = what.view.panel.row(key).inputs[-1]
    entry.value = given
    assert said in error(what)
    assert "Traceback" not in error(what)
    assert what.get(key) == before
    as_text = isinstance(entry, w.Text)
    assert entry.value == (controls()[key].shown(before) if as_text else before)
    what.set("cloud.audit.servers", 2)
    what.undo()
    assert error(what) == "", "the next step takes the message away"


def test_each_control_shows_unit_range_status_and_clause(what: WhatIf) -> None:
    row = what.view.panel.row("law.alert.yellow.days")
    said = " ".join(part.value for part in parts(row.box) if isinstance(part, w.HTML))
    for piece in ("days", "≥ 0", "statutory", "淄政办字〔2018〕145号 四(一)1"):
        assert piece in said


def test_a_search_looks_through_all_groups_and_says_where_nothing_fits(what: WhatIf) -> None:
    panel = what.view.panel
    panel.search.value = "145号 四(一)1"
    assert "law.alert.yellow.days" in [control.key for control in panel.in_view]
    panel.search.value = "no such thing"
    assert panel.rows.children == ()
    assert "nothing fits" in panel.where.value


def test_the_group_of_changes_follows_them(what: WhatIf) -> None:
    what.set("cloud.audit.servers", 3)
    assert ("Changed 1", "changed") in what.view.panel.groups.options
    what.view.panel.groups.value = "changed"
    assert [control.key for control in what.view.panel.in_view] == ["cloud.audit.servers"]


def test_few_widgets_are_made_before_they_are_needed(what: WhatIf) -> None:
    rows = [part for part in parts(what.view.panel.rows) if isinstance(part, w.VBox)]
    assert len(rows) <= PAGE + 1


# ---- variants, menus, steps ---------------------------------------------------------------------


def test_variants_are_added_chosen_and_removed(what: WhatIf) -> None:
    view = what.view
    what.set("cloud.audit.servers", 3)
    for name in ("add", "copy"):
        view.buttons[name].click()
    assert what.get("cloud.audit.servers") == 1, "a copy of the one that was added"
    assert len(what.state) == MOST_VARIANTS
    assert view.buttons["add"].disabled
    assert view.buttons["copy"].disabled
    view.panel.search.value = "cloud.audit.servers"
    view.panel.row("cloud.audit.servers").inputs[1].value = 5
    view.variants.value = 0
    assert what.get("cloud.audit.servers") == 3
    assert what.scenario(3).get("cloud.audit.servers") == 5
    view.buttons["remove"].click()
    assert [what.scenario(i).get("cloud.audit.servers") for i in (1, 2)] == [1, 5]
    view.buttons["remove"].click()
    assert view.buttons["remove"].disabled


def test_title_and_question_are_taken_and_escaped(what: WhatIf) -> None:
    what.view.header["title"].value = "<script>alert(1)</script>"
    what.view.header["question"].value = "why <b>not</b>?"
    what.set("law.alert.yellow.days", 1)
    what.run()
    html = [part.value for part in parts(what.widget) if isinstance(part, w.HTML)]
    assert not any("<script>" in text or "<b>not</b>" in text for text in html)
    assert any("&lt;script&gt;" in text for text in html)
    assert what.scenario(1).question == "why <b>not</b>?"


def test_an_empty_title_is_refused_in_words(what: WhatIf) -> None:
    what.view.header["title"].value = ""
    assert "title" in error(what)
    assert what.view.header["title"].value == "Variant 1"


def test_the_menus_change_base_and_apply_presets(what: WhatIf) -> None:
    what.view.preset.value = "half-the-reviewers"
    assert what.get("cloud.provisioning.servers") == 1
    assert what.view.header["title"].value == "Half the reviewers"
    what.view.preset.value = "horizon-96h"
    assert what.get("cloud.provisioning.servers") == 2, "a preset takes the place of another"
    assert what.get("air.forecast.horizon_h") == 96
    assert what.view.header["title"].value == "Forecasts that reach 96 hours"
    assert "Undo brings its earlier changes back" in what.view.said.value
    assert what.view.preset.value == ""
    what.view.buttons["undo"].click()
    assert what.get("cloud.provisioning.servers") == 1
    what.view.base.value = "plan-2017"
    assert what.state.base == load("plan-2017")
    what.view.base.value = ""
    assert what.state.base == what.first


def test_the_buttons_step_back_and_forth(what: WhatIf) -> None:
    buttons = what.view.buttons
    assert all(buttons[name].disabled for name in ("undo", "redo", "reset", "replay"))
    what.view.panel.row("law.alert.yellow.days").inputs[0].value = 1
    buttons["undo"].click()
    assert what.get("law.alert.yellow.days") == 2
    assert what.view.panel.row("law.alert.yellow.days").inputs[0].value == 2
    buttons["redo"].click()
    assert what.get("law.alert.yellow.days") == 1
    buttons["reset"].click()
    assert what.state.variant.changes == {}


def test_the_language_is_switched_in_place(what: WhatIf) -> None:
    what.set("law.alert.yellow.days", 1)
    what.run()
    root, result = what.widget, what.result
    what.view.language.value = "zh"
    settle(what)
    assert what.widget is root
    assert what.result is result
    assert what.get("law.alert.yellow.days") == 1
    assert what.view.run.description == "运行"
    assert "第 1 次" in what.view.count.value
    assert "<th>结论</th>" in what.view.outputs.table.value
    assert what.view.outputs.tabs.titles[0] == "与基准之差"


# ---- runs ---------------------------------------------------------------------------------------


def test_run_counts_draws_and_compares(what: WhatIf) -> None:
    what.view.panel.row("law.alert.yellow.days").inputs[0].value = 1
    assert 'data-count="0"' in what.view.count.value
    what.view.run.click()
    settle(what)
    assert error(what) == ""
    assert 'data-count="1"' in what.view.count.value
    assert picture(what, "compare").startswith(PNG)
    assert "zs-table" in what.view.outputs.table.value
    assert "zs-card" in what.view.outputs.cards.value
    assert what.table.loc["air.pm25_mean", "pairs"] == 3


def test_run_can_be_pressed_again_without_any_change(what: WhatIf) -> None:
    for count in (1, 2):
        what.view.run.click()
        settle(what)
        assert error(what) == ""
        assert what.count == count
    assert not what.stale


def test_another_picture_is_drawn_when_its_tab_comes_into_view(what: WhatIf) -> None:
    what.run()
    assert picture(what, "season") == b""
    for at, key in enumerate(tabs()):
        what.view.outputs.tabs.selected_index = at
        settle(what)
        shown = picture(what, key).startswith(PNG)
        assert shown or "nothing of this kind" in what.view.outputs.hints[key].value, key
    assert error(what) == ""
    assert picture(what, "season").startswith(PNG)


def test_results_that_no_longer_fit_are_dimmed_until_the_next_run(what: WhatIf) -> None:
    def dimmed() -> bool:
        return "zs-stale" in what.view.outputs.results._dom_classes

    what.run()
    assert not dimmed()
    what.view.panel.row("law.alert.yellow.days").inputs[0].value = 1
    assert dimmed()
    assert "run again" in what.view.said.value
    what.undo()
    assert not dimmed(), "the results fit again"
    what.redo()
    what.run()
    assert not dimmed()
    what.view.seed.value = 7
    assert dimmed()


def test_the_law_strip_is_always_there_and_follows_the_controls(what: WhatIf) -> None:
    assert "every value is the law" in what.view.law.value
    what.view.panel.row("law.alert.yellow.days").inputs[0].value = 1
    assert "淄政办字〔2018〕145号 四(一)1" in what.view.law.value
    assert what.view.law in what.widget.children, "outside every tab and drawer"


def test_a_cancelled_run_leaves_the_earlier_results(
    what: WhatIf, monkeypatch: pytest.MonkeyPatch
) -> None:
    what.run()
    before, table = what.result, what.view.outputs.table.value
    begun, go_on = threading.Event(), threading.Event()
    fill = what._engine.fill

    def slow(*given: Any) -> None:
        begun.set()
        assert go_on.wait(60)
        fill(*given)

    monkeypatch.setattr(what._engine, "fill", slow)
    what.set("cloud.audit.servers", 5)
    what.view.run.click()
    assert begun.wait(60)
    assert what.view.run.disabled
    what.view.cancel.click()
    assert not what.busy, "at once, whatever the workers do"
    assert not what.view.run.disabled
    go_on.set()
    time.sleep(0.2)
    assert what.result is before
    assert what.view.outputs.table.value == table
    assert what.count == 1
    assert "cancelled" in what.view.said.value


class Held:
    """Holds the drawing of pictures up until it is let go."""

    def __init__(self, what: WhatIf, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.go_on, self.ended = (threading.Event() for _ in range(3))
        draw = what._engine.draw

        def slow(*given: Any) -> Any:
            self.begun.set()
            assert self.go_on.wait(60)
            try:
                return draw(*given)
            finally:
                self.ended.set()

        monkeypatch.setattr(what._engine, "draw", slow)


def shown(what: WhatIf) -> tuple[Any, ...]:
    outputs = what.view.outputs
    page = [getattr(part, "value", None) for part in outputs.pages["compare"].children]
    return (what.result, what.count, what.view.count.value, outputs.cards.value,
            outputs.table.value, page)  # fmt: skip


def test_a_run_cancelled_while_it_is_drawn_changes_nothing_that_is_shown(
    what: WhatIf, monkeypatch: pytest.MonkeyPatch
) -> None:
    what.set("law.alert.yellow.days", 3)
    what.run()
    before = shown(what)
    what.reset()
    what.set("air.emissions.scale", 1.5)
    held = Held(what, monkeypatch)
    what.view.run.click()
    assert held.begun.wait(60)
    assert "drawing" in what.view.said.value
    assert shown(what) == before, "numbers and picture change at once"
    what.view.cancel.click()
    assert "the earlier results stay" in what.view.said.value
    held.go_on.set()
    assert held.ended.wait(60)
    time.sleep(0.1)
    assert shown(what) == before
    assert "the earlier results stay" in what.view.said.value
    assert what.stale
    what.run()
    assert shown(what)[1] == 2
    assert not what.stale


def test_no_tab_shows_the_picture_of_an_earlier_run(
    what: WhatIf, monkeypatch: pytest.MonkeyPatch
) -> None:
    tabs_of = what.view.outputs.tabs
    what.run()
    tabs_of.selected_index = list(tabs()).index("season")
    settle(what)
    page = what.view.outputs.pages["season"]
    image = what.view.outputs.images["season"]
    assert image in page.children
    tabs_of.selected_index = 0
    what.set("air.emissions.scale", 1.5)
    what.run()
    assert image not in page.children
    held = Held(what, monkeypatch)
    tabs_of.selected_index = list(tabs()).index("season")
    assert held.begun.wait(60)
    what.view.cancel.click()
    assert image not in page.children
    assert "choose another tab" in page.children[0].value
    assert "not drawn" in what.view.said.value
    held.go_on.set()
    assert held.ended.wait(60)
    tabs_of.selected_index = 0
    tabs_of.selected_index = list(tabs()).index("season")
    settle(what)
    assert image in page.children


def test_the_numbers_are_shown_where_a_picture_cannot_be_drawn(
    what: WhatIf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(what._engine, "draw", broken)
    what.view.run.click()
    settle(what)
    assert "unexpected ZeroDivisionError" in error(what)
    assert what.count == 1
    assert "zs-table" in what.view.outputs.table.value
    assert "not drawn" in what.view.outputs.pages["compare"].children[0].value


def test_a_replay_that_is_cancelled_shows_the_controls_as_they_are(what: WhatIf) -> None:
    what.view.panel.row("law.alert.yellow.days").inputs[0].value = 1
    what.run()
    what.replay(pause=1.0)
    until = time.monotonic() + 60
    while what.count < 2:
        assert time.monotonic() < until
        time.sleep(0.01)
    what.view.cancel.click()
    while what.get("law.alert.yellow.days") != 1:
        assert time.monotonic() < until
        time.sleep(0.01)
    time.sleep(0.1)
    assert what.view.panel.row("law.alert.yellow.days").inputs[0].value == 1


def test_progress_goes_to_its_end(what: WhatIf) -> None:
    what.run()
    assert what.view.progress.value == what.view.progress.max


@pytest.mark.parametrize(
    ("box", "value", "said"),
    [
        ("replications", 1, "Paired runs: 1 is refused. Allowed is a whole number from 2 to 2000"),
        ("replications", 9e9, "Paired runs: 9000000000 is refused."),
        ("seed", -3, "Seed: -3 is refused. Allowed is a whole number from 0"),
        ("seed", 1.5, "Seed: 1.5 is refused."),
        ("seed", float("nan"), "Seed: nan is refused."),
    ],
)
def test_numbers_of_a_run_out_of_range_are_refused_once_in_words(
    what: WhatIf, box: str, value: float, said: str
) -> None:
    entry = getattr(what.view, box)
    before = entry.value
    entry.value = value
    assert said in error(what)
    assert error(what).count("refused") == 1
    assert entry.value == before


def test_a_name_nobody_typed_is_shown_in_the_language_that_is_chosen(what: WhatIf) -> None:
    title, question = what.view.header["title"], what.view.header["question"]
    what.view.language.value = "zh"
    assert (title.value, question.value) == ("方案1", "如果这样改，会怎样？")
    what.view.preset.value = "horizon-96h"
    assert title.value == "预报延长至96小时"
    assert what.view.file.value == "预报延长至96小时"
    what.view.language.value = "en"
    assert title.value == "Forecasts that reach 96 hours"
    assert question.value.startswith("If the consultation")
    assert what.view.variants.options[0][0] == title.value
    question.value = "my own?"
    what.view.language.value = "zh"
    assert (title.value, question.value) == ("预报延长至96小时", "my own?")


def test_a_copy_is_named_after_what_it_copies(what: WhatIf) -> None:
    what.view.preset.value = "horizon-96h"
    what.view.buttons["copy"].click()
    assert what.view.header["title"].value == "Forecasts that reach 96 hours (copy)"
    what.view.language.value = "zh"
    assert what.view.header["title"].value == "预报延长至96小时（副本）"
    what.view.header["title"].value = "我的方案"
    what.view.buttons["copy"].click()
    assert what.view.header["title"].value == "我的方案（副本）"


def test_menus_and_buttons_say_what_they_do(what: WhatIf) -> None:
    view = what.view
    every = [view.base, view.preset, *view.buttons.values(), *view.file_buttons.values()]
    tips = [widget.tooltip for widget in every]
    assert all(tips)
    assert len(set(tips)) == len(tips)
    view.language.value = "zh"
    assert not {widget.tooltip for widget in every} & set(tips)


def test_saving_is_in_view_without_opening_anything(what: WhatIf) -> None:
    assert what.view.files_row in what.widget.children
    assert what.view.file_buttons["save"] in what.view.files_row.children
    assert what.view.file_buttons["report"] in what.view.files_row.children


def test_replications_and_seed_are_taken(what: WhatIf) -> None:
    what.view.replications.value = 4
    what.view.seed.value = 9
    what.run()
    assert what.table["pairs"].max() == 4
    assert what.result is not None
    assert what.result.seed == 9


def test_the_last_change_is_replayed_from_before_to_after(what: WhatIf) -> None:
    what.view.panel.row("law.alert.yellow.days").inputs[0].value = 1
    what.run()
    now, count = what.state.now, what.count
    what.replay(wait=True, pause=0.0)
    assert error(what) == ""
    assert what.state.now == now
    assert what.count == count + 2
    assert not what.stale
    assert "2 → 1" in what.view.said.value


def test_drivers_are_drawn_for_what_is_in_view_and_changed(what: WhatIf) -> None:
    what.set("air.emissions.scale", 1.3)
    what.view.panel.search.value = "cloud.audit.servers"
    what.view.outputs.metric.value = "air.pm25_mean"
    what.view.outputs.drive.click()
    settle(what)
    assert error(what) == ""
    assert what._drivers is not None
    assert [row.control.key for row in what._drivers[0]] == [
        "air.emissions.scale", "cloud.audit.servers"
    ]  # fmt: skip
    assert picture(what, "drivers").startswith(PNG)


def test_all_metrics_are_listed_on_request(what: WhatIf) -> None:
    what.set("law.alert.yellow.days", 1)
    what.run()
    few = what.view.outputs.table.value.count("<tr>")
    what.view.outputs.every.value = True
    assert what.view.outputs.table.value.count("<tr>") > few


def test_an_unexpected_fault_is_said_without_a_traceback(
    what: WhatIf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(what._engine, "fill", broken)
    what.view.run.click()
    settle(what)
    assert "unexpected ZeroDivisionError: by zero" in error(what)
    with pytest.raises(ZeroDivisionError):
        what.run()


def test_a_table_before_any_run_is_refused(what: WhatIf) -> None:
    with pytest.raises(Refused, match="run first"):
        _ = what.table


# ---- files --------------------------------------------------------------------------------------


def test_a_variant_is_saved_downloaded_and_loaded_again(what: WhatIf, tmp_path: Path) -> None:
    what.set("law.alert.yellow.days", 1)
    what.view.file.value = "mine"
    what.view.file_buttons["save"].click()
    assert load(tmp_path / "mine.toml") == what.scenario(1)
    assert 'download="mine.toml"' in what.view.downloads.value
    kept = what.state.variant
    what.view.buttons["reset"].click()
    what.view.file_buttons["load"].click()
    assert what.state.variant == kept
    assert what.view.panel.row("law.alert.yellow.days").inputs[0].value == 1


def test_another_variant_of_the_same_name_is_numbered_and_that_is_said(
    what: WhatIf, tmp_path: Path
) -> None:
    save = what.view.file_buttons["save"]
    assert what.view.file.value == "Variant-1"
    what.set("cloud.audit.servers", 2)
    save.click()
    what.set("cloud.audit.servers", 3)
    save.click()
    assert load(tmp_path / "Variant-1.toml").get("cloud.audit.servers") == 2
    assert load(tmp_path / "Variant-1-2.toml").get("cloud.audit.servers") == 3
    assert "there is another Variant-1.toml" in what.view.downloads.value
    assert 'download="Variant-1-2.toml"' in what.view.downloads.value


def test_the_file_is_named_after_the_variant_until_a_user_names_it(what: WhatIf) -> None:
    what.view.preset.value = "horizon-96h"
    assert what.view.file.value == "Forecasts-that-reach-96-hours"
    what.view.buttons["add"].click()
    assert what.view.file.value == "Variant-1"
    what.view.file.value = "mine"
    what.view.variants.value = 0
    assert what.view.file.value == "mine"


@pytest.mark.parametrize("kind", ["report", "data", "figures"])
def test_an_export_never_takes_the_place_of_another(
    what: WhatIf, tmp_path: Path, kind: str
) -> None:
    kept = tmp_path / {"report": "x-report.html"}.get(kind, f"x-{kind}")
    kept.write_text("mine")
    what.run()
    what.export(kind, "x", wait=True)
    assert error(what) == ""
    assert kept.read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2
    assert "there is another" in what.view.downloads.value


def test_an_uploaded_file_restores_the_controls(what: WhatIf, tmp_path: Path) -> None:
    what.set("cloud.audit.servers", 6)
    content = what.save(tmp_path / "up.toml").read_bytes()
    what.reset()
    file = {"name": "up.toml", "type": "", "size": len(content), "content": content,
            "last_modified": None}  # fmt: skip
    what.receive(file["content"], file["name"])
    assert what.get("cloud.audit.servers") == 6
    what.receive(b"title = 3", "bad.toml")
    assert "bad.toml" in error(what)
    assert "/tmp" not in error(what)


@pytest.mark.parametrize("name", ["../outside", "a/b", "", ".hidden"])
def test_a_name_that_leaves_the_folder_is_refused_in_words(what: WhatIf, name: str) -> None:
    what.view.file.value = name
    what.view.file_buttons["save"].click()
    assert "file name" in error(what)
    what.view.file_buttons["load"].click()
    assert "file name" in error(what)


def test_a_missing_file_is_said_in_words(what: WhatIf) -> None:
    what.view.file.value = "nothing"
    what.view.file_buttons["load"].click()
    assert "no such file" in error(what)


def test_a_refusal_is_said_in_the_dashboards_language(what: WhatIf) -> None:
    what.speak("zh")
    what.view.file.value = "nothing"
    what.view.file_buttons["load"].click()
    assert "没有这个文件" in error(what)


@pytest.mark.parametrize("kind", ["report", "data"])
def test_results_are_exported_when_they_fit(what: WhatIf, tmp_path: Path, kind: str) -> None:
    what.export(kind, "x", wait=True)
    assert "run first" in error(what)
    what.run()
    what.set("law.alert.yellow.days", 1)
    what.export(kind, "x", wait=True)
    assert "no longer fit" in error(what)
    assert list(tmp_path.iterdir()) == []
    what.run()
    what.export(kind, "x", wait=True)
    assert error(what) == ""
    assert len(list(tmp_path.iterdir())) == 1
    assert re.search(r'download="x-(report\.html|data\.zip)"', what.view.downloads.value)


def test_figures_are_written_as_png_and_svg(what: WhatIf, tmp_path: Path) -> None:
    what.run()
    what.export("figures", "x", wait=True)
    names = {path.name for path in (tmp_path / "x-figures").iterdir()}
    assert {"compare.png", "compare.svg", "season.png", "season.svg"} <= names
    assert error(what) == ""


def test_the_same_in_python_follows_the_controls(what: WhatIf) -> None:
    what.set("law.alert.yellow.days", 1)
    assert "'law.alert.yellow.days': 1" in what.view.python.value
    assert "replications=3, seed=1" in what.view.python.value


# ---- display and app ----------------------------------------------------------------------------


def test_it_is_displayed_as_a_widget_with_a_plain_name(what: WhatIf) -> None:
    found = what._repr_mimebundle_()
    data = found[0] if isinstance(found, tuple) else found
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"] == repr(what)


def test_without_a_chinese_font_it_is_said_and_variants_are_told_apart(
    what: WhatIf, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no Chinese font" not in what.view.hint.value
    monkeypatch.setattr(pen, "CJK_FAMILIES", ())
    what.view.language.value = "zh"
    assert "未找到中文字体" in what.view.hint.value
    what.view.header["title"].value = "方案甲"
    what.view.buttons["add"].click()
    what.view.header["title"].value = "方案乙"
    with catch_warnings():
        simplefilter("ignore", UserWarning)
        what.run()
        assert what.result is not None
        titles = [s.title for s in readable(what.result, "zh").scenarios]
    assert titles[1:] == ["variant 1 (title in Chinese)", "variant 2 (title in Chinese)"]
    what.view.language.value = "en"
    assert what.view.hint.value == ""


def test_only_standard_widgets_without_output_are_used(what: WhatIf) -> None:
    for part in parts(what.widget):
        assert type(part).__module__.startswith("ipywidgets."), type(part)
        assert not isinstance(part, w.Output)


def test_the_served_notebook_is_one_call(tmp_path: Path) -> None:
    text = serve.notebook("winter-2018-19", "zh", tmp_path)
    assert "WhatIf('winter-2018-19', lang='zh'" in text


def test_a_busy_port_is_refused_in_words() -> None:
    import socket

    with socket.socket() as taken:
        taken.bind((serve.HOST, 0))
        taken.listen()
        with pytest.raises(Refused, match="choose another with --port"):
            serve.check_port(taken.getsockname()[1])


def test_without_voila_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import sys

    from zibo_sim.cli.main import main

    monkeypatch.setitem(sys.modules, "voila.app", None)
    assert main(["app", "--port", "0"]) == 1
    assert "zibo-sim[notebooks]" in capsys.readouterr().err
