"""What the storm showed: how many stations may knock while the server is busy."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bench.targets import TARGETS, running

KNOCKING = 300


def test_hundreds_of_stations_can_knock_at_once(tmp_path: Path) -> None:
    most = int(Path("/proc/sys/net/core/somaxconn").read_text())
    if most < KNOCKING:
        pytest.skip(f"this system lets {most} knock")
    with running(TARGETS["voltherd"], "sqlite", tmp_path) as server, ExitStack() as stack:
        port = urlsplit(server.url).port
        # It is as busy as can be; the system alone takes what knocks, or has it knock again after 1, 2, 4, 8 s.
        os.kill(server.pid, signal.SIGSTOP)
        stack.callback(os.kill, server.pid, signal.SIGCONT)
        for _ in range(KNOCKING):
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=0.9))
