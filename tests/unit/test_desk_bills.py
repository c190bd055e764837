"""Bills for a file of customers: blocks, bad rows, and the same amounts as the rule."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from zibo_sim.desk.bills import bill_file
from zibo_sim.desk.outcome import Outcome
from zibo_sim.errors import Refused
from zibo_sim.law import book
from zibo_sim.rulebook import rules

HEAD = "customer_id,district,use,charging,kind,area"
FLAT = "张店区,residential,area,flat,100"


def bill(tmp_path: Path, *lines: str, **options: object) -> tuple[Outcome, list[dict[str, str]]]:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    outcome = bill_file(source, out, **options)  # type: ignore[arg-type]
    with out.open(encoding="utf-8-sig", newline="") as file:
        return outcome, list(csv.DictReader(file))


def test_a_customer_gets_one_bill_with_its_clause(tmp_path: Path) -> None:
    outcome, rows = bill(tmp_path, HEAD, f"c1,{FLAT}")
    assert rows == [
        {
            "customer_id": "c1",
            "amount": "2200.00",
            "status": "ok",
            "basis": "flat: 100 m² × 22 yuan/m² = 2200 yuan [淄政办字〔2018〕139号 一(一)1]",
            "message": "",
        }
    ]
    assert (outcome.written, outcome.errors) == (1, 0)
    assert "2,200.00 yuan in all" in outcome.notes["en"][0]


def test_rows_that_stand_together_make_one_bill(tmp_path: Path) -> None:
    _, rows = bill(
        tmp_path,
        f"{HEAD},heated",
        "c1,张店区,residential,area,duplex_lower,90,true",
        "c1,张店区,residential,area,duplex_upper,70,false",
        f"c2,{FLAT},",
    )
    assert [row["amount"] for row in rows] == ["2574.00", "2200.00"]


def test_chinese_headers_and_words_mean_the_same(tmp_path: Path) -> None:
    _, rows = bill(
        tmp_path,
        "面积,部位,计费方式,用途,区县,客户编号,采暖,备注",
        "90,复式下层,按面积,居民,张店区,甲,是,x",
        "70,复式上层,按面积,居民,张店区,甲,否,y",
        "100,房屋,按面积,学校,高新区,乙,是,",
    )
    assert [row["amount"] for row in rows] == ["2574.00", "2050.00"]
    assert [row["备注"] for row in rows] == ["x", ""]


def test_a_bad_row_names_row_and_column_and_the_others_are_done(tmp_path: Path) -> None:
    outcome, rows = bill(tmp_path, HEAD, f"c1,{FLAT}", "c2,张店区,residential,area,flat,abc")
    assert [row["status"] for row in rows] == ["ok", "error"]
    assert rows[1]["message"].startswith("row 3, column area: 'abc' is refused")
    assert rows[1]["amount"] == ""
    assert outcome.errors == 1


def test_one_bad_row_makes_its_customer_an_error(tmp_path: Path) -> None:
    _, rows = bill(
        tmp_path, HEAD, f"c1,{FLAT}", "c1,张店区,residential,area,attic,-1", f"c2,{FLAT}"
    )
    assert [(r["customer_id"], r["status"]) for r in rows] == [("c1", "error"), ("c2", "ok")]
    assert "row 3, column area" in rows[0]["message"]


def test_a_slip_of_many_digits_is_billed_as_the_rule_does_and_stops_no_file(
    tmp_path: Path,
) -> None:
    wide, hot = "张店区,residential,area,flat,1e300,", "张店区,residential,metered,flat,10,1e130"
    outcome, rows = bill(tmp_path, f"{HEAD},heat_kwh", f"c1,{wide}", f"c2,{hot}", f"c3,{FLAT},")
    assert rows[0]["amount"] == f"{22 * 10**300}.00"
    assert rows[1]["amount"] == f"{155 * 10**127 + 66}.00"
    assert (rows[2]["amount"], outcome.errors) == ("2200.00", 0)


def test_messages_come_in_chinese_too(tmp_path: Path) -> None:
    _, rows = bill(tmp_path, HEAD, "c2,张店区,residential,area,flat,abc", lang="zh")
    assert rows[0]["message"].startswith("第2行“area”列：“abc”不符合要求")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("c1,张店区,居民,计量,平层,90", "第2行“用热量”列：按计量收费的采暖普通住宅须填热量表读数"),
        ("c1,张店区,机构,面积,平层,90", "第2行“kind”列：“普通住宅”不属于“机构”用途"),
        ("c1,张店区,居民,面积,复式下层,90", "普通住宅0、复式下层1、复式上层0"),
        ("c1,张店,居民,面积,平层,90", "第2行：没有“张店”这个区县，是否为“张店区”？"),
        ("c1,qqqq,居民,面积,平层,90", "第2行：没有“qqqq”这个区县，应为：张店区, "),
    ],
)
def test_what_the_rule_refuses_is_said_in_chinese_too(tmp_path: Path, line: str, said: str) -> None:
    _, rows = bill(tmp_path, f"{HEAD},用热量", f"{line},", lang="zh")
    assert said in rows[0]["message"]
    assert not any(word in rows[0]["message"] for word in ("needs", "allowed", "Allowed", "got"))


def test_an_id_that_comes_back_is_an_error_and_its_first_bill_stands(tmp_path: Path) -> None:
    _, rows = bill(tmp_path, HEAD, f"c1,{FLAT}", f"c2,{FLAT}", f"c1,{FLAT}", f"c1,{FLAT}")
    assert [(r["customer_id"], r["status"]) for r in rows] == [
        ("c1", "ok"),
        ("c2", "ok"),
        ("c1", "error"),
    ]
    assert "row 4, column customer_id: this id stood in row 2" in rows[2]["message"]


def test_rows_without_an_id_are_errors_of_their_own(tmp_path: Path) -> None:
    _, rows = bill(tmp_path, HEAD, f",{FLAT}", f",{FLAT}", f"c1,{FLAT}")
    assert [row["status"] for row in rows] == ["error", "error", "ok"]
    assert "row 3, column customer_id: is empty" in rows[1]["message"]


@pytest.mark.parametrize(
    ("first", "second", "status", "amount"),
    [
        ("1", "1", "ok", "3070.00"),
        ("1", "", "ok", "3070.00"),
        ("", "1", "ok", "3070.00"),
        ("", "", "ok", "2770.00"),
        ("1", "2", "error", ""),
    ],
)
def test_exchangers_are_counted_once_a_customer(
    tmp_path: Path, first: str, second: str, status: str, amount: str
) -> None:
    _, rows = bill(
        tmp_path,
        f"{HEAD},exchangers",
        f"c1,{FLAT},{first}",
        f"c1,张店区,residential,area,attic,25.909091,{second}",
    )
    assert rows[0]["status"] == status
    assert rows[0]["amount"] == amount
    if status == "error":
        assert "row 3, column exchangers: 2 conflicts with 1 of row 2" in rows[0]["message"]


def test_rows_of_a_customer_that_contradict_each_other_are_an_error(tmp_path: Path) -> None:
    _, rows = bill(tmp_path, HEAD, f"c1,{FLAT}", "c1,高新区,residential,area,garage,10")
    assert "row 3, column district" in rows[0]["message"]


def test_what_the_rule_refuses_is_told_by_row_and_column(tmp_path: Path) -> None:
    _, rows = bill(
        tmp_path,
        f"{HEAD},heat_kwh",
        "c1,张店区,residential,metered,flat,100,",
        "c2,张店区,residential,area,attic,100,",
        "c3,张点区,residential,area,flat,100,",
    )
    assert rows[0]["message"].startswith("row 2, column heat_kwh: a heated flat charged by meter")
    assert rows[1]["message"].startswith("row 3: ")
    assert "did you mean '张店区'" in rows[2]["message"]


def test_outside_place_and_time_there_is_a_status_and_no_amount(tmp_path: Path) -> None:
    _, rows = bill(tmp_path, HEAD, f"c1,{FLAT}", "c2,淄川区,residential,area,flat,1", season=2021)
    assert [(r["amount"], r["status"]) for r in rows] == [
        ("", "not_in_force"),
        ("", "out_of_scope"),
    ]


def test_a_change_of_the_law_reaches_the_bill(tmp_path: Path) -> None:
    law = book().with_changes({"heating.price.residential": 23})
    _, rows = bill(tmp_path, HEAD, f"c1,{FLAT}", law=law)
    assert rows[0]["amount"] == "2300.00"


def test_extra_columns_are_carried_and_none_can_run(tmp_path: Path) -> None:
    _, rows = bill(tmp_path, f"note,{HEAD},amount,=x", f"=1+1,@c1,{FLAT},9,-5")
    assert rows[0]["note"] == "'=1+1"
    assert rows[0]["customer_id"] == "'@c1"
    assert rows[0]["amount (input)"] == "9"
    assert rows[0]["'=x"] == "-5"


def test_excel_in_and_out(tmp_path: Path) -> None:
    source, out = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    workbook = Workbook()
    workbook.active.append([*HEAD.split(","), "heated", "phone"])
    workbook.active.append([1001, "张店区", "residential", "area", "flat", 100, True, "=1+1"])
    workbook.active["H2"].data_type = "s"
    workbook.save(source)
    assert bill_file(source, out).errors == 0
    sheet = load_workbook(out).active
    assert [cell.value for cell in sheet[2]][:3] == ["1001", 2200, "ok"]
    assert (sheet["F2"].value, sheet["F2"].data_type) == ("=1+1", "s")


def test_missing_columns_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        bill(tmp_path, "customer_id,districts,use,charging,kind", "c1,a,b,c,d")
    assert "'area' (面积) is missing" in str(caught.value)
    assert "nearest header present: 'districts'" in str(caught.value)
    assert not (tmp_path / "out.csv").exists()


def test_a_ragged_row_is_an_error_row_and_the_others_are_billed(tmp_path: Path) -> None:
    outcome, rows = bill(
        tmp_path, HEAD, f"c1,{FLAT}", "c2,张店区,residential,area,flat,1,200", "c3,张店区",
        f"c4,{FLAT},", 'c5,张店区,"residential"x,area,flat,90', f"c6,{FLAT}",
    )  # fmt: skip
    assert [(row["customer_id"], row["status"]) for row in rows] == [
        ("c1", "ok"), ("c2", "error"), ("c3", "error"), ("c4", "ok"), ("", "error"), ("c6", "ok"),
    ]  # fmt: skip
    assert outcome.errors == 3
    assert rows[1]["message"].startswith("row 3, column 7: '200' stands below no header")
    assert rows[2]["message"].startswith("row 4, column use: has no cell: the row has 2 cells")
    assert rows[4]["message"].startswith("row 6: a closing quote")


def test_a_ragged_row_of_a_customer_spoils_that_customer(tmp_path: Path) -> None:
    _, rows = bill(
        tmp_path, HEAD, "c1,张店区,residential,area,duplex_lower,90",
        "c1,张店区,residential,area,duplex_upper", f"c2,{FLAT}",
    )  # fmt: skip
    assert [(row["customer_id"], row["status"]) for row in rows] == [("c1", "error"), ("c2", "ok")]


def test_a_quote_never_closed_leaves_no_half_written_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f'{HEAD}\nc1,{FLAT}\n"c2,1\n', encoding="utf-8")
    for out in (tmp_path / "out.csv", None):
        with pytest.raises(Refused, match="line 3: unexpected end of data"):
            bill_file(source, out)
    assert capsys.readouterr().out == ""
    assert list(tmp_path.iterdir()) == [source]


def test_without_a_place_the_bills_go_to_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"{HEAD}\nc1,{FLAT}\n", encoding="utf-8")
    bill_file(source)
    captured = capsys.readouterr()
    assert captured.out.startswith("customer_id,amount,status,basis,message\nc1,2200.00,ok,")
    assert captured.err == ""


ODD = f"{HEAD},heated,certificate,let,height,heat_kwh,exchangers,note"


def _every_kind(count: int) -> list[str]:
    """Return customers of every kind, plain and not, good and bad, in a mixed order."""
    kinds = [
        "张店区,residential,area,flat,{a},,,,,,,plain",
        "高新区,居民,计量,普通住宅,{a},是,,,,{k},,plain",
        "张店区,residential,metered,flat,{a},,,,,,,no reading",
        "张店区,residential,area,flat,{a},,,,,,2,exchangers",
        "张店区,residential,area,flat,{a},false,,,,,,cold",
        "张店区,residential,area,flat,{a},,,true,,,,let",
        "张店区,residential,area,attic,{a},,,,,,,alone",
        "张店区,institution,area,premises,{a},,,,4.2,,3,school",
        "高新区,institution,metered,premises,{a},,,,4.2,{k},,school",
        "张店区,non_residential,area,premises,{a},,,,{h},,,shop",
        "张店区,non_residential,metered,premises,{a},,,,{h},{k},,shop",
        "张店区,non_residential,area,premises,{a},,,true,{h},,,shop",
        "张店区,non_residential,area,garage,{a},,,,{h},,,garage",
        "张店区,non_residential,area,flat,{a},,,,{h},,,wrong kind",
        "淄川区,residential,area,flat,{a},,,,,,,outside",
        "张点区,residential,area,flat,{a},,,,,,,misspelt",
        "张店区,residential,area,flat,-{a},,maybe,,900,,,faults",
        "张店区,residential,area,flat,1e-7,,,,,,,tiny",
        "张店区,residential,area,flat,123456789.0123456789,,,,,,,long",
    ]
    rows = []
    for i in range(count):
        area, kwh, height = f"{7.31 * i + 0.005:.3f}", f"{i * 13.37:.2f}", f"{2.5 + i % 50 / 10}"
        kind = kinds[i % len(kinds)].format(a=area, k=kwh, h=height)
        rows.append(f"c{i},{kind}")
    return rows


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"heating.height.scope.reading": "area_and_metered"},
        {"heating.height.scope.reading": "all_area_priced"},
        {"heating.height.surcharge.reading": "compound"},
        {"heating.rounding.step": 0.05},
        {"heating.price.residential": 22.123456789012},
    ],
)
def test_the_quick_way_and_the_rule_write_the_same_file(
    tmp_path: Path, changes: dict[str, object], lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    law, lines = book().with_changes(changes), [ODD, *_every_kind(400)]
    _, quick = bill(tmp_path, *lines, law=law, lang=lang)
    monkeypatch.setattr("zibo_sim.heating.plainbill.PlainBill.lines", lambda *_: None)
    _, alone = bill(tmp_path, *lines, law=law, lang=lang)
    assert quick == alone
    assert {row["status"] for row in alone} == {"ok", "error", "out_of_scope"}


def test_the_rule_called_row_by_row_gives_the_amounts_of_the_file(tmp_path: Path) -> None:
    """The desk checks its own inputs; the public rule, which checks them again, agrees."""
    rows = [f"c{i},张店区,residential,area,flat,{40 + i * 1.37:.2f}" for i in range(200)]
    _, found = bill(tmp_path, HEAD, *rows)
    for row, line in zip(found, rows, strict=True):
        space = {"kind": "flat", "area": float(line.rsplit(",", 1)[1])}
        alone = rules["heating.bill"](
            season=2018, district="张店区", use="residential", spaces=[space]
        )
        assert row["amount"] == alone["amount"]


def test_plain_customers_do_take_the_quick_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def called(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("zibo_sim.desk.bills.account", called)
    rows = [
        "c2,高新区,residential,metered,flat,90.5,5000",
        "c3,张店区,institution,area,premises,9,",
    ]
    _, found = bill(tmp_path, f"{HEAD},heat_kwh", f"c1,{FLAT},", *rows)
    assert [row["amount"] for row in found] == ["2200.00", "1372.30", "184.50"]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read on Linux")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Measured in processes of their own: five times the rows, the same memory but for 6 MB."""
    script = (
        "import sys\nfrom pathlib import Path\n"
        "from zibo_sim.desk.bills import bill_file\n"
        "bill_file(Path(sys.argv[1]), Path(sys.argv[1] + '.out.csv'))\n"
        "print(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])\n"
    )
    peaks = []
    for count in (12_000, 60_000):
        source = tmp_path / f"{count}.csv"
        lines = (f"customer-{i:09d},{FLAT}\n" for i in range(count))
        source.write_text(f"{HEAD}\n{''.join(lines)}", encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-c", script, str(source)], capture_output=True, text=True, check=True
        )
        peaks.append(int(done.stdout))
    assert peaks[1] - peaks[0] < 6_000


@pytest.mark.parametrize("season", [99999, 218, -1])
def test_a_season_that_is_no_year_is_refused_once(tmp_path: Path, season: int) -> None:
    with pytest.raises(Refused) as caught:
        bill(tmp_path, HEAD, f"c1,{FLAT}", f"c2,{FLAT}", season=season)
    assert caught.value.faults == (
        f"--season: {season} is refused; allowed: a year from 1900 to 2200; the notice is in force "
        "for 2018 to 2020",
    )
    assert not (tmp_path / "out.csv").exists()
