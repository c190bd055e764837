"""Files in and out: every way a file can be no table, and outputs that are whole or not there."""

from __future__ import annotations

import csv
import io
import os
import random
import re
import stat
import subprocess
import sys
import zipfile
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from zibo_sim.desk.output import harmless, writer
from zibo_sim.errors import Refused
from zibo_sim.tables.columns import Column, read_cell
from zibo_sim.tables.files import Row, open_table
from zibo_sim.tables.formulas import unsaved_formula
from zibo_sim.tables.said import BadRow, Said
from zibo_sim.tables.schema import Schema

ABOUT = Said("", "")
SCHEMA = Schema(
    "test",
    (
        Column("name", "名称", "text", ABOUT),
        Column("area", "面积", "number", ABOUT, unit="m²", low=0, above=True),
        Column("let", "出租", "yes_no", ABOUT, required=False, empty=True),
    ),
)


def read(path: Path, encoding: str | None = None) -> tuple[list[str], list[Row]]:
    with open_table(path, encoding) as table:
        return table.header, list(table.rows)


def file(tmp_path: Path, content: str | bytes, name: str = "in.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def refusal(path: Path, encoding: str | None = None) -> str:
    with pytest.raises(Refused) as caught:
        read(path, encoding)
    assert str(path) in str(caught.value) or "--encoding" in str(caught.value)
    return str(caught.value)


def book_of_cells(tmp_path: Path, *cells: str, second: str = "") -> Path:
    """Write a workbook of one row below its header, its cells as XML."""
    plain, path = tmp_path / "plain.xlsx", tmp_path / "in.xlsx"
    book = Workbook()
    book.active.append(["name", "area", "let"])
    book.active.append(["x"])
    book.create_sheet("other")["A1"] = second or None
    book.save(plain)
    row = "".join(f'<c r="{column}2"{cell}</c>' for column, cell in zip("ABC", cells, strict=False))
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = re.sub(rb'<c r="A2".*?</c>', row.encode(), content)
            new.writestr(name, content)
    return path


NAME = ' t="inlineStr"><is><t>甲</t></is>'


@pytest.mark.parametrize("area", ["><f>90+1</f>", "><f>90+1</f><v />", '><f t="shared" si="0"/>'])
def test_a_formula_that_was_never_worked_out_is_refused_and_not_taken_as_empty(
    tmp_path: Path, area: str
) -> None:
    assert "cell B2 holds a formula without its value" in refusal(
        book_of_cells(tmp_path, NAME, area)
    )


def test_formulas_with_their_values_are_read(tmp_path: Path) -> None:
    let = ' t="str"><f>""</f><v></v>'
    path = book_of_cells(tmp_path, NAME, "><f>90+1</f><v>91</v>", let, second="=1+1")
    assert read(path)[1] == [Row(2, ["甲", 91, None])]


def test_a_formula_is_found_across_the_pieces_a_sheet_is_read_in() -> None:
    cell = b'<c r="B7"><f>A1+1</f></c>'
    for before in range((1 << 20) - len(cell) - 1, (1 << 20) + 1):
        assert unsaved_formula(io.BytesIO(b" " * before + cell)) == "B7"


@pytest.mark.parametrize("piece", [b"<c ", b"<c><f>", b"<c><f"])
def test_a_sheet_of_beginnings_without_ends_is_read_through(piece: bytes) -> None:
    assert unsaved_formula(io.BytesIO(piece * 500_000)) is None


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_utf8_is_read_with_or_without_its_mark(tmp_path: Path, mark: bytes) -> None:
    header, rows = read(file(tmp_path, mark + "名称,b\n甲,1\n".encode()))
    assert header == ["名称", "b"]
    assert rows == [Row(2, ["甲", "1"])]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    _, rows = read(file(tmp_path, 'a,b\n\n1,"two\nlines"\n , \n3,4\n'))
    assert [row.number for row in rows] == [3, 5]


def test_gbk_names_the_line_and_the_way_out(tmp_path: Path) -> None:
    path = file(tmp_path, "a,b\n1,2\n3,张店\n".encode("gbk"))
    said = refusal(path)
    assert "line 3" in said and "--encoding gb18030" in said
    assert read(path, "gb18030")[1][1].cells == ["3", "张店"]


def test_the_line_is_right_far_into_a_file(tmp_path: Path) -> None:
    body = "a,b\n" + "x,y\n" * 40_000
    assert "line 40002 " in refusal(file(tmp_path, body.encode() + b"\xff,1\n"))


def test_a_wrong_encoding_that_was_named_is_not_proposed_again(tmp_path: Path) -> None:
    said = refusal(file(tmp_path, b"a,b\n1,\xff\xff\n"), "gb18030")
    assert "line 2 is not gb18030" in said and "say --encoding gb18030" not in said


@pytest.mark.parametrize("encoding", ["nonsense", "base64", "rot13", ""])
def test_an_unknown_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
    path = file(tmp_path, "a,b\n1,2\n")
    if encoding:
        assert "not a text encoding" in refusal(path, encoding)
    else:
        assert read(path, encoding)[0] == ["a", "b"]


def test_utf16_is_proposed_for_what_starts_like_it(tmp_path: Path) -> None:
    path = file(tmp_path, "a,b\n1,张\n".encode("utf-16"))
    assert "--encoding utf-16" in refusal(path)
    assert read(path, "utf-16")[1][0].cells == ["1", "张"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("in.csv", b"", "is empty"),
        ("in.csv", b"\n\n \n", "is empty"),
        ("in.csv", b"a,b\n", "nothing below it"),
        ("in.csv", b"a,b\n\n,\n", "nothing below it"),
        ("in.csv", b"a,b\n1,2\x00\n", "line 2 contains a NUL byte"),
        ("in.csv", b"PK\x03\x04\xff\xfe", "name it .xlsx"),
        ("in.csv", b'a,"b"c\n1,2\n', "row 1, the header: a closing quote"),
        ("in.csv", b"a;b\n1;2\n", "is one cell with ';' between its words; allowed: commas"),
        ("in.csv", b"a\tb\n1\t2\n", "is one cell with '\\t' between its words"),
        ("in.csv", b'a,b\n1,"2\n3,4\n', "unexpected end of data"),
        ("in.xlsx", b"a,b\n1,2\n", "not an Excel workbook"),
        ("in.xlsx", b"", "is empty"),
        ("in.txt", b"a,b\n1,2\n", "allowed: .csv and .xlsx"),
        ("in.xls", b"a,b\n1,2\n", "'.xls'"),
        ("in", b"a,b\n1,2\n", "has no ending"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    assert said in refusal(file(tmp_path, content, name))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "there is no such file" in refusal(tmp_path / "gone.csv")
    (tmp_path / "folder.csv").mkdir()
    assert "is a folder" in refusal(tmp_path / "folder.csv")


def test_what_is_no_regular_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    assert "is not a regular file" in refusal(tmp_path / "pipe.csv")
    assert "cannot be read" in refusal(Path("a\0b.csv"))


def test_empty_columns_at_the_end_are_left_out(tmp_path: Path) -> None:
    header, rows = read(file(tmp_path, "a,b,,\n1,2,,\n3,4\n"))
    assert header == ["a", "b"]
    assert [row.cells for row in rows] == [["1", "2"], ["3", "4"]]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n1\n3,4\n", "row 2, column b: has no cell: the row has 1 cells and the header 2"),
        ("a,b\n1,2,3\n3,4\n", "row 2, column 3: '3' stands below no header: the row has 3 cells"),
        ("a,,c\n1,2,3\n3,,4\n", "row 2, column 2: '2' stands below no header"),
        ('a,b\n1,"2"3\n3,4\n', "row 2: a closing quote is followed by a comma"),
    ],
)
def test_a_row_of_another_width_says_so_and_the_next_is_read(
    tmp_path: Path, content: str, said: str
) -> None:
    header, (bad, good) = read(file(tmp_path, content))
    assert bad.fault is not None and bad.fault.en.startswith(said)
    assert bad.fault.zh.startswith("第2行")
    assert len(bad.cells) == len(good.cells) == len(header)
    assert good.fault is None and [c for c in good.cells if c] == ["3", "4"]


def test_empty_cells_past_the_header_are_no_fault(tmp_path: Path) -> None:
    _, rows = read(file(tmp_path, "a,b\n1,2,,\n3,4, \n"))
    assert rows == [Row(2, ["1", "2"]), Row(3, ["3", "4"])]


def test_of_a_row_of_another_width_only_its_id_is_read(tmp_path: Path) -> None:
    with open_table(file(tmp_path, "名称,面积,出租\n甲,1,200,是\n")) as table:
        layout = SCHEMA.layout(table)
        values, faults = layout.read(next(table.rows))
    assert values == {"name": "甲"}
    assert [said.zh for said in faults] == [
        "第2行“4”列：“是”没有对应的列名：本行4格，表头3格；含逗号的文字须加双引号"
    ]


def workbook(path: Path, *rows: list[object]) -> Path:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.create_sheet("Notes").append(["not", "read"])
    book.save(path)
    return path


def test_the_first_sheet_of_a_workbook_is_read_with_its_own_types(tmp_path: Path) -> None:
    when = datetime(2018, 12, 1, 5)
    path = workbook(tmp_path / "in.XLSX", ["a", "b", None], [1001, when], [None, None], ["x"])
    header, rows = read(path)
    assert header == ["a", "b"]
    assert rows == [Row(2, [1001, when]), Row(4, ["x", None])]


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    good = workbook(tmp_path / "good.xlsx", ["a"], [1]).read_bytes()
    for cut in (100, len(good) // 2, len(good) - 30):
        assert "Excel workbook" in refusal(file(tmp_path, good[:cut], "cut.xlsx"))


def test_random_bytes_end_in_a_table_or_a_refusal(tmp_path: Path) -> None:
    draw = random.Random(7)
    alphabet = [b"a", b",", b"\n", b'"', b"\r", b"\xe5", b"\x00", b"1", b" ", b"\xff"]
    for trial in range(300):
        content = b"".join(draw.choices(alphabet, k=draw.randrange(40)))
        name = "in.csv" if trial % 5 else "in.xlsx"
        try:
            read(file(tmp_path, content, name))
        except Refused:
            continue


def test_headers_are_found_in_both_languages_any_order_and_with_units(tmp_path: Path) -> None:
    with open_table(file(tmp_path, "备注,面积（m²）, NAME ,Let\nx,90,甲,是\n")) as table:
        layout = SCHEMA.layout(table)
        row = next(table.rows)
    assert layout.read(row) == ({"name": "甲", "area": 90.0, "let": True}, [])
    assert (layout.extra_names, layout.carried(row)) == (("备注",), ["x"])


def test_all_faults_of_a_header_are_told_at_once(tmp_path: Path) -> None:
    path = file(tmp_path, "let,出租,aera,x,x\n1,1,1,1,1\n")
    with open_table(path) as table, pytest.raises(Refused) as caught:
        SCHEMA.layout(table)
    said = str(caught.value)
    assert "'let' and '出租' both mean 'let'" in said
    assert "header 'x' stands twice" in said
    assert "'name' (名称) is missing" in said
    assert "'area' (面积) is missing; nearest header present: 'aera'" in said


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("number", " 1.5 ", 1.5),
        ("number", "１２", 12.0),
        ("number", 3, 3.0),
        ("count", "2.0", 2),
        ("yes_no", "是", True),
        ("yes_no", "NO", False),
        ("yes_no", False, False),
        ("yes_no", 1.0, True),
        ("text", 1001.0, "1001"),
        ("instant", "2018/12/3", datetime(2018, 12, 3)),
        ("instant", "2018年12月3日", datetime(2018, 12, 3)),
        ("instant", "2018-12-03T09:30:15.25Z", datetime(2018, 12, 3, 17, 30, 15)),
        ("instant", "2018-12-03 00:30+0800", datetime(2018, 12, 3, 0, 30)),
        ("instant", "2018-12-03 00:30-03:30", datetime(2018, 12, 3, 12, 0)),
    ],
)
def test_a_cell_is_read(kind: str, cell: object, value: object) -> None:
    column = Column("x", "x", kind, ABOUT)  # type: ignore[arg-type]
    assert read_cell(cell, column) == value


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("number", "abc"),
        ("number", "nan"),
        ("number", "1_000"),
        ("number", "1e999"),
        ("number", True),
        ("count", "1.5"),
        ("yes_no", "perhaps"),
        ("yes_no", 2),
        ("instant", "3/12/2018"),
        ("instant", "2018-02-30"),
        ("instant", 43437),
        ("text", "  "),
    ],
)
def test_a_bad_cell_is_refused(kind: str, cell: object) -> None:
    with pytest.raises(BadRow):
        read_cell(cell, Column("x", "x", kind, ABOUT))  # type: ignore[arg-type]


def test_a_wrong_word_is_told_the_nearest() -> None:
    column = Column("use", "用途", "choice", ABOUT, words={"residential": ("居民",), "shop": ()})
    with pytest.raises(BadRow, match=r"did you mean 'residential'\?"):
        read_cell("residental", column)
    assert read_cell("居民", column) == read_cell("Residential", column) == "residential"


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|x", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"]
)
def test_a_formula_becomes_text(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["", "-5", "+3.2", "-1e5", "abc", "a=b", "张店区"])
def test_what_no_spreadsheet_runs_is_left_alone(text: str) -> None:
    assert harmless(text) == text


def write(out: Path | None, *rows: list[object]) -> None:
    with writer(out) as to:
        for row in rows:
            to.write(row)


def test_csv_is_written_with_the_mark_and_no_formulas(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    when = datetime(2018, 12, 1, 5)
    write(
        out, ["a", "=b", "c", "d"], [Decimal("2200"), "=1+1", when, True], [None, "x\r\ny", -5, 1]
    )
    content = out.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))) == [
        ["a", "'=b", "c", "d"],
        ["2200.00", "'=1+1", "2018-12-01 05:00", "true"],
        ["", "x\ny", "-5", "1"],
    ]


def test_excel_gets_numbers_dates_and_text_that_no_spreadsheet_runs(tmp_path: Path) -> None:
    out = tmp_path / "out.xlsx"
    when = datetime(2018, 12, 1, 5)
    write(out, ["a", "=b", "c"], [Decimal("2200"), "=1+1", when], ["\x01x", "-5", None])
    sheet = load_workbook(out).active
    assert [[cell.value for cell in row] for row in sheet] == [
        ["a", "=b", "c"],
        [2200, "=1+1", when],
        ["\N{REPLACEMENT CHARACTER}x", "-5", None],
    ]
    assert {sheet["B1"].data_type, sheet["B2"].data_type, sheet["B3"].data_type} == {"s"}
    assert sheet["A2"].number_format == "0.00"


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
@pytest.mark.parametrize("error", [Refused("no"), KeyboardInterrupt()])
def test_an_output_that_fails_leaves_nothing_behind(
    tmp_path: Path, name: str, error: BaseException
) -> None:
    out = tmp_path / name
    out.write_text("old")
    with pytest.raises(type(error)), writer(out) as to:
        to.write(["a"])
        raise error
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_an_output_that_fails_says_nothing_of_its_own(tmp_path: Path, name: str) -> None:
    code = (
        "from pathlib import Path\nfrom zibo_sim.desk.output import writer\n"
        f"with writer(Path({str(tmp_path / name)!r})) as to:\n"
        "    to.write(['a'])\n    raise SystemExit(3)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True)
    assert (done.returncode, done.stderr) == (3, b"")


def test_an_output_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    write(tmp_path / "out.csv", ["a"])
    (tmp_path / "other").write_text("")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert len(modes) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing/out.csv", "cannot be written: No such file"),
        ("out.txt", "allowed: .csv and .xlsx"),
        ("folder.csv", "is a folder"),
        ("plain/out.csv", "cannot be written: Not a directory"),
    ],
)
def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "plain").write_text("")
    with pytest.raises(Refused, match=said):
        write(tmp_path / name, ["a"])


def test_the_input_is_not_written_over(tmp_path: Path) -> None:
    source = file(tmp_path, "a\n1\n")
    with pytest.raises(Refused, match="is the file that is read"), writer(source, source):
        pass
    assert source.read_text() == "a\n1\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("name", ["", "link.csv", "link.xlsx"])
def test_a_full_disk_is_refused(tmp_path: Path, name: str) -> None:
    out = Path("/dev/full")
    if name:
        out = tmp_path / name
        out.symlink_to("/dev/full")
    with pytest.raises(Refused, match="No space left"):
        write(out, ["a"], ["b"])
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


STDOUT = (
    "from zibo_sim.desk.output import writer\nwith writer(None) as to:\n    to.write(['张', '=1'])"
)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_standard_output_is_one_refusal_and_not_a_second_error_at_exit() -> None:
    code = STDOUT.replace("with", "from zibo_sim.errors import Refused\ntry:\n  with").replace(
        "    to", "      to"
    )
    code += "\nexcept Refused as refusal:\n  raise SystemExit(str(refusal))"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "standard output: No space left on device; the output is not whole"
    )


def test_standard_output_is_utf8_without_a_mark_whatever_the_locale() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STDOUT],
        capture_output=True,
        env={**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    )
    assert (done.stdout.decode(), done.stderr) == ("张,'=1\n", b"")
