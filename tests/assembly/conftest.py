"""One running demo for all tests of the command line: a server with stations that really charge."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE_S = 60


@dataclass(frozen=True)
class RunningDemo:
    """The demo's process and what it has said."""

    process: subprocess.Popen[str]
    announcement: str
    data: Path

    @property
    def url(self) -> str:
        return self.found(r"API +(\S+)")

    @property
    def ocpp_url(self) -> str:
        return self.found(r"Stations +(\S+)/ID")

    def found(self, pattern: str) -> str:
        match = re.search(pattern, self.announcement)
        assert match is not None, self.announcement
        return match[1]


def environment() -> dict[str, str]:
    """The environment without what would set another server, and with the interpreter's own programs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOLTHERD_")}
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"}


def start_demo(data: Path) -> RunningDemo:
    arguments = ["demo", "--data", str(data), "--api-port", "0", "--ocpp-port", "0"]
    process = subprocess.Popen(
        [sys.executable, "-m", "voltherd", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            return RunningDemo(process, "".join(lines), data)
    raise AssertionError(f"the demo ended early: {process.communicate()}")


def stop_demo(demo: RunningDemo) -> tuple[int, str]:
    """Press Ctrl-C; the exit code and what was said on standard error."""
    demo.process.send_signal(signal.SIGINT)
    _, said = demo.process.communicate(timeout=PATIENCE_S)
    return demo.process.returncode, said


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDemo]:
    running = start_demo(tmp_path_factory.mktemp("demo"))
    try:
        yield running
    finally:
        stop_demo(running)
