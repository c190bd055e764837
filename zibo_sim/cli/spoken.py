"""--help in Chinese for who reads Chinese, from ``help.toml``; in English it is as click has it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources

import click

from zibo_sim.text import pad, width, wrapped

COLUMNS = 96
_OPTION = 28
#: What click puts behind an option's help.
_MORE = re.compile(r"\[([^\[\]]+)\]$")
_SAID = {"default: ": "默认 ", "required": "必填", "; ": "，"}


@cache
def said_help() -> dict[str, dict[str, str]]:
    """Return the Chinese help: command to what it does and what its options mean."""
    text = resources.files(__package__).joinpath("help.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def chinese(context: click.Context | None) -> bool:
    """Say whether a command line is answered in Chinese."""
    return context is not None and context.find_root().obj == "zh"


def said_option(command: str, param: click.Parameter) -> str | None:
    """Return what an option means in a command, in Chinese."""
    tables = (said_help().get(command, {}), said_help()["options"])
    names = sorted(param.opts, key=len, reverse=True)
    return next((t[name] for t in tables for name in names if name in t), None)


class Spoken(click.Command):
    """A command whose help is in Chinese where the command line asks for it."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write how the command is called."""
        if not chinese(ctx):
            super().format_usage(ctx, formatter)
            return
        pieces = " ".join(self.collect_usage_pieces(ctx)).replace("[OPTIONS]", "[选项]")
        pieces = pieces.replace("COMMAND [ARGS]", "命令 [参数]")
        formatter.write(f"用法：{ctx.command_path} {pieces}\n")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does."""
        about = said_help().get(str(self.name), {}).get("about")
        if about is None or not chinese(ctx):
            super().format_help_text(ctx, formatter)
            return
        for paragraph in about.strip().split("\n\n"):
            formatter.write("\n" + "\n".join(wrapped(paragraph, "  ", COLUMNS)) + "\n")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options."""
        if not chinese(ctx):
            super().format_options(ctx, formatter)
            return
        formatter.write("\n选项：\n")
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record and not isinstance(param, click.Argument):
                said = said_option(str(self.name), param) or record[1]
                formatter.write("\n".join(_row(record[0], said + _more(record[1]))) + "\n")

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the command in a line, for the list of commands."""
        about = said_help().get(str(self.name), {}).get("about")
        if about is None or not chinese(click.get_current_context(silent=True)):
            return super().get_short_help_str(limit)
        return about.strip().partition("\n")[0]


class SpokenGroup(Spoken, click.Group):
    """The group of such commands."""

    command_class = Spoken

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options and the commands."""
        if not chinese(ctx):
            click.Group.format_options(self, ctx, formatter)
            return
        Spoken.format_options(self, ctx, formatter)
        formatter.write("\n命令：\n")
        for name in self.list_commands(ctx):
            if command := self.get_command(ctx, name):
                formatter.write("\n".join(_row(name, command.get_short_help_str())) + "\n")


def _more(text: str) -> str:
    found = _MORE.search(text)
    said = found[1] if found else ""
    for english, zh in _SAID.items():
        said = said.replace(english, zh)
    return f"［{said}］" if said else ""


def _row(name: str, said: str) -> Iterator[str]:
    """Yield a name with its meaning beside it, or below where the name is long."""
    lines = wrapped(said, " " * _OPTION, COLUMNS)
    if width(name) > _OPTION - 4:
        yield f"  {name}"
        yield from lines
        return
    yield pad(f"  {name}", _OPTION) + lines[0].lstrip()
    yield from lines[1:]
