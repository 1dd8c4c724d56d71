"""The load client as a child, in a process of its own so that its work is not the server's; and what it says."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from queue import Empty, Queue
from typing import IO, TypeVar

import msgspec

from bench.fleet import Plan
from bench.targets import Running, ServerFailedError

T = TypeVar("T")

SLACK_S = 150.0
"""How much longer than its counting a load may take to connect its stations."""


class Load:
    """A load that runs; it says something at the end of each window."""

    def __init__(self, child: subprocess.Popen[bytes], complaints: IO[bytes]) -> None:
        self._child = child
        self._complaints = complaints
        self._lines: Queue[bytes] = Queue()
        self._listener = threading.Thread(target=self._listen, name="load", daemon=True)
        self._listener.start()

    def next(self, kind: type[T], seconds: float) -> T:
        """Wait for what it says next, `SLACK_S` longer than so many seconds.

        Raises:
            ServerFailedError: the load failed, or says nothing.
        """
        try:
            line = self._lines.get(timeout=seconds + SLACK_S)
        except Empty:
            raise ServerFailedError("the load did not come to its end") from None
        if not line:
            self._complaints.seek(0)
            said = self._complaints.read().decode(errors="replace")[-2000:]
            raise ServerFailedError(f"the load failed: {said}")
        return msgspec.json.decode(line, type=kind)

    def stop(self) -> None:
        """End it, wherever it is."""
        self._child.kill()
        self._child.wait()
        self._listener.join()

    def _listen(self) -> None:
        assert self._child.stdout is not None  # it was started with a pipe
        with self._child.stdout as lines:
            for line in lines:
                self._lines.put(line)
        self._lines.put(b"")


@contextmanager
def program(command: Sequence[str]) -> Iterator[Load]:
    """Run one of the bench's own programs, and stop it by its process id at the end."""
    with tempfile.TemporaryFile() as complaints:
        child = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, stderr=complaints)
        load = Load(child, complaints)
        try:
            yield load
        finally:
            load.stop()


@contextmanager
def loading(server: Running, plan: Plan, flags: Sequence[str]) -> Iterator[Load]:
    """Put load on a server."""
    with program(["bench.load", server.url, "--pid", str(server.pid), "--json", *plan_flags(plan), *flags]) as load:
        yield load


def plan_flags(plan: Plan) -> Sequence[str]:
    """The client's flags for a plan."""
    return [
        *("--stations", str(plan.stations), "--version", plan.version, "--updates", str(plan.updates)),
        *("--pace", str(plan.pace_s), "--ramp", str(plan.ramp)),
        *(["--deflate"] if plan.deflate else []),
        *(["--storm"] if plan.storm else []),
        *(["--patient"] if plan.patient else []),
    ]
