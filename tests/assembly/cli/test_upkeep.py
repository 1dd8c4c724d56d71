import json
from pathlib import Path

import pytest

from tests.assembly.cli.conftest import Voltherd
from tests.assembly.conftest import RunningDemo


def test_makes_and_checks_a_database(voltherd: Voltherd, tmp_path: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    assert "charging_stations" in voltherd("db", "upgrade", *data).out
    assert voltherd("db", "upgrade", *data).out == "nothing to do\n"
    checked = voltherd("db", "check", *data)
    assert (checked.code, checked.out) == (0, "")


def test_rebuilds_a_read_model(voltherd: Voltherd, tmp_path: Path) -> None:
    data = ("--data", str(tmp_path))
    voltherd("db", "upgrade", *data)
    models = {row["name"]: row for row in map(json.loads, voltherd("projection", "status", *data).out.splitlines())}
    assert models["commands"]["state"] == "current"
    assert models["frames"]["kind"] == "journal"
    assert voltherd("projection", "rebuild", "commands", *data).code == 0
    assert voltherd("projection", "rebuild", "frames", *data).err == (
        "voltherd: frames is a journal: history cannot rebuild it\n"
    )
    assert "there is no read model nope" in voltherd("projection", "rebuild", "nope", *data).err


def test_shows_settings_without_secrets(voltherd: Voltherd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOLTHERD_API_KEY", "secret")
    monkeypatch.setenv("VOLTHERD_API_PORT", "8123")
    monkeypatch.setenv("VOLTHERD_DATABASE", "postgresql://herd:secret/@:word@db.example/herd?sslmode=require")
    said = voltherd("config", "show").out
    settings = {row["setting"]: row for row in map(json.loads, said.splitlines())}
    assert settings["api_port"]["value"] == 8123
    assert settings["gateway.heartbeat_interval"]["variable"] == "VOLTHERD_GATEWAY__HEARTBEAT_INTERVAL"
    assert settings["database"]["value"] == "postgresql://herd:***@db.example/herd?sslmode=require"
    assert "secret" not in said
    assert "secret" not in voltherd("doctor", "--url", "http://127.0.0.1:1").out


def test_finds_what_is_not_well(voltherd: Voltherd, demo: RunningDemo) -> None:
    assert voltherd("doctor", "--url", demo.url).code == 0
    said = voltherd("doctor", "--url", "http://127.0.0.1:1")
    assert (said.code, said.err) == (1, "voltherd: not well: server\n")
