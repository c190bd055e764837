"""Commands that say what an answer hangs on: sensitivity, discover, assumptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import (
    command_line,
    folder_to_be,
    jobs_option,
    json_flag,
    language,
    progress_bar,
    say_written,
    seed_option,
    set_option,
    settings_of,
)

_PICTURES = 6
_folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
_outputs = click.option(
    "--output", "outputs", multiple=True, metavar="METRIC",
    help="Tell of this output 只看该输出; may be repeated (default: all).",
)  # fmt: skip
_out = click.option(
    "--out", type=click.Path(path_type=Path), callback=folder_to_be,
    help="Folder for tables and pictures 结果文件夹.",
)  # fmt: skip


@cli.command()
@_folder
@_outputs
@_out
@json_flag
@language
def sensitivity(
    folder: Path, outputs: Sequence[str], out: Path | None, as_json: bool, lang: str
) -> None:
    """Say how much each factor of a sweep matters 各因素对输出的影响.

    DIR is a finished sweep's folder; its design decides the method: saltelli (Sobol indices, first
    and total), morris (screening), grid (exact split), lhs and sobol (first order).
    """
    from zibo_sim.sensitivity.indices import indices, read_sweep
    from zibo_sim.sensitivity.tell import sensitivity_json, sensitivity_text
    from zibo_sim.show import dump

    frame, study = read_sweep(folder)
    found = indices(frame, study, outputs or None)
    if out is not None:
        frames = {"indices": found.table, "chance": found.chance, "by_status": found.groups}
        shown = [str(name) for name in dict.fromkeys(found.table["output"])][:_PICTURES]
        _write(out, study.base, frames, _about(study, folder), lambda into: _draw_indices(
            into, frame, found, shown, lang), lang)  # fmt: skip
    click.echo(dump(sensitivity_json(found)) if as_json else sensitivity_text(found, lang))


def _draw_indices(into: Path, frame: Any, found: Any, names: Sequence[str], lang: str) -> None:
    from zibo_sim.plots.pen import png
    from zibo_sim.plots.sensitivity import indices, screening, tornado
    from zibo_sim.sensitivity.indices import MORRIS
    from zibo_sim.sensitivity.swings import swings

    height = 2.2 + 0.42 * len(found.study.factors)
    for name in names:
        draw = screening if found.method == MORRIS else indices
        size = (8, 6) if found.method == MORRIS else (9, height)
        picture = png(lambda ax, name=name, draw=draw: draw(found, name, ax, lang), *size)  # type: ignore[misc]
        (into / f"{name}.png").write_bytes(picture)
        table = swings(frame, found.study, name)
        ends = png(
            lambda ax, name=name, table=table: tornado(table, found.study, name, ax, lang),  # type: ignore[misc]
            9, height,
        )  # fmt: skip
        (into / f"{name}-tornado.png").write_bytes(ends)


@cli.command()
@_folder
@click.option(
    "--when", required=True, metavar="CONDITION",
    help='What to find 要找的情形, e.g. "air.heavy_days > 10 and air.alerts < 3".',
)  # fmt: skip
@click.option("--boxes", type=click.IntRange(1, 20), default=3, show_default=True,
              help="At most so many regions 最多几个区域.")  # fmt: skip
@click.option("--often", type=float, default=0.5, show_default=True,
              help="Share of a point's replications that must agree 所需的重复比例.")  # fmt: skip
@_out
@json_flag
@language
def discover(
    folder: Path,
    when: str,
    boxes: int,
    often: float,
    out: Path | None,
    as_json: bool,
    lang: str,
) -> None:
    """Find in which region of a sweep's factors something happens 何种取值下出现某情形.

    DIR is a finished sweep's folder. A target is missed when "air.target_met = 0". Regions come
    with their coverage (share of all cases they hold) and density (share of cases in them).
    """
    from zibo_sim.sensitivity.discovery import discover as search
    from zibo_sim.sensitivity.indices import read_sweep
    from zibo_sim.sensitivity.tell import region_json, region_text
    from zibo_sim.show import dump

    frame, study = read_sweep(folder)
    region = search(frame, study, when, boxes=boxes, often=often)
    if out is not None:
        _write_region(out, folder, region, lang)
    click.echo(dump(region_json(region)) if as_json else region_text(region, lang))


def _write_region(out: Path, folder: Path, region: Any, lang: str) -> None:
    from zibo_sim.plots.pen import png
    from zibo_sim.plots.regions import region as draw

    table = region.table
    table["allowed"] = [None if a is None else [str(v) for v in a] for a in table["allowed"]]
    frames = {"regions": table, "trajectory": region.found.trajectory}
    about = _about(region.study, folder) | {"when": str(region.when)}

    def pictured(into: Path) -> None:
        (into / "region.png").write_bytes(png(lambda ax: draw(region, ax, lang), 8, 6))

    _write(out, region.study.base, frames, about, pictured, lang)


@cli.command()
@click.argument("scenario", default="winter-2018-19")
@click.option("--points", type=int, default=128, show_default=True,
              help="Draws of all values; five runs each 取值组数（每组 5 次模拟）.")  # fmt: skip
@click.option(
    "--range", "given", multiple=True, metavar="KEY=LOW:HIGH",
    help="Range of an input 参数范围; may be repeated.",
)  # fmt: skip
@click.option(
    "--ranges", "file", type=click.Path(path_type=Path),
    help="TOML whose [factors] state ranges, as a study's do 给出各参数范围的文件.",
)  # fmt: skip
@click.option("--hold", multiple=True, metavar="KEY",
              help="Keep an input or a table as it is 固定; may be repeated.")  # fmt: skip
@click.option("--spread", type=float, default=0.2, show_default=True,
              help="Range of the others, as a share of their value 其余参数的范围.")  # fmt: skip
@_outputs
@set_option
@seed_option
@jobs_option
@_out
@json_flag
@language
def assumptions(
    scenario: str,
    points: int,
    given: Sequence[str],
    file: Path | None,
    hold: Sequence[str],
    spread: float,
    outputs: Sequence[str],
    settings: Sequence[str],
    seed: int,
    jobs: int,
    out: Path | None,
    as_json: bool,
    lang: str,
) -> None:
    """Say how much of the uncertainty comes from assumed values 不确定性有多少来自假定值.

    All numeric inputs that are assumed, calibrated or from literature vary at once over their
    ranges; the variance of each output is split among assumed values, values with evidence, and
    chance. A run with new values takes longer than one with the same: a minute or two in all.
    """
    from zibo_sim.scenario import load
    from zibo_sim.sensitivity.groups import BLOCKS
    from zibo_sim.sensitivity.shares import assumption_shares
    from zibo_sim.sensitivity.tell import shares_json, shares_text
    from zibo_sim.show import dump

    base = load(scenario, settings_of(settings))
    ranges = _ranges(given) | ({} if file is None else _ranges_of(file))
    with progress_bar(len(BLOCKS) * points, lang) as progress:
        found = assumption_shares(
            base, points, seed, outputs=outputs or None, ranges=ranges, hold=hold, spread=spread,
            jobs=jobs, progress=progress,
        )  # fmt: skip
    if out is not None:
        _write_shares(out, found, lang)
    click.echo(dump(shares_json(found)) if as_json else shares_text(found, lang))


def _ranges(given: Sequence[str]) -> dict[str, Any]:
    ranges: dict[str, Any] = {}
    for pair in given:
        key, equals, said = pair.partition("=")
        low, colon, high = said.partition(":")
        if not equals or not colon:
            raise click.UsageError(f"--range takes KEY=LOW:HIGH, not {pair!r}")
        if key.strip() in ranges:
            raise click.UsageError(f"--range names {key.strip()} twice")
        ends = settings_of([f"low={low}", f"high={high}"])
        ranges[key.strip()] = ends
    return ranges


def _ranges_of(file: Path) -> dict[str, Any]:
    import tomllib

    from zibo_sim.errors import Refused

    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refused(f"is not TOML in UTF-8: {error}", where=str(file)) from None
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}", where=str(file)) from None
    if not isinstance(table.get("factors"), Mapping) or not table["factors"]:
        raise Refused('[factors] is missing; it has lines like "key" = { low = 1, high = 2 }',
                      where=str(file))  # fmt: skip
    return _unfolded(table["factors"])


def _unfolded(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Give dotted keys, written with quotes or as nested tables, their ranges."""
    from zibo_sim.study.factor_file import PARTS

    flat: dict[str, Any] = {}
    for key, said in table.items():
        nested = isinstance(said, Mapping) and not set(PARTS) & set(said)
        flat |= _unfolded(said, f"{prefix}{key}.") if nested else {f"{prefix}{key}": said}
    return flat


def _write_shares(out: Path, found: Any, lang: str) -> None:
    import pandas as pd

    from zibo_sim.plots.pen import png
    from zibo_sim.plots.regions import shares
    from zibo_sim.provenance import manifest
    from zibo_sim.sensitivity.tell import inputs_records

    inputs = pd.DataFrame(inputs_records(found))
    inputs["range"] = inputs["range"].map(str)
    frames = {"shares": found.groups, "assumed": found.top, "inputs": inputs}
    height = 2.2 + 0.3 * found.groups.dropna()["output"].nunique()
    about = manifest(found.scenario, found.seed, found.points, command_line())
    about |= {"spread": found.inputs.spread, "redrawn": found.redrawn, "failed": found.failed}
    about["points"] = about.pop("replications")

    def draw(into: Path) -> None:
        (into / "shares.png").write_bytes(png(lambda ax: shares(found, None, ax, lang), 9, height))

    _write(out, found.scenario, frames, about, draw, lang)


def _about(study: Any, folder: Path) -> dict[str, Any]:
    from zibo_sim.provenance import manifest

    about = manifest(study.base, study.seed, study.replications, command_line())
    return about | {"study": study.title, "of": folder.name}


def _write(
    out: Path,
    base: Any,
    frames: Mapping[str, Any],
    about: Mapping[str, Any],
    draw: Callable[[Path], None],
    lang: str,
) -> None:
    from zibo_sim.results import write_folder

    write_folder(out, base, frames, about, report=draw)
    say_written(out, lang)
