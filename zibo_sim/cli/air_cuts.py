"""The command that works out reduction lists: plan-cuts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import (
    FAILED,
    encoding_option,
    language,
    output_option,
    say,
    set_option,
    settings_of,
)
from zibo_sim.tables.said import Lang

_share = click.FloatRange(0.0, 1.0)


@cli.command("plan-cuts")
@click.argument("source", metavar="[INVENTORY]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--level", type=click.Choice(["yellow", "orange", "red"]),
    help="Alert level 预警级别 (default: all three).",
)  # fmt: skip
@output_option
@click.option(
    "--season", type=click.Choice(["heating", "other"]), default="heating", show_default=True,
    help="Season of the alert 采暖季/非采暖季.",
)  # fmt: skip
@click.option(
    "--max-plant", type=_share, default=1.0, show_default=True,
    help="Largest share of one plant's output 单个企业最大限产比例.",
)  # fmt: skip
@click.option(
    "--max-district", type=_share, default=1.0, show_default=True,
    help="Largest share of a district's output value 单个区县产值最大损失比例.",
)  # fmt: skip
@click.option(
    "--nested", is_flag=True,
    help="No plant stops less at a higher level 高级别措施不轻于低级别.",
)  # fmt: skip
@click.option(
    "--gap", type=click.FloatRange(1e-6, 0.5), default=1e-3, show_default=True,
    help="Share above the least possible loss at which to stop 最优差距.",
)  # fmt: skip
@click.option(
    "--seconds", type=click.FloatRange(1.0), default=60.0, show_default=True,
    help="Most seconds for one level 每级最长求解时间.",
)  # fmt: skip
@click.option(
    "--scenario", default="winter-2018-19", show_default=True,
    help="Scenario of the sources that are not listed 清单外排放源所用方案.",
)  # fmt: skip
@set_option
@encoding_option
@language
def plan_cuts(
    source: Path | None,
    level: str | None,
    output: Path | None,
    season: str,
    max_plant: float,
    max_district: float,
    nested: bool,
    gap: float,
    seconds: float,
    scenario: str,
    settings: Sequence[str],
    encoding: str | None,
    lang: Lang,
) -> None:
    """Find the cheapest reduction list that suffices 求产值损失最小的达标减排清单 (145号 五).

    INVENTORY is a filled-in template (zibo-sim template inventory); without one the scenario's own
    list is taken. The exit status is 1 where a level's ratios cannot be reached.
    """
    from zibo_sim.air.cutplan import Fairness, plan_levels
    from zibo_sim.air.inventory_file import read_inventory
    from zibo_sim.air.reductions import reduction_list, reductions_of
    from zibo_sim.desk.cutplans import summary_text
    from zibo_sim.desk.inventory import levels_from, write_list
    from zibo_sim.scenario import load
    from zibo_sim.tables.files import ending

    if output is not None:
        ending(output)
    city = load(scenario, settings_of(settings))
    law = city.law_book()
    if source is None:
        reductions = reduction_list(city.air, law)
    else:
        reductions = reductions_of(read_inventory(source, encoding), city.air, law)
    plans = plan_levels(
        reductions, levels_from(level), nested=nested, heating=season == "heating",
        fairness=Fairness(max_plant, max_district), gap=gap, seconds=seconds,
    )  # fmt: skip
    if output is not None:
        write_list(output, reductions, plans, lang, encoding)
        say(f"{'清单已写入' if lang == 'zh' else 'list written to'} {output}")
    click.echo(summary_text(reductions, plans, lang))
    if not all(plan.orders.account.met for plan in plans.values()):
        raise SystemExit(FAILED)
