"""Fills an SQLite file with a long history: one station's first transaction, as Voltherd writes it, told by thousands.

The seed is written by Voltherd's own dispatcher and store; its rows, in whatever tables they are, then become the rows
of other stations, transactions and instants by putting other words for those that name them.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.recording import Teller
from bench.stories import setup, story_201
from voltherd.adapters.sql import SqlStore
from voltherd.assembly.catalog import build_catalog
from voltherd.dispatch.reactions import READER
from voltherd.kernel.identity import DEFAULT_OPERATOR, TransactionKey

Row = tuple[object, ...]

_UPDATES = 5
_STATION, _TOKEN, _FOLDED = "BENCH-00000", "BENCH0", "bench0"
_BEGAN = datetime(2001, 2, 3, 4, 5, tzinfo=UTC)
"""When the seed's transaction runs: within this minute, which occurs in no other words."""

_TICK = timedelta(seconds=0.25)
_DAYS = 13
"""How far back history goes: frames are kept for a day longer."""

_JOURNALS = ("frames", "meter_reports")
_AT_ONCE = 2_000
"""How many transactions are written in one go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How much history: `journaled` is the share of transactions, the newest, of which the journals have rows."""

    events: int
    stations: int
    journaled: float = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What was written."""

    events: int
    transactions: int
    file_bytes: int


@dataclass(frozen=True, slots=True)
class _Template:
    """Rows like this one: texts hold `%(name)s` where other words are put; `None` is for the database to number."""

    table: str
    values: Row

    def filled(self, words: Mapping[str, str]) -> Row:
        return tuple(value % words if isinstance(value, str) else value for value in self.values)


def fill(file: Path, extent: Extent, tell: Callable[[str], None]) -> Filled:
    """Write the history into a file that does not exist yet."""
    asyncio.run(_seed(file))
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -2000000", "foreign_keys = OFF"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        transactions = _multiply(connection, extent, tell)
        events = int(connection.execute("SELECT count(*) FROM events").fetchone()[0])
        connection.execute("INSERT INTO checkpoints (name, position) VALUES (?, ?)", (READER, events))
    finally:
        connection.close()
    return Filled(events=events, transactions=transactions, file_bytes=file.stat().st_size)


async def _seed(file: Path) -> None:
    """One station boots, tells one round of its story, and leaves."""
    instants = iter(_BEGAN + number * _TICK for number in range(240))
    store = await SqlStore.open(f"sqlite:///{file}", build_catalog())
    try:
        teller = Teller(store, "2.0.1", lambda: next(instants))
        story = story_201(0, _UPDATES, lambda: next(instants).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode())
        async for _ in teller.tell(0, story, setup(0, _UPDATES) + _UPDATES + 4):
            pass
        await teller.leave(0)
    finally:
        await store.close()


def _multiply(connection: sqlite3.Connection, extent: Extent, tell: Callable[[str], None]) -> int:
    """Write what the seed's rows become, in the order of time; the number of transactions."""
    own, of_transaction = _templates(connection)
    station_rows = sum(template.table == "events" for template in own)
    each = sum(template.table == "events" for template in of_transaction)
    rounds = max(1, round((extent.events / extent.stations - station_rows) / each))
    for table in {template.table for template in (*own, *of_transaction)}:
        connection.execute(f'DELETE FROM "{table}"')
    journaled = int(rounds * (1 - extent.journaled))
    versions = [0] * extent.stations
    _write(connection, _station_rows(own, extent.stations, versions))
    plain = [template for template in of_transaction if template.table not in _JOURNALS]
    began = datetime.now(UTC) - timedelta(days=_DAYS)
    for number in range(rounds):
        tell(f"history: transaction {number + 1:,} of {rounds:,} of each of {extent.stations:,} stations")
        at = began + number * timedelta(days=_DAYS) / rounds
        some = of_transaction if number >= journaled else plain
        for first in range(0, extent.stations, _AT_ONCE):
            stations = range(first, min(first + _AT_ONCE, extent.stations))
            _write(connection, _transaction_rows(some, stations, number, at, versions))
    return rounds * extent.stations


def _station_rows(templates: Sequence[_Template], stations: int, versions: list[int]) -> Iterator[tuple[str, Row]]:
    at = datetime.now(UTC) - timedelta(days=_DAYS, minutes=1)
    for station in range(stations):
        words = _words(station, "", "", at)
        for template in templates:
            yield template.table, _numbered(template, words, station, versions)


def _transaction_rows(
    templates: Sequence[_Template], stations: range, number: int, at: datetime, versions: list[int]
) -> Iterator[tuple[str, Row]]:
    for station in stations:
        station_id, transaction_id = f"BENCH-{station:05d}", f"past-{station:05d}-{number:06d}"
        key = TransactionKey(operator=DEFAULT_OPERATOR, station_id=station_id, transaction_id=transaction_id)
        words = _words(station, transaction_id, key.uuid, at)
        for template in templates:
            yield template.table, _numbered(template, words, station, versions)


def _numbered(template: _Template, words: dict[str, str], station: int, versions: list[int]) -> Row:
    """The row; an event of the station's own stream gets the next version there."""
    if template.table == "events" and "%(version)s" in template.values:
        versions[station] += 1
        words["version"] = str(versions[station])
    return template.filled(words)


def _words(station: int, transaction_id: str, uuid: str, at: datetime) -> dict[str, str]:
    return {
        "station": f"BENCH-{station:05d}",
        "token": f"BENCH{station}",
        "folded": f"bench{station}",
        "transaction": transaction_id,
        "uuid": uuid,
        "minute": f"{at:%Y-%m-%dT%H:%M}",
        "stored": f"{at:%Y-%m-%d %H:%M}",
    }


def _templates(connection: sqlite3.Connection) -> tuple[Sequence[_Template], Sequence[_Template]]:
    """The seed's rows: the station's own, and those of its transaction, as templates."""
    transaction_id, uuid = connection.execute("SELECT transaction_id, id FROM transactions").fetchone()
    spelled = {
        uuid: "uuid",
        transaction_id: "transaction",
        _STATION: "station",
        _TOKEN: "token",
        _FOLDED: "folded",
        f"{_BEGAN:%Y-%m-%dT%H:%M}": "minute",
        f"{_BEGAN:%Y-%m-%d %H:%M}": "stored",
    }
    own: list[_Template] = []
    of_transaction: list[_Template] = []
    for table, columns in _tables(connection):
        quoted = ", ".join(f'"{column}"' for column in columns)
        for row in connection.execute(f'SELECT {quoted} FROM "{table}" ORDER BY rowid'):
            values = {column: _spelled(value, spelled) for column, value in zip(columns, row, strict=True)}
            if table == "events":
                values["position"] = None
                if str(values["stream"]).startswith("charging_station-"):
                    values["version"] = "%(version)s"
            elif table == "frames":
                values["id"] = None
            told = any(isinstance(value, str) and "%(transaction)s" in value for value in values.values())
            (of_transaction if told else own).append(_Template(table, tuple(values.values())))
    return own, of_transaction


def _tables(connection: sqlite3.Connection) -> Iterator[tuple[str, Sequence[str]]]:
    """History and the read models' tables that tell of stations, with their columns."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        if table == "events" or "station_id" in columns:
            yield table, columns


def _spelled(value: object, spelled: Mapping[str, str]) -> object:
    if not isinstance(value, str):
        return value
    text = value.replace("%", "%%")
    for word, name in spelled.items():
        text = text.replace(word, f"%({name})s")
    return text


def _write(connection: sqlite3.Connection, rows: Iterator[tuple[str, Row]]) -> None:
    by_table: dict[str, list[Row]] = {}
    for table, row in rows:
        by_table.setdefault(table, []).append(row)
    connection.execute("BEGIN")
    for table, some in by_table.items():
        places = ", ".join("?" * len(some[0]))
        connection.executemany(f'INSERT INTO "{table}" VALUES ({places})', some)
    connection.execute("COMMIT")
