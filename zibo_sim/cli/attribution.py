"""Commands that take an answer apart: attribute, frontier."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import (
    command_line,
    encoding_option,
    jobs_option,
    json_flag,
    language,
    out_option,
    progress_bar,
    replications_option,
    say,
    say_written,
    seed_option,
    set_option,
    settings_of,
)

_PICTURES = 6


@cli.command()
@click.argument("base")
@click.argument("variant", required=False)
@set_option
@click.option(
    "--group", "groups", multiple=True, metavar="NAME=KEY,KEY",
    help="Keys (or tables) that make one part 合为一个部分的参数; may be repeated.",
)  # fmt: skip
@click.option(
    "--metric", "metrics", multiple=True, metavar="NAME",
    help="Tell of this metric 只看该指标; may be repeated (default: all that the package moves).",
)  # fmt: skip
@replications_option(30)
@click.option(
    "--samples", type=int, metavar="K",
    help="Draw K orders a replication instead of running every sub-package 抽样次序数.",
)  # fmt: skip
@seed_option
@jobs_option
@out_option
@json_flag
@language
def attribute(
    base: str,
    variant: str | None,
    settings: Sequence[str],
    groups: Sequence[str],
    metrics: Sequence[str],
    replications: int,
    samples: int | None,
    seed: int,
    jobs: int,
    out: Path | None,
    as_json: bool,
    lang: str,
) -> None:
    """Split a package of changes into its parts 把一组改变分解到各部分.

    The package is what VARIANT (or BASE with --set) changes of BASE: each differing key is a part,
    unless --group puts several together. Shapley values on the same draws; they add up exactly.
    """
    from zibo_sim.answers import attribution_json, attribution_text, told_metrics
    from zibo_sim.attribution import attribute as split
    from zibo_sim.attribution import count_runs, parts_of
    from zibo_sim.scenario import load
    from zibo_sim.show import dump

    changes = settings_of(settings)
    if variant is None and not changes:
        raise click.UsageError("attribute needs a VARIANT or --set")
    first = load(base)
    second = load(variant, changes) if variant else first.replace(changes)
    _metric_names(metrics, first, second)
    named = _groups_of(groups)
    parts = len(parts_of(first, second, named))
    with progress_bar(count_runs(parts, replications, samples, seed), lang) as progress:
        found = split(
            first, second, replications=replications, seed=seed, groups=named, samples=samples,
            jobs=jobs, progress=progress,
        )  # fmt: skip
    if out is not None:
        told = told_metrics(found, metrics)[: None if metrics else _PICTURES]
        _write_attribution(out, found, told, lang)
    if as_json:
        click.echo(dump(attribution_json(base, found, metrics)))
    else:
        click.echo(attribution_text(found, metrics, lang))


def _metric_names(asked: Sequence[str], *scenarios: Any) -> None:
    from zibo_sim.errors import Refused, unknown
    from zibo_sim.metrics import metric_names

    known = [n for n in metric_names(scenarios[0]) if all(n in metric_names(s) for s in scenarios)]
    if faults := [unknown("metric", name, known) for name in asked if name not in known]:
        raise Refused(*faults)


def _groups_of(given: Sequence[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for pair in given:
        name, equals, keys = pair.partition("=")
        members = [key.strip() for key in keys.split(",") if key.strip()]
        if not equals or not name.strip() or not members:
            raise click.UsageError(f"--group takes NAME=KEY,KEY, not {pair!r}")
        groups.setdefault(name.strip(), []).extend(members)
    return groups


def _write_attribution(out: Path, found: Any, metrics: Sequence[str], lang: str) -> None:
    from zibo_sim.plots.attribution import waterfall
    from zibo_sim.plots.pen import png
    from zibo_sim.provenance import manifest, resolved_toml
    from zibo_sim.results import write_folder

    height = 2.0 + 0.42 * len(found.parts)

    def beside(folder: Path) -> None:
        text = resolved_toml(found.variant, lang=lang)
        (folder / "variant.toml").write_text(text, encoding="utf-8")
        for name in metrics:
            picture = png(lambda ax, name=name: waterfall(found, name, ax, lang), 9.5, height)  # type: ignore[misc]
            (folder / f"{name}.png").write_bytes(picture)

    about = manifest(found.base, found.seed, found.replications, command_line())
    about |= {"samples": found.samples, "parts": {k: list(v) for k, v in found.parts.items()}}
    write_folder(out, found.base, {"attribution": found.tidy()}, about, report=beside)
    say_written(out, lang)


@cli.command()
@click.argument("scenario", default="winter-2018-19")
@click.option(
    "--vary", multiple=True, metavar="KEY=V1,V2,…",
    help="Values of a key; every combination is a setting 参数取值; may be repeated.",
)  # fmt: skip
@click.option(
    "--objective", "objectives", multiple=True, metavar="NAME",
    help="What is to be small 越小越好的量; may be repeated.",
)  # fmt: skip
@set_option
@click.option(
    "--observed", multiple=True, type=click.Path(path_type=Path),
    help="Measured hourly air to run the settings over as well 另用实测空气; may be repeated.",
)  # fmt: skip
@encoding_option
@replications_option(20)
@seed_option
@jobs_option
@out_option
@json_flag
@language
def frontier(
    scenario: str,
    vary: Sequence[str],
    objectives: Sequence[str],
    settings: Sequence[str],
    observed: Sequence[Path],
    encoding: str | None,
    replications: int,
    seed: int,
    jobs: int,
    out: Path | None,
    as_json: bool,
    lang: str,
) -> None:
    """Weigh missed heavy days against false alarms and output lost 预警的取舍.

    Without --vary: threshold 150, 200, 250; horizon 72, 96, 120 h; compliance 0.5, 0.75, 1.
    """
    from zibo_sim.answers import frontier_json, frontier_text
    from zibo_sim.frontiers import FACTORS, count_settings
    from zibo_sim.frontiers import frontier as trace_frontier
    from zibo_sim.scenario import load
    from zibo_sim.show import dump
    from zibo_sim.words import word

    base = load(scenario, settings_of(settings))
    factors = _factors_of(vary) or FACTORS
    airs = _records(observed, base, encoding, lang)
    count = count_settings(factors)
    if not vary:
        say(word("frontier.grid", lang, settings=count))
    with progress_bar(replications * count * (1 + len(airs)), lang) as progress:
        found = trace_frontier(
            base, factors, replications=replications, seed=seed, observed=airs, jobs=jobs,
            objectives=objectives or None, progress=progress,
        )  # fmt: skip
    if out is not None:
        _write_frontier(out, found, lang)
    if as_json:
        click.echo(dump(frontier_json(scenario, found)))
    else:
        click.echo(frontier_text(found, lang))


def _factors_of(vary: Sequence[str]) -> dict[str, list[Any]]:
    factors: dict[str, list[Any]] = {}
    for pair in vary:
        key, equals, values = pair.partition("=")
        if not equals or not key.strip() or not values.strip():
            raise click.UsageError(f"--vary takes KEY=V1,V2,…, not {pair!r}")
        if key.strip() in factors:
            raise click.UsageError(f"--vary names {key.strip()} twice")
        parts = [settings_of([f"value={v}"])["value"] for v in values.split(",") if v.strip()]
        factors[key.strip()] = parts
    return factors


def _records(files: Sequence[Path], base: Any, encoding: str | None, lang: str) -> dict[str, Any]:
    from zibo_sim.desk.observed import load as load_record
    from zibo_sim.frontiers import SIMULATED

    airs: dict[str, Any] = {}
    for file in files:
        measured = load_record(file, base, encoding)
        say(*measured.statements(lang))
        name = file.stem if file.stem not in {*airs, SIMULATED} else file.name
        if name in airs:
            raise click.UsageError(f"--observed names {file.name} twice")
        airs[name] = measured.air
    return airs


def _write_frontier(out: Path, found: Any, lang: str) -> None:
    from zibo_sim.frontiers import SIMULATED
    from zibo_sim.plots.frontiers import frontier as draw
    from zibo_sim.plots.pen import png
    from zibo_sim.provenance import manifest
    from zibo_sim.results import write_folder

    def beside(folder: Path) -> None:
        for source in found.sources:
            picture = png(lambda ax, source=source: draw(found, source, ax, lang), 9, 6)  # type: ignore[misc]
            stem = "frontier" if source == SIMULATED else f"frontier-{source}"
            (folder / f"{stem}.png").write_bytes(picture)

    about = manifest(found.base, found.seed, found.replications, command_line())
    about["objectives"] = {source: list(names) for source, names in found.objectives.items()}
    frame = found.table.reset_index()
    write_folder(out, found.base, {"frontier": frame}, about, report=beside)
    say_written(out, lang)
