"""The event store: streams with versions, one global order, and the pictures changed in the same transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from voltherd.kernel.catalog import Catalog
from voltherd.kernel.messages import Event
from voltherd.kernel.readmodel import Change, ReadModel, Told


class StoreUnavailableError(Exception):
    """History cannot be written or read now; nothing of what was asked has happened."""


class VersionConflictError(Exception):
    """Somebody else appended to one of the streams first; decide again on the newer state."""


class StreamWrite(NamedTuple):
    """New events of one stream, expected to follow its `version` (the number of events that it has)."""

    stream: str
    version: int
    events: Sequence[Event]


class Past(NamedTuple):
    """What a state is folded from: the events behind `version`, upon the state that was kept there (None: none was)."""

    events: Sequence[Event]
    version: int = 0
    state: Any = None


class Append(NamedTuple):
    """What one decision changes, all of it or nothing: streams, and pictures (`changes`, in order).

    `order` names what the changes belong to: those of equal `order` are carried out in the order of their appends.
    """

    writes: Sequence[StreamWrite]
    changes: Sequence[Change]
    at: datetime
    by: str
    order: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as history keeps it. `position` grows over all streams; `at` is UTC."""

    position: int
    stream: str
    version: int
    type: str
    event: Event
    at: datetime
    by: str

    def told(self, catalog: Catalog) -> Told:
        """The event as policies and pictures are told of it."""
        return Told(self.event, catalog.key_of(self.stream), self.at, self.by)

    def changes(self, model: ReadModel, catalog: Catalog) -> Sequence[Change]:
        """What it changes in a picture, for those who fill one from history."""
        return tuple(model.project(self.told(catalog))) if isinstance(self.event, model.facts) else ()


class Appended(asyncio.Future[int]):
    """An append on its way into history, where it cannot be called back: whoever is cancelled hears of it then."""

    def cancel(self, msg: object | None = None) -> bool:
        del msg
        return False


class EventStore(Protocol):
    """History. Every method raises `StoreUnavailableError` when the database cannot be reached."""

    async def load(self, stream: str) -> Past:
        """The newest state that was kept of a stream, if any, and the events behind it, oldest first."""
        ...

    def keep(self, stream: str, version: int, state: Any) -> None:
        """Keep the state to which the stream's first `version` events led, for this same code to begin there.

        Nobody waits for it, and it may get lost: history remains what counts.
        """
        ...

    def append(self, append: Append) -> Awaitable[int]:
        """Write it together with others at hand; the awaitable ends when it is durable, with the last position.

        Where it cannot end at once it is an `Appended`.

        Raises:
            VersionConflictError: a stream has another version than expected.
        """
        ...

    def note(self, changes: Sequence[Change]) -> None:
        """Change pictures soon, in the next transaction, without waiting: for journals that nobody's answer needs."""
        ...

    async def read(self, after: int, limit: int, types: Collection[str] | None = None) -> Sequence[Recorded]:
        """Events behind a position, in their order; never one that could still be preceded by a later commit.

        With `types` only events that are kept under one of these names.
        """
        ...

    async def last_position(self) -> int:
        """The position of the newest event, 0 if there is none."""
        ...

    async def wait(self, after: int, timeout: float) -> None:
        """Return when an event behind this position may exist, or after `timeout` seconds."""
        ...

    async def checkpoint(self, name: str) -> int | None:
        """How far a reader of this name has come, None if it never read."""
        ...

    async def save_checkpoint(self, name: str, position: int) -> None:
        """Remember how far a reader has come."""
        ...

    async def reserve(self, name: str, count: int) -> int:
        """Take the next `count` numbers of a sequence, durably: the first of them (from 1)."""
        ...

    async def retire(self, now: datetime) -> int:
        """Delete the journals' rows that are older than their retention, in bounded steps; the number of rows."""
        ...
