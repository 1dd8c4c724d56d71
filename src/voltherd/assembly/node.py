"""One node of Voltherd: all rooms joined, opened in order and closed in the other."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import gc
import socket
from collections.abc import Coroutine, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import structlog
import uvicorn
from sqlalchemy import Select, func, select

from voltherd import __version__
from voltherd.adapters.memory import InProcessRelay, SystemClock
from voltherd.adapters.sql.store import SqlStore
from voltherd.api.app import create_app
from voltherd.api.settings import ApiSettings
from voltherd.assembly.catalog import build_catalog
from voltherd.assembly.metrics import registry_of
from voltherd.assembly.settings import Settings
from voltherd.dispatch.alarms import keep_ringing, ring
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.dispatch.numbers import Numbers
from voltherd.dispatch.reactions import Reactions
from voltherd.dispatch.waiting import Waiting
from voltherd.domain.charging_station.requests import Requested
from voltherd.gateway.server import Gateway
from voltherd.kernel.readmodel import Told
from voltherd.ocpp.dialects import DIALECTS
from voltherd.ports.history import StoreUnavailableError

log = structlog.get_logger(__name__)

_RETIRE_EVERY_S = 3600.0
_LINGER_S = 0.002
"""How long an append waits for company: half the commits for a latency that nobody notices."""

_GC_DEFAULT = gc.get_threshold()
_GC_THRESHOLDS = (50_000, 50, 1_000)
"""A message makes hundreds of objects and no cycle: the collector's first look at 700 of them is a waste, and a look at
all that 10,000 links have takes half a second."""


class Node:
    """A running Voltherd. `open` it, use its addresses, `close` it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._stack = contextlib.AsyncExitStack()
        self._api_port = 0
        self._ocpp_port = 0
        self.gateway: Gateway | None = None

    @property
    def api_url(self) -> str:
        """Where operators reach it."""
        return f"http://{_in_url(self.settings.host)}:{self._api_port}"

    @property
    def ocpp_url(self) -> str:
        """Where stations reach it; they append their id, or `operator/id`."""
        return f"ws://{_in_url(self.settings.host)}:{self._ocpp_port}/ocpp"

    async def open(self) -> None:
        """Open the rooms, the stations' and the operators' doors last.

        Raises:
            StoreUnavailableError: the database cannot be reached.
            OSError: an address is in use.
        """
        async with contextlib.AsyncExitStack() as stack:
            await self._open(stack)
            self._stack = stack.pop_all()
        # What lives now lives for ever: the collector need not look at it again, nor so often at the rest.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GC_THRESHOLDS)
        log.info("node_opened", api=self.api_url, ocpp=self.ocpp_url, database=self.settings.shown_database)

    async def _open(self, stack: contextlib.AsyncExitStack) -> None:
        settings, catalog, clock, relay = self.settings, build_catalog(), SystemClock(), InProcessRelay()
        if settings.database is None:
            settings.data.mkdir(parents=True, exist_ok=True)
            stack.callback(_own(settings.data).close)
        store = await SqlStore.open(settings.database_url, catalog, own_process=True, linger=_LINGER_S)
        stack.push_async_callback(store.close)
        dispatcher = Dispatcher(catalog, store)
        dispatcher.listen(lambda told: _notify(relay, told))
        numbers = Numbers(store, "transaction")
        await numbers.fill()
        alarms = [alarm for readmodel in catalog.readmodels.values() for alarm in readmodel.alarms]
        await ring([alarm for alarm in alarms if alarm.at_start], dispatcher, store, clock)

        running = [alarm for alarm in alarms if not alarm.at_start]
        _start(stack, "alarms", keep_ringing(running, dispatcher, store, clock))
        reactions = Reactions(dispatcher, store)
        _start(stack, "reactions", reactions.run())
        _start(stack, "retire", _retire(store, clock))

        self.gateway = Gateway(
            dispatcher,
            DIALECTS,
            clock=clock,
            relay=relay,
            limits=settings.gateway,
            new_number=numbers.take,
            node=settings.node,
        )
        try:
            await self.gateway.open(settings.host, settings.ocpp_port)
        except OSError as error:
            told = f"stations' door {settings.host}:{settings.ocpp_port}: {error.strerror}"
            raise OSError(error.errno, told) from error
        stack.push_async_callback(self.gateway.close)
        self._ocpp_port = self.gateway.port

        closing = asyncio.Event()
        app = create_app(
            catalog=catalog,
            dispatcher=dispatcher,
            pictures=store,
            store=store,
            waiting=Waiting(dispatcher),
            clock=clock,
            count=_count,
            settings=ApiSettings(
                administrator_key=settings.api_key.get_secret_value() if settings.api_key else None,
                version=__version__,
            ),
            checks={"history": store.healthy},
            registry=registry_of(self.gateway, store),
            closing=closing,
        )
        listener = _listen(settings.host, settings.api_port)
        self._api_port = listener.getsockname()[1]
        server = _ApiServer(
            uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=2)
        )
        serving = asyncio.get_running_loop().create_task(server.serve(sockets=[listener]), name="api")
        stack.push_async_callback(_stop_api, server, serving, closing)
        await server.ready(serving)

    async def close(self) -> None:
        """Close the doors, finish what goes on, then close the store."""
        await self._stack.aclose()
        gc.unfreeze()
        gc.set_threshold(*_GC_DEFAULT)
        log.info("node_closed")


class _ApiServer(uvicorn.Server):
    """uvicorn that leaves signals to whoever started the node."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()

    async def ready(self, serving: asyncio.Task[None]) -> None:
        """Wait until it serves; what keeps it from serving is raised."""
        ready = asyncio.get_running_loop().create_task(self._ready.wait(), name="api:ready")
        await asyncio.wait([ready, serving], return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            ready.cancel()
            serving.result()


async def _stop_api(server: _ApiServer, serving: asyncio.Task[None], closing: asyncio.Event) -> None:
    closing.set()
    server.should_exit = True
    await serving


def _count(query: Select[Any]) -> Select[Any]:
    return select(func.count().label("total")).select_from(query.order_by(None).subquery())


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise OSError(error.errno, f"operators' door {host}:{port}: {error.strerror}") from error
    return listener


def _own(data: Path) -> IO[str]:
    """Keep the directory for this process: two servers on one embedded database know nothing of each other's links."""
    lock = (data / "server.lock").open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise OSError(error.errno, "another server uses this data directory", str(data)) from error
    return lock


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _start(stack: contextlib.AsyncExitStack, name: str, work: Coroutine[Any, Any, None]) -> None:
    """Run the work until the node closes; then wait for its end."""
    task = asyncio.get_running_loop().create_task(work, name=name)

    async def end() -> None:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    stack.push_async_callback(end)


def _notify(relay: InProcessRelay, told: Sequence[Told]) -> None:
    for one in told:
        if isinstance(one.fact, Requested):
            relay.notify(one.key)


async def _retire(store: SqlStore, clock: SystemClock) -> None:
    while True:
        try:
            retired = await store.retire(clock.now())
            if retired:
                log.info("journals_retired", rows=retired)
        except StoreUnavailableError as error:
            log.warning("journals_not_retired", reason=str(error))
        await asyncio.sleep(_RETIRE_EVERY_S)
