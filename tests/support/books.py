"""What the API would show of a station's transactions, after the station has said this and that in its own dialect."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Table, select

from tests.support.words import OPERATOR, T0, connected, disconnected, evses, register
from voltherd.adapters.memory import MemoryStore
from voltherd.assembly.catalog import build_catalog
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.domain.charging_station.configure import Configuration
from voltherd.domain.charging_station.state import ChargingStation
from voltherd.domain.transaction.state import Transaction
from voltherd.kernel.identity import StationKey, TransactionKey
from voltherd.ocpp.dialect import Context
from voltherd.ocpp.dialects import DIALECTS
from voltherd.readmodels.meter_values import OUTSIDE, meter_reports
from voltherd.readmodels.transactions import TransactionDocument, transactions

FIRST_NUMBER = 17
"""The 1.6 number that the first start is offered."""


class Books:
    """A station that speaks one version, and everything behind the stations' door, in memory."""

    def __init__(self, protocol: str, store: MemoryStore, station: StationKey) -> None:
        self.protocol = protocol
        self.store = store
        self.station = station
        self.dispatcher = Dispatcher(build_catalog(), store)
        self._numbers = count(FIRST_NUMBER)
        self._messages = count(1)
        self._epoch = 0

    async def accept(self) -> None:
        """Let an operator register the station, and let it connect."""
        await self.dispatcher.handle(register(Configuration(evses=evses(1, 2)), station=self.station))
        await self._connect()

    async def _connect(self) -> None:
        self._epoch += 1
        await self.dispatcher.handle(connected(self._epoch, self.protocol, station=self.station))

    async def tell(self, action: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Have the station send a call under a new message id; the answer's payload.

        Raises:
            CallRefused: it could not be read.
            Refusal: it was refused.
        """
        context = Context(
            station=self.station,
            at=T0,
            message=f"m-{next(self._messages)}",
            new_number=lambda: next(self._numbers),
            heartbeat_interval=300,
            boot_retry_interval=60,
        )
        reading = DIALECTS[self.protocol].read(action, msgspec.Raw(json.dumps(payload).encode()), context)
        touched = await self.dispatcher.handle(reading.report)
        answer: dict[str, Any] = json.loads(reading.answer(touched))
        return answer

    async def reconnect(self) -> None:
        """Let the connection break, and the station come again."""
        await self.dispatcher.handle(disconnected(self._epoch, station=self.station))
        await self._connect()

    async def shown(self) -> dict[str, TransactionDocument]:
        """Every transaction's document, by the wire's id."""
        (resource,) = transactions.resources
        rows = await self.store.fetch(select(resource.table, *resource.columns).where(self._ours(resource.table)))
        documents: Sequence[TransactionDocument] = [resource.document(row) for row in rows]
        return {document.transaction_id: document for document in documents}

    async def samples(self) -> list[tuple[Any, ...]]:
        """Every meter report of a transaction, as kept."""
        query = select(meter_reports).where(self._ours(meter_reports), meter_reports.c.transaction_id != OUTSIDE)
        return sorted((tuple(row.values()) for row in await self.store.fetch(query)), key=repr)

    async def pictured(self) -> list[dict[str, Any]]:
        """The rows of the transactions' picture, without what samples move."""
        (table,) = transactions.tables
        columns = list(table.columns)
        query = select(*columns).where(self._ours(table)).order_by(table.c.id)
        return [dict(row) for row in await self.store.fetch(query)]

    def forget(self) -> None:
        """Hold nothing to be true that history does not tell."""
        self.dispatcher = Dispatcher(build_catalog(), self.store)

    async def states(self) -> dict[str, Any]:
        """What decisions hold to be true, of the station and of each transaction that is shown."""
        held: dict[str, Any] = {"": await self.dispatcher.state(ChargingStation, self.station)}
        for name in await self.shown():
            held[name] = await self.dispatcher.state(Transaction, self.key(name))
        return held

    def key(self, transaction_id: str) -> TransactionKey:
        """The key of the station's transaction of that wire's id."""
        station = self.station
        return TransactionKey(operator=station.operator, station_id=station.station_id, transaction_id=transaction_id)

    def _ours(self, table: Table) -> ColumnElement[bool]:
        return table.c.station_id == self.station.station_id


class Shelf:
    """Books for many stories in one database: every story has a station of its own."""

    def __init__(self) -> None:
        self.store = MemoryStore(build_catalog())
        self._stations = count(1)

    async def books(self, protocol: str) -> Books:
        """Open books for one story."""
        station = StationKey(operator=OPERATOR, station_id=f"CS-{next(self._stations)}")
        opened = Books(protocol, self.store, station)
        await opened.accept()
        return opened
