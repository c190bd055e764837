"""Options that several commands share, and how they are read."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from zibo_sim.words import choose_language

Command = Callable[..., Any]
FAILED = 1
QUOTES = "\"'"


def folder_to_be(_context: click.Context, _option: click.Parameter, path: Path | None) -> Any:
    """Refuse a file where a folder is to be written, before anything is run."""
    from zibo_sim.errors import Refused

    if path is not None and path.exists() and not path.is_dir():
        raise Refused(f"{path} is a file; --out names a folder")
    return path


language = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default=choose_language,
    help="Language 语言 (default: the locale's).",
)  # fmt: skip
json_flag = click.option("--json", "as_json", is_flag=True, help="Print one JSON object 输出 JSON.")
set_option = click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE",
    help="Change an input or law.ID 修改参数或法定值; may be repeated.",
)  # fmt: skip
seed_option = click.option("--seed", type=int, default=1, show_default=True, help="Seed 随机种子.")
jobs_option = click.option(
    "--jobs", type=click.IntRange(0), default=0, help="Processes 进程数 (0: one a processor)."
)
out_option = click.option(
    "--out", type=click.Path(path_type=Path), callback=folder_to_be, help="Run folder 结果文件夹."
)
output_option = click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Output file 输出文件 (.csv, .xlsx)."
)
encoding_option = click.option("--encoding", help="Encoding of a CSV 文件编码, e.g. gb18030.")
file_argument = click.argument("source", metavar="FILE", type=click.Path(path_type=Path))


def replications_option(default: int) -> Callable[[Command], Command]:
    """Return the option for the number of replications."""
    return click.option(
        "--replications",
        type=int,
        default=default,
        show_default=True,
        help="Replications 重复次数.",
    )


def settings_of(given: Sequence[str]) -> dict[str, Any]:
    """Read ``KEY=VALUE`` pairs; a value is TOML where it can be, else a text."""
    changes = {}
    for pair in given:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise click.UsageError(f"--set takes KEY=VALUE, not {pair!r}")
        changes[key.strip()] = _toml_value(value.strip())
    return changes


def label_of(given: Sequence[str]) -> str:
    """Return ``KEY=VALUE`` pairs as the name of a variant; of a file its name alone."""
    from zibo_sim.scenario import FILES

    pairs = [tuple(part.strip() for part in pair.partition("=")) for pair in given]
    return ", ".join(
        f"{key}={Path(value.strip(QUOTES)).name if key in FILES else value}"
        for key, _, value in pairs
    )


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


@contextmanager
def progress_bar(total: int, lang: str) -> Iterator[Callable[[int], Any]]:
    """Show a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from tqdm import tqdm

    said = "模拟" if lang == "zh" else "runs"
    with tqdm(total=total, desc=said, unit="", file=sys.stderr, leave=False) as bar:
        yield bar.update


def say(*lines: str) -> None:
    """Write lines to standard error."""
    for line in lines:
        click.echo(line, err=True)


def say_written(path: Path, lang: str) -> None:
    """Say where results were written."""
    say(f"{'结果已写入' if lang == 'zh' else 'written to'} {path}")


def command_line() -> list[str]:
    """Return the command as it was given."""
    return ["zibo-sim", *sys.argv[1:]]
