import json
from pathlib import Path
from typing import Any

import pytest

from tests.assembly.cli.conftest import Voltherd


@pytest.fixture
def ways(voltherd: Voltherd) -> dict[str, Any]:
    return {way["command"]: way for way in json.loads(voltherd("catalog", "--output", "json").out)["ways"]}


def test_leads_from_a_command_to_everything_about_it(ways: dict[str, Any]) -> None:
    start = ways["StartTransaction"]
    assert start["file"] == "domain/charging_station/start_transaction.py"
    assert start["events"] == ["StartTransactionRequested"]
    assert start["actions"] == {"ocpp1.6": "RemoteStartTransaction", "ocpp2.0.1": "RequestStartTransaction"}
    assert "commands" in start["readmodels"]
    assert "RemoteStartTransaction" in start["aliases"]


def test_leads_from_what_a_station_says_to_what_becomes_of_it(ways: dict[str, Any]) -> None:
    boot = ways["ReportBoot"]
    assert boot["said_by"] == "stations"
    assert boot["actions"] == {"ocpp1.6": "BootNotification", "ocpp2.0.1": "BootNotification"}
    assert "StationBooted" in boot["events"]
    assert "charging_stations" in boot["readmodels"]
    assert boot["policies"]
    assert ways["ReportTransactionStarted"]["actions"]["ocpp2.0.1"] == "TransactionEvent"


def test_finds_events_for_every_wish(ways: dict[str, Any]) -> None:
    assert [way["command"] for way in ways.values() if way["said_by"] == "operators" and not way["events"]] == []


def test_writes_and_checks_a_page(voltherd: Voltherd, tmp_path: Path) -> None:
    page = tmp_path / "catalog.md"
    assert voltherd("catalog", "--check", str(page)).code == 1
    assert voltherd("catalog", "--write", str(page)).code == 0
    assert voltherd("catalog", "--check", str(page)).code == 0
    assert page.read_text(encoding="utf-8") == voltherd("catalog", "--output", "markdown").out
    page.write_text("something else", encoding="utf-8")
    said = voltherd("catalog", "--check", str(page))
    assert (said.code, "is not what the code says" in said.err) == (1, True)


def test_is_a_table_for_people(voltherd: Voltherd) -> None:
    said = voltherd("catalog", "--output", "table").out
    assert "What operators wish" in said
    assert "UnlockConnector" in said
