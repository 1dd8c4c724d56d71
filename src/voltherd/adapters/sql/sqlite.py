"""SQLite: one file, one writer at a time, write-ahead log, and every commit on the disk before anybody is answered."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from functools import cache, partial
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

from voltherd.adapters.sql.codec import EventRow

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

# executemany gives the interpreter's lock away and takes it back at every row; one INSERT … SELECT FROM json_each(?)
# parses all data anew. Events a second (99th percentile in ms) with two changes each, in raw sqlite3 beside a thread
# that does nothing but compute, batches of 10 / 100: executemany 420 (79) / 800 (162), json_each 580 (27) / 7,700 (34),
# rows of VALUES 410 (43) / 12,300 (51); beside an idle one, batches of 100: 61,000, 49,000, 60,000. Beside a busy event
# loop with `courtesy` the three are alike (100 links: 17,000, 15,800, 17,700): VALUES are never much the worst.
_INSERT = 'INSERT INTO events (stream, version, type, data, operator, "at", "by") {rows}'
_SIZES = (128, 64, 32, *range(16, 0, -1))


class Sqlite:
    """A database file."""

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:":
            raise ValueError("history in SQLite needs a file: sqlite:///path/to/voltherd.db")
        self.dialect: Dialect = sqlite.dialect()
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

    def insert(self, connection: Connection, rows: Sequence[EventRow]) -> int:
        # SQLite numbers them itself: one more than the greatest position, row by row.
        return _execute(connection, _INSERT, rows)

    def execute_rows(
        self, connection: Connection, sql: str, casts: Sequence[str], rows: Sequence[tuple[Any, ...]]
    ) -> None:
        del casts  # its columns have affinities of their own
        _execute(connection, sql, rows)

    def is_trouble(self, error: DBAPIError) -> bool:
        code = getattr(error.orig, "sqlite_errorcode", None)
        return error.connection_invalidated or (code is not None and code & 0xFF in _TROUBLE)


def _execute(connection: Connection, sql: str, rows: Sequence[tuple[Any, ...]]) -> int:
    """Execute it for a few rows at a time, in statements of a few sizes, which SQLite keeps; the last row's address."""
    start = last = 0
    while start < len(rows):
        size = next(size for size in _SIZES if size <= len(rows) - start)
        values = tuple([value for row in rows[start : start + size] for value in row])
        last = connection.exec_driver_sql(_sized(sql, size, len(rows[0])), values).lastrowid
        start += size
    return last


@cache
def _sized(sql: str, rows: int, columns: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return sql.replace("{rows}", f"VALUES {', '.join([row] * rows)}")


def _set_up(pragmas: Sequence[str], connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: sqlite3 would not before DDL
    for pragma in pragmas:
        connection.execute(pragma)


def _give_up_after(patience: float, _connection: object, cursor: Any, *_statement: object) -> None:
    until = time.monotonic() + patience
    cursor.connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS_BETWEEN_LOOKS)


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
