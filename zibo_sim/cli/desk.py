"""Commands that apply the rules to files: bill, subsidy, alerts, sla, template."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import (
    FAILED,
    encoding_option,
    file_argument,
    language,
    output_option,
    say,
)
from zibo_sim.desk.outcome import Outcome
from zibo_sim.tables.said import Lang


def finish(outcome: Outcome, lang: Lang) -> None:
    """Say what became of a file; a bad row makes the exit status 1."""
    say(*outcome.notes[lang])
    if outcome.errors:
        raise SystemExit(FAILED)


@cli.command()
@file_argument
@output_option
@click.option(
    "--season", type=int, default=2018, show_default=True, help="First year 供暖季起始年."
)
@encoding_option
@language
def bill(source: Path, output: Path | None, season: int, encoding: str | None, lang: Lang) -> None:
    """Heating bills for a list of customers 按用户清单计算供暖费 (139号 一)."""
    from zibo_sim.desk.bills import bill_file

    finish(bill_file(source, output, season=season, encoding=encoding, lang=lang), lang)


@cli.command()
@file_argument
@output_option
@click.option("--year", type=int, default=2018, show_default=True, help="Year of payment 发放年.")
@encoding_option
@language
def subsidy(source: Path, output: Path | None, year: int, encoding: str | None, lang: Lang) -> None:
    """Heating subsidies for a list of households 按住户清单计算供暖补贴 (139号 二)."""
    from zibo_sim.desk.subsidies import subsidy_file

    finish(subsidy_file(source, output, year=year, encoding=encoding, lang=lang), lang)


@cli.command()
@file_argument
@output_option
@encoding_option
@language
def alerts(source: Path, output: Path | None, encoding: str | None, lang: Lang) -> None:
    """Apply the alert plan to an hourly series of air 对逐时空气序列套用预警规定 (145号 四)."""
    from zibo_sim.desk.alerts import alerts_file

    finish(alerts_file(source, output, encoding=encoding), lang)


@cli.command()
@file_argument
@output_option
@click.option(
    "--mapping", type=click.Path(path_type=Path),
    help="TOML that maps a log's activities to steps 事件名对照表.",
)  # fmt: skip
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]),
    help="Date the log is read at 截止日期 (default: its last).",
)  # fmt: skip
@encoding_option
@language
def sla(
    source: Path,
    output: Path | None,
    mapping: Path | None,
    as_of: datetime | None,
    encoding: str | None,
    lang: Lang,
) -> None:
    """Hold a log of requests against the cloud's clocks 核对办理时限 (147号 第十一条)."""
    from zibo_sim.desk.sla import sla_file

    outcome = sla_file(
        source,
        output,
        mapping=mapping,
        as_of=as_of.date() if as_of else None,
        encoding=encoding,
        lang=lang,
    )
    finish(outcome, lang)


@cli.command()
@click.argument("kind")
@output_option
@language
def template(kind: str, output: Path | None, lang: Lang) -> None:
    """Write a table to fill in 生成填报模板: customers, households, air, requests, inventory."""
    from zibo_sim.desk.templates import write_template

    write_template(kind, output, lang)
