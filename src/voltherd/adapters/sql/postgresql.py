"""PostgreSQL: many nodes, whose transactions an advisory lock puts in a row, so that positions are in commit order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
import psycopg
from sqlalchemy import (
    URL,
    Connection,
    Dialect,
    Engine,
    NullPool,
    QueuePool,
    create_engine,
)
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from voltherd.adapters.sql.work import EventRow, Row, Statement

_OPTIONS = "-c timezone=UTC -c synchronous_commit=on"

# One lock for each schema that holds a history.
_LOCK = "SELECT pg_advisory_xact_lock(1987015284, hashtext(current_schema()))"

# A statement behind the lock's sees what was committed before it. One JSON text carries all rows: against executemany,
# many VALUES and unnest of arrays, a transaction of 100 events took 2.2 ms (2.6, 3.4, 3.8) and 0.4 ms of our own
# processor time (1.2, 1.8, 2.6), one of 500 events 17 ms (16, 24, 32) and 1.0 ms (4.9, 8.5, 11.7): psycopg adapts
# values one by one in Python, under the interpreter's lock.
_INSERT = """
WITH written AS (
    INSERT INTO events (position, stream, version, type, data, operator, "at", "by")
    SELECT newest.position + new.number, line ->> 0, (line ->> 1)::int, line ->> 2, line ->> 3, line ->> 4,
        (line ->> 5)::timestamptz, line ->> 6
    FROM (SELECT coalesce(max(position), 0) AS position FROM events) AS newest,
        json_array_elements(%s::json) WITH ORDINALITY AS new (line, number)
    RETURNING position
)
SELECT max(position) FROM written
"""

_READ_ONLY = "25006"  # the server has become a standby


class Postgresql:
    """A database on a server; the address may have an `application_name`, and `options` that set a `search_path`."""

    def __init__(self, url: URL) -> None:
        options = url.query.get("options", "")
        self._options = " ".join([*([options] if isinstance(options, str) else options), _OPTIONS]).strip()
        self.dialect: Dialect = PGDialect(paramstyle="format")  # type: ignore[no-untyped-call]
        self.in_bulk = True
        named = url if "application_name" in url.query else url.update_query_dict({"application_name": "voltherd"})
        self._url = named.set(drivername="postgresql+psycopg").difference_update_query(["options"])

    def writer(self) -> Engine:
        return create_engine(self._url, poolclass=NullPool, connect_args=_connect_args(self._options))

    def reader(self, connections: int, patience: float | None = None) -> Engine:
        options = f"{self._options} -c default_transaction_read_only=on"
        if patience is not None:
            options += f" -c statement_timeout={round(patience * 1000)}"
        return create_engine(
            self._url,
            poolclass=QueuePool,
            pool_size=connections,
            max_overflow=0,
            isolation_level="AUTOCOMMIT",
            connect_args=_connect_args(options),
        )

    def lock(self, connection: Connection) -> None:
        connection.exec_driver_sql(_LOCK)

    @contextmanager
    def without_waiting(self, connection: Connection) -> Iterator[None]:
        # The server works on one statement while we make the rows of the next.
        with _driving(connection) as driver, driver.pipeline() as pipeline:
            try:
                yield
            except Exception:
                # What comes behind an error fails, too: the driver would log that, and past our log.
                with suppress(psycopg.Error):
                    pipeline.sync()
                raise

    def insert(self, connection: Connection, rows: Sequence[EventRow]) -> Callable[[], int]:
        with _driving(connection) as driver:
            inserted = driver.execute(_INSERT, (msgspec.json.encode(rows).decode(),))

        def last() -> int:
            with _driving(connection):
                (position,) = inserted.fetchall()[0]
            return int(position)

        return last

    def execute_rows(self, connection: Connection, statement: Statement, rows: Sequence[Row]) -> None:
        with _driving(connection) as driver:
            if not statement.bulk:
                driver.cursor().executemany(statement.sql, rows)
                return
            values = ", ".join(f"(line ->> {place})::{cast}" for place, cast in enumerate(statement.casts))
            source = f"SELECT {values} FROM json_array_elements(%s::json) AS new (line)"
            sql = statement.bulk.replace("{rows}", source)
            for some in _rounds(rows, statement.keys) if statement.keys and len(rows) > 1 else (rows,):
                driver.execute(sql, (msgspec.json.encode(some).decode(),))

    def is_trouble(self, error: DBAPIError) -> bool:
        return (
            error.connection_invalidated
            or isinstance(error, OperationalError | InterfaceError)
            or getattr(error.orig, "sqlstate", None) == _READ_ONLY
        )


@contextmanager
def _driving(connection: Connection) -> Iterator[psycopg.Connection[Any]]:
    """The driver's connection, since SQLAlchemy would wait for each result; its errors as SQLAlchemy gives them."""
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    try:
        yield driver
    except psycopg.Error as error:
        raise DBAPIError.instance(
            None, None, error, psycopg.Error, connection_invalidated=driver.closed, dialect=connection.dialect
        ) from error


def _rounds(rows: Sequence[Row], keys: Sequence[int]) -> Iterator[Sequence[Row]]:
    """Split them so that no round changes a row twice: a join would take either change, an upsert none."""
    rounds: list[list[Row]] = []
    reached: dict[Row, int] = {}
    for row in rows:
        key = tuple([row[place] for place in keys])
        number = reached[key] = reached.get(key, -1) + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(row)
    return iter(rounds)


def _connect_args(options: str) -> dict[str, object]:
    return {
        "options": options,
        "connect_timeout": 5,
        "tcp_user_timeout": 10_000,  # ms: a server that vanished must not hold the writer for ever
    }
