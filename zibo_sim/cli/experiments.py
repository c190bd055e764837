"""Commands that ask whether a difference is real and how far to go: compare, seek."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import (
    command_line,
    jobs_option,
    json_flag,
    label_of,
    language,
    out_option,
    progress_bar,
    replications_option,
    say_written,
    seed_option,
    set_option,
    settings_of,
)

if TYPE_CHECKING:
    import pandas as pd

    from zibo_sim.comparison import Comparison
    from zibo_sim.scenario import Scenario
    from zibo_sim.selection import Selection

Progress = Callable[[int], Any]

_sense_option = click.option(
    "--largest/--smallest", "largest", default=None,
    help="Which is the best 取最大者或最小者为优 (with --best).",
)  # fmt: skip


@cli.command()
@click.argument("base")
@click.argument("variants", nargs=-1)
@set_option
@click.option(
    "--replications", type=int,
    help="Pairs 配对数 (default: 60; with --precision: of the first stage, at least 30).",
)  # fmt: skip
@click.option(
    "--precision", "precisions", multiple=True, metavar="P|METRIC=WIDTH",
    help="Add pairs until half-widths are within P of the base's mean (0.05), or one metric's "
    "within WIDTH (air.heavy_days=0.5 or =5%) 增加重复直至达到精度; may be repeated.",
)  # fmt: skip
@click.option("--most", type=int, help="Bound on pairs with --precision 上限 (default: 2000).")
@click.option("--simultaneous", is_flag=True, help="95 % for all variants together 各方案同时成立.")
@click.option("--quantiles", is_flag=True, help="P10, P50, P90 over replications too 显示分位数.")
@click.option("--audit", "audited", is_flag=True, help="Look for streams out of step 审计随机数流.")
@click.option("--best", metavar="METRIC", help="Choose the best scenario by it 选出最优方案.")
@click.option("--indifference", type=float, help="Smallest difference worth finding 无差异区.")
@_sense_option
@seed_option
@jobs_option
@out_option
@json_flag
@language
def compare(
    base: str,
    variants: Sequence[str],
    settings: Sequence[str],
    replications: int | None,
    precisions: Sequence[str],
    most: int | None,
    simultaneous: bool,
    quantiles: bool,
    audited: bool,
    best: str | None,
    indifference: float | None,
    largest: bool | None,
    seed: int,
    jobs: int,
    out: Path | None,
    as_json: bool,
    lang: str,
) -> None:
    """Compare scenarios on the same draws 同一随机数下比较方案.

    --set changes the variants; where none is named, the variant is BASE with those changes.
    """
    from zibo_sim.comparison import REPLICATIONS
    from zibo_sim.comparison import compare as compare_scenarios
    from zibo_sim.scenario import load
    from zibo_sim.selection import check_choice

    changes = settings_of(settings)
    _check_usage(variants, changes, best, indifference, largest, precisions, most)
    first = load(base)
    arms = [load(name, changes) for name in variants] or [first.replace(changes)]
    if best is not None and indifference is not None:
        check_choice({str(i): arm for i, arm in enumerate([first, *arms])}, best, indifference)
    total = (replications or REPLICATIONS) * (1 + len(arms))
    with progress_bar(total, lang) as progress:
        comparison = compare_scenarios(
            first, *arms, replications=replications, precision=_precision(precisions), most=most,
            simultaneous=simultaneous, seed=seed, jobs=jobs, progress=progress,
            planned=_planned(progress), names=list(variants) or [label_of(settings)],
        )  # fmt: skip
    chosen = None
    if best is not None and indifference is not None:
        with progress_bar(0, lang) as progress:
            chosen = _choose(
                base, comparison, best, indifference, bool(largest), seed, jobs, _growing(progress)
            )  # fmt: skip
    audits = _audits(first, comparison, seed) if audited else {}
    if out is not None:
        _write(out, first, comparison, chosen, audits, seed, lang)
        say_written(out, lang)
    if as_json:
        click.echo(_as_json(base, comparison, chosen, audits))
    else:
        click.echo(_as_text(comparison, chosen, audits, seed, lang, quantiles))


def _as_json(
    base: str,
    comparison: Comparison,
    chosen: Selection | None,
    audits: Mapping[str, pd.DataFrame],
) -> str:
    from zibo_sim.show import dump
    from zibo_sim.show_experiments import audit_json, compare_json, selection_json

    said = compare_json(base, comparison)
    if chosen is not None:
        said["best"] = selection_json(chosen)
    if audits:
        said["audit"] = {name: audit_json(frame) for name, frame in audits.items()}
    return dump(said)


def _as_text(
    comparison: Comparison,
    chosen: Selection | None,
    audits: Mapping[str, pd.DataFrame],
    seed: int,
    lang: str,
    quantiles: bool,
) -> str:
    from zibo_sim.show_experiments import audit_text, compare_text, selection_text

    blocks = [compare_text(comparison, lang, quantiles)]
    blocks += [] if chosen is None else [selection_text(chosen, lang)]
    blocks += [audit_text(frame, lang, name, seed) for name, frame in audits.items()]
    return "\n\n".join(blocks)


def _check_usage(
    variants: Sequence[str],
    changes: Mapping[str, Any],
    best: str | None,
    indifference: float | None,
    largest: bool | None,
    precisions: Sequence[str],
    most: int | None,
) -> None:
    if not variants and not changes:
        raise click.UsageError("compare needs a VARIANT or --set")
    if best is not None and (indifference is None or largest is None):
        raise click.UsageError("--best needs --indifference D and --largest or --smallest")
    if best is None and (indifference is not None or largest is not None):
        raise click.UsageError("--indifference, --largest and --smallest go with --best METRIC")
    if most is not None and not precisions:
        raise click.UsageError("--most goes with --precision")


def _precision(given: Sequence[str]) -> Any:
    """Read one plain number, or widths by metric; `zibo_sim.precision.wish` judges them."""
    if not given:
        return None
    pairs = [text.partition("=") for text in given]
    if len(given) == 1 and not pairs[0][1]:
        return _number(given[0])
    if not all(equals and name.strip() for name, equals, _ in pairs):
        raise click.UsageError("--precision takes one number, or METRIC=WIDTH for each metric")
    widths = {name.strip(): _number(value.strip()) for name, _, value in pairs}
    if len(widths) < len(pairs):
        raise click.UsageError("--precision names a metric twice")
    return widths


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _planned(progress: Progress) -> Callable[[int], None]:
    """Return what sets the length of the bar, where there is one."""
    bar: Any = getattr(progress, "__self__", None)

    def planned(total: int) -> None:
        if bar is not None:
            bar.total = total
            bar.refresh()

    return planned


def _growing(progress: Progress) -> Progress:
    """Return a progress whose bar grows with what is done, as nobody knows how much it will be."""
    bar: Any = getattr(progress, "__self__", None)

    def told(done: int) -> None:
        if bar is not None:
            bar.total = max(bar.total or 0, bar.n + done)
        progress(done)

    return told


def _choose(
    base: str,
    comparison: Comparison,
    metric: str,
    delta: float,
    largest: bool,
    seed: int,
    jobs: int,
    progress: Progress,
) -> Selection:
    from zibo_sim.selection import select_best

    name = f"{base} (base)" if base in comparison.variants else base
    known = {name: comparison.base, **comparison.variants}
    return select_best(
        {arm: reps.scenario for arm, reps in known.items()}, metric, delta,
        larger_is_better=largest, seed=seed, jobs=jobs, progress=progress, known=known,
    )  # fmt: skip


def _audits(first: Scenario, comparison: Comparison, seed: int) -> dict[str, pd.DataFrame]:
    from zibo_sim.audit import audit

    return {
        name: audit(first, reps.scenario, seed=seed) for name, reps in comparison.variants.items()
    }


def _write(
    out: Path,
    first: Scenario,
    comparison: Comparison,
    chosen: Selection | None,
    audits: Mapping[str, pd.DataFrame],
    seed: int,
    lang: str,
) -> None:
    """Write the folder: differences, quantiles, every run, variants, report, what was asked for."""
    from zibo_sim.provenance import content_hash, manifest, resolved_toml
    from zibo_sim.report import report_of
    from zibo_sim.results import write_folder

    pairs = len(comparison.base)
    files = {f"variant_{i}": name for i, name in enumerate(comparison.variants, 1)}
    about = manifest(first, seed, pairs, command_line())
    about["variants"] = [
        {"name": name, "file": f"{file}.toml",
         "content": content_hash(comparison.variants[name].scenario, seed, pairs)}
        for file, name in files.items()
    ]  # fmt: skip

    def beside(folder: Path) -> None:
        for file, name in files.items():
            text = resolved_toml(comparison.variants[name].scenario, with_folders=False)
            (folder / f"{file}.toml").write_text(text, encoding="utf-8")
        page = report_of(comparison, lang, about=about)
        (folder / "report.html").write_text(page, encoding="utf-8")

    write_folder(out, first, _frames(comparison, chosen, audits), about, report=beside)


def _frames(
    comparison: Comparison, chosen: Selection | None, audits: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    import pandas as pd

    frames = {
        "comparison": comparison.tidy(),
        "quantiles": comparison.tidy_quantiles(),
        "replications": comparison.runs(),
    }
    if comparison.precision is not None:
        frames["precision"] = comparison.precision.table.reset_index()
    if chosen is not None:
        frames["best"] = chosen.table.reset_index()
    if audits:
        joined = pd.concat(audits, names=["variant_name", "row"])
        frames["audit"] = joined.reset_index("variant_name").reset_index(drop=True)
    return frames


@cli.command()
@click.argument("scenario")
@click.argument("key")
@click.option("--metric", required=True, help="What is to keep the bound 指标.")
@click.option("--at-least", type=float, help="Bound from below 不低于.")
@click.option("--at-most", type=float, help="Bound from above 不高于.")
@click.option(
    "--share", type=float, metavar="S",
    help="Ask it of this share of the winters, not of their mean 要求此比例的冬季达到.",
)  # fmt: skip
@click.option("--low", type=float, default=1, show_default=True, help="Lowest level 最小取值.")
@click.option("--high", type=float, default=20, show_default=True, help="Highest 最大取值.")
@click.option("--step", type=float, default=1, show_default=True, help="Between levels 间隔.")
@click.option("--largest", is_flag=True, help="Seek the largest level instead 求最大取值.")
@set_option
@replications_option(30)
@seed_option
@jobs_option
@json_flag
@language
def seek(
    scenario: str,
    key: str,
    metric: str,
    at_least: float | None,
    at_most: float | None,
    share: float | None,
    low: float,
    high: float,
    step: float,
    largest: bool,
    settings: Sequence[str],
    replications: int,
    seed: int,
    jobs: int,
    as_json: bool,
    lang: str,
) -> None:
    """Find the smallest KEY with which a metric keeps a bound 求达到目标的最小取值.

    How few staff keep a clock in 95 of 100 cases:

    zibo-sim seek winter-2018-19 cloud.audit.servers --metric cloud.opinion_on_time --at-least 0.95

    Exit status 1 where no level is shown to keep it.
    """
    from zibo_sim.cli.options import FAILED
    from zibo_sim.goals import NONE
    from zibo_sim.goals import seek as seek_goal
    from zibo_sim.scenario import load
    from zibo_sim.show import dump
    from zibo_sim.show_experiments import goal_json, goal_text

    if (at_least is None) == (at_most is None):
        raise click.UsageError("seek needs one of --at-least and --at-most")
    with progress_bar(replications, lang) as progress:
        found = seek_goal(
            load(scenario, settings_of(settings)), key, metric, at_least=at_least, at_most=at_most,
            share=share, low=low, high=high, step=step, largest=largest,
            replications=replications, seed=seed, jobs=jobs, progress=_growing(progress),
        )  # fmt: skip
    click.echo(dump(goal_json(scenario, seed, found)) if as_json else goal_text(found, lang))
    if found.outcome == NONE:
        raise SystemExit(FAILED)
