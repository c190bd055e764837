"""Where 淄政办字〔2018〕139号 applies: the central urban area among the districts of Zibo."""

from __future__ import annotations

from zibo_sim.errors import Refused, unknown
from zibo_sim.law import Law
from zibo_sim.places import DISTRICTS

_NAMES = (
    {name: name for name in DISTRICTS}
    | {key: name for name, key in DISTRICTS.items()}
    | {"文昌湖区": "文昌湖省级旅游度假区"}
)


def district_name(given: str) -> str:
    """Return the full Chinese name of a district; an unknown one is refused with the nearest."""
    name = _NAMES.get(given.strip()) or _NAMES.get(given.strip().casefold())
    if name is None:
        known = unknown("district", given, _NAMES, shown=len(DISTRICTS))
        raise Refused(known, where="district")
    return name


def scope(law: Law) -> tuple[str, ...]:
    """淄政办字〔2018〕139号 引言: return the full names of the districts in scope."""
    return tuple(dict.fromkeys(district_name(d) for d in law("heating.scope.districts")))


def in_scope(given: str, law: Law) -> bool:
    """淄政办字〔2018〕139号 引言: prices and subsidies are those of the central urban area.

    Raises
    ------
    Refused
        When `given` is no district, county or zone of Zibo.
    """
    return district_name(given) in scope(law)
