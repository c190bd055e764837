"""A customer list as the stock of a run: the bills of the list, and nobody else's heat moved."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import tracemalloc
from datetime import date
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zibo_sim.desk.bills import bill_file
from zibo_sim.errors import Refused
from zibo_sim.experiment import replicate, run
from zibo_sim.heating.customers import load_customers, read_customers
from zibo_sim.heating.demand import exposure
from zibo_sim.heating.parameters import DemandParameters, Heating, PremisesParameters
from zibo_sim.heating.portfolio import area_fees
from zibo_sim.heating.premises import premises, premises_fees
from zibo_sim.heating.scope import scope
from zibo_sim.heating.stock import City, city_of, stock
from zibo_sim.heating.tariff import tariff_of
from zibo_sim.law import Law, book
from zibo_sim.model import run_once
from zibo_sim.report import report_folder, write_report
from zibo_sim.results import content_hash, manifest, write_folder
from zibo_sim.scenario import known_keys, load, resolve

HEAD = "customer_id,district,use,charging,kind,area,heated,certificate,let,height,exchangers"
HOME, SHOP = "张店区,residential,area", "高新区,non_residential,area"
SCHOOL = "张店区,institution,area"
ROWS = (
    f"a,{HOME},flat,92.37,,,,,",
    f"b,{HOME},duplex_lower,90,,,,,",
    f"b,{HOME},duplex_upper,70.5,false,,,,",
    f"c,{HOME},duplex_lower,90,,,,,2",
    f"c,{HOME},duplex_upper,70,,,,,",
    f"c,{HOME},attic,31.4,,false,,,",
    f"d,{HOME},flat,80,,,,,",
    f"d,{HOME},attic,20,,true,,,",
    f"d,{HOME},basement,11.11,,,,,",
    f"d,{HOME},garage,19,,,,,",
    f"d,{HOME},storeroom,9,false,,,,",
    f"e,{HOME},flat,101.01,,,true,4.2,",
    f"e,{HOME},premises,17.3,,,true,4.2,",
    f"f,{HOME},flat,60,false,,,,",
    f"s,{SCHOOL},premises,1000.03,,,,3.6,",
    f"s,{SCHOOL},premises,500.51,,,,7.25,",
    f"s,{SCHOOL},premises,80.09,,,true,3.6,",
    f"t,{SHOP},premises,33.33,,,,4.01,",
    f"t,{SHOP},garage,20.07,,,,3,",
)
READINGS = f"m,{HOME.replace('area', 'metered')},flat,77.7,,,,,"
HERE = scope(book())


def written(folder: Path, *rows: str, name: str = "list.csv") -> Path:
    path = folder / name
    path.write_text("\n".join((HEAD, *rows)) + "\n", encoding="utf-8")
    return path


def cities(path: Path, law: Law | None = None) -> City:
    return city_of(Heating(customers=str(path)), law or book())


def by_desk(path: Path, law: Law) -> dict[str, int]:
    out = path.with_suffix(".out.csv")
    bill_file(path, out, law=law)
    with out.open(encoding="utf-8-sig", newline="") as file:
        return {r["customer_id"]: int(Decimal(r["amount"]) * 100) for r in csv.DictReader(file)}


@pytest.mark.parametrize("changes", [{}, {"heating.price.residential": 21.37}])
def test_area_customers_pay_what_the_desk_bills_them(
    tmp_path: Path, changes: dict[str, float]
) -> None:
    law, path = book().with_changes(changes), written(tmp_path, *ROWS)
    count, homes, share = cities(path, law)
    desk, tariff = by_desk(path, law), tariff_of(law)
    assert area_fees(stock(count, homes).dwellings, tariff).tolist() == [desk[c] for c in "abcdef"]
    others = premises(PremisesParameters(), homes, DemandParameters(), share)
    cold = np.zeros(len(others), np.int64)
    assert premises_fees(others, (cold, cold), tariff).tolist() == [desk["s"], desk["t"]]


def test_a_run_bills_the_list_by_its_own_charging(tmp_path: Path) -> None:
    path = written(tmp_path, *ROWS, READINGS)
    mine = load().replace({"heating.customers": str(path), "heating.metered_share": 1.0})
    ledger, desk = (
        run_once(mine, 0, 0).heating,
        by_desk(written(tmp_path, *ROWS, name="area.csv"), book()),
    )
    assert int(ledger.area_fen[0].sum()) == sum(desk[c] for c in "abcdef")
    assert int(ledger.premises_fen[0].sum()) == desk["s"] + desk["t"]
    assert len(ledger.metered_fen[0]) == 1
    other = mine.replace({"heating.dwellings": 5, "heating.metered_share": 0.0})
    assert run_once(other, 0, 0).heating.revenue == ledger.revenue


def test_a_customer_at_the_end_moves_nobody_elses_heat(tmp_path: Path) -> None:
    met = [row.replace(",area,", ",metered,") for row in ROWS]
    one = written(tmp_path, *met, name="one.csv")
    two = written(tmp_path, *met, READINGS, f"u,{SHOP},premises,5,,,,3,", name="two.csv")
    heat = [
        exposure(c.dwellings, c.stock, DemandParameters(), 1.0) for c in map(cities, (one, two))
    ]
    assert np.array_equal(heat[0].metered_exposure, heat[1].metered_exposure[:-1])
    assert np.array_equal(heat[0].metered_vintage, heat[1].metered_vintage[:-1])
    shops = [
        premises(PremisesParameters(), cities(p).stock, DemandParameters(), 0.0) for p in (one, two)
    ]
    assert np.array_equal(shops[0].factor, shops[1].factor[:-1])
    assert len(set(shops[0].factor[:2])) == 1, "the parts of one school are one building"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (f"x,{HOME.replace('张店区', '淄川区')},flat,90,,,,,", "out of the notice's scope"),
        (f"x,{HOME.replace('张店区', '张店')},flat,90,,,,,", "district"),
        (f"x,{HOME},flat,-1,,,,,", "row 21, column area"),
        (f"x,{HOME},flat,90.123,,,,,", "row 21, column area: 90.123 is finer than 0.01"),
        (f"x,{HOME},attic,20,,,,,", "one flat or one duplex_lower"),
        (f"x,{HOME},flat,90,,,,,16", "at most 15"),
        (f"a,{HOME},flat,90,,,,,", "this id stood in row 2 already"),
        (f"x,{SCHOOL},flat,90,,,,,", "has no place in institution use"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, row: str, said: str
) -> None:
    with pytest.raises(Refused, match=said) as refusal:
        read_customers(written(tmp_path, *ROWS, row), HERE)
    assert "row 21" in str(refusal.value)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("attic,20,,,,,", "attic,21,,,,,"), "more than one heated attic"),
        (("premises,20,,,true,3,", "premises,20,,,true,4,"), "several storey heights"),
    ],
)
def test_what_the_stock_cannot_hold_is_refused(
    tmp_path: Path, rows: tuple[str, ...], said: str
) -> None:
    spaces = [f"x,{HOME},{row}" for row in ("flat,90,,,,,", *rows)]
    with pytest.raises(Refused, match=said):
        read_customers(written(tmp_path, *spaces), HERE)
    levels = [f"x,{HOME},duplex_lower,90,,,true,3,", f"x,{HOME},duplex_upper,70,,,,,"]
    with pytest.raises(Refused, match="one level is let"):
        read_customers(written(tmp_path, *levels), HERE)


def test_faults_are_shown_up_to_twenty(tmp_path: Path) -> None:
    bad = [f"x{i},{HOME},flat,0,,,,," for i in range(25)]
    with pytest.raises(Refused) as refusal:
        read_customers(written(tmp_path, *bad), HERE)
    assert len(refusal.value.faults) == 21
    assert refusal.value.faults[-1].endswith(": and 5 faults more")


def test_a_list_without_homes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no residential customer"):
        read_customers(written(tmp_path, *ROWS[-2:]), HERE)


def test_a_file_is_read_once_until_it_changes(tmp_path: Path) -> None:
    path = written(tmp_path, *ROWS)
    assert load_customers(str(path), HERE) is load_customers(str(path), HERE)
    before = cities(path)
    written(tmp_path, *ROWS, READINGS)
    os.utime(path, ns=(1, 1))
    assert cities(path).dwellings == before.dwellings + 1


def scenario(folder: Path) -> Path:
    path = folder / "mine.toml"
    path.write_text(
        'title = "t"\nquestion = "q"\nextends = "winter-2018-19"\n'
        '[heating]\ncustomers = "list.csv"\n',
        encoding="utf-8",
    )
    return path


def test_a_scenario_finds_its_customers_and_results_name_the_file_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scenario(tmp_path)
    with pytest.raises(Refused, match="there is no such file"):
        load(path)
    written(tmp_path, *ROWS, READINGS)
    monkeypatch.chdir("/")
    mine = load(path)
    assert mine.heating.customers == str(tmp_path / "list.csv")
    found = [replicate(mine, 3, 1, jobs=jobs).metrics for jobs in (1, 2)]
    assert found[0].equals(found[1])
    assert set(found[0]["heating.customers"]) == {"list.csv"}


IDS = ("户-7Q4X-001", "户-7Q4X-002")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A list with telling ids and a telling column, and the folder of a run with it."""
    home, out = tmp_path_factory.mktemp("secret-home"), tmp_path_factory.mktemp("out") / "run"
    lines = [f"{HEAD},姓名", *(f"{id},{HOME},flat,90,,,,,,赵钱孙" for id in IDS)]
    (home / "list.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    changes = {
        "heating.customers": str(home / "list.csv"),
        "period.start": date(2018, 11, 1),
        "period.end": date(2018, 12, 31),
    }
    mine, sources = resolve("winter-2018-19", changes)
    reps = replicate(mine, 2, 1, keep=True)
    about = manifest(mine, 1, 2, ["zibo-sim", "run"])
    frames = {"metrics": reps.metrics, "events": reps.events, "series": reps.series}
    write_folder(out, mine, frames, about, sources, lambda folder: write_report(
        folder / "report.html", reps, about, sources, "zh"))  # fmt: skip
    return home / "list.csv", out


def test_a_run_folder_holds_nothing_personal_and_no_folder_of_the_machine(
    ran: tuple[Path, Path],
) -> None:
    path, out = ran
    for file in out.iterdir():
        frame = file.suffix == ".parquet"
        text = pd.read_parquet(file).to_csv() if frame else file.read_text(encoding="utf-8")
        for word in (*IDS, "7Q4X", "赵钱孙", str(path.parent), path.parent.name):
            assert word not in text, (file.name, word)
    scenario = (out / "scenario.toml").read_text(encoding="utf-8")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (line,) = [row for row in scenario.splitlines() if row.startswith("customers")]
    assert line.startswith('customers = "list.csv"  # ')
    assert line.endswith(f"--set; sha256 {digest}; not kept here: lay it beside this file")


def test_a_report_can_do_without_the_list_and_a_replay_says_which(ran: tuple[Path, Path]) -> None:
    path, out = ran
    before = (out / "report.html").read_bytes()
    text = report_folder(out, "zh").read_text(encoding="utf-8")
    assert "list.csv" in text
    assert str(path.parent) not in text
    with pytest.raises(
        Refused, match=r"heating\.customers: .*run/list\.csv: there is no such file"
    ):
        load(out / "scenario.toml")
    given = load(out / "scenario.toml", {"heating.customers": str(path)})
    shutil.copy(path, out / "list.csv")
    beside = load(out / "scenario.toml")
    assert report_folder(out, "zh").read_bytes() == before
    (out / "list.csv").unlink()
    assert beside.get("heating.customers") == str(out / "list.csv")
    assert given.model_copy(update={"heating": beside.heating}) == beside


def test_the_content_of_the_list_is_part_of_a_result_and_its_place_is_not(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    here, there = written(tmp_path, *ROWS), written(tmp_path / "b", *ROWS)
    mine = [load().replace({"heating.customers": str(p)}) for p in (here, there)]
    assert content_hash(mine[0], 0, 1) == content_hash(mine[1], 0, 1)
    written(tmp_path / "b", *ROWS, READINGS)
    assert content_hash(mine[0], 0, 1) != content_hash(mine[1], 0, 1)


def test_the_districts_of_the_list_say_who_funds(tmp_path: Path) -> None:
    path = written(tmp_path, *(f"h{i},{HOME},flat,90,,,,," for i in range(300)))
    mine = load().replace({"heating.customers": str(path), "heating.subsidy.dibao_share": 1.0})
    funded = {e.entity for e in run_once(mine, 0, 0).log if e.event == "funded"}
    assert "张店区财政" in funded
    assert "高新区财政" not in funded


def test_a_listed_dwelling_takes_less_than_two_hundred_bytes(tmp_path: Path) -> None:
    count = 20_000
    path = written(tmp_path, *(f"customer-{i:06d},{HOME},flat,90.5,,,,," for i in range(count)))
    read_customers(written(tmp_path, *ROWS, name="warm.csv"), HERE)
    tracemalloc.start()
    try:
        where = cities(path)
        city = stock(where.dwellings, where.stock)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(city) == count
    assert kept < 200 * count
    assert peak < 400 * count


def test_what_a_list_takes_the_place_of_says_so_and_moves_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, *ROWS, READINGS)
    listed = load().replace({
        "heating.customers": str(path),
        "period.start": date(2018, 11, 10),
        "period.end": date(2018, 11, 20),
    })  # fmt: skip
    replaced = [
        key for key, said in known_keys().items()
        if key.startswith("heating.") and "not used with a customer list" in said["en"]
    ]  # fmt: skip
    assert all("有用户清单时不用" in known_keys()[key]["zh"] for key in replaced)
    every = {f"heating.premises.{name}" for name in PremisesParameters.model_fields}
    assert every | {"heating.dwellings", "heating.metered_share"} < set(replaced)
    moved = {key: _moved(listed.get(key)) for key in replaced}
    before, after = (run(s, 1).metrics for s in (listed, listed.replace(moved)))
    pd.testing.assert_series_equal(before, after)


def _moved(value: float) -> float:
    return value + 3 if isinstance(value, int) else value * 0.9 + 0.05
