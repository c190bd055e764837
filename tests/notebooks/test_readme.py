"""The README keeps its word: its commands exist, its figures are what the commands print."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from zibo_sim.cli.main import main
from zibo_sim.scenario import names, settable_keys

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [block.strip() for block in re.findall(r"^```\w*\n(.*?)^```", README, re.M | re.S)]
EXAMPLE = "zibo-sim compare winter-2018-19 horizon-96h"


def test_the_first_two_blocks_are_the_two_commands_of_one_line_each() -> None:
    run, test = BLOCKS[:2]
    for command in (run, test):
        assert "\n" not in command
        assert command.startswith("python3 -m venv .venv && .venv/bin/pip install ")
    assert run.endswith(" && .venv/bin/zibo-sim run")
    assert test.endswith(" && .venv/bin/python -m pytest -n auto")


def test_the_first_line_says_what_it_is_in_both_languages() -> None:
    first = README.splitlines()[0]
    assert re.search(r"[\u4e00-\u9fff]", first)
    assert re.search(r"[A-Za-z]{4}", first)


def test_every_command_of_the_readme_exists(capsys: pytest.CaptureFixture[str]) -> None:
    commands = {name for block in BLOCKS for name in re.findall(r"^zibo-sim (\S+)", block, re.M)}
    commands |= set(re.findall(r"`zibo-sim ([a-z-]+)", README))
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out.partition("Commands:")[2]
    assert commands
    assert commands <= set(re.findall(r"^  ([a-z-]+) ", listed, re.M))


def test_every_scenario_and_key_of_the_readme_exists() -> None:
    for line in re.findall(r"^zibo-sim compare (.*)$", README, re.M):
        words = line.split()
        assert {w for w in words if "=" not in w and not w.startswith("--")} <= set(names())
        assert {w.split("=")[0] for w in words if "=" in w} <= set(settable_keys())


@pytest.mark.parametrize("target", re.findall(r"\[[^\]\"]+\]\(([^)]+)\)", README))
def test_what_the_readme_points_to_is_there(target: str) -> None:
    assert target.startswith("https://") or (ROOT / target).is_file()


def test_the_example_of_the_readme_prints_what_the_readme_shows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (shown,) = [block for block in BLOCKS if block.startswith("metric ")]
    assert EXAMPLE in README
    assert main([*EXAMPLE.split()[1:], "--lang", "en"]) == 0
    out = capsys.readouterr().out
    printed = {" ".join(line.split()) for line in out.splitlines()}
    for row in shown.splitlines():
        assert " ".join(row.split()) in printed, f"the command prints now:\n{out}"


def test_the_package_is_cited_with_its_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert f"\nversion: {project['version']}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"## [{project['version']}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
