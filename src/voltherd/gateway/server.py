"""The listening gateway: lets stations in, keeps one link for each, the newest, and looks after the silent ones."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
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
from voltherd.gateway.takeovers import Takeovers
from voltherd.gateway.websocket import Connection, WebSocket
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Report
from voltherd.ocpp.dialect import STATION, Dialect, is_welcome, last_epoch, password_fits
from voltherd.ports.clock import Clock
from voltherd.ports.history import StoreUnavailableError
from voltherd.ports.relay import Relay

log = structlog.get_logger(__name__)

_BACKLOG = 4096
"""How many stations may knock at once: who finds the queue full knocks again after 1, 2, 4, 8 s."""

_PARTS = 20
"""A sweep looks after a part of the links at a time: 10,000 at once would keep stations waiting."""

_LOOK_EVERY = 6
"""At every sixth sweep each link looks for open requests: a notice from another node may have got lost."""


@dataclass(frozen=True, slots=True)
class _Admitted:
    station: StationKey
    remote_address: str | None
    last_epoch: int


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
        self._takeovers = Takeovers(limits.takeovers_per_minute)
        self._unreported: dict[StationKey, Report] = {}
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
            backlog=_BACKLOG,
            process_request=self._admit,
            process_response=_note_refusal,
            select_subprotocol=self._select_subprotocol,
            extensions=_deflate() if self._limits.deflate else None,
            compression=None,
            ping_interval=None,
            max_size=self._limits.frame_bytes,
            max_queue=4,
            open_timeout=self._limits.open_timeout,
            close_timeout=self._limits.close_within,
            server_header=None,
            create_connection=Connection,
        )
        for listener in self._server.sockets:
            _watch_for_dead_peers(listener, self._limits)
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
            state = await self._dispatcher.state(STATION, station)
            self._check(station, state, request)
        except HandshakeRefused as refused:
            return _refusal(connection, refused)
        except StoreUnavailableError:
            return _refusal(connection, HandshakeRefused(HTTPStatus.SERVICE_UNAVAILABLE, "try again later"))
        address = connection.remote_address
        told = f"{address[0]}:{address[1]}" if address else None
        self._admitted[connection] = _Admitted(station, told, last_epoch(state))
        return None

    def _check(self, station: StationKey, state: Any, request: Request) -> None:
        if not is_welcome(state) and self._limits.unknown_stations == "refuse":
            raise HandshakeRefused(HTTPStatus.NOT_FOUND, "this station is not known here")
        credentials = credentials_of(request.headers.get_all("Authorization"))
        password = credentials.password if credentials is not None and credentials.user == station.station_id else None
        if not password_fits(state, password):
            raise HandshakeRefused(HTTPStatus.UNAUTHORIZED, "user name or password is wrong")
        if station in self._links and not self._takeovers.permits(station, self._clock.monotonic()):
            detail = "new connections of this station displace each other; are there two of one id?"
            raise HandshakeRefused(HTTPStatus.TOO_MANY_REQUESTS, detail)

    def _select_subprotocol(self, connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol:
        try:
            return Subprotocol(choose_subprotocol(offered, self._dialects))
        except HandshakeRefused as refused:
            raise NegotiationError(refused.detail) from None

    # Serving

    async def _serve(self, connection: ServerConnection) -> None:
        admitted = self._admitted.pop(connection)
        station = admitted.station
        # A link lives for weeks; how it began need not.
        if connection.request is not None:
            connection.request.headers.clear()
        connection.response = None
        dialect = self._dialects[(connection.subprotocol or "").lower()]
        link = Link(
            WebSocket(connection, self._limits.close_within),
            station,
            dialect,
            self._next_epoch(admitted.last_epoch),
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
            self._takeovers.note(station, self._clock.monotonic())
            older.end("a newer connection of the station took over")
        unsubscribe = self._relay.subscribe(station, link.wake)
        log.info("link_opened", station=station.path, protocol=dialect.version.value, epoch=link.epoch)
        try:
            await link.run()
        finally:
            unsubscribe()
            if self._links.get(station) is link:
                del self._links[station]
            await self._report_gone(station, link.report_gone())
            log.info("link_closed", station=station.path, epoch=link.epoch)

    async def _report_gone(self, station: StationKey, report: Report) -> None:
        """Take the station offline, if need be when the store is back: it would seem to be there for ever."""
        try:
            await self._dispatcher.handle(report)
        except StoreUnavailableError:
            self._unreported[station] = report

    def _next_epoch(self, last: int) -> int:
        """Epochs grow: the time in microseconds, or one above the last of the node and the station (clocks go back)."""
        self._last_epoch = max(self._last_epoch + 1, last + 1, int(self._clock.now().timestamp() * 1_000_000))
        return self._last_epoch

    async def _sweep(self) -> None:
        rounds = 0
        while True:
            rounds += 1
            links = list(self._links.values())
            for part in range(_PARTS):
                await asyncio.sleep(self._limits.sweep_every / _PARTS)
                self._look_after(links[part::_PARTS], rounds)
            try:
                self._takeovers.forget(self._clock.monotonic())
                unreported, self._unreported = self._unreported, {}
                for station, report in unreported.items():
                    await self._report_gone(station, report)
            except Exception:
                log.exception("sweep_failed")

    def _look_after(self, links: Sequence[Link], rounds: int) -> None:
        now = self._clock.monotonic()
        for link in links:
            try:
                link.check(now)
                if (link.epoch + rounds) % _LOOK_EVERY == 0:  # not all in the same round
                    link.wake()
            except Exception:
                log.exception("sweep_failed", station=link.station.path)


def _refusal(connection: ServerConnection, refused: HandshakeRefused) -> Response:
    response = connection.respond(refused.status, f"{refused.detail}\n")
    if refused.status is HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Basic realm="voltherd"'
    if refused.status is HTTPStatus.TOO_MANY_REQUESTS:
        response.headers["Retry-After"] = "60"
    return response


def _note_refusal(_connection: ServerConnection, request: Request, response: Response) -> None:
    """Whoever refused, we or the library (no `Connection: Upgrade`, say): it is in the log."""
    if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
        detail = bytes(response.body or b"").decode().partition("\n")[0]
        log.warning("station_refused", path=request.path[:200], status=response.status_code, detail=detail[:300])


def _watch_for_dead_peers(listener: socket.socket, limits: Limits) -> None:
    """Let TCP find out who is gone, for stations that answer no pings; accepted sockets inherit it."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform == "linux":
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, max(1, round(limits.ping_after)))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, max(1, round(limits.ping_after / 2)))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, max(1000, round(limits.dead_after * 1000)))


def _deflate() -> Sequence[ServerPerMessageDeflateFactory]:
    """permessage-deflate is mandatory for a CSMS (2.0.1 Part 4 §3.4), and must not make an idle link big.

    Small windows and, towards the station, none between messages: 14 kB a link for 4 µs a message.
    """
    return [
        ServerPerMessageDeflateFactory(
            server_no_context_takeover=True,
            server_max_window_bits=10,
            client_max_window_bits=10,
            compress_settings={"memLevel": 3},
        )
    ]
