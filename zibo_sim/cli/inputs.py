"""Commands about scenarios and the law: scenarios, show, validate, schema, law, check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import (
    FAILED,
    json_flag,
    language,
    set_option,
    settings_of,
)
from zibo_sim.errors import Refused, unknown


@cli.command()
@language
def scenarios(lang: str) -> None:
    """List the scenarios that come with the package 列出自带方案."""
    from zibo_sim.show import scenarios_text

    click.echo(scenarios_text(lang))


@cli.command()
@click.argument("scenario", default="winter-2018-19")
@click.option("--metrics", is_flag=True, help="Show every metric instead 显示全部指标.")
@set_option
@language
def show(scenario: str, metrics: bool, settings: Sequence[str], lang: str) -> None:
    """Show a scenario: every value, its unit and where it came from 显示方案的全部取值及来源."""
    from zibo_sim.provenance import resolved_toml
    from zibo_sim.scenario import resolve
    from zibo_sim.show import metrics_text

    if metrics:
        click.echo(metrics_text(lang))
        return
    resolved, sources = resolve(scenario, settings_of(settings))
    click.echo(resolved_toml(resolved, sources, lang), nl=False)


@cli.command()
@click.argument("files", nargs=-1, required=True)
@language
def validate(files: Sequence[str], lang: str) -> None:
    """Check scenario files and report every fault 检查方案文件."""
    from zibo_sim.scenario import load

    faults: list[str] = []
    for name in files:
        try:
            load(name)
            click.echo(f"{name}：有效" if lang == "zh" else f"{name}: valid")
        except Refused as refusal:
            faults += refusal.faults
    if faults:
        raise Refused(*faults)


@cli.command()
def schema() -> None:
    """Print the JSON Schema of scenario files 输出方案文件的 JSON Schema."""
    from zibo_sim.law import book
    from zibo_sim.show import dump
    from zibo_sim.show import schema as scenario_schema

    click.echo(dump(scenario_schema(book())))


@cli.command()
@click.argument("query", default="")
@json_flag
@language
def law(query: str, as_json: bool, lang: str) -> None:
    """Show the law book, an id, a clause, or what stands below one 查阅法规值.

    QUERY is an id (alert.yellow.days), the beginning of one, a document (145号) or a clause
    (淄政办字〔2018〕145号 四(一)1).
    """
    from zibo_sim.law import book
    from zibo_sim.show import dump, law_json, law_text

    entries = book().find(query) if query else list(book())
    if not entries:
        raise Refused(
            f"{query!r} is no id, document or clause of the law book; "
            + unknown("id", query, list(book().entries))
        )
    if as_json:
        click.echo(dump(law_json(entries)))
    else:
        click.echo(law_text(entries, lang))


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@language
def check(files: Sequence[Path], lang: str) -> None:
    """Hold worked cases against the rules 用算例检验规则."""
    from zibo_sim.cases import read_cases, run_case
    from zibo_sim.show import differences_text

    found = [case for file in files for case in read_cases(file)]
    differences = [d for case in found for d in run_case(case)]
    failed = len({id(d.case) for d in differences})
    if differences:
        click.echo(differences_text(differences, lang))
    passed = len(found) - failed
    said = (
        f"{passed} 个算例通过，{failed} 个不符"
        if lang == "zh"
        else f"{passed} passed, {failed} failed"
    )
    click.echo(said)
    if differences:
        raise SystemExit(FAILED)
