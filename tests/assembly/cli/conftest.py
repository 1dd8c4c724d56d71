"""How a test speaks with the command line."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.assembly.conftest import RunningDemo
from voltherd.assembly.cli import run

NOBODY = "http://127.0.0.1:1"


@dataclass(frozen=True)
class Said:
    """What a command line came to."""

    code: int
    out: str
    err: str


Voltherd = Callable[..., Said]


@pytest.fixture
def voltherd(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Voltherd:
    """Run a command line in this process."""
    monkeypatch.delenv("VOLTHERD_URL", raising=False)
    monkeypatch.delenv("VOLTHERD_API_KEY", raising=False)

    def say(*arguments: str) -> Said:
        capsys.readouterr()
        code = run(arguments)
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return say


@pytest.fixture
def at_demo(voltherd: Voltherd, demo: RunningDemo) -> Voltherd:
    """Run a command line against the demo."""
    return lambda *arguments: voltherd("--url", demo.url, *arguments)
