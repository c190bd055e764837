"""Streams that write down every draw: from which stream, by which line, for whom."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from zibo_sim.air.sky import Alert
from zibo_sim.cloud.requests import Request
from zibo_sim.streams import Streams

_SITE_FRAMES = 3


class Draw(NamedTuple):
    """One call of a generator: where, for whom, what was asked, what came."""

    asking: int
    site: tuple[tuple[str, int], ...]
    entity: str
    asked: str
    rows: np.ndarray


@dataclass(frozen=True)
class WatchedStreams(Streams):
    """Streams that write down every draw; the numbers are those of `Streams`."""

    tape: dict[str, list[Draw]] = field(default_factory=dict)

    def __call__(self, name: str) -> np.random.Generator:
        """Return a fresh generator for the stream `name` whose draws are written down."""
        draws = self.tape.setdefault(name, [])
        asking = 1 + max((draw.asking for draw in draws), default=-1)
        return _Watched(super().__call__(name).bit_generator, draws, asking)


class _Watched(np.random.Generator):
    """A generator that writes down what it gives."""

    def __init__(self, bits: np.random.BitGenerator, draws: list[Draw], asking: int) -> None:
        super().__init__(bits)
        self._draws, self._asking, self._busy = draws, asking, False

    def note(self, method: str, args: Any, kwargs: Mapping[str, Any], found: Any) -> None:
        """Write down one call."""
        drawn = np.array(found, copy=True)
        width = int(np.prod(drawn.shape[1:]))
        rows = drawn.reshape(-1, width) if drawn.size else np.empty((0, width))
        asked = f"{method}{_parameters(args, kwargs, drawn)} × {rows.shape[1]}"
        site, entity = _who_draws(sys._getframe(2), single=len(rows) == 1)
        self._draws.append(Draw(self._asking, site, entity, asked, rows))


def _watching(method: str) -> Any:
    plain = getattr(np.random.Generator, method)

    def draw(self: _Watched, *args: Any, **kwargs: Any) -> Any:
        if self._busy:  # one method drawing through another
            return plain(self, *args, **kwargs)
        self._busy = True
        try:
            found = plain(self, *args, **kwargs)
        finally:
            self._busy = False
        self.note(method, args, kwargs, found)
        return found

    return draw


for _method in dir(np.random.Generator):
    if not _method.startswith("_") and _method not in ("bit_generator", "spawn", "bytes"):
        setattr(_Watched, _method, _watching(_method))


def _parameters(args: Any, kwargs: Mapping[str, Any], drawn: np.ndarray) -> str:
    """Return the arguments but for sizes and outputs."""
    kept = [
        repr(value)
        for name, value in [*((str(i), a) for i, a in enumerate(args)), *kwargs.items()]
        if name not in ("out", "size") and not _is_size(value, drawn)
    ]
    return f"({', '.join(kept)})"


def _is_size(value: Any, drawn: np.ndarray) -> bool:
    size = value if isinstance(value, tuple) else (value,)
    return all(isinstance(n, int | np.integer) for n in size) and tuple(size) == drawn.shape


def _who_draws(frame: FrameType | None, single: bool) -> tuple[tuple[tuple[str, int], ...], str]:
    """Return the lines a draw comes from and whom it is for."""
    site, entity, hour = list[tuple[str, int]](), "", ""
    while frame is not None and not (entity and len(site) >= _SITE_FRAMES):
        if len(site) < _SITE_FRAMES:
            site.append((frame.f_code.co_filename, frame.f_lineno))
        for value in list(frame.f_locals.values()):
            if not entity and isinstance(value, Request | Alert):
                entity = value.id if isinstance(value, Request) else value.name
        clock: Any = frame.f_locals.get("self")
        if single and not hour and hasattr(clock, "active_process") and clock.now > 0:
            hour = f"{clock.now:.3f} h"
        frame = frame.f_back
    return tuple(site), entity or hour
