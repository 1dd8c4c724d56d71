"""The newest events, read from history once for all streams; those who lag behind read history themselves."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from voltherd.api.media import encode
from voltherd.kernel.catalog import Catalog
from voltherd.ports.history import EventStore, Recorded

PAGE = 200


@dataclass(frozen=True)
class Line:
    """An event as streams tell it; its text is made once, whoever wants it."""

    recorded: Recorded
    operator: str
    station_id: str | None

    @cached_property
    def text(self) -> bytes:
        recorded = self.recorded
        shown = {
            "position": recorded.position,
            "type": recorded.type,
            "operator": self.operator,
            "stationId": self.station_id,
            "stream": recorded.stream,
            "at": recorded.at,
            "by": recorded.by,
            "data": recorded.event,
        }
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (recorded.position, recorded.type.encode(), encode(shown))


class Tail:
    """Keeps the last lines, without a gap from the position `_behind` on."""

    def __init__(self, store: EventStore, catalog: Catalog, kept: int = 2000) -> None:
        self._kept_lines = kept
        self._store = store
        self._catalog = catalog
        self._lines: list[Line] = []
        self._behind: int | None = None
        # Streams that reach the end together would read the same page; one reads, the others find it here.
        self._reading = asyncio.Lock()

    async def read(self, after: int) -> Sequence[Line]:
        """Some lines behind a position, in order; none if there are none.

        Raises:
            StoreUnavailableError: history cannot be read now.
        """
        if self._behind is None:
            # Whoever is first at the end begins to keep.
            last = await self._store.last_position()
            if after >= last and self._behind is None:
                self._behind = last
        if self._behind is not None and after >= self._behind and not self._kept(after):
            async with self._reading:
                if not self._kept(after):
                    self._keep(await self._page(self._end))
        # What is kept moves on while one waits, perhaps beyond this position.
        if self._behind is None or after < self._behind:
            return await self._page(after)
        return self._kept(after)

    async def wait(self, after: int, timeout: float) -> None:
        """Return when there may be something behind the position, or when the time is over."""
        await self._store.wait(after, timeout)

    def _kept(self, after: int) -> Sequence[Line]:
        first = bisect_right(self._lines, after, key=lambda line: line.recorded.position)
        return self._lines[first : first + PAGE]

    def _keep(self, page: Sequence[Line]) -> None:
        self._lines.extend(page)
        if len(self._lines) > 2 * self._kept_lines:
            self._behind = self._lines[-self._kept_lines - 1].recorded.position
            del self._lines[: -self._kept_lines]

    @property
    def _end(self) -> int:
        return self._lines[-1].recorded.position if self._lines else self._behind or 0

    async def _page(self, after: int) -> Sequence[Line]:
        lines = []
        for recorded in await self._store.read(after, PAGE):
            key = self._catalog.key_of(recorded.stream)
            lines.append(Line(recorded, key.operator, getattr(key, "station_id", None)))
        return lines
