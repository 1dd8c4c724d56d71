"""SQLite: one file, one writer at a time, write-ahead log, and every commit on the disk before anybody is answered."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Dialect,
    Engine,
    NullPool,
    QueuePool,
    create_engine,
    event,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError

from voltherd.adapters.sql.work import EventRow, Row, Statement

_BUSY_SECONDS = "5"
_STEPS_BETWEEN_LOOKS = 100_000  # of SQLite's machine: some milliseconds

_CONNECT_ARGS = {"check_same_thread": False, "cached_statements": 1024}

_READ = ("PRAGMA query_only = ON",)
_WRITE = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    # Pages after which the log is written back: the same pages come again and again, so seldom is cheap.
    "PRAGMA wal_autocheckpoint = 10000",
    "PRAGMA journal_size_limit = 67108864",  # bytes that the log keeps after a checkpoint
    "PRAGMA cache_size = -65536",  # KiB: the unique key is written all over its index
)

# The primary result codes that speak of the world, not of the statement (https://sqlite.org/rescode.html).
_TROUBLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_NOTADB,
    }
)

_INSERT = 'INSERT INTO events (stream, version, type, data, operator, "at", "by") VALUES (?, ?, ?, ?, ?, ?, ?)'
_LAST = "SELECT max(position) FROM events"


class Sqlite:
    """A database file."""

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:":
            raise ValueError("history in SQLite needs a file: sqlite:///path/to/voltherd.db")
        self.dialect: Dialect = sqlite.dialect()
        self.in_bulk = False
        self._url = url.set(drivername="sqlite+pysqlite")
        if "timeout" not in url.query:
            self._url = self._url.update_query_dict({"timeout": _BUSY_SECONDS})

    def writer(self) -> Engine:
        engine = create_engine(self._url, poolclass=NullPool, connect_args=_CONNECT_ARGS)
        event.listen(engine, "connect", partial(_set_up, _WRITE))
        event.listen(engine, "begin", _begin_immediate)
        return engine

    def reader(self, connections: int, patience: float | None = None) -> Engine:
        engine = create_engine(
            self._url,
            poolclass=QueuePool,
            pool_size=connections,
            max_overflow=0,
            isolation_level="AUTOCOMMIT",
            connect_args=_CONNECT_ARGS,
        )
        event.listen(engine, "connect", partial(_set_up, _READ))
        if patience is not None:
            event.listen(engine, "before_cursor_execute", partial(_give_up_after, patience))
        return engine

    def lock(self, connection: Connection) -> None:
        """BEGIN IMMEDIATE has done it."""

    def without_waiting(self, connection: Connection) -> AbstractContextManager[None]:
        del connection
        return nullcontext()

    def insert(self, connection: Connection, rows: Sequence[EventRow]) -> Callable[[], int]:
        # SQLite numbers them itself: one more than the greatest position, row by row.
        connection.exec_driver_sql(_INSERT, list(rows))
        last: int = connection.exec_driver_sql(_LAST).scalar_one()
        return lambda: last

    def execute_rows(self, connection: Connection, statement: Statement, rows: Sequence[Row]) -> None:
        connection.exec_driver_sql(statement.sql, list(rows))

    def is_trouble(self, error: DBAPIError) -> bool:
        code = getattr(error.orig, "sqlite_errorcode", None)
        return error.connection_invalidated or (code is not None and code & 0xFF in _TROUBLE)


def _set_up(pragmas: Sequence[str], connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: sqlite3 would not before DDL
    for pragma in pragmas:
        connection.execute(pragma)


def _give_up_after(patience: float, _connection: object, cursor: Any, *_statement: object) -> None:
    until = time.monotonic() + patience
    cursor.connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS_BETWEEN_LOOKS)


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
