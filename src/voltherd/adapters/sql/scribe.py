"""The writer as the event loop sees it: in a process of its own, or in a thread of this one.

Beside a busy event loop a thread that writes fights for the interpreter's lock at every step: with 200 links in a
closed loop that took a third of all processor time. A process of its own has a lock to itself, and a core if there is
one.
"""

from __future__ import annotations

import asyncio
import marshal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

import structlog

from voltherd.adapters.sql.courtesy import Courtesy
from voltherd.adapters.sql.database import database_at
from voltherd.adapters.sql.work import Outcome, Parcel, Report, Statement
from voltherd.adapters.sql.writer import Writer

log = structlog.get_logger(__name__)

HEAD = struct.Struct("!I")
LOOK, STOP = b"look", b"stop"
REPORT, LOG = "report", "log"

_START_AGAIN_S = 0.5
_END_S = 60.0


class Scribe(Protocol):
    """Has parcels written; what became of them is told on the event loop."""

    async def start(self) -> None:
        """Begin to write."""
        ...

    def send(self, parcel: Parcel) -> None:
        """Have it written."""
        ...

    def look(self) -> None:
        """See whether the database can be written."""
        ...

    async def stop(self) -> None:
        """Write what was sent, then end."""
        ...


class ThreadScribe:
    """The writer in a thread of this process, for which a busy event loop makes way."""

    def __init__(
        self, url: str, tell: Callable[[Report], None], courtesy: Courtesy, *, linger: float, note_capacity: int
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._tell = tell
        self._courtesy = courtesy
        self._writer = Writer(database_at(url), self._report, linger=linger, note_capacity=note_capacity)

    async def start(self) -> None:
        self._writer.start()

    def send(self, parcel: Parcel) -> None:
        for _ in parcel.work:
            self._courtesy.begin()
        self._writer.submit(parcel)

    def look(self) -> None:
        self._writer.look()

    async def stop(self) -> None:
        self._writer.stop()
        await asyncio.to_thread(self._writer.join)

    def _report(self, report: Report) -> None:
        try:
            self._loop.call_soon_threadsafe(self._hear, report)
        except RuntimeError:  # the loop has ended before us
            log.warning("outcomes_unheard", outcomes=len(report.outcomes))

    def _hear(self, report: Report) -> None:
        self._courtesy.end(len(report.outcomes))
        self._tell(report)


class ProcessScribe(asyncio.Protocol):
    """The writer in a process of its own; should that end by itself, `lost` is called and another one is started."""

    def __init__(
        self,
        url: str,
        tell: Callable[[Report], None],
        lost: Callable[[str], None],
        *,
        linger: float,
        note_capacity: int,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._tell = tell
        self._lost = lost
        self._wanted = (url, linger, note_capacity)
        self._statements: list[Statement] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._stopping = False
        self._gone = asyncio.Event()
        self._again: asyncio.Task[None] | None = None

    async def start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            fd = theirs.fileno()
            command = [sys.executable, "-m", "voltherd.adapters.sql.scribe_process", str(fd)]
            # From this thread, which lives as long as we do: the process dies with the thread that started it.
            self._process = _spawn(command, fd)
        self._received = b""
        self._gone.clear()
        transport, _ = await self._loop.create_connection(lambda: self, sock=ours)
        self._transport = transport
        self._write(marshal.dumps((self._wanted, [tuple(one) for one in self._statements])))

    def send(self, parcel: Parcel) -> None:
        self._statements += parcel.statements
        if self._transport is None:
            self._loop.call_soon(self._lost, "the writing process has ended")
            return
        statements = [tuple(one) for one in parcel.statements]
        work = [tuple(one) for one in parcel.work]
        said: Any = (statements, work, parcel.notes)
        self._write(marshal.dumps(said))

    def look(self) -> None:
        if self._transport is not None:
            self._write(LOOK)

    async def stop(self) -> None:
        self._stopping = True
        if self._again is not None:
            self._again.cancel()
        if self._transport is not None:
            self._write(STOP)
            await self._gone.wait()
        if self._process is not None:
            await asyncio.to_thread(self._process.wait, _END_S)

    # What asyncio calls

    def data_received(self, data: bytes) -> None:
        data = self._received + data if self._received else data
        start = 0
        while len(data) - start >= HEAD.size:
            (size,) = HEAD.unpack_from(data, start)
            end = start + HEAD.size + size
            if len(data) < end:
                break
            kind, what = marshal.loads(data[start + HEAD.size : end])
            start = end
            if kind == REPORT:
                outcomes, *counts = what
                self._tell(Report([Outcome(*one) for one in outcomes], *counts))
            else:
                level, event = what
                getattr(log, level)(**event)
        self._received = data[start:]

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._gone.set()
        if not self._stopping:
            log.error("writing_process_ended", reason=str(exc or ""))
            self._lost("the writing process has ended")
            self._again = self._loop.create_task(self._start_again(), name="history:start-again")

    async def _start_again(self) -> None:
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)
        await asyncio.sleep(_START_AGAIN_S)
        await self.start()
        self.look()

    def _write(self, data: bytes) -> None:
        transport = cast("asyncio.Transport", self._transport)
        transport.write(HEAD.pack(len(data)) + data)


def _spawn(command: Sequence[str], fd: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[fd])


def plain(report: Report) -> tuple[Any, ...]:
    """The report as tuples that cross processes."""
    outcomes, *counts = report
    return ([tuple(one) for one in outcomes], *counts)
