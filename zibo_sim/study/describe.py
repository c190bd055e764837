"""What a study's folder says of itself: its columns, its plan, how to read it."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Any

from zibo_sim.law import book
from zibo_sim.metrics import METRICS
from zibo_sim.scenario import known_keys
from zibo_sim.study.content import VERSIONS
from zibo_sim.study.spec import Study

KIND = "study"
README = """\
A study of zibo-sim. Plain Parquet: pandas, polars, DuckDB, Arrow and R read it without zibo-sim.

results.parquet  one row a point and replication: factors, outputs, error (empty when all
                 went well); there when the study is complete
columns.json     what each column is: unit, meaning in Chinese and English; of a factor the status
                 of the input (statutory, standard, literature, calibrated, assumed)
study.toml       the study, every key written out;  base.toml  what every point starts from
parts/           every run done so far, all metrics, by the hash of its resolved scenario, code and
                 seed (content) and its replication
manifest.json    versions, plan, whether it is complete

pandas   pd.read_parquet("results.parquet")
DuckDB   SELECT * FROM 'results.parquet'
R        arrow::read_parquet("results.parquet")
"""


def columns(study: Study) -> list[dict[str, Any]]:
    """Return what each column of the results is, in their order."""
    return [
        {"name": "point", "role": "index", "unit": "1", "zh": "方案序号",
         "en": "number of the point"},
        {"name": "replication", "role": "index", "unit": "1", "zh": "重复序号",
         "en": "number of the replication; the same at all points means the same draws"},
        *(_factor(study, i) for i in range(len(study.factors))),
        *(_output(name) for name in study.outputs),
        {"name": "error", "role": "error", "unit": "text", "zh": "失败原因，成功时为空",
         "en": "why the run failed; empty when it went well"},
    ]  # fmt: skip


def _factor(study: Study, number: int) -> dict[str, Any]:
    factor = study.factors[number]
    if factor.key.startswith("law."):
        entry = book().entry(factor.key.removeprefix("law.").removesuffix(".reading"))
        said = {**entry.name, "source": entry.clause}
    else:
        about = known_keys()[factor.key]
        said = {part: about[part] for part in ("zh", "en", "source")}
    base = study.base.get(factor.key)
    return {
        "name": factor.key, "role": "factor", "unit": factor.unit, "status": factor.status, **said,
        "base": base if isinstance(base, bool | int | float | str) else str(base),
        "varies": factor.as_toml(),
    }  # fmt: skip


def _output(name: str) -> dict[str, Any]:
    metric = METRICS[name]
    return {
        "name": name, "role": "output", "unit": metric.unit, "zh": metric.zh, "en": metric.en,
        "formula": metric.formula,
    }  # fmt: skip


def plan(study: Study) -> dict[str, Any]:
    """Return the study as the manifest keeps it, part by part."""
    return {
        "title": study.title, "base": study.base_name, "design": study.design,
        "points": study.points, "rows": study.rows, "replications": study.replications,
        "seed": study.seed, "outputs": list(study.outputs),
        "factors": {factor.key: factor.as_toml() for factor in study.factors},
    }  # fmt: skip


def versions() -> dict[str, Any]:
    """Return what the manifest says of the program."""
    return {
        "package": "zibo_sim",
        "kind": KIND,
        "version": metadata.version("zibo-sim"),
        "python": platform.python_version(),
        "dependencies": {name: metadata.version(name) for name in (*VERSIONS, "pyarrow")},
    }
