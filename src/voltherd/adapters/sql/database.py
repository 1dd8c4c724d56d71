"""What SQLite and PostgreSQL do differently, as the store asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import URL, Connection, Dialect, Engine, make_url
from sqlalchemy.exc import DBAPIError

from voltherd.adapters.sql.work import EventRow, Row, Statement


class Database(Protocol):
    """One of the two databases, at one address."""

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's, with the places for values as the driver wants them."""
        ...

    @property
    def in_bulk(self) -> bool:
        """Whether many rows in one statement are faster than one after the other."""
        ...

    def writer(self) -> Engine:
        """An engine whose transactions are serialised with all others of its kind once they are `lock`ed."""
        ...

    def reader(self, connections: int, patience: float | None = None) -> Engine:
        """An engine that can only read; each statement sees the last commit.

        One that takes longer than `patience` seconds is given up: that is trouble.
        """
        ...

    def lock(self, connection: Connection) -> None:
        """Keep all other writers of history out until the transaction ends: commits come in the order of positions."""
        ...

    def without_waiting(self, connection: Connection) -> AbstractContextManager[None]:
        """Let `insert` and `execute_rows` go on to the next before the last is done; errors may come at the end."""
        ...

    def insert(self, connection: Connection, rows: Sequence[EventRow]) -> Callable[[], int]:
        """Add events behind the newest (the transaction is locked, `rows` not empty).

        What is returned waits for the position of the last.
        """
        ...

    def execute_rows(self, connection: Connection, statement: Statement, rows: Sequence[Row]) -> None:
        """Execute the statement for all rows, in their order."""
        ...

    def is_trouble(self, error: DBAPIError) -> bool:
        """Tell trouble in the world (no connection, no space, no lock) from statements that are wrong."""
        ...


def database_at(url: str | URL) -> Database:
    """Choose by the address: `sqlite:///path` or `postgresql://…`.

    Raises:
        ValueError: it is another database.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        from voltherd.adapters.sql.sqlite import Sqlite

        return Sqlite(address)
    if address.get_backend_name() in ("postgresql", "postgres"):
        from voltherd.adapters.sql.postgresql import Postgresql

        return Postgresql(address)
    raise ValueError(f"history is kept in SQLite or PostgreSQL, not in {address.get_backend_name()}")
