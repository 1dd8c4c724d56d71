"""Events as rows and back: JSON text, made once per event, under the event's stored name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

import msgspec

from voltherd.adapters.sql.instant import to_text
from voltherd.adapters.sql.work import EventRow
from voltherd.kernel.catalog import Catalog
from voltherd.kernel.messages import Event
from voltherd.ports.history import Append, Recorded


class HistoryUnreadableError(Exception):
    """History holds an event that the catalog does not know, or no longer in this shape."""


class StoredEvent(Protocol):
    """A row of the table on its way out."""

    position: int
    stream: str
    version: int
    type: str
    data: str
    at: datetime
    by: str


class Codec:
    """Writes and reads the events of a catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        # All at once, by one thread: msgspec crashes where two threads come to know a class at the same time.
        self._decoders = {name: msgspec.json.Decoder(kind) for name, kind in catalog.events.items()}

    def rows(self, append: Append) -> list[EventRow]:
        """One row per event, in order."""
        rows: list[EventRow] = []
        at = to_text(append.at)
        for write in append.writes:
            operator = self._catalog.key_of(write.stream).operator
            for version, event in enumerate(write.events, write.version + 1):
                data = msgspec.json.encode(event).decode()
                rows.append((write.stream, version, event.stored_as(), data, operator, at, append.by))
        return rows

    def event(self, name: str, data: str) -> Event:
        """Read one event.

        Raises:
            HistoryUnreadableError: nothing in the catalog is kept under this name, or it looks different.
        """
        try:
            event: Event = self._decoder(name).decode(data)
        except msgspec.ValidationError as error:
            raise HistoryUnreadableError(f"an event {name} in history does not fit its type: {error}") from error
        return event

    def recorded(self, rows: Iterable[StoredEvent]) -> Sequence[Recorded]:
        """Read whole rows of the table."""
        return [
            Recorded(row.position, row.stream, row.version, row.type, self.event(row.type, row.data), row.at, row.by)
            for row in rows
        ]

    def _decoder(self, name: str) -> msgspec.json.Decoder[Any]:
        decoder = self._decoders.get(name)
        if decoder is None:
            raise HistoryUnreadableError(f"nothing in the catalog is kept as {name}")
        return decoder
