"""The live event stream as Server-Sent Events: history read on and on, for one operator, from any position.

A client that reads slowly holds up its own reading of history and nothing else: a page is read when the one before
it has been taken.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import structlog
from starlette.responses import Response, StreamingResponse

from voltherd.api import describe
from voltherd.api.door import Asked, Door, Operation, near
from voltherd.api.outcomes import unless_closing
from voltherd.api.problems import Fault, Problem
from voltherd.api.tail import Line, Tail
from voltherd.kernel.identity import is_station_id
from voltherd.ports.history import StoreUnavailableError

log = structlog.get_logger(__name__)

PATH = "/events"
_RETRY_S = 1.0
_RECONNECT_MS = 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events a client wants, and behind which position."""

    operator: str
    after: int
    types: frozenset[str]
    stations: frozenset[str]


class Streams:
    """The streams that are open, as many as the settings allow."""

    def __init__(self, door: Door) -> None:
        self._door = door
        self._tail = Tail(door.store, door.catalog)
        self.open = 0

    def operation(self) -> Operation:
        return Operation("GET", PATH, self.stream, describe.events(self._door.catalog), ("after", "type", "stationId"))

    async def stream(self, asked: Asked) -> Response:
        """Begin to stream; the answer ends when the client goes or the door closes."""
        wanted = await _wanted(asked)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        if asked.request.method == "HEAD":
            return Response(media_type="text/event-stream", headers=headers)
        if self.open >= self._door.settings.most_streams:
            detail = f"{self.open} streams are open, and more are not allowed"
            raise Problem(503, "streams_exhausted", detail, headers={"Retry-After": "10"})
        return StreamingResponse(self._told(wanted), media_type="text/event-stream", headers=headers)

    async def _told(self, wanted: Wanted) -> AsyncIterator[bytes]:
        self.open += 1
        try:
            yield f"retry: {_RECONNECT_MS}\n: position {wanted.after}\n\n".encode()
            async for text in _follow(self._door, self._tail, wanted):
                yield text
        finally:
            self.open -= 1


async def _wanted(asked: Asked) -> Wanted:
    query = asked.request.query_params
    catalog = asked.door.catalog
    types = frozenset(name for text in query.getlist("type") for name in text.split(",") if name)
    stations = frozenset(query.getlist("stationId"))
    faults = [
        Fault("?type", f"there is no event {name[:100]}{near(name, catalog.events)}")
        for name in sorted(types)
        if name not in catalog.events
    ]
    faults += [Fault("?stationId", "this cannot be a station's id") for one in stations if not is_station_id(one)]
    after, source = asked.header("last-event-id"), "Last-Event-ID"
    if after is None:
        after, source = query.get("after"), "?after"
    if after is not None and not (after.isascii() and after.isdigit() and len(after) < 19):
        faults.append(Fault(source, "should be a position: a whole number, 0 for the beginning"))
    if faults:
        raise Problem(422, "parameter_invalid", "; ".join(fault.detail for fault in faults), errors=faults)
    position = await asked.door.store.last_position() if after is None else int(after)
    return Wanted(asked.caller.operator, position, types, stations)


async def _follow(door: Door, tail: Tail, wanted: Wanted) -> AsyncIterator[bytes]:
    position = wanted.after
    heartbeat = door.settings.heartbeat
    now = asyncio.get_running_loop().time
    told_at = now()
    while not door.closing.is_set():
        try:
            page = await tail.read(position)
            if not page:
                await unless_closing(door.closing, tail.wait(position, max(0.0, told_at + heartbeat - now())), None)
                page = await tail.read(position)
        except StoreUnavailableError as error:
            log.warning("stream_waited", reason=str(error))
            yield b": waiting for the database\n\n"
            await unless_closing(door.closing, asyncio.sleep(_RETRY_S), None)
            continue
        for line in page:
            position = line.recorded.position
            if _is_wanted(wanted, line):
                yield line.text
                told_at = now()
        if now() >= told_at + heartbeat and not door.closing.is_set():
            # The id moves on though nothing was to be told: who comes back need not read it all again.
            yield f": heartbeat\nid: {position}\n\n".encode()
            told_at = now()


def _is_wanted(wanted: Wanted, line: Line) -> bool:
    return (
        line.operator == wanted.operator
        and (not wanted.types or line.recorded.type in wanted.types)
        and (not wanted.stations or line.station_id in wanted.stations)
    )
