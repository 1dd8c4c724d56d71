import json
import resource
import subprocess
import sys

import pytest

from tests.assembly.cli.conftest import Voltherd

HEAVY = ["alembic", "asyncio", "fastapi", "httpx2", "msgspec", "pydantic", "rich.table", "sqlalchemy", "structlog"]


def test_imports_nothing_heavy() -> None:
    script = (
        "import json, sys\n"
        "from voltherd.assembly.cli import run\n"
        "assert run(['--help']) == 0\n"
        f"sys.stderr.write(json.dumps([name for name in {HEAVY} if name in sys.modules]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert json.loads(done.stderr) == []


def test_comes_in_less_than_0_3_s() -> None:
    """In time of the processor: other work on the machine must not fail a test."""
    took = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "voltherd", "--help"], capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(took) < 0.3


def test_names_every_noun_and_every_exit_code(voltherd: Voltherd) -> None:
    said = voltherd("--help").out
    for noun in ("demo", "serve", "station", "tx", "command", "token", "tail", "simulate", "catalog", "config", "db"):
        assert f"\n  {noun} " in said
    assert "Exit codes: 0 done" in said


@pytest.mark.parametrize("noun", ["station", "tx", "command", "token", "tail", "config", "db", "projection"])
def test_is_what_a_noun_without_a_verb_gets(voltherd: Voltherd, noun: str) -> None:
    said = voltherd(noun)
    assert said.code == 2
    assert f"Usage: voltherd {noun}" in said.err


def test_shows_the_options_of_all_commands_behind_each_verb(voltherd: Voltherd) -> None:
    said = voltherd("station", "start", "--help").out
    for option in ("--token", "--evse", "--wait", "--expires-in", "--url", "--api-key", "--output", "--show-http"):
        assert option in said
