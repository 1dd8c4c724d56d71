"""What must be true of a database whatever befell its server: read, and rebuilt, in a copy."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from tests.faults.stations import Proof, Station
from voltherd.adapters.sql.codec import Codec
from voltherd.adapters.sql.snapshots import Snapshots
from voltherd.adapters.sql.tables import events
from voltherd.adapters.sql.tables import snapshots as kept
from voltherd.adapters.sql.upkeep import check, rebuild
from voltherd.assembly.catalog import build_catalog
from voltherd.kernel.catalog import Catalog

Rows = list[dict[str, Any]]

_SAID_ANEW = ("StationBooted", "ConnectorStatusChanged")
"""Told again on another connection, these are news again: the station may have restarted, or changed meanwhile."""

_NOT_REBUILT = {
    "charging_stations": {"last_heard_at"},
}
"""The columns that a rebuilt picture is known to have lost: `test_rebuild` says why."""


@dataclass(frozen=True)
class StoredEvent:
    """A row of history."""

    position: int
    category: str
    key: Sequence[str]
    version: int
    type: str
    data: dict[str, Any]
    by: str


class History:
    """A database at rest: what it holds when it is opened is what its server left there."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._catalog: Catalog = build_catalog()
        self._engine = sa.create_engine(_address(url), poolclass=sa.NullPool)
        self.events = self._events()
        self._journals = self._rows(journal=True)

    def _events(self) -> list[StoredEvent]:
        query = sa.text('SELECT position, stream, version, type, data, "by" FROM events ORDER BY position')
        with self._engine.connect() as connection:
            return [
                StoredEvent(position, category, path.split("/"), version, kind, json.loads(data), by)
                for position, stream, version, kind, data, by in connection.execute(query)
                for category, path in [stream.split("-", 1)]
            ]

    def _rows(self, *, journal: bool) -> dict[str, Rows]:
        """All rows of all tables of the pictures, or of the journals."""
        models = [model for model in self._catalog.readmodels.values() if model.journal == journal]
        with self._engine.connect() as connection:
            return {
                table.name: [
                    dict(row)
                    for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns)).mappings()
                ]
                for model in models
                for table in model.tables
            }

    def tells_the_truth(self, stations: Sequence[Station], taken: Sequence[str], asked: int) -> None:
        """Everything below: about itself, and about what stations said and operators' commands were taken."""
        self.passes_the_check()
        self.has_no_holes()
        self.gives_each_number_once()
        for station in stations:
            self.agrees_with(station)
        self.holds_each_command_once(taken, asked)
        self.keeps_states_that_are_folded_from_it()
        self.rebuilds_to_the_same()

    def has_no_holes(self) -> None:
        """Positions are 1, 2, 3 … for all events, and versions for those of each stream, in the same order."""
        assert [event.position for event in self.events] == list(range(1, len(self.events) + 1))
        versions: Counter[tuple[str, ...]] = Counter()
        for event in self.events:
            stream = (event.category, *event.key)
            versions[stream] += 1
            assert event.version == versions[stream], event

    def agrees_with(self, station: Station) -> None:
        """Hold all that was answered, exactly once, and nothing that was never said."""
        recorded, books = Counter(self._proofs(station.station_id)), station.books
        assert books.answered <= recorded.keys(), f"lost: {books.answered - recorded.keys()}"
        assert recorded.keys() <= books.said.keys(), f"never said: {recorded.keys() - books.said.keys()}"
        often = {proof: count for proof, count in recorded.items() if count > 1}
        doubled = {proof for proof, count in often.items() if proof[0] not in _SAID_ANEW or count > books.said[proof]}
        assert not doubled, f"recorded more than once: {doubled}"

    def holds_each_command_once(self, taken: Sequence[str], at_most: int) -> None:
        """Hold the commands that were taken, none twice, and no more than were ever sent."""
        requested = Counter(
            event.data["command_id"] if event.type == "CommandCompleted" else event.data["command"]["command_id"]
            for event in self.events
            if event.type == "CommandCompleted" or (event.type.endswith("Requested") and event.by != "voltherd")
        )
        assert set(taken) <= requested.keys(), f"lost: {set(taken) - requested.keys()}"
        assert set(requested.values()) == {1}, requested.most_common(3)
        assert len(requested) <= at_most

    def gives_each_number_once(self) -> None:
        """No transaction number of ours stands for two transactions of 1.6 stations."""
        started = Counter(event.key[2] for event in self.events if event.type == "TransactionStarted")
        assert set(started.values()) <= {1}, started.most_common(3)

    def keeps_states_that_are_folded_from_it(self) -> None:
        """Every state beside history is the one to which its events lead."""
        snapshots, codec = Snapshots(self._catalog), Codec(self._catalog)
        before = sa.and_(events.c.stream == kept.c.stream, events.c.version <= kept.c.version)
        query = sa.select(kept, events.c.type, events.c.data).join(events, before)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(kept.c.stream, events.c.version)).all()
        for stream, some in groupby(rows, lambda row: row.stream):
            aggregate = self._catalog.aggregates[stream.partition("-")[0]]
            evolutions = self._catalog.evolutions[aggregate.name]
            state, folded = aggregate.initial, list(some)
            for event in (codec.event(row.type, row.data) for row in folded):
                if type(event) in evolutions:
                    state = evolutions[type(event)](state, event)
            assert folded[0].version == len(folded)
            assert snapshots.state(folded[0].state) == state, stream

    def rebuilds_to_the_same(self) -> None:
        """Every picture that is made anew from history has the rows of the one that grew with it."""
        grown = self._rows(journal=False)
        for name, model in self._catalog.readmodels.items():
            if not model.journal:
                rebuild(self.url, self._catalog, name)
        for table, rows in self._rows(journal=False).items():
            assert len(rows) == len(grown[table]), f"{table} has {len(grown[table])} rows; rebuilt, {len(rows)}"
            for rebuilt, row in zip(_without(rows, table), _without(grown[table], table), strict=True):
                differing = {name: (row[name], rebuilt[name]) for name in row if row[name] != rebuilt[name]}
                assert not differing, f"{table}, grown and rebuilt: {differing} in {row}"

    def passes_the_check(self) -> None:
        """What `voltherd db check` looks for is not there."""
        assert not (findings := check(self.url, self._catalog)), findings

    def _proofs(self, station_id: str) -> Iterator[Proof]:
        for event in self.events:
            if event.key[1] == station_id and (proof := _proof(event)) is not None:
                yield proof
        for row in self._journals["meter_reports"]:
            if row["station_id"] == station_id:
                yield "meter_reports", f"{row['transaction_id']} {_text(row['reported_at'])}"
        for row in self._journals["security_events"]:
            if row["station_id"] == station_id:
                yield "security_events", _text(row["occurred_at"])


def _proof(event: StoredEvent) -> Proof | None:
    data = event.data
    match event.type:
        case "StationBooted":
            return event.type, data["attributes"]["model"]
        case "ConnectorStatusChanged":
            return event.type, data["reported_at"]
        case "TransactionStarted":
            return event.type, data["started_at"]
        case "TransactionProgressed":
            return event.type, f"{event.key[2]} {data['seq_no']}"
        case "TransactionEnded":
            return event.type, f"{event.key[2]} {data['ended_at']}"
        case _:
            return None


def _without(rows: Rows, table: str) -> Rows:
    left_out = _NOT_REBUILT.get(table, set())
    return [{name: value for name, value in row.items() if name not in left_out} for row in rows]


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _address(url: str) -> sa.URL:
    address = sa.make_url(url)
    return address.set(drivername="postgresql+psycopg") if address.get_backend_name() == "postgresql" else address
