"""Commands that hold the air against measured air: validate-air, calibrate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from zibo_sim.cli.group import cli
from zibo_sim.cli.options import (
    encoding_option,
    file_argument,
    jobs_option,
    json_flag,
    language,
    out_option,
    progress_bar,
    say,
    seed_option,
    set_option,
    settings_of,
)

if TYPE_CHECKING:
    from zibo_sim.calibration.seasons import Measured
    from zibo_sim.calibration.validation import Validation

scenario_option = click.option(
    "--scenario", default="winter-2018-19", show_default=True, help="Scenario 方案."
)


def measured_season(source: Path, encoding: str | None) -> Measured:
    """Read a file of hourly air; daily values are refused."""
    from zibo_sim.calibration.seasons import Measured
    from zibo_sim.desk.air import read_air
    from zibo_sim.errors import Refused

    record = read_air(source, encoding)
    if "pm25" not in record.columns:
        raise Refused("has no column 'pm25'", where=str(source))
    return Measured.of(record.start, record.columns["pm25"], str(source))


@cli.command("validate-air")
@file_argument
@scenario_option
@set_option
@click.option("--seasons", type=int, default=500, show_default=True, help="Seasons 模拟季节数.")
@click.option("--no-measures", is_flag=True, help="Run without the plan 不实施预案.")
@seed_option
@jobs_option
@encoding_option
@out_option
@json_flag
@language
def validate_air(
    source: Path,
    scenario: str,
    settings: Sequence[str],
    seasons: int,
    no_measures: bool,
    seed: int,
    jobs: int,
    encoding: str | None,
    out: Path | None,
    as_json: bool,
    lang: str,
) -> None:
    """Measured statistics beside the model's bands 实测空气与模型对照.

    The model's seasons, the plan in force, are cut to the file's dates and gaps.
    """
    from zibo_sim.calibration.seasons import workers
    from zibo_sim.calibration.tell import validation_text
    from zibo_sim.calibration.validation import validate
    from zibo_sim.scenario import load
    from zibo_sim.show import dump

    measured = measured_season(source, encoding)
    model = load(scenario, settings_of(settings))
    with progress_bar(seasons, lang) as progress, workers(jobs) as mapper:
        found = validate(
            model, measured, seasons, seed,
            measures=not no_measures, mapper=mapper, progress=progress,
        )  # fmt: skip
    if out is not None:
        _write_validation(found, out, lang)
    if as_json:
        click.echo(dump({"file": source.name, "scenario": scenario, **found.as_json()}))
    else:
        click.echo(validation_text(found, lang))


def _write_validation(found: Validation, out: Path, lang: str) -> None:
    """Write picture, table and figures into a folder, all or none of them."""
    from zibo_sim.calibration.tell import validation_text
    from zibo_sim.plots import validation
    from zibo_sim.show import dump
    from zibo_sim.whole import whole_folder
    from zibo_sim.words import word

    with whole_folder(out) as folder:
        figure = validation(found, lang=lang)
        figure.savefig(folder / "validation.png", dpi=110, metadata={"Software": None})
        text = validation_text(found, lang) + "\n"
        (folder / "validation.txt").write_text(text, encoding="utf-8")
        (folder / "validation.json").write_text(dump(found.as_json()) + "\n", encoding="utf-8")
    say(word("validation.written", lang, path=out))


@cli.command()
@file_argument
@scenario_option
@set_option
@click.option("--seasons", type=int, default=120, show_default=True,
              help="Seasons a trial 每次试算的季节数.")  # fmt: skip
@click.option(
    "--level", type=click.Choice(["keep", "measured"]), default="keep", show_default=True,
    help="Keep the scenario's season mean, or take the measured one 保持季均值或取实测均值.",
)  # fmt: skip
@seed_option
@jobs_option
@encoding_option
@click.option("--out", type=click.Path(path_type=Path), help="Scenario file 方案文件 (.toml).")
@language
def calibrate(
    source: Path,
    scenario: str,
    settings: Sequence[str],
    seasons: int,
    level: str,
    seed: int,
    jobs: int,
    encoding: str | None,
    out: Path | None,
    lang: str,
) -> None:
    """Fit the air's free inputs to a measured season 按实测空气率定参数.

    Writes a scenario file that extends SCENARIO; run it like any other.
    """
    from zibo_sim.calibration.fit import calibrate as fit_to
    from zibo_sim.calibration.fit import work
    from zibo_sim.calibration.tell import scenario_toml, verdict
    from zibo_sim.scenario import find, folder, load
    from zibo_sim.whole import whole_file
    from zibo_sim.words import word

    measured = measured_season(source, encoding)
    base, path = load(scenario, settings_of(settings)), find(scenario)
    parent = path.stem if path.parent == folder() else path.resolve()
    with progress_bar(work(seasons), lang) as progress:
        found = fit_to(
            base, measured, seasons, seed,
            level="measured" if level == "measured" else "keep", jobs=jobs, progress=progress,
        )  # fmt: skip
    beside = (out.parent if out else Path()).resolve()
    text = scenario_toml(found, source.name, parent, beside, settings_of(settings))
    if out is None:
        click.echo(text, nl=False)
    else:
        with whole_file(out) as file:
            file.write_text(text, encoding="utf-8")
        say(word("validation.written", lang, path=out))
    say(*verdict(found.after, lang))
