"""What the dispatcher appends while stations tell their stories: recorded once, without sockets and without a disk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, NamedTuple

import msgspec

from bench.stories import STORIES, Story, setup
from voltherd.assembly.catalog import build_catalog
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.kernel.identity import DEFAULT_OPERATOR, StationKey
from voltherd.kernel.messages import Event
from voltherd.kernel.readmodel import Change
from voltherd.ocpp.dialect import Context, frame_seen, report_connected, report_disconnected, report_unknown
from voltherd.ocpp.dialects import DIALECTS
from voltherd.ocpp.rpc import encode_call_result
from voltherd.ports.history import Append, EventStore, Past, Recorded

Clock = Callable[[], datetime]


class Keeping(NamedTuple):
    """A state to be kept beside history."""

    stream: str
    version: int
    state: object


Taken = Append | Keeping | Sequence[Change]

Writes = Sequence[Taken]
"""What the store is given for one message, in order: appends, which are awaited, states to keep, and notes."""

_NODE = "bench"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One station: what connecting and its first messages write, then each of the others."""

    beginning: Sequence[Writes]
    messages: Sequence[Writes]


class Recorder:
    """An `EventStore` that keeps what it is given, in the order in which it comes."""

    def __init__(self) -> None:
        self._streams: dict[str, list[Event]] = {}
        self._position = 0
        self._taken: list[Taken] = []

    def take(self) -> Writes:
        """What came since the last call."""
        taken, self._taken = self._taken, []
        return taken

    async def load(self, stream: str) -> Past:
        return Past(tuple(self._streams.get(stream, ())))

    def keep(self, stream: str, version: int, state: object) -> None:
        self._taken.append(Keeping(stream, version, state))

    def append(self, append: Append) -> Awaitable[int]:
        for write in append.writes:
            self._streams.setdefault(write.stream, []).extend(write.events)
            self._position += len(write.events)
        self._taken.append(append)
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        done.set_result(self._position)
        return done

    def note(self, changes: Sequence[Change]) -> None:
        self._taken.append(changes)

    async def read(self, after: int, limit: int, types: Collection[str] | None = None) -> Sequence[Recorded]:
        raise NotImplementedError

    async def last_position(self) -> int:
        return self._position

    async def wait(self, after: int, timeout: float) -> None:
        raise NotImplementedError

    async def checkpoint(self, name: str) -> int | None:
        raise NotImplementedError

    async def save_checkpoint(self, name: str, position: int) -> None:
        raise NotImplementedError

    async def reserve(self, name: str, count: int) -> int:
        raise NotImplementedError

    async def retire(self, now: datetime) -> int:
        raise NotImplementedError


async def record(stations: Iterable[int], version: str, updates: int, messages: int) -> Sequence[Recording]:
    """Have each station tell its beginning and so many messages more."""
    recorder = Recorder()
    teller = Teller(recorder, version)
    found = []
    for number in stations:
        first = setup(number, updates)
        told = teller.tell(number, STORIES[version][1](number, updates), first + messages)
        writes = [recorder.take() async for _ in told]
        found.append(Recording(beginning=writes[: first + 1], messages=writes[first + 1 :]))
    return found


class Teller:
    """Does for a story what the gateway does for a station, without a socket."""

    def __init__(self, store: EventStore, version: str, clock: Clock = lambda: datetime.now(UTC)) -> None:
        self._dispatcher = Dispatcher(build_catalog(), store)
        self._dialect = DIALECTS[STORIES[version][0]]
        self._clock = clock
        self._numbers = count(1)

    async def tell(self, number: int, story: Story, messages: int, prefix: str = "BENCH-") -> AsyncIterator[None]:
        """Connect station `number` and have it say so much; pauses after connecting and after each message."""
        station = StationKey(operator=DEFAULT_OPERATOR, station_id=f"{prefix}{number:05d}")
        await self._dispatcher.handle(report_unknown(station, self._clock(), "accept"))
        connected = report_connected(station, self._clock(), 1, self._dialect.version.value, _NODE, "127.0.0.1:1")
        await self._dispatcher.handle(connected)
        yield
        said = next(story)
        for message_id in range(1, messages + 1):
            answer = await self._hear(station, str(message_id), said[1])
            yield
            said = story.send(answer)

    async def leave(self, number: int, prefix: str = "BENCH-") -> None:
        """Have the link of station `number` end."""
        station = StationKey(operator=DEFAULT_OPERATOR, station_id=f"{prefix}{number:05d}")
        await self._dispatcher.handle(report_disconnected(station, self._clock(), 1, "the connection was lost"))

    async def _hear(self, station: StationKey, message_id: str, words: bytes) -> dict[str, Any]:
        text = b'[2,"%b",%b]' % (message_id.encode(), words)
        dispatcher = self._dispatcher
        dispatcher.note(frame_seen(station, self._clock(), "received", text.decode()))
        _kind, _id, action, payload = msgspec.json.decode(text, type=tuple[int, str, str, msgspec.Raw])
        context = Context(
            station=station,
            at=self._clock(),
            message=f"1/{message_id}",
            new_number=lambda: next(self._numbers),
            heartbeat_interval=300,
            boot_retry_interval=30,
        )
        reading = self._dialect.read(action, payload, context)
        answer = reading.answer(await dispatcher.handle(reading.report))
        dispatcher.note(frame_seen(station, self._clock(), "sent", encode_call_result(message_id, answer)))
        found: dict[str, Any] = msgspec.json.decode(answer)
        return found
