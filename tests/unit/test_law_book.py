"""The law book: its words stand in the gazette, its loader refuses, its citations resolve."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from zibo_sim.errors import Refused
from zibo_sim.law import book
from zibo_sim.law.book import Entry, bind, normal, parse

DOCUMENT = """
[document]
number = "淄政办字〔2018〕139号"
title = "通知"
title_en = "Notice"
issuer = "淄博市人民政府办公厅"
issued = 2018-11-08
in_force_from = 2018-11-15
"""
ENTRY = {
    "id": '"heating.price"',
    "name": '{ zh = "价格", en = "Price" }',
    "value": "22",
    "unit": '"yuan/m²"',
    "clause": '"一(一)1"',
    "quote": '"按照套内建筑面积22元/平方米收取"',
    "reading": '"text alone"',
    "status": '"statutory"',
}
CLOUD = "淄政办字〔2018〕147号"
PLAN = "淄政办字〔2018〕145号"


def toml(**changes: str | None) -> str:
    """One document of one entry, with some keys changed, added or (None) left out."""
    keys = {**ENTRY, **changes}
    lines = [f"{key} = {value}" for key, value in keys.items() if value is not None]
    return DOCUMENT + "\n[[entry]]\n" + "\n".join(lines) + "\n"


def ids(query: str) -> list[str]:
    return [entry.id for entry in book().find(query)]


# --- the words -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gazette() -> Path:
    if not os.environ.get("ZIBO_GAZETTE"):
        pytest.skip("ZIBO_GAZETTE is not set: it names the folder with the gazette's text files")
    return Path(os.environ["ZIBO_GAZETTE"])


def printed(folder: Path, number: str) -> str:
    files = list(folder.glob(f"{number.partition('〕')[2].removesuffix('号')}-*.txt"))
    assert len(files) == 1, f"{number}: {files}"
    return normal(files[0].read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "number", [number for number in book().documents if number.startswith("淄政")]
)
def test_every_quote_stands_in_its_document(gazette: Path, number: str) -> None:
    text = printed(gazette, number)
    quotes = [e for e in book() if e.document.number == number]
    assert quotes, f"{number} has no entry"
    missing = [f"{e.id}: {e.quote}" for e in quotes if normal(e.quote) not in text]
    assert not missing


def test_quotes_say_something() -> None:
    assert not [e.id for e in book() if len(normal(e.quote)) < 2]


def test_every_entry_has_names_in_both_languages() -> None:
    def chinese(text: str) -> bool:
        return any("\u4e00" <= letter <= "\u9fff" for letter in text)

    assert not [e.id for e in book() if not chinese(e.name["zh"])]
    assert not [e.id for e in book() if not e.name["en"].strip() or chinese(e.name["en"])]
    assert not [e.id for e in book() if not e.reading.zh.strip() or not e.reading.en.strip()]


def test_every_option_is_named_in_both_languages() -> None:
    options = [(e.id, o, n) for e in book() for o, n in e.reading.options.items()]
    assert options
    assert not [(i, o) for i, o, n in options if not n.get("zh") or not n.get("en")]
    assert not [e.id for e in book() if len(e.reading.options) == 1]


def test_what_no_document_sets_says_where_it_comes_from() -> None:
    assert not [e.id for e in book() if e.status != "statutory" and not e.source]


def test_every_citation_leads_back_to_its_document_and_entry() -> None:
    law = book()
    for entry in law:
        found = law.document_of(entry.clause)
        assert found is not None
        assert found.number == entry.document.number
        assert entry in law.find(entry.clause)


def test_no_id_is_given_twice() -> None:
    folder = Path(__file__).parents[2] / "zibo_sim" / "law"
    given = [
        entry.id
        for file in folder.glob("*.toml")
        for entry in parse(file.read_text(encoding="utf-8"), file.name)[1]
    ]
    assert len(given) == len(set(given)) == len(book())


# --- the loader ----------------------------------------------------------------------------------


def test_a_whole_entry_is_read() -> None:
    document, [entry] = parse(toml(), "139.toml")
    assert (entry.value, entry.unit) == (22, "yuan/m²")
    assert entry.clause == "淄政办字〔2018〕139号 一(一)1"
    assert entry.reading.en == "text alone"
    assert document.in_force_until is None


@pytest.mark.parametrize("key", sorted(ENTRY))
def test_an_entry_without_one_of_its_keys_is_refused_by_name(key: str) -> None:
    with pytest.raises(Refused, match=rf"139\.toml, entry .*missing '{key}'"):
        parse(toml(**{key: None}), "139.toml")


@pytest.mark.parametrize("key", ["unit", "clause", "quote", "reading", "status"])
def test_an_empty_text_is_as_good_as_none(key: str) -> None:
    with pytest.raises(Refused, match=f"missing '{key}'"):
        parse(toml(**{key: '""'}), "139.toml")


def test_everything_an_entry_lacks_is_said_at_once() -> None:
    with pytest.raises(Refused) as refusal:
        parse(toml(quote=None, unit=None, colour='"red"'), "139.toml")
    assert len(refusal.value.faults) == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"status": '"statutry"'}, "did you mean 'statutory'"),
        ({"clauses": '"一"'}, "unknown key 'clauses'; did you mean 'clause'"),
        ({"name": '{ zh = "价格" }'}, "name must have zh and en"),
        ({"reading": '{ zh = "仅依文字" }'}, "zh and en"),
        ({"reading": '"as usual"'}, "'text alone' or"),
        ({"option": '"plain"'}, "option 'plain' is not among"),
        ({"options": '{ a = { zh = "甲", en = "a" } }'}, "option '' is not among"),
        ({"option": '"b"', "options": '{ a = { zh = "甲", en = "a" } }'}, "option 'b'"),
    ],
)
def test_a_faulty_entry_is_refused(changes: dict[str, str], said: str) -> None:
    with pytest.raises(Refused, match=said):
        parse(toml(**changes), "139.toml")


def test_a_document_without_its_date_or_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(Refused, match="missing 'issued'"):
        parse(toml().replace("issued = 2018-11-08\n", ""), "139.toml")
    with pytest.raises(Refused, match="unknown key 'isued'"):
        parse(toml().replace("issued", "isued"), "139.toml")


def test_a_file_that_is_not_toml_is_refused_by_its_name() -> None:
    with pytest.raises(Refused, match=r"139\.toml: not TOML"):
        parse("value = = 2", "139.toml")


def test_an_id_that_stands_twice_is_refused_in_one_file_and_across_files() -> None:
    entry = toml().partition("[[entry]]")[2]
    with pytest.raises(Refused, match=r"a\.toml: id heating\.price stands twice"):
        bind({"a.toml": toml() + "\n[[entry]]" + entry})
    other = toml().replace("139号", "140号")
    with pytest.raises(Refused, match=r"b\.toml: id heating\.price stands twice"):
        bind({"a.toml": toml(), "b.toml": other})


def test_a_document_in_two_files_is_refused() -> None:
    with pytest.raises(Refused, match="stands in two files"):
        bind({"a.toml": toml(), "b.toml": toml(id='"heating.other"')})


# --- finding -------------------------------------------------------------------------------------


def cited(query: str) -> set[str]:
    found = book().find(query)
    assert found, f"{query} finds nothing"
    return {entry.clause for entry in found}


def test_an_id_finds_its_entry_and_a_part_of_it_all_below() -> None:
    assert ids("alert.yellow.days") == ["alert.yellow.days"]
    assert set(ids("heating.price")) == {
        "heating.price.residential",
        "heating.price.institution",
        "heating.price.non_residential",
    }
    assert all(i.startswith("alert.") for i in ids("alert"))


def test_a_part_of_a_word_is_no_part_of_an_id() -> None:
    assert ids("heating.pri") == []


def test_nothing_is_found_by_nothing_or_by_what_is_not_there() -> None:
    assert ids("") == ids("  ") == []
    assert ids("淄政办字〔2018〕999号") == []


@pytest.mark.parametrize("number", sorted(book().documents))
def test_a_document_finds_all_of_its_entries_and_no_other(number: str) -> None:
    assert set(ids(number)) == {e.id for e in book() if e.document.number == number}


@pytest.mark.parametrize(
    "path", ["四", "四(", "四(一)", "四(一)1", "五(五)", "五(五)2", "五(五)2(3)", "五(五)2(3)①"]
)
def test_each_prefix_of_a_path_finds_what_stands_there(path: str) -> None:
    assert all(normal(c).startswith(normal(f"{PLAN} {path}")) for c in cited(f"{PLAN} {path}"))


@pytest.mark.parametrize(
    "query",
    [
        "淄政办字〔2018〕145号 四(一)",
        "淄政办字〔2018〕145号四(一)",
        "淄政办字〔2018〕145号 四（一）",
        "淄政办字[2018]145号 四(一)",
        "〔2018〕145号 四(一)",
        "145号 四(一)",
        "145号四（一）",
    ],
)
def test_short_and_full_width_forms_find_the_same(query: str) -> None:
    assert ids(query) == ids(f"{PLAN} 四(一)")
    assert "alert.yellow.days" in ids(query)


def test_one_is_not_ten() -> None:
    law = bind({"a": toml(), "b": toml(id='"x"', clause='"一(一)10"').replace("139号", "9号")})
    assert [e.id for e in law.find("9号 一(一)1")] == []
    assert [e.id for e in law.find("139号 一(一)1")] == ["heating.price"]
    assert "第二十条" in {e.path for e in book().find("147号 第二十")}
    assert {e.path for e in book().find("147号 第二十条")} == {"第二十条"}


def test_the_two_documents_numbered_147_are_kept_apart() -> None:
    assert not [i for i in ids("〔2017〕147号") if i.startswith("cloud.")]
    assert not [i for i in ids("淄政办字〔2017〕147号") if i.startswith("cloud.")]
    assert "cloud.accept.days" in ids(f"{CLOUD} 第十一条(三)")


@pytest.mark.parametrize(
    ("clause", "number"),
    [
        ("HJ 633-2012", "HJ 633-2012"),
        ("HJ 633-2012 表1", "HJ 633-2012"),
        (f"{PLAN} 四(一)1", PLAN),
        (PLAN, PLAN),
        ("民法总则 第二百零一条", "民法总则"),
    ],
)
def test_a_citation_belongs_to_its_document(clause: str, number: str) -> None:
    document = book().document_of(clause)
    assert document is not None
    assert document.number == number


@pytest.mark.parametrize("clause", ["HJ 633-20120", "淄政办字〔2017〕147号", "", "145号 四(一)"])
def test_what_is_no_citation_belongs_to_no_document(clause: str) -> None:
    assert book().document_of(clause) is None


# --- values and readings -------------------------------------------------------------------------


def test_the_values_printed_in_the_notice_on_heating() -> None:
    law = book()
    assert [law(f"heating.price.{use}") for use in ("residential", "institution")] == [22, 20.5]
    assert law("heating.subsidy.household") == 2 * law("heating.subsidy.person")
    assert law.clause("heating.exchanger.fee") == "淄政办字〔2018〕139号 一(一)4"
    assert law.option("heating.duplex.surcharge") == "single_level"


def test_an_unknown_id_is_refused_with_the_nearest() -> None:
    with pytest.raises(Refused, match=r"did you mean 'heating\.price\.residential'"):
        book()("heating.price.residental")


def test_the_tables_of_the_index_rise_from_zero_along_its_grid() -> None:
    law = book()
    tables = [e for e in law.find("HJ 633-2012") if e.id.startswith("aqi.") and len_of(e) > 1]
    assert len(tables) == 11
    for table in tables:
        assert table.value[0] == 0
        assert np.all(np.diff(table.value) > 0)
        assert len(table.value) in {len(law("aqi.grid")), 5, 6}


def len_of(entry: Entry) -> int:
    numbers = isinstance(entry.value, list) and not isinstance(entry.value[0], str)
    return len(entry.value) if numbers else 0


# --- changes -------------------------------------------------------------------------------------


def test_a_reform_changes_a_value_and_leaves_the_book_as_printed() -> None:
    reform = book().with_changes({"alert.yellow.days": 3, "heating.price.residential": 24.5})
    assert (reform("alert.yellow.days"), book()("alert.yellow.days")) == (3, 2)
    assert reform("heating.price.residential") == 24.5
    assert reform.changed == {"alert.yellow.days": 3, "heating.price.residential": 24.5}
    assert book().changed == {}


def test_a_reading_is_chosen_by_its_option() -> None:
    reform = book().with_changes({"heating.duplex.surcharge.reading": "whole_plus"})
    assert reform.option("heating.duplex.surcharge") == "whole_plus"
    assert reform("heating.duplex.surcharge") == book()("heating.duplex.surcharge")
    assert book().option("heating.duplex.surcharge") == "single_level"


@pytest.mark.parametrize("first", ["value", "reading"])
def test_value_and_reading_change_together_in_either_order(first: str) -> None:
    value = {"heating.duplex.surcharge": 0.4}
    reading = {"heating.duplex.surcharge.reading": "whole_plus"}
    changes = {**value, **reading} if first == "value" else {**reading, **value}
    reform = book().with_changes(changes)
    assert reform("heating.duplex.surcharge") == 0.4
    assert reform.option("heating.duplex.surcharge") == "whole_plus"


def test_one_reform_builds_on_another() -> None:
    reform = book().with_changes({"alert.yellow.days": 3}).with_changes({"alert.orange.days": 4})
    assert (reform("alert.yellow.days"), reform("alert.orange.days")) == (3, 4)
    assert set(reform.changed) == {"alert.yellow.days", "alert.orange.days"}


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("alert.yelow.days", 3, r"did you mean 'alert\.yellow\.days'"),
        ("heating.duplex.surcharge.readings", "x", r"did you mean"),
        ("heating.duplex.surcharge.reading", "whole_pluss", "did you mean 'whole_plus'"),
        ("heating.duplex.surcharge.reading", ["whole_plus"], "unknown reading"),
        ("heating.price.residential.reading", "text alone", "unknown law-book id"),
        ("alert.yellow.days", 2.5, "whole number"),
        ("alert.yellow.days", "3", "whole number"),
        ("alert.yellow.days", True, "whole number"),
        ("alert.yellow.days", -1, "≥ 0"),
        ("alert.yellow.days", None, "whole number"),
        ("heating.price.residential", float("nan"), "number"),
        ("heating.price.residential", float("inf"), "number"),
        ("heating.duplex.surcharge", 1.5, "a share from 0 to 1"),
        ("heating.duplex.surcharge", -0.1, "a share from 0 to 1"),
        ("target.pm25_change", 0.1, "≤ 0"),
        ("cloud.prereview", 1, "true or false"),
        ("heating.season.start", "11-31", "a day as MM-DD"),
        ("heating.season.start", "2018-11-15", "a day as MM-DD"),
        ("heating.season.start", "W46-4", "a day as MM-DD"),
        ("heating.season.start", 1115, "a day as MM-DD"),
        ("heating.force.until", "2021-02-30", "a day as YYYY-MM-DD"),
        ("heating.subsidy.payer.person", "", "a text"),
        ("heating.subsidy.payer.person", 3, "a text"),
        ("heating.scope.districts", "张店区", "a list like"),
        ("heating.scope.districts", ["张店区", 3], "a list like"),
        ("heating.scope.districts", [], "a list like"),
        ("aqi.o3_8h", [0, 100], "a list like"),
        ("aqi.o3_8h", [0, 100, 90, 215, 265, 800], "a list like"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(key: str, value: object, said: str) -> None:
    with pytest.raises(Refused, match=said):
        book().with_changes({key: value})


def test_all_faults_of_a_reform_are_said_at_once() -> None:
    with pytest.raises(Refused) as refusal:
        book().with_changes(
            {
                "alert.yelow.days": 3,
                "alert.orange.days": 3,
                "heating.duplex.surcharge": 2,
                "heating.duplex.surcharge.reading": "both",
            }
        )
    assert len(refusal.value.faults) == 3
    assert "alert.orange.days" not in [fault.partition(":")[0] for fault in refusal.value.faults]


def test_every_printed_value_and_option_may_be_set_to_itself() -> None:
    law = book()
    readings = {f"{e.id}.reading": e.reading.option for e in law if e.reading.options}
    same = law.with_changes({**{e.id: e.value for e in law}, **readings})
    assert list(same) == list(law)
    assert set(same.changed) == set(law.keys())


def test_a_number_from_an_array_is_taken_as_a_plain_number() -> None:
    reform = book().with_changes({"alert.yellow.days": np.int64(3)})
    assert type(reform("alert.yellow.days")) is int


# --- in force ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "in_force"),
    [
        (date(2018, 11, 14), False),
        (date(2018, 11, 15), True),
        (date(2021, 11, 14), True),
        (date(2021, 11, 15), False),
    ],
)
def test_the_heating_notice_is_in_force_for_three_years(day: date, in_force: bool) -> None:
    document = book().document_of("淄政办字〔2018〕139号 一(一)1")
    assert document is not None
    assert document.in_force(day) is in_force


def test_a_document_without_an_end_stays_in_force() -> None:
    document = book().document_of(CLOUD)
    assert document is not None
    assert not document.in_force(date(2018, 11, 18))
    assert document.in_force(date(2018, 11, 19))
    assert document.in_force(date(2030, 1, 1))


def test_an_entry_may_be_in_force_otherwise_than_its_document() -> None:
    _, [entry] = parse(toml(in_force_from="2019-01-01"), "139.toml")
    assert not entry.document.in_force(date(2018, 12, 31))
    assert entry.document.in_force(date(2019, 1, 1))
