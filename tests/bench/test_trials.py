"""Servers of the bench's own under a little of its load: what a trial is made of."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from bench.__main__ import TRIALS, main
from bench.client import loading, program
from bench.fleet import Plan
from bench.results import Fed, Measured
from bench.targets import TARGETS, running

STATIONS = 5


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_counts_window_after_window_what_a_server_answers(tmp_path: Path, version: str) -> None:
    plan = Plan(url="", stations=STATIONS, version=version)
    with running(TARGETS["ceiling"], "sqlite", tmp_path) as server:
        with loading(server, plan, ["--seconds", "0.5", "--windows", "2"]) as load:
            found = [load.next(Measured, 1.0) for _ in range(2)]
        port = int(server.url.rpartition(":")[2].partition("/")[0])
    for one in found:
        assert one.messages > 0
        assert one.errors == {}
        assert one.opened.count == one.ready.count == STATIONS
        assert one.server_bytes > 0
    with socket.socket() as after:
        assert after.connect_ex(("127.0.0.1", port)) != 0


def test_tells_the_others_from_the_station_that_replays(tmp_path: Path) -> None:
    plan = Plan(url="", stations=STATIONS, pace_s=0.1)
    with (
        running(TARGETS["ceiling"], "sqlite", tmp_path) as server,
        loading(server, plan, ["--seconds", "0.5", "--replay", "40"]) as load,
    ):
        _before, _during, replayed = (load.next(Measured, 10.0) for _ in range(3))
    assert (replayed.stations, replayed.messages) == (1, 40)
    assert "Heartbeat" not in replayed.actions


def test_feeds_a_store_all_that_was_recorded(tmp_path: Path) -> None:
    command = ["bench.feeding", "--database", f"sqlite:///{tmp_path / 'store.db'}", "--stations", "1"]
    with program([*command, "--messages", "27"]) as child:
        fed = child.next(Fed, 30.0)
    assert fed.measured.messages == 27
    assert 0 < fed.commits <= 27
    assert fed.appends == 27 - 3  # three rounds, and a heartbeat in each appends nothing
    assert fed.events > 0


@pytest.mark.parametrize("name", [*TRIALS, "load"])
def test_every_command_says_what_can_be_chosen(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert "--stations" in capsys.readouterr().out


def test_measures_nothing_that_it_could_not_write_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    page.write_text("no marks\n")
    with pytest.raises(SystemExit):
        main(["storm", "--markdown", str(page)])
    assert "no place for the figures of storm" in capsys.readouterr().err
