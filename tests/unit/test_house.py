"""Who may import whom: the package's layers, read from its source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2] / "zibo_sim"
FLOORS = (
    "errors fields clock streams records places words text tables workers faults whole",
    "law",
    "air cloud heating",
    "scenario scenario_files rulebook cases valuation reforms",
    "model",
    "metrics outcomes provenance results experiment study calibration",
    "comparison contrasts verdicts precision selection audit goals sensitivity arms attribution "
    "frontiers dominance shapley watched",
    "guide answers explanation plots report show show_experiments desk ledger evaluation",
    "widgets cli",
)
FLOOR = {room: level for level, rooms in enumerate(FLOORS) for room in rooms.split()}
DOMAINS = {"air", "cloud", "heating"}
#: The packages whose `__init__` hands on names.
FRONT_DOORS = {"", "law", "ledger", "plots", "report"}
MODULES = {
    ".".join(file.relative_to(HOUSE).with_suffix("").parts)
    .removesuffix("__init__")
    .strip("."): file
    for file in sorted(HOUSE.rglob("*.py"))
}


def imports(module: str, tree: ast.AST, package: bool) -> Iterator[str]:
    """Yield the full dotted name of everything imported, at the top or inside a function."""
    here = ["zibo_sim", *filter(None, module.split("."))]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            up = here[: len(here) + package - node.level] if node.level else []
            base = ".".join([*up, *filter(None, [node.module])])
            for alias in node.names:
                inner = f"{base}.{alias.name}".removeprefix("zibo_sim.")
                yield base if base == "zibo_sim" or inner not in MODULES else f"{base}.{alias.name}"


def faults(module: str, source: str, package: bool = False) -> list[str]:
    """Say what in `module` breaks the house."""
    room = module.split(".", 1)[0]
    if room and room not in FLOOR:
        return [f"{module} has no place in the table of layers"]
    found, level = [], FLOOR.get(room, len(FLOORS))
    names = list(imports(module, ast.parse(source), package))
    if package and module not in FRONT_DOORS and set(names) - {"__future__"}:
        found.append(f"{module}/__init__.py hands on names")
    for name in names:
        top, _, inner = name.partition(".")
        other = inner.split(".", 1)[0]
        simulates = module == "model" or module.endswith(".process")
        if name == "zibo_sim" and not room:
            continue  # the root hands on a whole module
        if name == "zibo_sim":
            found.append(f"{module} imports the package root")
        elif top == "zibo_sim" and other not in FLOOR:
            found.append(f"{module} imports {name}, which has no place in the table of layers")
        elif top == "zibo_sim" and FLOOR[other] > level:
            found.append(f"{module} imports {name}, from a floor above it")
        elif top == "zibo_sim" and {room, other} <= DOMAINS and room != other:
            found.append(f"{module} imports {name}, another domain")
        elif top == "simpy" and not simulates:
            found.append(f"{module} imports simpy, and is neither a process nor the model")
        elif top == "matplotlib" and level < FLOOR["plots"]:
            found.append(f"{module} imports matplotlib, below the floor of plots")
        elif top == "ipywidgets" and room != "widgets":
            found.append(f"{module} imports ipywidgets, which only widgets may")
    return found


@pytest.mark.parametrize("module", MODULES)
def test_a_module_keeps_to_its_floor(module: str) -> None:
    file = MODULES[module]
    assert not faults(module, file.read_text(encoding="utf-8"), file.name == "__init__.py")


def test_no_modules_import_each_other_in_a_ring() -> None:
    graph = {}
    for module, file in MODULES.items():
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
                node.body = []  # a ring of annotations alone never closes
        graph[f"zibo_sim.{module}"] = set(imports(module, tree, file.name == "__init__.py"))
    TopologicalSorter({m: needs & graph.keys() for m, needs in graph.items()}).prepare()


def test_every_module_of_the_package_is_read() -> None:
    assert {"", "clock", "law.book"} <= set(MODULES)


@pytest.mark.parametrize(
    ("module", "source", "said"),
    [
        ("attic", "", "attic has no place in the table"),
        ("law.book", "from zibo_sim.air.aqi import index", "a floor above"),
        ("air.aqi", "def f():\n    import zibo_sim.model", "a floor above"),
        ("air.alerts", "from zibo_sim.heating.season import days", "another domain"),
        ("air.alerts", "from ..cloud.clocks import deadlines", "another domain"),
        ("cloud.clocks", "import simpy", "neither a process nor the model"),
        ("experiment", "import simpy.rt", "neither a process nor the model"),
        ("comparison", "from matplotlib.figure import Figure", "below the floor of plots"),
        ("cli", "import ipywidgets", "only widgets may"),
        ("cli", "import zibo_sim", "the package root"),
        ("cli", "from zibo_sim import plots", "the package root"),
        ("cli", "from . import plots", "the package root"),
        ("cli", "import zibo_sim.cellar", "zibo_sim.cellar, which has no place"),
    ],
)
def test_a_breach_is_named(module: str, source: str, said: str) -> None:
    (fault,) = faults(module, source)
    assert said in fault


def test_a_domain_hands_on_no_names() -> None:
    assert faults("air", "from zibo_sim.air.aqi import index", package=True)
    assert not faults("air", '"""Air."""', package=True)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("air.process", "import simpy\nfrom zibo_sim.air.alerts import Alert"),
        ("model", "import simpy\nfrom zibo_sim.heating import process"),
        ("plots", "import matplotlib.pyplot as plt"),
        ("widgets", "import ipywidgets\nfrom zibo_sim.plots import season"),
        ("", "from zibo_sim.comparison import compare\nfrom zibo_sim import plots"),
    ],
)
def test_what_the_house_allows_passes(module: str, source: str) -> None:
    assert not faults(module, source)
