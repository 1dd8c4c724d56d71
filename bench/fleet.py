"""N stations on one event loop: each tells its story, one open call at a time, and a tally listens."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bench.proc import ephemeral_ports
from bench.stories import REPLAYS, STORIES, Said, Story, setup
from bench.websocket import Link

_decode = msgspec.json.Decoder(list[Any]).decode
_clock = time.perf_counter

_AT_ONCE = 64
"""How many stations connect at the same time, unless all shall."""

_PATIENCE_S = 120.0
"""How long a station may take to connect, boot and tell its status."""

_AGAIN_S = 1.0
"""How long a patient station waits before it tries again to connect."""

_KNOCK_S = 0.02
"""How often patient stations look whether the server listens."""


def source_address(number: int, ports: int) -> tuple[str, int] | None:
    """Where station `number` connects from, when an address has so many ports: None: wherever the system likes.

    One address of loopback has a port for each of the first; what others use is left to them, one port in five.
    """
    address = number // max(1, ports * 4 // 5)
    return None if address == 0 else (f"127.0.0.{1 + address}", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the stations shall do.

    `pace_s` is the time from message to message of a station; 0: as fast as answered. They connect some at a time, or
    all as a `storm`, or `ramp` of them a second. Who is `patient` waits for the server to listen, and tries again
    when it is sent away. A `replay` tells what was kept while offline; with `messages` each ends after so many.
    """

    url: str
    stations: int = 200
    version: str = "2.0.1"
    updates: int = 5
    pace_s: float = 0.0
    deflate: bool = False
    storm: bool = False
    ramp: float = 0.0
    patient: bool = False
    replay: bool = False
    messages: int = 0
    prefix: str = "BENCH-"
    password: str | None = None


@dataclass(slots=True)
class Tally:
    """What happened since it was made: seconds from call to answer by what was said, and everything that went wrong."""

    began: float = field(default_factory=_clock)
    took: dict[str, list[float]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    late: list[float] = field(default_factory=list)
    strays: int = 0
    asked_of_us: int = 0

    def answered(self, what: str, took: float) -> None:
        """A call was answered as hoped."""
        seconds = self.took.get(what)
        if seconds is None:
            seconds = self.took[what] = []
        seconds.append(took)

    def was_refused(self, what: str, code: object) -> None:
        """A call was answered with an error."""
        said = f"{what}: {code}"
        self.refused[said] = self.refused.get(said, 0) + 1

    def was_lost(self, reason: str) -> None:
        """A link ended that should not."""
        self.lost[reason] = self.lost.get(reason, 0) + 1


class Station:
    """One station: sends, waits for the answer, sends the next."""

    __slots__ = (
        "_asked",
        "_due",
        "_fleet",
        "_last",
        "_link",
        "_loop",
        "_next",
        "_number",
        "_said",
        "_setup",
        "_story",
        "_timer",
        "began",
        "ended",
        "settled",
    )

    def __init__(self, fleet: Fleet, story: Story, setup: int, began: float) -> None:
        self._fleet = fleet
        self._story = story
        self._setup = setup
        self._last = setup + fleet.plan.messages if fleet.plan.messages else 0
        self._loop = asyncio.get_running_loop()
        self._link: Link | None = None
        self._number = 0
        self._asked = False
        self._said = ""
        self._next: Said = next(story)
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.began = began
        self.settled: asyncio.Future[None] = self._loop.create_future()
        self.ended: asyncio.Future[None] = self._loop.create_future()

    def go(self, due: float) -> None:
        """Begin the loop, at that time of the clock."""
        self._due = due
        self._timer = self._loop.call_later(max(0.0, due - _clock()), self._say_on_time)

    def stop(self) -> None:
        """Say no more and hang up."""
        if self._timer is not None:
            self._timer.cancel()
        if self._link is not None:
            self._link.close()

    def waits_since(self) -> float | None:
        """When the call was due that is not answered yet; None if there is none."""
        return self._due if self._asked else None

    # What the link tells

    def opened(self, link: Link) -> None:
        self._link = link
        self._due = _clock()
        self._fleet.opened.append(self._due - self.began)
        self._say()

    def received(self, text: bytes) -> None:
        now = _clock()
        kind, message_id, *rest = _decode(text)
        tally = self._fleet.tally
        if kind == 2:
            tally.asked_of_us += 1
            self._write(b'[4,%b,"NotSupported","",{}]' % msgspec.json.encode(message_id))
        elif not self._asked or message_id != str(self._number):
            tally.strays += 1
        elif kind == 3:
            tally.answered(self._said, now - self._due)
            self._answered(rest[0], now)
        else:
            tally.was_refused(self._said, rest[0])
            self._answered({}, now)

    def closed(self, reason: str) -> None:
        self._link = None
        if self.settled.done() and not self._fleet.stopping:
            self._fleet.tally.was_lost(reason)
        self._give_up(reason)

    def _answered(self, answer: dict[str, Any], now: float) -> None:
        self._asked = False
        self._next = self._story.send(answer)
        pace = self._fleet.plan.pace_s
        if self._number == 1 and (status := answer.get("status")) != "Accepted":
            self._give_up(f"the boot was answered {status}: register the stations, or let unknown ones in")
        elif self._number == self._setup:
            self._fleet.ready.append(now - self.began)
            if not self.settled.done():  # nobody waits for it any longer if another station failed
                self.settled.set_result(None)
        elif self._number == self._last:
            self.ended.set_result(None)
        elif not pace or self._number < self._setup:
            self._due = now
            self._say()
        else:
            # Latency counts from when the message was due: a slow server must not thin out its own load.
            self._due += pace
            if self._due > now:
                self._timer = self._loop.call_later(self._due - now, self._say_on_time)
            else:
                self._say()

    def _say_on_time(self) -> None:
        self._fleet.tally.late.append(max(0.0, _clock() - self._due))
        self._say()

    def _say(self) -> None:
        self._number += 1
        self._asked = True
        self._said, words = self._next
        self._write(b'[2,"%d",%b]' % (self._number, words))

    def _write(self, text: bytes) -> None:
        if self._link is not None:
            self._link.send(text)

    def _give_up(self, reason: str) -> None:
        if not self.settled.done():
            self.settled.set_exception(ConnectionError(reason))
        if not self.ended.done():
            self.ended.set_result(None)


class Fleet:
    """All stations of a plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.tally = Tally()
        self.stopping = False
        self.opened: list[float] = []
        self.ready: list[float] = []
        self._stations: list[Station] = []
        self._ports = ephemeral_ports()

    async def connect(self, first: int, last: int) -> float:
        """Connect stations `first` to `last - 1`; the seconds until all have booted and told their status.

        Raises:
            ConnectionError: one could not.
        """
        plan, began = self.plan, _clock()
        if plan.patient:
            await self._door()
            began = _clock()
        gate = asyncio.Semaphore(last - first if plan.storm or plan.ramp else _AT_ONCE)
        connecting = [
            asyncio.create_task(
                self._connect(number, gate, (number - first) / plan.ramp if plan.ramp else 0.0),
                name=f"connect:{number}",
            )
            for number in range(first, last)
        ]
        try:
            await asyncio.gather(*connecting)
        except (OSError, TimeoutError) as error:
            for task in connecting:
                task.cancel()
            await asyncio.gather(*connecting, return_exceptions=True)
            raise ConnectionError(f"a station could not connect: {str(error) or 'no answer in time'}") from error
        return _clock() - began

    async def _door(self) -> None:
        url = urlsplit(self.plan.url)
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection(url.hostname, url.port or 80)
                    writer.close()
                    return
                await asyncio.sleep(_KNOCK_S)

    async def _connect(self, number: int, gate: asyncio.Semaphore, after: float) -> None:
        await asyncio.sleep(after)
        began = _clock()
        async with gate, asyncio.timeout(_PATIENCE_S):
            if not self.plan.storm:
                began = _clock()
            while True:
                try:
                    await self._try(number, began)
                except OSError as error:
                    if not self.plan.patient:
                        raise
                    self.tally.was_lost(f"tried again: {error}")
                    await asyncio.sleep(_AGAIN_S)
                else:
                    return

    async def _try(self, number: int, began: float) -> None:
        plan, url = self.plan, urlsplit(self.plan.url)
        subprotocol, story = (REPLAYS if plan.replay else STORIES)[plan.version]
        station_id = f"{plan.prefix}{number:05d}"
        station = Station(self, story(number, plan.updates), setup(number, plan.updates), began)
        link = Link(
            station,
            url.netloc,
            f"{url.path.rstrip('/')}/{station_id}",
            subprotocol,
            deflate=plan.deflate,
            user=station_id,
            password=plan.password,
        )
        self._stations.append(station)
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: link, url.hostname or "", url.port or 80, local_addr=source_address(number, self._ports)
            )
            await station.settled
        except OSError:
            self._stations.remove(station)
            raise

    async def ended(self) -> None:
        """Wait until every station has said all its messages, or lost its link."""
        await asyncio.gather(*(station.ended for station in self._stations))

    def go(self) -> None:
        """Let all begin their loops: at once, or spread over the first interval of the pace."""
        now = _clock()
        for index, station in enumerate(self._stations):
            station.go(now + self.plan.pace_s * index / len(self._stations))

    def count_anew(self) -> Tally:
        """Begin to count anew; what was counted so far."""
        ended, self.tally = self.tally, Tally()
        return ended

    def unanswered(self, longer_than_s: float) -> int:
        """How many stations wait that long for an answer."""
        now = _clock()
        due = [since for station in self._stations if (since := station.waits_since()) is not None]
        return sum(1 for since in due if now - since > longer_than_s)

    def stop(self) -> None:
        """Hang up all links."""
        self.stopping = True
        for station in self._stations:
            station.stop()
