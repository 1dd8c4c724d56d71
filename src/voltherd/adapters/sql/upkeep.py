"""What the command line does to a database: upgrade, rebuild, check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import URL, Connection, func, select

from voltherd.adapters.sql import pictures, schema
from voltherd.adapters.sql.database import Database, database_at
from voltherd.adapters.sql.pictures import JournalChangedError, Progress
from voltherd.adapters.sql.tables import events, snapshots
from voltherd.adapters.sql.trouble import trouble_named
from voltherd.kernel.catalog import Catalog


def upgrade(url: str | URL, catalog: Catalog, progress: Progress | None = None) -> Sequence[str]:
    """Bring history and the pictures into the shape that the code expects; the names of what was made or rebuilt.

    Other writers wait meanwhile. `progress` is told the positions replayed so far.

    Raises:
        StoreUnavailableError: the database cannot be reached.
        JournalChangedError: a journal's tables have another shape than declared.
        HistoryUnreadableError: an event in history is unknown to the catalog.
    """
    database = database_at(url)
    with _locked(database) as connection:
        schema.migrate(connection)
        models = pictures.stale(connection, catalog)
        pictures.make(database, connection, models, catalog, progress)
    return [model.name for model in models]


def rebuild(url: str | URL, catalog: Catalog, name: str, progress: Progress | None = None) -> None:
    """Make one read model anew from history.

    Raises:
        LookupError: there is no such read model.
        ValueError: it is a journal.
        StoreUnavailableError: the database cannot be reached.
    """
    if name not in catalog.readmodels:
        raise LookupError(f"there is no read model {name}; there are {', '.join(sorted(catalog.readmodels))}")
    model = catalog.readmodels[name]
    if model.journal:
        raise ValueError(f"{name} is a journal: history cannot rebuild it")
    database = database_at(url)
    with _locked(database) as connection:
        pictures.make(database, connection, [model], catalog, progress)


def last_position(url: str | URL) -> int:
    """The position of the newest event: where the progress of a replay ends."""
    with _reading(database_at(url)) as connection:
        position: int = connection.execute(select(func.coalesce(func.max(events.c.position), 0))).scalar_one()
    return position


def check(url: str | URL, catalog: Catalog) -> Sequence[str]:
    """What is not as it should be, a sentence each; nothing is changed.

    Raises:
        StoreUnavailableError: the database cannot be reached.
    """
    with _reading(database_at(url)) as connection:
        if found := schema.outdated(connection):
            return [found]
        try:
            findings = [
                f"the tables of the read model {model.name} are missing or have another shape"
                for model in pictures.stale(connection, catalog)
            ]
        except JournalChangedError as error:
            findings = [str(error)]
        return [
            *findings,
            *_unknown_types(connection, catalog),
            *_broken_streams(connection),
            *_hasty_snapshots(connection),
        ]


def _unknown_types(connection: Connection, catalog: Catalog) -> Iterator[str]:
    for name in connection.execute(select(events.c.type).distinct()).scalars():
        if name not in catalog.events:
            yield f"history holds events {name}, which nothing in the catalog is kept as"


def _broken_streams(connection: Connection) -> Iterator[str]:
    broken = select(events.c.stream).group_by(events.c.stream).having(func.count() != func.max(events.c.version))
    for stream in connection.execute(broken).scalars():
        yield f"the stream {stream} has gaps"


def _hasty_snapshots(connection: Connection) -> Iterator[str]:
    last = select(func.coalesce(func.max(events.c.version), 0)).where(events.c.stream == snapshots.c.stream)
    for stream in connection.execute(select(snapshots.c.stream).where(snapshots.c.version > last.scalar_subquery())):
        yield f"the state kept of the stream {stream.stream} is ahead of its events"


@contextmanager
def _locked(database: Database) -> Iterator[Connection]:
    engine = database.writer()
    try:
        with trouble_named(database), engine.begin() as connection:
            database.lock(connection)
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _reading(database: Database) -> Iterator[Connection]:
    engine = database.reader(1)
    try:
        with trouble_named(database), engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()
