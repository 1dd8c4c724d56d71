"""The listening gateway: lets stations in, keeps one link for each, the newest, and looks after the silent ones."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from weakref import WeakKeyDictionary

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import NegotiationError
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.gateway.handshake import HandshakeRefused, choose_subprotocol, credentials_of, station_of
from voltherd.gateway.limits import Limits
from voltherd.gateway.link import Link
from voltherd.gateway.websocket import WebSocket
from voltherd.kernel.identity import StationKey
from voltherd.ocpp.dialect import STATION, Dialect, is_welcome, password_fits, report_unknown
from voltherd.ports.clock import Clock
from voltherd.ports.history import StoreUnavailableError
from voltherd.ports.relay import Relay

log = structlog.get_logger(__name__)

_SWEEP_S = 5.0
_LOOK_EVERY = 6
"""Every sixth sweep each link looks for open requests: a notice from another node may have got lost."""


@dataclass(frozen=True, slots=True)
class _Admitted:
    station: StationKey
    remote_address: str | None


class Gateway:
    """Stations connect to `ws://…/ocpp/{operator}/{stationId}` or `ws://…/ocpp/{stationId}`."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        dialects: Mapping[str, Dialect],
        *,
        clock: Clock,
        relay: Relay,
        limits: Limits,
        new_number: Callable[[], int],
        node: str,
    ) -> None:
        self._dispatcher = dispatcher
        self._dialects = dialects
        self._clock = clock
        self._relay = relay
        self._limits = limits
        self._new_number = new_number
        self._node = node
        self._links: dict[StationKey, Link] = {}
        self._admitted: WeakKeyDictionary[ServerConnection, _Admitted] = WeakKeyDictionary()
        self._last_epoch = 0
        self._server: Server | None = None
        self._sweeper: asyncio.Task[None] | None = None

    @property
    def links(self) -> int:
        """How many stations are connected."""
        return len(self._links)

    @property
    def port(self) -> int:
        """The port that is listened on."""
        if self._server is None:
            raise RuntimeError("the gateway is not open")
        sockets: Sequence[socket.socket] = list(self._server.sockets)
        return int(sockets[0].getsockname()[1])

    async def open(self, host: str, port: int) -> None:
        """Listen for stations."""
        self._server = await serve(
            self._serve,
            host,
            port,
            process_request=self._admit,
            select_subprotocol=self._select_subprotocol,
            extensions=_deflate() if self._limits.deflate else None,
            compression=None,
            ping_interval=None,
            max_size=self._limits.frame_bytes,
            max_queue=4,
            open_timeout=self._limits.open_timeout,
            close_timeout=5,
            server_header=None,
        )
        self._sweeper = asyncio.get_running_loop().create_task(self._sweep(), name="gateway:sweep")

    async def close(self) -> None:
        """Stop listening and end all links; what they were doing is finished or written down first."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        if self._server is not None:
            for link in list(self._links.values()):
                link.end("the server stops")
            self._server.close()
            await self._server.wait_closed()

    # Letting in

    async def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        try:
            station = station_of(request.path)
            await self._check(station, request)
        except HandshakeRefused as refused:
            log.warning("station_refused", path=request.path[:200], status=refused.status, detail=refused.detail)
            return _refusal(connection, refused)
        except StoreUnavailableError:
            return _refusal(connection, HandshakeRefused(HTTPStatus.SERVICE_UNAVAILABLE, "try again later"))
        address = connection.remote_address
        self._admitted[connection] = _Admitted(station, f"{address[0]}:{address[1]}" if address else None)
        return None

    async def _check(self, station: StationKey, request: Request) -> None:
        state = await self._dispatcher.state(STATION, station)
        if not is_welcome(state) and self._limits.unknown_stations == "refuse":
            raise HandshakeRefused(HTTPStatus.NOT_FOUND, "this station is not known here")
        credentials = credentials_of(request.headers.get("Authorization"))
        password = credentials.password if credentials is not None and credentials.user == station.station_id else None
        if not password_fits(state, password):
            raise HandshakeRefused(HTTPStatus.UNAUTHORIZED, "user name or password is wrong")

    def _select_subprotocol(self, connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol:
        try:
            return Subprotocol(choose_subprotocol(offered, self._dialects))
        except HandshakeRefused as refused:
            station = self._admitted.get(connection)
            log.warning("station_refused", station=station and station.station.path, detail=refused.detail)
            raise NegotiationError(refused.detail) from None

    # Serving

    async def _serve(self, connection: ServerConnection) -> None:
        admitted = self._admitted[connection]
        station = admitted.station
        dialect = self._dialects[connection.subprotocol or ""]
        link = Link(
            WebSocket(connection),
            station,
            dialect,
            self._next_epoch(),
            dispatcher=self._dispatcher,
            clock=self._clock,
            limits=self._limits,
            new_number=self._new_number,
            node=self._node,
            remote_address=admitted.remote_address,
        )
        older = self._links.get(station)
        self._links[station] = link
        if older is not None:
            older.end("a newer connection of the station took over")
        unsubscribe = self._relay.subscribe(station, link.wake)
        log.info("link_opened", station=station.path, protocol=dialect.version.value, epoch=link.epoch)
        try:
            if self._limits.unknown_stations != "refuse":
                await self._let_in(station)
            await link.run()
        except StoreUnavailableError as error:
            log.warning("link_not_stored", station=station.path, reason=str(error))
            link.end("try again later", code=1013)
        except Exception:
            log.exception("link_failed", station=station.path)
            link.end("internal error", code=1011)
        finally:
            unsubscribe()
            if self._links.get(station) is link:
                del self._links[station]
            log.info("link_closed", station=station.path, epoch=link.epoch)

    async def _let_in(self, station: StationKey) -> None:
        if self._limits.unknown_stations == "refuse" or is_welcome(await self._dispatcher.state(STATION, station)):
            return
        await self._dispatcher.handle(report_unknown(station, self._clock.now(), self._limits.unknown_stations))

    def _next_epoch(self) -> int:
        """Epochs grow, on this node and after a restart of it: the time in microseconds, or the last and one."""
        self._last_epoch = max(self._last_epoch + 1, int(self._clock.now().timestamp() * 1_000_000))
        return self._last_epoch

    async def _sweep(self) -> None:
        rounds = 0
        while True:
            await asyncio.sleep(_SWEEP_S)
            rounds += 1
            now = self._clock.monotonic()
            for link in list(self._links.values()):
                link.check(now)
                if rounds % _LOOK_EVERY == 0:
                    link.wake()


def _refusal(connection: ServerConnection, refused: HandshakeRefused) -> Response:
    response = connection.respond(refused.status, f"{refused.detail}\n")
    if refused.status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Basic realm="voltherd"'
    return response


def _deflate() -> Sequence[ServerPerMessageDeflateFactory]:
    """permessage-deflate is mandatory for a CSMS (2.0.1 Part 4 §3.4); small windows keep an idle link small."""
    return [
        ServerPerMessageDeflateFactory(
            server_max_window_bits=10, client_max_window_bits=10, compress_settings={"memLevel": 3}
        )
    ]
