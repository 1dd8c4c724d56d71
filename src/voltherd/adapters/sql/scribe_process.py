"""The process that writes: it reads parcels from a socket, tells of each transaction, and ends with its parent."""

from __future__ import annotations

import ctypes
import logging
import marshal
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from voltherd.adapters.sql.database import database_at
from voltherd.adapters.sql.scribe import HEAD, LOG, LOOK, REPORT, STOP, plain
from voltherd.adapters.sql.work import Appending, Parcel, Statement, Task
from voltherd.adapters.sql.writer import Writer

_PR_SET_PDEATHSIG = 1


def main(fd: int) -> None:
    """Write until told to stop, or until nobody is there any longer."""
    # Signals are for the parent, which stops us when everybody has been answered.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    _die_with_parent()
    with socket.socket(fileno=fd) as wire:
        _serve(wire)


def _die_with_parent() -> None:
    """Where the system can: a server that is killed is dead at once then, and its files are nobody's."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _serve(wire: socket.socket) -> None:
    telling = threading.Lock()

    def tell(kind: str, what: Any) -> None:
        data = marshal.dumps((kind, what))
        with telling, suppress(OSError):  # the parent has gone: then nobody waits
            wire.sendall(HEAD.pack(len(data)) + data)

    _log_by(tell)
    first = _read(wire)
    if first is None:
        return
    (url, linger, note_capacity), statements = marshal.loads(first)
    writer = Writer(
        database_at(url), lambda report: tell(REPORT, plain(report)), linger=linger, note_capacity=note_capacity
    )
    writer.submit(Parcel([Statement(*one) for one in statements], (), ()))
    writer.start()
    while (data := _read(wire)) is not None and data != STOP:
        if data == LOOK:
            writer.look()
        else:
            writer.submit(_parcel(data))
    writer.stop()
    writer.join()


def _log_by(tell: Callable[[str, Any], None]) -> None:
    """Have the parent log: it knows where to, how, and from which level on."""

    def hand_over(_logger: WrappedLogger, level: str, event: EventDict) -> EventDict:
        tell(LOG, (level, {name: value if isinstance(value, int) else str(value) for name, value in event.items()}))
        raise structlog.DropEvent

    structlog.configure(
        processors=[structlog.processors.format_exc_info, hand_over],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


def _parcel(data: bytes) -> Parcel:
    statements, work, notes = marshal.loads(data)
    pieces = [Appending(*one) if len(one) == len(Appending._fields) else Task(*one) for one in work]
    return Parcel([Statement(*one) for one in statements], pieces, notes)


def _read(wire: socket.socket) -> bytes | None:
    head = _receive(wire, HEAD.size)
    return None if head is None else _receive(wire, HEAD.unpack(head)[0])


def _receive(wire: socket.socket, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        try:
            some = wire.recv(min(size - len(data), 1 << 20))
        except ConnectionError:
            return None
        if not some:
            return None
        data += some
    return bytes(data)


if __name__ == "__main__":
    main(int(sys.argv[1]))
