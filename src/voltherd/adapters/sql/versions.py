"""Remembers how far streams have come at least, so that most versions are checked without asking the database."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from voltherd.adapters.sql.tables import events

_REMEMBERED = 100_000

_VERSION = select(func.coalesce(func.max(events.c.version), 0))


class KnownVersions:
    """Lower bounds, normally: other processes may have written more. Only what seems wrong needs a question."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = {}

    def __getitem__(self, stream: str) -> int:
        return self._versions.get(stream, 0)

    def learn(self, stream: str, version: int) -> None:
        """Remember that the stream has at least this version."""
        if len(self._versions) >= _REMEMBERED:
            self._versions = {}
        if version > self[stream]:
            self._versions[stream] = version

    def correct(self, stream: str, version: int) -> None:
        """Remember what the database says."""
        self._versions[stream] = version


def version_of(connection: Connection, stream: str) -> int:
    """How many events the stream has."""
    version: int = connection.execute(_VERSION.where(events.c.stream == stream)).scalar_one()
    return version
