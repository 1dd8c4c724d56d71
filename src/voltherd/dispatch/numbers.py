"""Numbers that no crash and no other node hands out twice: taken from blocks that are reserved in the store."""

from __future__ import annotations

import asyncio

import structlog

from voltherd.ports.history import EventStore, StoreUnavailableError

log = structlog.get_logger(__name__)


class Numbers:
    """A growing sequence. A block that is not used up when the node stops is lost; nobody minds gaps."""

    def __init__(self, store: EventStore, name: str, block: int = 1000) -> None:
        self._store = store
        self._name = name
        self._block = block
        self._ranges: list[range] = []
        self._filling: asyncio.Task[None] | None = None

    async def fill(self) -> None:
        """Reserve the next block."""
        first = await self._store.reserve(self._name, self._block)
        self._ranges.append(range(first, first + self._block))

    def take(self) -> int:
        """The next number.

        Raises:
            StoreUnavailableError: none is left, and none could be reserved in time.
        """
        self._ranges = [left for left in self._ranges if left]
        if sum(map(len, self._ranges)) <= self._block // 2 and (self._filling is None or self._filling.done()):
            self._filling = asyncio.get_running_loop().create_task(self._fill_quietly(), name=f"numbers:{self._name}")
        if not self._ranges:
            raise StoreUnavailableError(f"no {self._name} number is left")
        head = self._ranges[0]
        self._ranges[0] = head[1:]
        return head[0]

    async def _fill_quietly(self) -> None:
        try:
            await self.fill()
        except StoreUnavailableError as error:
            log.warning("numbers_not_reserved", name=self._name, reason=str(error))
