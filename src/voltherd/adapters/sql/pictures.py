"""The read models' tables: made as declared, and filled by replaying history when their shape has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Connection, Index, Table, delete, insert, inspect, select
from sqlalchemy.schema import CreateIndex, CreateTable

from voltherd.adapters.sql.changes import carry_out
from voltherd.adapters.sql.codec import Codec
from voltherd.adapters.sql.database import Database
from voltherd.adapters.sql.prepared import Statements
from voltherd.adapters.sql.tables import events, projections
from voltherd.adapters.sql.work import Statement
from voltherd.kernel.catalog import Catalog
from voltherd.kernel.readmodel import ReadModel
from voltherd.ports.history import Recorded

Progress = Callable[[int], None]
"""Told the position up to which history has been replayed."""

_PAGE = 1_000

_EVENTS = select(events).order_by(events.c.position).limit(_PAGE)


class JournalChangedError(Exception):
    """A journal's tables are not as declared; history cannot rebuild them, so a person must decide."""


def stale(connection: Connection, catalog: Catalog) -> Sequence[ReadModel]:
    """The read models whose tables are missing or have another shape; journals only where they are missing.

    Raises:
        JournalChangedError: a journal has another shape.
    """
    existing = set(inspect(connection).get_table_names())
    names = connection.execute(select(projections.c.name, projections.c.digest))
    digests = {row.name: row.digest for row in names}
    found = []
    for model in catalog.readmodels.values():
        missing = [table.name for table in model.tables if table.name not in existing]
        if not missing and digests.get(model.name) == _digest(connection, model):
            continue
        if model.journal and len(missing) < len(model.tables):
            raise JournalChangedError(
                f"the tables of the journal {model.name} are not as declared, and history cannot rebuild them: "
                f"change {', '.join(table.name for table in model.tables)} by hand or drop them"
            )
        found.append(model)
    return found


def make(
    database: Database,
    connection: Connection,
    models: Sequence[ReadModel],
    catalog: Catalog,
    progress: Progress | None = None,
) -> None:
    """Drop and create the tables of the models, and replay history into those that are no journals.

    It all happens in the caller's locked transaction: other writers wait, readers see the old pictures until the end.
    """
    for model in models:
        for table in reversed(model.tables):
            table.drop(connection, checkfirst=True)
        for table in model.tables:
            connection.execute(CreateTable(table))
            for index in _indexes(table):
                index.create(connection)
        connection.execute(delete(projections).where(projections.c.name == model.name))
        connection.execute(insert(projections).values(name=model.name, digest=_digest(connection, model)))
    replayed = [model for model in models if not model.journal]
    if replayed:
        _replay(database, connection, replayed, catalog, progress)


def _replay(
    database: Database,
    connection: Connection,
    models: Sequence[ReadModel],
    catalog: Catalog,
    progress: Progress | None,
) -> None:
    statements = Statements(database.dialect, in_bulk=database.in_bulk)
    mentioned: list[Statement] = []
    for page in _pages(connection, Codec(catalog)):
        # Nobody remembers which changes belonged together, so each model's changes stay in sequence.
        changes = [
            (model.name, statements.rows(recorded.changes(model, catalog))) for recorded in page for model in models
        ]
        mentioned += statements.take_unmentioned()
        carry_out(database, connection, mentioned, changes)
        if progress is not None:
            progress(page[-1].position)


def _pages(connection: Connection, codec: Codec) -> Iterator[Sequence[Recorded]]:
    after = 0
    while rows := connection.execute(_EVENTS.where(events.c.position > after)).all():
        after = rows[-1].position
        yield codec.recorded(rows)


def _digest(connection: Connection, model: ReadModel) -> str:
    statements = [part for table in model.tables for part in _definition(connection, table)]
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def _indexes(table: Table) -> Sequence[Index]:
    """Always in one order: of two that seem as good to it, SQLite takes the one that was made last."""
    return sorted(table.indexes, key=lambda index: str(index.name), reverse=True)


def _definition(connection: Connection, table: Table) -> Iterator[str]:
    yield " ".join(str(CreateTable(table).compile(connection)).split())
    for index in _indexes(table):
        yield " ".join(str(CreateIndex(index).compile(connection)).split())
