"""Subsidies for a file of households: who pays, who funds."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from zibo_sim.desk.outcome import Outcome
from zibo_sim.desk.subsidies import subsidy_file
from zibo_sim.errors import Refused
from zibo_sim.law import book

HEAD = "household_id,district,dibao,unemployed_from,unemployed_to,laid_off,affiliation"
DRAWING = "2018-03-01,2019-02-28"


def subsidy(tmp_path: Path, *lines: str, **options: object) -> tuple[Outcome, list[dict[str, str]]]:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    outcome = subsidy_file(source, out, **options)  # type: ignore[arg-type]
    with out.open(encoding="utf-8-sig", newline="") as file:
        return outcome, list(csv.DictReader(file))


def paid(rows: list[dict[str, str]]) -> list[tuple[str, str, str, str]]:
    return [(r["household_id"], r["payer"], r["funder"], r["amount"]) for r in rows]


@pytest.mark.parametrize(
    ("affiliation", "funder"),
    [
        ("city", "市财政"),
        ("zhangdian", "张店区财政"),
        ("gaoxin", "高新区财政"),
        ("central", "市财政"),
        ("provincial", "市财政"),
        ("省属", "市财政"),
        ("", "高新区财政"),
    ],
)
def test_the_funder_follows_the_affiliation_and_else_the_district(
    tmp_path: Path, affiliation: str, funder: str
) -> None:
    _, rows = subsidy(tmp_path, HEAD, f"h1,高新区,true,,,,{affiliation}")
    assert paid(rows) == [("h1", "civil_affairs", funder, "626.00")]


def test_a_household_has_one_row_a_payer_and_funder(tmp_path: Path) -> None:
    outcome, rows = subsidy(
        tmp_path,
        HEAD,
        "h1,张店区,true,,,,city",
        f"h1,张店区,true,{DRAWING},false,zhangdian",
        f"h1,张店区,,{DRAWING},,张店区",
        "h1,张店区,,,,是,central",
    )
    assert paid(rows) == [
        ("h1", "civil_affairs", "市财政", "626.00"),
        ("h1", "human_resources", "张店区财政", "626.00"),
        ("h1", "human_resources", "市财政", "313.00"),
    ]
    assert "1,565.00 yuan" in outcome.notes["en"][0]
    assert "市财政 939.00 元" in outcome.notes["zh"][0]


def test_members_need_not_stand_together(tmp_path: Path) -> None:
    _, rows = subsidy(tmp_path, HEAD, "h1,张店区,,,,true,", "h2,张店区,1,,,,", "h1,张店区,,,,true,")
    assert paid(rows) == [
        ("h1", "human_resources", "张店区财政", "626.00"),
        ("h2", "civil_affairs", "张店区财政", "626.00"),
    ]


def test_a_household_without_a_claim_has_a_row_of_nothing(tmp_path: Path) -> None:
    _, rows = subsidy(tmp_path, HEAD, "h1,张店区,false,2018-11-01,2019-10-31,false,")
    assert [(r["payer"], r["amount"], r["status"]) for r in rows] == [("", "0.00", "ok")]


def test_outside_place_and_time_there_is_a_status_and_no_amount(tmp_path: Path) -> None:
    _, rows = subsidy(tmp_path, HEAD, "h1,临淄区,true,,,,", "h2,张店区,true,,,,", year=2022)
    assert [(r["amount"], r["status"]) for r in rows] == [
        ("", "out_of_scope"),
        ("", "not_in_force"),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("h1,张店区,maybe,,,,", "row 3, column dibao"),
        ("h1,张店区,true,2018-13-01,,,", "row 3, column unemployed_from"),
        ("h1,高新区,true,,,,", "row 3, column district: '高新区' conflicts with '张店区' of row 2"),
        ("h1,张店区,false,,,,", "row 3, column dibao: False conflicts with True of row 2"),
        ("h1,张店区,,2019-01-02,2019-01-01,,", "row 3: unemployed_to 2019-01-01 lies before"),
        ("h1,张店区,,,,,district", "row 3, column affiliation"),
    ],
)
def test_a_bad_member_makes_its_household_one_error(tmp_path: Path, line: str, said: str) -> None:
    outcome, rows = subsidy(tmp_path, HEAD, "h1,张店区,true,,,,", line, "h2,张店区,true,,,,")
    assert [r["status"] for r in rows] == ["error", "ok"]
    assert said in rows[0]["message"]
    assert "datetime" not in rows[0]["message"]
    assert outcome.errors == 1


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        ("2019-01-02,2019-01-01", "第2行：失业金截止日期 2019-01-01 早于起始日期 2019-01-02"),
        (",2019-01-01", "第2行：有失业金截止日期 2019-01-01 而无起始日期"),
    ],
)
def test_messages_come_in_chinese_too(tmp_path: Path, dates: str, said: str) -> None:
    _, rows = subsidy(tmp_path, HEAD, f"h1,张店区,false,{dates},,", lang="zh")
    assert rows[0]["message"] == said


def test_the_household_only_reading_pays_no_persons(tmp_path: Path) -> None:
    law = book().with_changes({"heating.subsidy.cumulation.reading": "household_only"})
    _, rows = subsidy(tmp_path, HEAD, "h1,张店区,true,,,true,", law=law)
    assert paid(rows) == [("h1", "civil_affairs", "张店区财政", "626.00")]


def test_extra_columns_follow_the_household(tmp_path: Path) -> None:
    _, rows = subsidy(tmp_path, f"{HEAD},name", "h1,张店区,1,,,1,,=x", "h1,张店区,,,,,,y")
    assert [row["name"] for row in rows] == ["'=x", "'=x"]


def test_every_column_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        subsidy(tmp_path, "household_id,district", "h1,张店区")
    assert len(caught.value.faults) == 5


@pytest.mark.parametrize("year", [99999, 218])
def test_a_year_that_is_none_is_refused_once(tmp_path: Path, year: int) -> None:
    with pytest.raises(Refused) as caught:
        subsidy(tmp_path, HEAD, "h1,张店区,true,,,,", "h2,张店区,true,,,,", year=year)
    (said,) = caught.value.faults
    assert said.startswith(f"--year: {year} is refused; allowed: a year from 1900 to 2200; the")


def test_a_ragged_member_spoils_its_household_alone(tmp_path: Path) -> None:
    outcome, rows = subsidy(
        tmp_path, HEAD, "h1,张店区,true,,,,", "h2,张店区,true,,,,,,x", "h1,张店区",
        "h3,张店区,true,,,,,",
    )  # fmt: skip
    assert [(r["household_id"], r["status"]) for r in rows] == [
        ("h1", "error"), ("h2", "error"), ("h3", "ok"),
    ]  # fmt: skip
    assert "row 4, column dibao: has no cell" in rows[0]["message"]
    assert "row 3, column 9: 'x' stands below no header" in rows[1]["message"]
    assert outcome.errors == 2
