"""The door over a whole house in memory: all content, the memory store, a simulated clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Collection, Sequence
from typing import Any

import httpx2
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from sqlalchemy import func, select

from tests.contracts.places import Store
from voltherd.adapters.memory import MemoryStore, SimulatedClock
from voltherd.api.app import create_app
from voltherd.api.settings import ApiSettings
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.dispatch.waiting import Waiting
from voltherd.domain.identification import IdToken
from voltherd.domain.transaction.reports import ReportTransactionStarted
from voltherd.kernel.catalog import Catalog, build
from voltherd.kernel.identity import StationKey, TransactionKey
from voltherd.ports.history import Append, Recorded

CATALOG = build(["voltherd.domain", "voltherd.ocpp.capabilities", "voltherd.policies", "voltherd.readmodels"])


def count(query: Any) -> Any:
    """How assembly counts rows."""
    return select(func.count()).select_from(query.subquery())


class TroubledStore(MemoryStore):
    """A store that can be made to fail, and that counts how often it was read."""

    trouble: Exception | None = None
    reads = 0

    def append(self, append: Append) -> Awaitable[int]:
        if self.trouble is not None:
            raise self.trouble
        return super().append(append)

    async def read(self, after: int, limit: int, types: Collection[str] | None = None) -> Sequence[Recorded]:
        self.reads += 1
        if self.trouble is not None:
            raise self.trouble
        return await super().read(after, limit, types)


class World:
    """Machinery and door; `client` is an operator's program."""

    def __init__(
        self, settings: ApiSettings | None = None, store: Store | None = None, catalog: Catalog = CATALOG, **more: Any
    ) -> None:
        self.catalog = catalog
        self.clock = SimulatedClock()
        self.store: Any = store or TroubledStore(catalog)
        self.dispatcher = Dispatcher(catalog, self.store)
        self.closing = asyncio.Event()
        self.registry = CollectorRegistry()
        self.app: FastAPI = create_app(
            catalog=catalog,
            dispatcher=self.dispatcher,
            pictures=self.store,
            store=self.store,
            waiting=Waiting(self.dispatcher),
            clock=self.clock,
            count=count,
            settings=settings or ApiSettings(version="1.2.3"),
            registry=self.registry,
            closing=self.closing,
            **more,
        )
        self.client = client_of(self.app)

    async def command(self, station_id: str, name: str, payload: Any = None, **more: Any) -> httpx2.Response:
        """Send a command."""
        envelope = [name] if payload is None else [name, payload]
        return await self.client.post(f"/charging-stations/{station_id}/commands", json=envelope, **more)

    async def close(self) -> None:
        await self.client.aclose()
        await self.store.close()


def client_of(app: FastAPI, **more: Any) -> httpx2.AsyncClient:
    """A client that reaches the application without a network."""
    transport = httpx2.ASGITransport(app=app)
    return httpx2.AsyncClient(transport=transport, base_url="http://voltherd.test", **more)


async def in_transaction(world: World, station_id: str, evse_id: int, number: int) -> str:
    """Have the station tell of a 1.6 transaction that has begun; our id of it."""
    now = world.clock.now()
    await world.dispatcher.handle(
        ReportTransactionStarted(
            at=now,
            by=f"station:{station_id}",
            station=StationKey(operator="default", station_id=station_id),
            transaction_id=None,
            occurred_at=now,
            evse_id=evse_id,
            id_token=IdToken(id_token="04A1"),
            number=number,
            meter_start_wh=1000,
        )
    )
    return TransactionKey(operator="default", station_id=station_id, transaction_id=str(number)).uuid
