"""--help in Chinese: every command and option of it is said, nothing stands past the edge."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from zibo_sim.cli.main import main
from zibo_sim.cli.spoken import COLUMNS, said_help, said_option
from zibo_sim.text import width


def commands() -> dict[str, click.Command]:
    main(["--version"])
    from zibo_sim.cli.group import cli

    return {"cli": cli, **cli.commands}


def options() -> Iterator[tuple[str, click.Parameter]]:
    for name, command in commands().items():
        context = click.Context(command, help_option_names=["-h", "--help"])
        yield from ((name, p) for p in command.get_params(context) if isinstance(p, click.Option))


def shown(capsys: pytest.CaptureFixture[str], *line: str) -> str:
    capsys.readouterr()
    assert main([*line, "--help"]) == 0
    return capsys.readouterr().out


def chinese(text: str) -> bool:
    return bool(re.search("[一-鿿]", text))


def test_every_command_and_option_has_its_words() -> None:
    lacking = [name for name in commands() if "about" not in said_help().get(name, {})]
    lacking += [f"{name} {p.opts}" for name, p in options() if not said_option(name, p)]
    assert not lacking


def test_the_words_are_of_options_that_exist() -> None:
    there = {(name, opt) for name, p in options() for opt in p.opts}
    for name, table in said_help().items():
        assert name == "options" or name in commands()
        for option in set(table) - {"about"}:
            known = {opt for _, opt in there} if name == "options" else {
                opt for of, opt in there if of == name
            }  # fmt: skip
            assert option in known, f"{name} {option}"


def test_all_of_it_is_chinese() -> None:
    assert all(chinese(said) for table in said_help().values() for said in table.values())


@pytest.mark.parametrize("name", ["run", "compare", "desk", "sweep", "app"])
def test_help_is_in_the_language_asked_for(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(capsys, name, "--lang", "zh")
    assert said.startswith(f"用法：zibo-sim {name} [选项]")
    assert not re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", said)
    assert max(width(line) for line in said.splitlines()) <= COLUMNS
    assert "may be repeated" in shown(capsys, "run", "--lang", "en")


def test_the_list_of_commands_says_each_in_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    said = shown(capsys)
    for name in commands():
        assert name == "cli" or re.search(rf"^  {name} +.*[一-鿿]", said, re.MULTILINE)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert "用法" not in shown(capsys)


def test_wrong_usage_is_said_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    for line, said in {
        ("run", "--jobs", "-1"): "--jobs：不接受 -1",
        ("run", "--replications", "x"): "--replications：不接受 x，应为整数",
        ("run", "--foo"): "没有 --foo 这个选项",
        ("compare", "winter-2018-19"): "须给出对照方案",
        ("seek",): "缺少 SCENARIO",
    }.items():
        assert main([*line, "--lang", "zh"]) == 2
        error = capsys.readouterr().err
        assert said in error
        assert f"用法见 zibo-sim {line[0]} --help" in error
