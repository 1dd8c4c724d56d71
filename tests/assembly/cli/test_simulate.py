import json
import subprocess
import sys

from tests.assembly.conftest import PATIENCE_S, RunningDemo, environment


def simulate(*arguments: str) -> tuple[int, dict[str, float], str]:
    done = subprocess.run(
        [sys.executable, "-m", "voltherd", "simulate", *arguments],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=PATIENCE_S,
    )
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def test_brings_stations_into_service_that_charge(demo: RunningDemo) -> None:
    code, report, said = simulate(
        *("4", "--url", demo.ocpp_url, "--register", "--api", demo.url, "--prefix", "CLI-"),
        *("--seconds", "6", "--spread", "0", "--busy", "0.95"),
    )
    assert code == 0, said
    assert (report["stations"], report["connected"], report["accepted"]) == (4, 4, 4)
    assert report["transactions_started"] == report["transactions_ended"] > 0
    assert report["call_errors"] == 0
    assert "connected 4/4" in said


def test_says_so_when_nobody_can_connect() -> None:
    code, report, said = simulate("1", "--url", "ws://127.0.0.1:1", "--seconds", "1", "--spread", "0")
    assert (code, report["connections"]) == (1, 0)
    assert "no station could connect to ws://127.0.0.1:1" in said


def test_explains_faults() -> None:
    code, _, said = simulate("1", "--fault", "help")
    assert code == 0
    assert "never-answers: receives commands" in said
