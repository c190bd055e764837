"""Commands about requests to the cloud: desk, fit-requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import click

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import (
    FAILED,
    encoding_option,
    file_argument,
    json_flag,
    language,
    say,
    say_written,
    seed_option,
    set_option,
    settings_of,
)
from zibo_sim.tables.said import Said

_LOGS = (".csv", ".xlsx")
mapping_option = click.option(
    "--mapping", type=click.Path(path_type=Path),
    help="TOML that maps a log's activities to steps 事件名对照表.",
)  # fmt: skip


@cli.command()
@click.argument("source", default="winter-2018-19")
@seed_option
@click.option(
    "--replication", type=click.IntRange(0), default=0, show_default=True,
    help="Which replication of the seed 第几次重复.",
)  # fmt: skip
@set_option
@mapping_option
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]),
    help="Day a log is read at, at its end 截止日期 (default: the log's last time).",
)  # fmt: skip
@encoding_option
@json_flag
@language
def desk(
    source: str,
    seed: int,
    replication: int,
    settings: Sequence[str],
    mapping: Path | None,
    as_of: datetime | None,
    encoding: str | None,
    as_json: bool,
    lang: str,
) -> None:
    """Show what the cloud's service desk reads 政务云服务台统计 (147号 第十一条).

    SOURCE is a scenario, of which one replication is run, or a real log of requests (.csv, .xlsx).
    Time in each state, paused time by cause, lead times, ageing, next to breach, throughput and
    the share of reopened requests; times in working days. Of a scenario also the assessment of
    provider and users and the fees (第二十七条至第二十九条).
    """
    from zibo_sim.desk.requests import not_yet
    from zibo_sim.desk.servicedesk import (
        figures,
        figures_json,
        figures_text,
        read_log,
        review_text,
        simulated,
    )
    from zibo_sim.model import run_cloud
    from zibo_sim.scenario import load
    from zibo_sim.show import dump
    from zibo_sim.words import word

    left_out: Sequence[Said] = ()
    path = Path(source)
    if path.suffix.lower() in _LOGS or (path.suffix != ".toml" and path.is_file()):
        day = as_of.date() if as_of else None
        log, requests = read_log(path, mapping, encoding, day)
        at = as_of + timedelta(days=1, seconds=-1) if as_of else None
        found, more = figures(log, requests, at), ""
        title, left_out = source, requests.left_out
        if day and requests.later:
            say(not_yet(requests.later, day).of(lang))
    else:
        loaded = load(source, settings_of(settings))
        ledger, law = run_cloud(loaded, seed, replication), loaded.law_book()
        found, more = simulated(ledger, law), f"\n\n{review_text(ledger, law, lang)}"
        title = word("service.simulated", lang, name=source, seed=seed, replication=replication)
    if as_json:
        click.echo(dump({"source": source, **figures_json(found)}))
    else:
        click.echo(f"{title}\n\n{figures_text(found, lang)}{more}")
    _leave_out(source, left_out, lang)


def _leave_out(source: str, faults: Sequence[Said], lang: str) -> None:
    """Say which rows cannot be used; the requests they belong to are left out."""
    from zibo_sim.desk.servicedesk import shown_faults

    if faults:
        zh = lang == "zh"
        say(*(f"{source}: {said}" for said in shown_faults(faults, lang)))
        say("所属申请未计入" if zh else "the requests these rows belong to are left out")
        raise SystemExit(FAILED)


@cli.command("fit-requests")
@file_argument
@click.option(
    "-o", "--out", "--output", "out", type=click.Path(path_type=Path),
    help="Scenario file to write 输出方案文件 (.toml).",
)  # fmt: skip
@mapping_option
@encoding_option
@language
def fit_requests(
    source: Path, out: Path | None, mapping: Path | None, encoding: str | None, lang: str
) -> None:
    """Fit a log of requests and write a scenario 由申请日志估计到达与办理参数 (147号).

    Arrivals by working day and hour, service times, rework and refusals, each with its 95 %
    interval. Without --out the scenario goes to standard output.
    """
    from zibo_sim.desk.fits import fit_file, fit_text, fragment, write_fragment

    fit, kinds, left_out = fit_file(source, mapping, encoding)
    text = fragment(fit, kinds, source.name, lang)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_fragment(out, text)
        click.echo(fit_text(fit, kinds, lang))
        say_written(out, lang)
    _leave_out(str(source), left_out, lang)
