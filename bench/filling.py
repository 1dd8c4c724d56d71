"""Fills an SQLite file with a long history: one station's first transaction, as Voltherd writes it, told by thousands.

The seed is written by Voltherd's own dispatcher and store; its rows, in whatever tables they are, then become the rows
of other stations, transactions and instants by putting other words for those that name them.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.recording import Teller
from bench.stories import setup, story_201
from voltherd.adapters.sql.store import SqlStore
from voltherd.assembly.catalog import build_catalog
from voltherd.dispatch.reactions import READER
from voltherd.kernel.identity import DEFAULT_OPERATOR, TransactionKey

_UPDATES = 5
_STATION, _TOKEN, _FOLDED = "BENCH-00000", "BENCH0", "bench0"
_BEGAN = datetime(2001, 2, 3, 4, 5, tzinfo=UTC)
"""When the seed's transaction runs: within this minute, which occurs in no other words."""

_TICK = timedelta(seconds=0.25)
_DAYS = 13
"""How far back history goes: frames are kept for a day longer."""

_JOURNALS = ("frames", "meter_reports")


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


Words = tuple[str, str, str, str, str, str, str]
"""Of a row: station, id token, the same folded, transaction, its UUID, and the minute as events and tables write it."""

_STATION_AT, _TOKEN_AT, _FOLDED_AT, _TRANSACTION_AT, _UUID_AT, _MINUTE_AT, _STORED_AT, _VERSION_AT = range(1, 9)
_MARK = re.compile("\x00([0-9])")
"""Where a word goes, in a template's texts; NUL is in no row."""


@dataclass(frozen=True, slots=True)
class _Template:
    """Makes rows like one of the seed's: an INSERT whose parameters are the words and what versions count from."""

    table: str
    statement: str
    in_station_stream: bool = False


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
    each = sum(template.table == "events" for template in of_transaction)
    versions, step = _in_station_stream(own), _in_station_stream(of_transaction)
    rounds = max(1, round((extent.events / extent.stations - versions) / each))
    for table in {template.table for template in (*own, *of_transaction)}:
        connection.execute(f'DELETE FROM "{table}"')
    began, apart = datetime.now(UTC) - timedelta(days=_DAYS), timedelta(days=_DAYS) / rounds
    _write(connection, own, [_words(number, "", began - apart) for number in range(extent.stations)], 0)
    plain = [template for template in of_transaction if template.table not in _JOURNALS]
    journaled = int(rounds * (1 - extent.journaled))
    for number in range(rounds):
        tell(f"history: transaction {number + 1:,} of {rounds:,} of each of {extent.stations:,} stations")
        at, name = began + number * apart, f"past-{number:06d}"
        some = of_transaction if number >= journaled else plain
        words = [_words(station, f"{name}-{station:05d}", at) for station in range(extent.stations)]
        _write(connection, some, words, versions)
        versions += step
    return rounds * extent.stations


def _in_station_stream(templates: Sequence[_Template]) -> int:
    return sum(template.in_station_stream for template in templates)


def _words(station: int, transaction_id: str, at: datetime) -> Words:
    station_id = f"BENCH-{station:05d}"
    key = TransactionKey(operator=DEFAULT_OPERATOR, station_id=station_id, transaction_id=transaction_id)
    minute = f"{at:%Y-%m-%dT%H:%M}"
    return (
        *(station_id, f"BENCH{station}", f"bench{station}", transaction_id, key.uuid if transaction_id else ""),
        *(minute, minute.replace("T", " ")),
    )


def _templates(connection: sqlite3.Connection) -> tuple[Sequence[_Template], Sequence[_Template]]:
    """The seed's rows as templates: the station's own, and those of its transaction."""
    transaction_id, uuid = connection.execute("SELECT transaction_id, id FROM transactions").fetchone()
    spelled = {
        uuid: _UUID_AT,
        transaction_id: _TRANSACTION_AT,
        _STATION: _STATION_AT,
        _TOKEN: _TOKEN_AT,
        _FOLDED: _FOLDED_AT,
        f"{_BEGAN:%Y-%m-%dT%H:%M}": _MINUTE_AT,
        f"{_BEGAN:%Y-%m-%d %H:%M}": _STORED_AT,
    }
    own: list[_Template] = []
    of_transaction: list[_Template] = []
    for table, columns in _tables(connection):
        quoted = ", ".join(f'"{column}"' for column in columns)
        for row in connection.execute(f'SELECT {quoted} FROM "{table}" ORDER BY rowid'):
            values = {column: _marked(value, spelled) for column, value in zip(columns, row, strict=True)}
            written = {column: _literal(value) for column, value in values.items()}
            some = of_transaction if f"\x00{_TRANSACTION_AT}" in "".join(map(str, values.values())) else own
            in_station_stream = table == "events" and str(values["stream"]).startswith("charging_station-")
            if in_station_stream:
                written["version"] = f"?{_VERSION_AT} + {1 + _in_station_stream(some)}"
            if (number := _NUMBERED.get(table)) is not None:
                written[number] = "NULL"
            # The condition, which is true, uses the last parameter: SQLite wants neither more nor fewer than are used.
            made = f"SELECT {', '.join(written.values())} WHERE ?{_VERSION_AT} IS NOT NULL"
            statement = f'INSERT INTO "{table}" ({quoted}) {made}'
            some.append(_Template(table, statement, in_station_stream))
    return own, of_transaction


_NUMBERED = {"events": "position", "frames": "id", "meter_reports": "id", "security_events": "id"}
"""The columns that the database numbers itself."""


def _marked(value: object, spelled: Mapping[str, int]) -> object:
    """The value, with a mark for each word that another row has otherwise."""
    if isinstance(value, str):
        for word, at in spelled.items():
            value = value.replace(word, f"\x00{at}")
    return value


def _literal(value: object) -> str:
    """The value in SQL, with parameters for the marks."""
    if value is None:
        return "NULL"
    if not isinstance(value, str):
        return repr(value)
    parts = _MARK.split(value.replace("'", "''"))  # texts and the words between them, in turn
    return (
        " || ".join(f"?{part}" if odd % 2 else f"'{part}'" for odd, part in enumerate(parts) if odd % 2 or part) or "''"
    )


def _tables(connection: sqlite3.Connection) -> Iterator[tuple[str, Sequence[str]]]:
    """History and the read models' tables that tell of stations, with their columns."""
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for table in tables:
        columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
        if table == "events" or "station_id" in columns:
            yield table, columns


def _write(
    connection: sqlite3.Connection, templates: Sequence[_Template], rows: Sequence[Words], versions: int
) -> None:
    """Write what the templates make of each station's words, in one transaction."""
    connection.execute("BEGIN")
    for template in templates:
        connection.executemany(template.statement, ((*words, versions) for words in rows))
    connection.execute("COMMIT")
