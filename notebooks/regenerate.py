"""Run every notebook from top to bottom and write its outputs back, pictures labelled in Chinese.

Usage: python notebooks/regenerate.py [NAME.ipynb ...]

Needs a Chinese font: without one the note that it is missing would stand in the outputs.

Stops at the first cell that fails, leaving that notebook's file as it was. Timings and widget
states are dropped, so that a notebook that changed nothing is written with the same bytes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

HERE = Path(__file__).parent
CELL_TIMEOUT_S = 120
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def regenerated(path: Path) -> str:
    """Return the notebook's text with fresh outputs."""
    notebook = nbformat.read(path, as_version=4)
    where = {"metadata": {"path": str(path.parent)}}
    NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        resources=where,
        record_timing=False,
    ).execute()
    notebook.metadata = nbformat.from_dict(_METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return str(nbformat.writes(notebook)) + "\n"


def main(names: list[str]) -> int:
    """Regenerate the named notebooks, or all of them; return the exit status."""
    os.environ["LC_ALL"] = "zh_CN.UTF-8"  # the kernel's language, which pictures follow
    paths = [HERE / Path(name).name for name in names] or sorted(HERE.glob("*.ipynb"))
    for path in paths:
        print(path.name, flush=True)
        try:
            text = regenerated(path)
        except (CellExecutionError, CellTimeoutError, DeadKernelError, OSError) as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            return 1
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
