"""The bureau's template: read as filled in, every fault by row and column, written back whole."""

from __future__ import annotations

import csv
import hashlib
import os
import pickle
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

import zibo_sim as zs
from zibo_sim.air.cutplan import plan_levels
from zibo_sim.air.inventory import ALERTS, DISTRICT_KEYS, INDUSTRY_KEYS
from zibo_sim.air.inventory_file import INVENTORY, load_inventory, read_inventory
from zibo_sim.air.parameters import Air
from zibo_sim.air.reductions import reduction_list, reductions_of
from zibo_sim.cli import air_cuts  # noqa: F401  (adds the command)
from zibo_sim.cli.group import cli
from zibo_sim.cli.options import label_of
from zibo_sim.desk.inventory import write_list
from zibo_sim.desk.templates import write_template
from zibo_sim.errors import Refused
from zibo_sim.experiment import replicate
from zibo_sim.law import book
from zibo_sim.model import run_once
from zibo_sim.results import resolved_toml

LAW = book()
HEAD = "企业名称,统一社会信用代码,区县,行业,生产线数量,年产值(万元),SO2,NOx,PM,VOCs"


def written(folder: Path, *rows: str, head: str = HEAD, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def kiln(code: str, more: str = "", district: str = "博山区") -> str:
    return f"甲厂,{code},{district},岩棉,3,3300,33,66,99,3.3{more}"


def small_city(folder: Path, count: int = 60) -> Path:
    """Write a synthetic list to a file, without measures."""
    air = Air.model_validate({"enterprises": {"count": count}})
    out = folder / "city.csv"
    write_list(out, reduction_list(air, LAW), {}, "zh")
    return out


# ---- reading


def test_a_list_in_the_bureaus_words_is_read(tmp_path: Path) -> None:
    head = f"{HEAD},绿色标杆,错峰,错峰限产比例,剔除类型,Ⅱ级停产线数,Ⅰ级限产比例,备注"
    plants = read_inventory(
        written(
            tmp_path, kiln("A", ",是,,,,,,x"), kiln("B", ",,是,0.4,,2,,"),
            kiln("C", ",,,,僵尸企业,,,"), kiln("D", ",,,,,,0.6,", "高新区"), head=head,
        )
    )  # fmt: skip
    assert plants.benchmark.tolist() == [True, False, False, False]
    assert plants.standing_cut.tolist() == [0, 0.4, 0, 0]
    assert plants.listed.tolist() == [True, True, False, True]
    assert DISTRICT_KEYS[plants.district[3]] == "gaoxin"
    assert INDUSTRY_KEYS[plants.industry[0]] == "rock_wool"
    assert plants.value_yuan[0] == 3.3e7
    np.testing.assert_array_equal(plants.tonnes[0], [33, 66, 99, 3.3])
    np.testing.assert_allclose(plants.named[:, 1], [np.nan, 2 / 3, np.nan])
    np.testing.assert_allclose(plants.named[:, 3], [np.nan, np.nan, 0.6])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (kiln("B").replace("博山区", "市南区"), "row 3, column 区县: '市南区' is refused"),
        (kiln("B").replace("岩棉", "岩面"), "row 3, column 行业: '岩面' is refused"),
        (kiln("B").replace(",3,", ",0,"), "row 3, column 生产线数量: '0' is refused"),
        (kiln("B").replace(",66,", ",-1,"), "row 3, column NOx: '-1' is refused"),
        (kiln("B").replace("3300", ""), "row 3, column 年产值(万元): is empty"),
        (kiln("A"), "row 3, column 统一社会信用代码: 'A' stands in row 2 already"),
        (kiln("B").replace("岩棉", "家具制造"), "row 3, column water_based: is empty"),
    ],
)
def test_a_fault_is_named_by_row_and_column(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_inventory(written(tmp_path, kiln("A"), row))
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ("是,是,0.3,,", "column 错峰: a green benchmark does not stagger"),
        (",是,,,", "column 错峰限产比例: is empty"),
        (",,,4,", "column Ⅰ级停产线数: 4 lines stopped of 3"),
        (",,,1,0.9", "column Ⅰ级限产比例: conflicts with 1 of 3 lines"),
        (",,,,30", "column Ⅰ级限产比例: '30' is refused"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path: Path, cells: str, said: str) -> None:
    head = f"{HEAD},绿色标杆,错峰,错峰限产比例,Ⅰ级停产线数,Ⅰ级限产比例"
    with pytest.raises(Refused) as refusal:
        read_inventory(written(tmp_path, kiln("A", f",{cells}"), head=head))
    assert said in str(refusal.value)


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    rows = [kiln(f"{k}").replace(",3,", ",x,") for k in range(60)]
    with pytest.raises(Refused) as refusal:
        read_inventory(written(tmp_path, *rows))
    assert len(refusal.value.faults) == 51
    assert refusal.value.faults[-1].endswith("and 10 faults more")


def test_a_missing_column_is_named_in_both_languages(tmp_path: Path) -> None:
    head = HEAD.replace("年产值(万元)", "产值额")
    with pytest.raises(Refused, match=r"'output_value' \(年产值\) is missing"):
        read_inventory(written(tmp_path, kiln("A"), head=head))


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    path = written(tmp_path, kiln("A"))
    first = load_inventory(str(path))
    assert load_inventory(str(path)) is first
    path.write_text(path.read_text(encoding="utf-8") + kiln("B") + "\n", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert len(load_inventory(str(path))) == 2


# ---- writing back


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_synthetic_list_survives_the_template(tmp_path: Path, lang: Any, ending: str) -> None:
    made = reduction_list(Air(), LAW)
    write_list(tmp_path / f"list{ending}", made, {}, lang)
    read = read_inventory(tmp_path / f"list{ending}")
    for name in ("name", "code"):
        assert getattr(read, name) == getattr(made.inventory, name)
    for name in ("district", "industry", "lines", "benchmark", "staggered", "struck_off"):
        assert np.array_equal(getattr(read, name), getattr(made.inventory, name)), name
    np.testing.assert_allclose(read.tonnes, made.inventory.tonnes, atol=1e-6)
    np.testing.assert_allclose(read.value_yuan, made.inventory.value_yuan, atol=100)


def test_the_list_written_back_suffices_when_it_is_read_again(tmp_path: Path) -> None:
    source = small_city(tmp_path, 200)
    reductions = reductions_of(read_inventory(source), Air(), LAW)
    plans = plan_levels(reductions, ALERTS)
    write_list(tmp_path / "out.xlsx", reductions, plans, "zh")
    again = reductions_of(read_inventory(tmp_path / "out.xlsx"), Air(), LAW)
    for level in ALERTS:
        orders = again.orders(level, True)
        np.testing.assert_allclose(orders.share, plans[level].orders.share, atol=1e-12)
        assert orders.account.met
        assert orders.residual == 0.0


def test_columns_of_ones_own_and_their_order_are_kept(tmp_path: Path) -> None:
    head = f"备注,{HEAD},Ⅲ级措施"
    source = written(tmp_path, f"留意,{kiln('A')},旧", head=head)
    reductions = reductions_of(read_inventory(source), Air(), LAW)
    write_list(tmp_path / "out.csv", reductions, plan_levels(reductions, ["yellow"]), "zh")
    rows = list(csv.reader((tmp_path / "out.csv").open(encoding="utf-8-sig")))
    assert rows[0] == [*head.split(","), "Ⅲ级停产线数", "Ⅲ级限产比例"]
    assert rows[1][0] == "留意"
    assert rows[1][-3:-1] == ["停产", "3"]


def test_why_a_plant_is_not_cut_is_said(tmp_path: Path) -> None:
    head = f"{HEAD},绿色标杆,错峰,错峰限产比例,剔除类型"
    source = written(
        tmp_path, kiln("A", ",是,,,"), kiln("B", ",,是,0.5,"), kiln("C", ",,,,虚假企业"), head=head
    )
    reductions = reductions_of(read_inventory(source), Air(), LAW)
    write_list(tmp_path / "out.csv", reductions, plan_levels(reductions, ["red"]), "en")
    rows = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8-sig")))
    said = ["green benchmark, exempt", "staggers, no further cut", "struck off the list"]
    assert [row["measure_red"] for row in rows] == said
    assert {row["stop_lines_red"] for row in rows} == {""}


def test_a_template_never_holds_a_list_of_choices_too_long_for_excel(tmp_path: Path) -> None:
    for lang in ("zh", "en"):
        write_template("inventory", tmp_path / "t.xlsx", lang)  # type: ignore[arg-type]
        sheet = load_workbook(tmp_path / "t.xlsx").worksheets[0]
        found = sheet.data_validations.dataValidation
        assert found
        assert all(len(v.formula1) <= 257 for v in found)


# ---- in a scenario


def scenario(folder: Path, inventory: str = "city.csv") -> Path:
    path = folder / "mine.toml"
    path.write_text(
        'title = "t"\nquestion = "q"\nextends = "winter-2018-19"\n'
        f'[air]\ninventory = "{inventory}"\n',
        encoding="utf-8",
    )
    return path


def test_a_scenario_finds_its_list_beside_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city(tmp_path)
    path = scenario(tmp_path)
    monkeypatch.chdir("/")
    assert zs.load(path).air.inventory == str(tmp_path / "city.csv")


def test_a_scenario_whose_list_is_missing_or_faulty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no such file"):
        zs.load(scenario(tmp_path))
    written(tmp_path, kiln("A").replace(",3,", ",x,"), name="city.csv")
    with pytest.raises(Refused, match=r"city\.csv: row 2, column 生产线数量"):
        zs.load(scenario(tmp_path))


def test_a_run_folder_names_the_list_and_its_hash_and_no_folder(tmp_path: Path) -> None:
    small_city(tmp_path)
    mine = zs.load(scenario(tmp_path))
    text = resolved_toml(mine, with_folders=False)
    (line,) = [row for row in text.splitlines() if row.startswith("inventory")]
    digest = hashlib.sha256((tmp_path / "city.csv").read_bytes()).hexdigest()
    assert line.startswith('inventory = "city.csv"  # ')
    assert f"; sha256 {digest}; not kept here" in line
    assert str(tmp_path) not in text
    assert f'inventory = "{tmp_path / "city.csv"}"' in resolved_toml(mine)


def test_a_variant_is_named_without_the_folder_of_its_list() -> None:
    given = ["air.inventory='/home/wang/list.csv'", "cloud.audit.servers=2"]
    assert label_of(given) == "air.inventory=list.csv, cloud.audit.servers=2"


def test_another_list_changes_the_winter_and_workers_read_it_too(tmp_path: Path) -> None:
    rows = [kiln(str(k)) for k in range(3)]
    written(tmp_path, *rows, name="city.csv")
    mine = zs.load(scenario(tmp_path)).replace({"air.response.residual": "none"})
    plain = zs.load().replace({"air.response.residual": "none"})
    assert pickle.loads(pickle.dumps(mine)) == mine
    one, two = (replicate(s, 3, 1, jobs=2).metrics["air.output_lost"] for s in (mine, plain))
    assert (one < two).any()
    assert (replicate(mine, 3, 1, jobs=1).metrics["air.output_lost"] == one).all()
    assert replicate(mine, 1, 1).metrics["air.inventory"].tolist() == ["city.csv"]


# ---- in a run


def test_zero_compliance_gives_the_winter_without_measures_to_the_last_bit() -> None:
    outcome = run_once(zs.load().replace({"air.response.compliance": 0.0}), 3)
    air = outcome.air.air
    assert outcome.air.alerts
    assert np.array_equal(air.pm25, air.pm25_no_measures)
    assert np.array_equal(air.aqi, air.aqi_no_measures)
    assert air.output_lost()["sector"].sum() == 0.0


def test_the_output_lost_is_what_was_in_force_for_how_long_and_how_well_followed() -> None:
    run = zs.run(zs.load(), seed=2)
    air = run.outcome.air.air
    days = [(r.end - r.begin) / 24 * r.compliance * r.orders.lost for r in air.responses]
    assert len(days) > 0
    assert run.metrics["air.output_lost"] == pytest.approx(sum(days))
    lost = air.output_lost()
    assert lost["sector"].sum() == pytest.approx(lost["district"].sum())


def test_a_week_without_alerts_loses_no_output() -> None:
    week = zs.load().replace({"period.start": date(2018, 10, 1), "period.end": date(2018, 10, 7)})
    run = zs.run(week, seed=1)
    assert run.outcome.air.air.responses == []
    assert run.metrics["air.output_lost"] == 0.0


def test_a_response_ends_where_the_next_begins() -> None:
    responses = run_once(zs.load(), 1).air.air.responses
    assert all(r.begin < r.end for r in responses)
    assert all(a.end <= b.begin for a, b in pairwise(responses))


# ---- the command


def run(*arguments: str) -> Any:
    return CliRunner().invoke(cli, list(arguments))


def test_plan_cuts_writes_the_list_and_says_what_it_costs(tmp_path: Path) -> None:
    source, out = small_city(tmp_path, 200), tmp_path / "out.xlsx"
    result = run("plan-cuts", str(source), "-o", str(out), "--lang", "en")
    assert result.exit_code == 0, result.output
    for word in ("yellow (III)", "orange (II)", "red (I)", "zhangdian", "≥ 60"):
        assert word in result.stdout
    assert set(INVENTORY.known()) >= {"measure_red"}
    assert read_inventory(out).named.shape == (3, 200)
    assert not np.isnan(read_inventory(out).named).all()


def test_plan_cuts_says_what_cannot_be_reached_and_fails(tmp_path: Path) -> None:
    source, out = written(tmp_path, kiln("A")), tmp_path / "out.csv"
    result = run("plan-cuts", str(source), "--level", "red", "-o", str(out), "--lang", "zh")
    assert result.exit_code == 1
    assert "SO2+NOx 达不到要求，缺" in result.stdout
    assert out.exists()


def test_plan_cuts_refuses_a_bad_list_and_writes_nothing(tmp_path: Path) -> None:
    source, out = written(tmp_path, kiln("A").replace("岩棉", "")), tmp_path / "out.csv"
    result = run("plan-cuts", str(source), "-o", str(out))
    assert isinstance(result.exception, Refused)
    assert not out.exists()


def test_plan_cuts_never_writes_over_the_list_it_reads(tmp_path: Path) -> None:
    source = small_city(tmp_path)
    before = source.read_bytes()
    result = run("plan-cuts", str(source), "-o", str(source), "--level", "yellow")
    assert isinstance(result.exception, Refused)
    assert source.read_bytes() == before
