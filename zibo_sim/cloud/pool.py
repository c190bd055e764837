"""The pool of virtual processors, memory and storage, and those who wait for room in it."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Any, NamedTuple


class Size(NamedTuple):
    """An amount of each of the three."""

    vcpu: float = 0.0
    memory_gb: float = 0.0
    storage_gb: float = 0.0

    def over(self) -> Size:
        """Return what is above nothing."""
        vcpu, memory, storage = self
        return Size(max(vcpu, 0), max(memory, 0), max(storage, 0))

    def under(self) -> Size:
        """Return what is below nothing, without its sign."""
        vcpu, memory, storage = self
        return Size(max(-vcpu, 0), max(-memory, 0), max(-storage, 0))


class Pool:
    """What is promised, never more than the limit; who comes first, or ranks first, is first.

    All three are granted at once or none, and nobody overtakes the first who waits: a large
    system is not starved by small ones.

    Parameters
    ----------
    limit : Size
        How much may be promised.
    promised : Size
        How much is at first.
    """

    def __init__(self, limit: Size, promised: Size) -> None:
        self.limit, self.promised = limit, promised
        self._waiting: list[tuple[int, int, Size, Callable[[], Any]]] = []
        self._asked = 0

    def ask(self, size: Size, grant: Callable[[], Any], rank: int = 0) -> None:
        """Call `grant` as soon as there is room for `size`, perhaps at once."""
        self._asked += 1
        heapq.heappush(self._waiting, (rank, self._asked, size, grant))
        self._serve()

    def give(self, size: Size) -> Size:
        """Give room back, whole units and no more than is promised; return what was."""
        if not any(size):
            return size
        held = self.promised
        back = Size(
            min(size.vcpu, held.vcpu // 1),
            min(size.memory_gb, held.memory_gb // 1),
            min(size.storage_gb, held.storage_gb // 1),
        )
        self.promised = Size(held[0] - back[0], held[1] - back[1], held[2] - back[2])
        self._serve()
        return back

    def _serve(self) -> None:
        most = self.limit
        while self._waiting:
            held, more = self.promised, self._waiting[0][2]
            after = Size(held[0] + more[0], held[1] + more[1], held[2] + more[2])
            if after[0] > most[0] or after[1] > most[1] or after[2] > most[2]:
                return
            self.promised = after
            heapq.heappop(self._waiting)[3]()
