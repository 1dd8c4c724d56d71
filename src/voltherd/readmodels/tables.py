"""What the pictures' tables share: one metadata, a column type for instants, and statements of the usual forms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    Table,
    TypeDecorator,
    Update,
    bindparam,
    delete,
    func,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql.dml import Delete

metadata = MetaData()

STATION = ("operator", "station_id")
"""The columns that name a station."""


class Instant(TypeDecorator[datetime]):
    """A UTC instant; SQLite, which knows no zones, keeps the same text for the same instant."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        # In one step, since rows have several: SQLAlchemy's own way to the same text takes five times as long.
        return _text if dialect.name == "sqlite" else _utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _utc(value: datetime | None) -> datetime | None:
    return value if value is None or value.tzinfo is UTC else value.astimezone(UTC)


def _text(value: datetime | None) -> str | None:
    instant = _utc(value)
    return None if instant is None else instant.isoformat(" ", "microseconds")[:26]


def row_number() -> Column[int]:
    """The key of a journal's rows: it grows as they come, and the oldest are found by it."""
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


# PostgreSQL's ON CONFLICT is SQLite's too, and SQLAlchemy compiles the one construct for both.


def upsert(table: Table, *columns: str) -> Insert:
    """Insert a row, or set `columns` of the row with the same primary key."""
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: statement.excluded[name] for name in columns},
    )


def complete(table: Table, *columns: str) -> Insert:
    """Insert a row, or fill in what is known now; a null makes nothing unknown that was known."""
    statement = insert(table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key.columns),
        set_={name: func.coalesce(statement.excluded[name], table.c[name]) for name in columns},
    )


def insert_once(table: Table) -> Insert:
    """Insert a row unless there is one with the same primary key."""
    return insert(table).on_conflict_do_nothing()


def where_keys(table: Table, keys: Sequence[str]) -> list[ColumnElement[bool]]:
    """The conditions that a statement's row is found by; their parameters are named `key_…`."""
    return [table.c[name] == bindparam(f"key_{name}") for name in keys]


def update_by(table: Table, keys: Sequence[str], *columns: str, **expressions: Any) -> Update:
    """Set `columns` (from parameters of their names) and `expressions` of the rows that `keys` name."""
    values: dict[str, Any] = {name: bindparam(name) for name in columns}
    return update(table).where(*where_keys(table, keys)).values({**values, **expressions})


def delete_by(table: Table, keys: Sequence[str]) -> Delete:
    """Delete the rows that `keys` name."""
    return delete(table).where(*where_keys(table, keys))
