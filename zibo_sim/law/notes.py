"""Changes of the law that say their status and source: a table in place of a plain value.

``"alert.yellow.days" = { value = 1, status = "literature", source = "…" }``
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zibo_sim.errors import unknown
from zibo_sim.fields import STATUSES
from zibo_sim.law.book import book

VALUE, *SAID = NOTE = ("value", "status", "source")
_PREFIX = "law."


def gathered(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Gather ``law.<id>.value``, ``.status`` and ``.source`` of a flat file into one table."""
    tables: dict[str, Any] = {}
    for key, value in flat.items():
        stem, _, part = key.rpartition(".")
        noted = part in NOTE and stem.startswith(_PREFIX)
        if noted and stem.removeprefix(_PREFIX) in book().entries:
            tables[stem] = {**tables.get(stem, {}), part: value}
        else:
            tables[key] = value
    return tables


def plain(value: Any) -> Any:
    """Return a change without what it says of itself."""
    return value.get(VALUE, value) if isinstance(value, Mapping) else value


def note_faults(key: str, table: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the table of one change; its value is judged by the book."""
    where = f"{_PREFIX}{key}: "
    if key not in book().entries:
        return [f"{where}{dict(table)!r} is refused; a reading is the name of an option"]
    found = [f"{where}{unknown('key', part, NOTE)}" for part in table if part not in NOTE]
    needs = f"a table has {', '.join(NOTE)}"
    found += [f"{where}missing {part!r}; {needs}" for part in NOTE if part not in table]
    if "status" in table and table["status"] not in STATUSES:
        found.append(f"{where}{unknown('status', str(table['status']), STATUSES)}")
    if "source" in table and not (isinstance(table["source"], str) and table["source"].strip()):
        found.append(f"{where}source: {table['source']!r} is refused; say where the value stands")
    return found
