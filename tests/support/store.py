"""The least that the dispatcher needs of a store: streams in a dictionary, no pictures, nothing that waits."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from voltherd.kernel.messages import Event
from voltherd.kernel.readmodel import Change
from voltherd.ports.history import Append, Past, Recorded, VersionConflictError


class ListStore:
    """An `EventStore` whose every method ends at once, so that a decision can be driven without an event loop."""

    def __init__(self) -> None:
        self.streams: dict[str, list[Event]] = {}

    async def load(self, stream: str) -> Past:
        return Past(tuple(self.streams.get(stream, ())))

    def keep(self, stream: str, version: int, state: object) -> None:
        """It has all events at hand."""

    async def append(self, append: Append) -> int:
        ahead: dict[str, int] = {}
        for write in append.writes:
            if ahead.get(write.stream, len(self.streams.get(write.stream, ()))) != write.version:
                raise VersionConflictError(write.stream)
            ahead[write.stream] = write.version + len(write.events)
        for write in append.writes:
            self.streams.setdefault(write.stream, []).extend(write.events)
        return sum(map(len, self.streams.values()))

    def note(self, changes: Sequence[Change]) -> None:
        raise NotImplementedError

    async def read(self, after: int, limit: int, types: Collection[str] | None = None) -> Sequence[Recorded]:
        raise NotImplementedError

    async def last_position(self) -> int:
        raise NotImplementedError

    async def wait(self, after: int, timeout: float) -> None:
        raise NotImplementedError

    async def checkpoint(self, name: str) -> int | None:
        raise NotImplementedError

    async def save_checkpoint(self, name: str, position: int) -> None:
        raise NotImplementedError

    async def reserve(self, name: str, count: int) -> int:
        raise NotImplementedError

    async def retire(self, now: object) -> int:
        raise NotImplementedError
