"""The command ``zibo-sim``: results on standard output, all that is said about them beside it.

Exit status: 0 done, 1 a check failed or input was refused, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from zibo_sim.errors import Refused, ZiboSimError, unknown
from zibo_sim.words import choose_language

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
_NO_PIPE = 141

Command = Callable[..., Any]


# ---- options several commands share -------------------------------------------------------

_lang = click.option(
    "--lang", type=click.Choice(["zh", "en"]), default=choose_language,
    help="Language 语言 (default: the locale's).",
)  # fmt: skip
_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object 输出 JSON.")
_set = click.option(
    "--set", "settings", multiple=True, metavar="KEY=VALUE",
    help="Change an input or law.ID 修改参数或法定值; may be repeated.",
)  # fmt: skip
_seed = click.option("--seed", type=int, default=1, show_default=True, help="Seed 随机种子.")
_jobs = click.option(
    "--jobs", type=click.IntRange(0), default=0, help="Processes 进程数 (0: one a processor)."
)
_out = click.option("--out", type=click.Path(path_type=Path), help="Run folder 结果文件夹.")
_output = click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Output file 输出文件 (.csv, .xlsx)."
)
_encoding = click.option("--encoding", help="Encoding of a CSV 文件编码, e.g. gb18030.")
_file = click.argument("source", metavar="FILE", type=click.Path(path_type=Path))


def _count(default: int) -> Callable[[Command], Command]:
    return click.option(
        "--replications", type=int, default=default, show_default=True, help="Replications 重复次数."
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


def _toml_value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


@contextmanager
def _progress(total: int, lang: str) -> Iterator[Callable[[int], Any]]:
    """Show a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from tqdm import tqdm

    said = "模拟" if lang == "zh" else "runs"
    with tqdm(total=total, desc=said, unit="", file=sys.stderr, leave=False) as bar:
        yield bar.update


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(line, err=True)


def _command() -> list[str]:
    return ["zibo-sim", *sys.argv[1:]]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="zibo-sim")
def cli() -> None:
    """What if? 淄博 2018–19 年冬季的规则:空气、政务云、供暖。

    Zibo's rules of November 2018 for air, government cloud and heating: simulated, compared,
    applied to files, each figure with its interval and each act with its clause.
    """


# ---- simulate -----------------------------------------------------------------------------


@cli.command()
@click.argument("scenario", default="winter-2018-19")
@_count(120)
@_seed
@_jobs
@_set
@click.option(
    "--observed", type=click.Path(path_type=Path),
    help="Measured hourly air in place of simulated 用实测空气代替模拟.",
)  # fmt: skip
@_encoding
@_out
@_json
@_lang
def run(
    scenario: str,
    replications: int,
    seed: int,
    jobs: int,
    settings: Sequence[str],
    observed: Path | None,
    encoding: str | None,
    out: Path | None,
    as_json: bool,
    lang: str,
) -> None:
    """Run a winter many times and sum it up 运行一个冬季."""
    from zibo_sim import experiment, report, results, show
    from zibo_sim.desk import observed as records
    from zibo_sim.scenario import resolve

    resolved, sources = resolve(scenario, settings_of(settings))
    measured = None if observed is None else records.load(observed, resolved, encoding)
    if measured is not None:
        _say(*measured.statements(lang))
    with _progress(replications, lang) as progress:
        reps = experiment.replicate(
            resolved, replications, seed, jobs=jobs, keep=out is not None, progress=progress,
            observed=None if measured is None else measured.air,
        )  # fmt: skip
    if out is not None:
        about = results.manifest(resolved, seed, replications, _command())
        frames = {"metrics": reps.metrics, "events": reps.events, "series": reps.series}
        results.write_folder(
            out, resolved, frames, about, sources,
            lambda folder: report.write_report(
                folder / "report.html", reps, about, sources, lang,
                observed=None if measured is None else measured.air,
            ),
        )  # fmt: skip
        _say(f"{'结果已写入' if lang == 'zh' else 'written to'} {out}")
    if as_json:
        said = show.run_json(scenario, reps)
        if measured is not None:
            said["observed"] = measured.as_json(experiment.run(resolved, seed, observed=measured.air))
        click.echo(show.dump(said))
        return
    click.echo(report.summary_text(reps, lang, sources))
    if measured is not None:
        click.echo()
        click.echo(measured.text(experiment.run(resolved, seed, observed=measured.air), lang))


@cli.command()
@click.argument("base")
@click.argument("variants", nargs=-1)
@_set
@_count(60)
@_seed
@_jobs
@_out
@_json
@_lang
def compare(
    base: str,
    variants: Sequence[str],
    settings: Sequence[str],
    replications: int,
    seed: int,
    jobs: int,
    out: Path | None,
    as_json: bool,
    lang: str,
) -> None:
    """Compare scenarios on the same draws 同一随机数下比较方案.

    --set changes the variants; where none is named, the variant is BASE with those changes.
    """
    from zibo_sim import comparison as comparing
    from zibo_sim import results, show
    from zibo_sim.scenario import load

    changes = settings_of(settings)
    if not variants and not changes:
        raise click.UsageError("compare needs a VARIANT or --set")
    first = load(base)
    arms = [load(name, changes) for name in variants] or [first.replace(changes)]
    with _progress(replications * (1 + len(arms)), lang) as progress:
        comparison = comparing.compare(
            first, *arms, replications=replications, seed=seed, jobs=jobs, progress=progress,
            names=list(variants) or [", ".join(settings)],
        )  # fmt: skip
    if out is not None:
        about = results.manifest(first, seed, replications, _command())
        frames = {"comparison": comparison.tidy()}
        results.write_folder(out, first, frames, about)
        _say(f"{'结果已写入' if lang == 'zh' else 'written to'} {out}")
    if as_json:
        click.echo(show.dump(show.compare_json(base, comparison)))
    else:
        click.echo(show.compare_text(comparison, lang))


# ---- scenarios ----------------------------------------------------------------------------


@cli.command()
@_lang
def scenarios(lang: str) -> None:
    """List the scenarios that come with the package 列出自带方案."""
    from zibo_sim import show

    click.echo(show.scenarios_text(lang))


@cli.command()
@click.argument("scenario", default="winter-2018-19")
@click.option("--metrics", is_flag=True, help="Show every metric instead 显示全部指标.")
@_set
@_lang
def show(scenario: str, metrics: bool, settings: Sequence[str], lang: str) -> None:
    """Show a scenario: every value, its unit and where it came from 显示方案的全部取值及来源."""
    from zibo_sim import results
    from zibo_sim import show as showing
    from zibo_sim.scenario import resolve

    if metrics:
        click.echo(showing.metrics_text(lang))
        return
    resolved, sources = resolve(scenario, settings_of(settings))
    click.echo(results.resolved_toml(resolved, sources, lang), nl=False)


@cli.command()
@click.argument("files", nargs=-1, required=True)
@_lang
def validate(files: Sequence[str], lang: str) -> None:
    """Check scenario files and report every fault 检查方案文件."""
    from zibo_sim.scenario import load

    faults: list[str] = []
    for name in files:
        try:
            load(name)
            click.echo(f"{name}: {'有效' if lang == 'zh' else 'valid'}")
        except Refused as refusal:
            faults += refusal.faults
    if faults:
        raise Refused(*faults)


@cli.command()
def schema() -> None:
    """Print the JSON Schema of scenario files 输出方案文件的 JSON Schema."""
    from zibo_sim import show as showing
    from zibo_sim.law import book

    click.echo(showing.dump(showing.schema(book())))


# ---- the law ------------------------------------------------------------------------------


@cli.command()
@click.argument("query", default="")
@_json
@_lang
def law(query: str, as_json: bool, lang: str) -> None:
    """Show the law book, an id, a clause, or what stands below one 查阅法规值.

    QUERY is an id (alert.yellow.days), the beginning of one, a document (145号) or a clause
    (淄政办字〔2018〕145号 四(一)1).
    """
    from zibo_sim import show as showing
    from zibo_sim.law import book

    entries = book().find(query) if query else list(book())
    if not entries:
        raise Refused(f"{query!r} is no id, document or clause of the law book; "
                      + unknown("id", query, list(book().entries)))
    if as_json:
        click.echo(showing.dump(showing.law_json(entries)))
    else:
        click.echo(showing.law_text(entries, lang))


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@_lang
def check(files: Sequence[Path], lang: str) -> None:
    """Hold worked cases against the rules 用算例检验规则."""
    from zibo_sim import cases, show as showing

    found = [case for file in files for case in cases.read_cases(file)]
    differences = [d for case in found for d in cases.run_case(case)]
    failed = len({id(d.case) for d in differences})
    if differences:
        click.echo(showing.differences_text(differences, lang))
    passed = len(found) - failed
    said = f"{passed} 个算例通过,{failed} 个不符" if lang == "zh" else f"{passed} passed, {failed} failed"
    click.echo(said)
    if differences:
        raise SystemExit(FAILED)


# ---- the desk -----------------------------------------------------------------------------


def _desk(outcome: Any, lang: str) -> None:
    _say(*outcome.notes[lang])
    if outcome.errors:
        raise SystemExit(FAILED)


@cli.command()
@_file
@_output
@click.option("--season", type=int, default=2018, show_default=True, help="First year 供暖季起始年.")
@_encoding
@_lang
def bill(source: Path, output: Path | None, season: int, encoding: str | None, lang: str) -> None:
    """Heating bills for a list of customers 按用户清单计算供暖费 (139号 一)."""
    from zibo_sim.desk.bills import bill_file

    _desk(bill_file(source, output, season=season, encoding=encoding, lang=_word(lang)), lang)


@cli.command()
@_file
@_output
@click.option("--year", type=int, default=2018, show_default=True, help="Year of payment 发放年.")
@_encoding
@_lang
def subsidy(source: Path, output: Path | None, year: int, encoding: str | None, lang: str) -> None:
    """Heating subsidies for a list of households 按住户清单计算供暖补贴 (139号 二)."""
    from zibo_sim.desk.subsidies import subsidy_file

    _desk(subsidy_file(source, output, year=year, encoding=encoding, lang=_word(lang)), lang)


@cli.command()
@_file
@_output
@_encoding
@_lang
def alerts(source: Path, output: Path | None, encoding: str | None, lang: str) -> None:
    """Apply the alert plan to an hourly series of air 对逐时空气序列套用预警规定 (145号 四)."""
    from zibo_sim.desk.alerts import alerts_file

    _desk(alerts_file(source, output, encoding=encoding), lang)


@cli.command()
@_file
@_output
@click.option(
    "--mapping", type=click.Path(path_type=Path),
    help="TOML that maps a log's activities to steps 事件名对照表.",
)  # fmt: skip
@click.option("--as-of", help="Date the log is read at 截止日期 (default: its last).")
@_encoding
@_lang
def sla(
    source: Path,
    output: Path | None,
    mapping: Path | None,
    as_of: str | None,
    encoding: str | None,
    lang: str,
) -> None:
    """Hold a log of requests against the cloud's clocks 核对办理时限 (147号 第十一条)."""
    from zibo_sim.desk.requests import sla_file

    outcome = sla_file(
        source, output, mapping=mapping, as_of=as_of, encoding=encoding, lang=_word(lang)
    )
    _desk(outcome, lang)


@cli.command()
@click.argument("kind")
@_output
@_lang
def template(kind: str, output: Path | None, lang: str) -> None:
    """Write an empty table to fill in 生成填报模板: customers, households, air, requests."""
    from zibo_sim.desk.templates import write_template

    write_template(kind, output, _word(lang))


@cli.command("report")
@click.argument("folder", type=click.Path(path_type=Path))
@_lang
def report_command(folder: Path, lang: str) -> None:
    """Write a run folder's report anew 重新生成结果文件夹的报告."""
    from zibo_sim import report

    click.echo(str(report.report_folder(folder, lang)))


def _word(lang: str) -> Any:
    return lang


# ---- the way in ---------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; what goes wrong is said in one line and an exit status, never a traceback."""
    try:
        status = _run(arguments)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        _silence(sys.stdout)
        return _NO_PIPE
    except OSError as error:
        _silence(sys.stdout)
        _say(f"zibo-sim: standard output cannot be written: {error.strerror or error}")
        return FAILED


def _run(arguments: Sequence[str] | None) -> int:
    try:
        result = cli.main(arguments, prog_name="zibo-sim", standalone_mode=False)
        return result if isinstance(result, int) else DONE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _say("zibo-sim: interrupted 已中断")
        return INTERRUPTED
    except ZiboSimError as error:
        _say(*(f"zibo-sim: {line}" for line in str(error).splitlines()))
        return FAILED
    except SystemExit as stop:
        return int(stop.code or DONE)


def _silence(stream: Any) -> None:
    """Let nothing more be flushed to a stream that is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
