"""Refusals in Chinese: what people meet is said in it, keys, values and files to the letter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from zibo_sim.cli.main import main
from zibo_sim.errors import Refused
from zibo_sim.faults import said_fault, said_faults
from zibo_sim.scenario import load


def refused(changes: Mapping[str, Any]) -> str:
    with pytest.raises(Refused) as caught:
        load().replace(changes)
    return said_faults(str(caught.value), "zh")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("cloud.audit.servers", -1, "cloud.audit.servers：不接受 -1，应大于或等于 1"),
        ("cloud.audit.servers", 1.5, "cloud.audit.servers：不接受 1.5，应为整数"),
        ("air.response.compliance", 3.0, "air.response.compliance：不接受 3.0，应小于或等于 1"),
        ("cloud.queue", "lifo", "cloud.queue：不接受 'lifo'，应为 'fifo' 或 'priority'"),
        ("law.alert.yellow.days", 2.5, "law.alert.yellow.days：不接受 2.5，允许：整数，≥ 0 d"),
        ("period.end", "soon", "period.end：不接受 'soon'，应为日期（YYYY-MM-DD）"),
    ],
)
def test_a_value_out_of_range_is_said_with_what_is_allowed(key: str, value: Any, said: str) -> None:
    assert refused({key: value}) == said


def test_an_unknown_key_is_said_with_the_nearest() -> None:
    said = refused({"cloud.audit.servrs": 3})
    assert said.startswith(
        "没有 'cloud.audit.servrs' 这个参数，是不是 'cloud.audit.servers'？可用：cloud"
    )
    assert said.endswith("个")


def test_all_faults_are_said_one_a_line() -> None:
    lines = refused({"cloud.audit.servers": 0, "air.response.compliance": 2.0}).splitlines()
    assert len(lines) == 2
    assert all("不接受" in line for line in lines)


def test_a_file_stands_before_its_faults_as_it_is_named(tmp_path: Path) -> None:
    file = tmp_path / "别处 folder" / "空.toml"
    file.parent.mkdir()
    file.write_bytes(b"")
    with pytest.raises(Refused) as caught:
        load(file)
    assert str(caught.value) == f"{file}: is empty; a scenario says at least title and question"
    said = said_fault(caught.value.faults[0], "zh")
    assert said == f"{file}：文件是空的；方案至少写明 title 和 question"


def test_what_is_not_known_and_english_stay_as_they_are() -> None:
    assert said_fault("audit: the moon is full", "zh") == "audit: the moon is full"
    assert said_fault("seed: -1 is refused; allowed is 0 to 9", "en").startswith("seed: -1 is")


@pytest.mark.parametrize("option", [["--lang", "zh"], ["--lang=zh"]])
def test_the_command_refuses_in_the_language_asked_for(
    option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--set", "cloud.audit.servers=0", *option]) == 1
    assert "cloud.audit.servers：不接受 0，应大于或等于 1" in capsys.readouterr().err
    assert main(["run", "--set", "cloud.audit.servers=0", "--lang", "en"]) == 1
    assert "greater than or equal to 1 (got 0)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (
            "a.csv: the column 'area' (面积) is missing; headers it does not know: none",
            "a.csv：缺少“面积”（area）列",
        ),
        (
            "a.csv: the column 'area' (面积) is missing; nearest header present: '面 积'",
            "a.csv：缺少“面积”（area）列；最接近的现有列名是“面 积”",
        ),
        (
            "x: does not exist; report takes a folder made by `zibo-sim run --out`, "
            "`compare --out` or `sweep --out`",
            "x：没有这个文件夹；report 须是 zibo-sim run --out、compare --out "
            "或 sweep --out 所生成的文件夹",
        ),
        (
            "x: no scenario.toml and no manifest.json in it; explain takes a folder made by "
            "`zibo-sim run --out`",
            "x：其中没有 scenario.toml、manifest.json；"
            "explain 须是 zibo-sim run --out 所生成的文件夹",
        ),
        (
            "s.toml: factors: a.b: low 2 is not below high 1",
            "s.toml：factors：a.b：low（2）应小于 high（1）",
        ),
        (
            "s.toml: replications: 0 is refused; allowed is a whole number from 1 to 9",
            "s.toml：replications：不接受 0，允许：1 至 9 的整数",
        ),
        ("out is not empty; go on with what is there by --resume, or name another folder",
         "out 不是空文件夹；用 --resume 接着做，或换一个文件夹"),
        ("b.pdf: the name ends in '.pdf'; "
         "allowed: .csv and .xlsx (save other tables as one of them)",
         "b.pdf：文件名以 .pdf 结尾；可用 .csv 和 .xlsx（其他表格请先另存为其中一种）"),
        ("--encoding: 'foo' is not a text encoding; allowed: utf-8, gb18030",
         "--encoding：'foo' 不是文件编码，可用：utf-8, gb18030"),
        ("points: 4 with the outputs defined are refused; a region needs at least 20",
         "points：输出有定义的方案只有 4 个，寻找区域至少需要 20 个"),
    ],
)  # fmt: skip
def test_what_files_and_folders_are_refused_for(fault: str, said: str) -> None:
    assert said_fault(fault, "zh") == said


def test_a_period_the_wrong_way_round_is_said_with_both_days() -> None:
    said = refused({"period.start": "2018-12-01", "period.end": "2018-11-01"})
    assert "不接受 2018-12-01 至 2018-11-01：起始日不得晚于结束日" in said
