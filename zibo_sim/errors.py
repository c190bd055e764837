"""The package's exceptions: what a user sees when something is refused."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

#: What leaving out the first parts of a dotted name counts against it, in slips.
_TAIL = 2


class ZiboSimError(Exception):
    """Base of every error this package raises on purpose.

    Examples
    --------
    >>> import zibo_sim as zs
    >>> try:
    ...     zs.load("no such scenario")
    ... except zs.ZiboSimError as error:
    ...     type(error).__name__
    'Refused'
    """


class Refused(ZiboSimError, ValueError):
    """An input was refused; nothing was guessed and nothing was written.

    Parameters
    ----------
    faults : iterable of str
        One sentence a fault: where, the value, what is allowed.
    where : str, optional
        The file or object all the faults belong to, put before each.

    Attributes
    ----------
    faults : tuple of str

    Examples
    --------
    >>> import zibo_sim as zs
    >>> try:
    ...     zs.load().replace({"cloud.audit.servers": -1, "air.respons.compliance": 1.0})
    ... except zs.Refused as refusal:
    ...     len(refusal.faults)
    2
    """

    def __init__(self, *faults: str, where: str = "") -> None:
        self.faults = tuple(f"{where}: {fault}" if where else fault for fault in faults)
        super().__init__("\n".join(self.faults))

    def __reduce__(self) -> tuple[type[Refused], tuple[str, ...]]:
        return type(self), self.faults

    def at(self, where: str) -> Refused:
        """Return the same refusal, said of `where`.

        Parameters
        ----------
        where : str
            A file or an object, put before each fault.

        Examples
        --------
        >>> str(Refused("start: missing").at("mine.toml"))
        'mine.toml: start: missing'
        """
        return type(self)(*self.faults, where=where)


def edits(a: str, b: str, most: int) -> int:
    """Return how many slips turn `a` into `b`, or ``most + 1`` where it takes more than `most`.

    A slip is a letter too many, too few or wrong, or two neighbours that changed places (optimal
    string alignment).
    """
    if _fewest_edits(a, b) > most:
        return most + 1
    before, above = [0] * (len(b) + 1), list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            best = min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                best = min(best, before[j - 2] + 1)
            row.append(best)
        if min(row) > most and min(above) > most:
            return most + 1
        before, above = above, row
    return min(above[-1], most + 1)


def _fewest_edits(a: str, b: str) -> int:
    """Return a number of slips that `a` and `b` are at least apart, cheaply."""
    return max((Counter(a) - Counter(b)).total(), (Counter(b) - Counter(a)).total())


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word the fewest slips away from `word`, or None when none is near.

    Near is at most half the letters wrong. A dotted name may lack its first parts
    (``audit.servers``), which counts two slips. Among equals, the one most alike wins.
    """
    said, found = word.lower(), list[str]()
    most = len(said) // 2
    for key in known:
        tail = ".".join(key.lower().split(".")[-1 - said.count(".") :])
        slips = min(edits(said, key.lower(), most), edits(said, tail, most - _TAIL) + _TAIL)
        if slips <= most:
            found = [*found, key] if slips == most and found else [key]
            most = slips
    return max(
        found, key=lambda key: difflib.SequenceMatcher(None, said, key).ratio(), default=None
    )


def unknown(kind: str, word: str, known: Iterable[str], shown: int = 12) -> str:
    """Say that `word` is no known `kind`, which one is nearest, and what is allowed.

    Of a long list, those that stand in one table with the nearest are shown.
    """
    words = list(known)
    near = nearest(word, words)
    hint = f"; did you mean {near!r}? Allowed" if near else "; allowed"
    short = len(words) <= shown
    listed = words if short or not near else _beside(near, words)
    more = "" if short else f" … ({len(words)} in all)"
    shelf = f"{hint}: {', '.join(listed[:shown])}{more}" if words else ""
    return f"unknown {kind} {word!r}{shelf}"


def _beside(near: str, words: list[str]) -> list[str]:
    group = near.rpartition(".")[0]
    return [near, *(w for w in words if w != near and w.rpartition(".")[0] == group)]


def _sentence(error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"])
    value = error.get("input")
    said = error["msg"].removeprefix("Value error, ")
    said = said[:1].lower() + said[1:]
    if error["type"] in ("int_type", "int_from_float") and isinstance(value, float):
        said += ", a whole number without a point or an exponent"
    # A validator of a whole group has all of it as its input, and says itself what is wrong.
    group = error["type"].startswith("missing") or (
        isinstance(value, dict) and error["type"] in ("value_error", "assertion_error")
    )
    shown = "" if group else f" (got {value!r})"
    return f"{key}: {said}{shown}" if key else f"{said}{shown}"


def from_pydantic(error: ValidationError, known: Iterable[str] = (), where: str = "") -> Refused:
    """Turn a pydantic error into one refusal that lists every fault.

    Parameters
    ----------
    error : pydantic.ValidationError
    known : iterable of str
        Full dotted names that exist, for the nearest one to an unknown key.
    where : str, optional
        The file the input came from.
    """
    names = list(known)
    faults = []
    for fault in error.errors(include_url=False):
        if fault["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            key = ".".join(str(part) for part in fault["loc"])
            faults.append(unknown("key", key, names))
        elif isinstance(refusal := fault.get("ctx", {}).get("error"), Refused):
            faults += refusal.faults
        else:
            faults.append(_sentence(fault))
    return Refused(*faults, where=where)
