import json
import re
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tests.assembly.conftest import PATIENCE_S, RunningDemo, environment, start_demo, stop_demo
from voltherd.client import SyncVoltherdClient

CHARGES_WITHIN_S = 20


def pasted(demo: RunningDemo, first_words: str) -> str:
    """The command as a reader would copy it."""
    block = re.search(rf"^  {first_words}.*?\n\n", demo.announcement, re.MULTILINE | re.DOTALL)
    assert block is not None, demo.announcement
    return textwrap.dedent(block[0])


def run_in_shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, shell=True, env=environment(), capture_output=True, text=True, timeout=PATIENCE_S)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl, as the printed command does")
def test_prints_a_command_that_works(demo: RunningDemo) -> None:
    done = run_in_shell(pasted(demo, "curl"))
    assert done.returncode == 0, done.stderr
    assert '"status":"completed"' in done.stdout
    command = json.loads(done.stdout)
    assert command["outcome"]["result"]["transactionId"], "a start brings the id of its transaction"


def test_prints_a_command_line_that_works(demo: RunningDemo) -> None:
    done = run_in_shell(pasted(demo, "voltherd station start"))
    assert done.returncode == 0, done.stderr
    assert '"status":"completed"' in done.stdout
    steps = [line.split()[2] for line in done.stderr.splitlines()]
    assert steps == ["queued", "sent", "accepted", "completed"]


def test_shows_stations_of_both_versions_that_charge(demo: RunningDemo) -> None:
    with SyncVoltherdClient(demo.url) as client:
        stations = client.stations(online=True, accepted=True).elements
        assert {station.protocol for station in stations} == {"ocpp1.6", "ocpp2.0.1"}
        assert len(stations) == 6
        until = time.monotonic() + CHARGES_WITHIN_S
        for event in client.events(after=0, type="TransactionStarted"):
            assert time.monotonic() < until
            if event.station_id and not event.station_id.endswith("-1"):
                break


def test_serves_its_docs_page(demo: RunningDemo) -> None:
    page = subprocess.run(
        [sys.executable, "-c", f"import httpx2; print(httpx2.get('{demo.url}/docs').status_code)"],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    assert page.stdout.strip() == "200"


def test_ends_in_order_and_starts_again_on_the_same_data(tmp_path: Path) -> None:
    for _ in range(2):
        code, said = stop_demo(start_demo(tmp_path / "data"))
        assert (code, "Traceback" in said) == (0, False), said
        assert "history stays in" in said
