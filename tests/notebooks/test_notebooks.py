"""Notebooks are tested in earnest: what nbval would let pass is refused here.

nbval compares text. It passes a stripped notebook whole, a cell whose outputs were removed, any
picture, and skips what a tag tells it to skip; hence the guards. The last tests change the shown
digits, and the law, and ask nbval to notice.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
LISTED = [
    "01_start_here.ipynb",
    "02_alerts.ipynb",
    "03_measures.ipynb",
    "04_cloud_clocks.ipynb",
    "05_heating_bills.ipynb",
    "06_sweeps.ipynb",
    "07_your_own_data.ipynb",
    "08_dashboard.ipynb",
]
#: Cells that may go uncompared, by notebook and text of the cell. None does.
ALLOWED_SKIPS: set[tuple[str, str]] = set()
LARGEST_BYTES = 300_000
_SKIP_TAGS = ("skip", "ignore", "raises-exception", "test-case")
_SKIP_MARKS = re.compile(r"#\s*(NBVAL_|PYTEST_VALIDATE_IGNORE)", re.IGNORECASE)
_STRICT = ("--nbval", "--nbval-current-env", "--nbval-cell-timeout=120")


def code_cells(notebook: str | Path) -> list[dict[str, Any]]:
    content = json.loads((NOTEBOOKS / notebook).read_text(encoding="utf-8"))
    return [cell for cell in content["cells"] if cell["cell_type"] == "code"]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def compared_text(cell: dict[str, Any]) -> str:
    """Return what nbval compares of a cell's outputs: printed text and text values."""
    texts = [
        output.get("text", output.get("data", {}).get("text/plain", ""))
        for output in cell["outputs"]
        if "image/png" not in output.get("data", {})
    ]
    return "".join("".join(text) for text in texts)


def environment(path: Path | None = None) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "PYTHONPATH"))}
    return kept | ({"PYTHONPATH": str(path)} if path else {})


def strictly(notebook: Path, package: Path | None = None) -> tuple[int, str]:
    """Run one notebook under strict nbval, from a package's folder; return status and output."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rN", *_STRICT, notebook.name],
        cwd=notebook.parent,
        env=environment(package),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module", autouse=True)
def _fonts_are_listed() -> None:
    """Let matplotlib list the fonts of a fresh machine here: in a cell its message would differ."""
    listing = [sys.executable, "-c", "import matplotlib.font_manager"]
    subprocess.run(listing, env=environment(), capture_output=True, check=True, timeout=300)


def test_every_notebook_is_listed() -> None:
    assert sorted(path.name for path in NOTEBOOKS.rglob("*.ipynb")) == LISTED


@pytest.mark.parametrize("name", LISTED)
def test_every_code_cell_was_run_once_and_in_order(name: str) -> None:
    counts = [cell["execution_count"] for cell in code_cells(name)]
    assert counts == list(range(1, len(counts) + 1))
    assert counts


@pytest.mark.parametrize("name", LISTED)
def test_every_code_cell_shows_a_number_that_is_compared(name: str) -> None:
    for cell in code_cells(name):
        assert re.search(r"\d", compared_text(cell)), source(cell)


@pytest.mark.parametrize("name", LISTED)
def test_every_picture_that_is_drawn_is_kept(name: str) -> None:
    for cell in code_cells(name):
        kept = [o for o in cell["outputs"] if "image/png" in o.get("data", {})]
        assert len(kept) == source(cell).count("plt.show()"), source(cell)


@pytest.mark.parametrize("name", LISTED)
def test_no_cell_is_left_out_of_the_comparison(name: str) -> None:
    for cell in code_cells(name):
        tags = cell["metadata"].get("tags", [])
        skipped = any(word in tag for tag in tags for word in _SKIP_TAGS)
        if skipped or _SKIP_MARKS.search(source(cell)):
            assert (name, source(cell)) in ALLOWED_SKIPS


@pytest.mark.parametrize("name", LISTED)
def test_no_output_names_an_address_a_warning_or_this_machine(name: str) -> None:
    for cell in code_cells(name):
        assert all(output.get("name") != "stderr" for output in cell["outputs"])
        assert all(output["output_type"] != "error" for output in cell["outputs"])
        assert not re.search(r"0x[0-9a-f]{6,}|(?<!\S)/\w+/|Axes", compared_text(cell))


@pytest.mark.parametrize("name", LISTED)
def test_a_notebook_is_thin_and_small(name: str) -> None:
    assert (NOTEBOOKS / name).stat().st_size < LARGEST_BYTES
    for cell in code_cells(name):
        assert not re.search(r"^\s*(def|class|lambda)\b", source(cell), re.MULTILINE)
        assert len(source(cell).splitlines()) <= 20


@pytest.mark.parametrize("name", LISTED)
def test_a_notebook_keeps_no_timings_and_no_widget_states(name: str) -> None:
    content = json.loads((NOTEBOOKS / name).read_text(encoding="utf-8"))
    assert "widgets" not in content["metadata"]
    assert all("execution" not in cell["metadata"] for cell in content["cells"])


@pytest.mark.parametrize("name", LISTED)
def test_text_stands_in_chinese_and_in_english(name: str) -> None:
    content = json.loads((NOTEBOOKS / name).read_text(encoding="utf-8"))
    texts = ["".join(c["source"]) for c in content["cells"] if c["cell_type"] == "markdown"]
    assert texts
    for text in texts:
        assert re.search(r"[\u4e00-\u9fff]", text.splitlines()[0])
        assert re.search(r"[a-z]{3} [a-z]{2}", text)


@pytest.mark.parametrize("name", LISTED)
def test_a_notebook_gives_the_outputs_it_holds(name: str) -> None:
    status, said = strictly(NOTEBOOKS / name)
    assert status == 0, said


def with_another_last_digit(text: str) -> str:
    """Return printed text whose last digit is one more."""
    before, digit, after = re.fullmatch(r"(.*)(\d)(\D*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    return f"{before}{(int(digit) + 1) % 10}{after}"


@pytest.mark.parametrize("name", LISTED)
def test_another_last_digit_fails_every_cell(name: str, tmp_path: Path) -> None:
    content = json.loads((NOTEBOOKS / name).read_text(encoding="utf-8"))
    cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        last = [o for o in cell["outputs"] if re.search(r"\d", "".join(o.get("text", "")))][-1]
        last["text"] = with_another_last_digit("".join(last["text"]))
    (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    status, said = strictly(tmp_path / name)
    assert status == 1
    assert f"{len(cells)} failed" in said, said
    assert said.count("mismatch 'stdout'") == len(cells)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the package, its compiled code and the first notebook; what is copied passes."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("zibo_sim", "scenarios"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(NOTEBOOKS / LISTED[0], folder)
    status, said = strictly(folder / LISTED[0], folder)
    assert status == 0, said
    return folder


@pytest.mark.parametrize(
    ("entry", "printed", "changed"),
    [
        ("alert.yellow.days", "value = 2", "value = 3"),
        ("alert.lift.hours", "value = 36", "value = 24"),
    ],
)
def test_one_changed_value_of_the_law_fails_the_notebook(
    copy: Path, entry: str, printed: str, changed: str
) -> None:
    law = copy / "zibo_sim" / "law" / "145-2018.toml"
    text = law.read_text(encoding="utf-8")
    before, found, after = text.partition(f'id = "{entry}"')
    assert printed in after.split("[[entry]]")[0]
    law.write_text(before + found + after.replace(printed, changed, 1), encoding="utf-8")
    try:
        status, said = strictly(copy / LISTED[0], copy)
    finally:
        law.write_text(text, encoding="utf-8")
    assert status == 1
    assert "Cell outputs differ" in said
    assert "mismatch 'stdout'" in said
    assert "caused an exception" not in said
