"""What Linux tells of a process in /proc: processor time and memory."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterable, Set
from contextlib import suppress
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time that the processes and their children used so far, in all their threads, user and system."""
    return sum(_cpu_seconds(_PROC / str(pid)) for pid in _families(pids))


def main_thread_cpu_seconds(pid: int) -> float:
    """Processor time that the process's first thread used so far, on which the event loop runs."""
    return _cpu_seconds(_PROC / str(pid) / "task" / str(pid))


def _cpu_seconds(directory: Path) -> float:
    with suppress(FileNotFoundError, ProcessLookupError):
        # The name may hold spaces and brackets; behind it come state and numbers.
        fields = (directory / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S
    return 0.0


def resident_bytes(pids: Iterable[int]) -> int:
    """Memory in which the processes and their children are now."""
    return 1024 * sum(_status(pid, "VmRSS") for pid in _families(pids))


def threads(pids: Iterable[int]) -> int:
    """How many threads the processes and their children have now."""
    return sum(_status(pid, "Threads") for pid in _families(pids))


def _families(pids: Iterable[int]) -> Set[int]:
    """The processes with all that they have started, and these again."""
    found: set[int] = set()
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            with suppress(OSError):
                for file in (_PROC / str(pid) / "task").glob("*/children"):
                    waiting += map(int, file.read_text().split())
    return found


def _status(pid: int, name: str) -> int:
    with suppress(FileNotFoundError, ProcessLookupError):
        for line in (_PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return 0


def ephemeral_ports() -> int:
    """How many ports of one address the system gives to those who connect."""
    first, last = (_PROC / "sys/net/ipv4/ip_local_port_range").read_text().split()
    return int(last) - int(first) + 1


def postgres_pids() -> list[int]:
    """The PostgreSQL server's processes on this machine."""
    found = []
    for directory in _PROC.iterdir():
        with suppress(OSError):
            if directory.name.isdigit() and (directory / "comm").read_text().strip() == "postgres":
                found.append(int(directory.name))
    return found


def allow_many_files() -> int:
    """Raise the number of files that this process may open as far as it may; the number."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most
