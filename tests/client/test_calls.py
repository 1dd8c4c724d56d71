from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from voltherd.client import calls, connection


def sent(call: calls.Call[Any]) -> tuple[str, str, dict[str, str]]:
    request = connection.request(call)
    return request["method"], request["url"], dict(request["params"] or {})


def test_writes_filters_as_the_api_reads_them() -> None:
    since = datetime(2026, 1, 31, 13, tzinfo=timezone(timedelta(hours=1)))
    call = calls.transactions(limit=5, station_id="CS-1", status=None, from_=since)
    assert sent(call) == (
        "GET",
        "/transactions",
        {"stationId": "CS-1", "from": "2026-01-31T12:00:00Z", "limit": "5"},
    )
    assert sent(calls.stations(online=True))[2] == {"online": "true"}


def test_puts_ids_into_paths_safely() -> None:
    assert sent(calls.station("a/b?c")) == ("GET", "/charging-stations/a%2Fb%3Fc", {})


def test_sends_a_command_with_its_manner() -> None:
    call = calls.command("CS-1", "Reset", {"type": "onIdle"}, expires_in=5, wait=20, idempotency_key="k")
    request = connection.request(call)
    assert request["method"] == "POST"
    assert request["url"] == "/charging-stations/CS-1/commands"
    assert msgspec.json.decode(request["content"] or b"") == {
        "command": "Reset",
        "payload": {"type": "onIdle"},
        "expiresIn": 5,
    }
    assert request["headers"] == {
        "Prefer": "wait=20",
        "Idempotency-Key": "k",
        "Content-Type": "application/json",
    }
    assert (request["timeout"].read or 0) > 20, "the server may take the time that it was asked to take"


def test_reads_a_document_and_keeps_what_it_has_no_name_for() -> None:
    document = {
        "id": "CS-1",
        "accepted": True,
        "configured": True,
        "online": False,
        "lastHeardAt": "2026-01-31T12:00:00Z",
        "evses": [{"evseId": 1, "status": "Faulted", "connectors": [{"connectorId": 1, "maxAmp": 16, "new": 1}]}],
        "newerThanThisClient": 7,
    }
    station = calls.station("CS-1").read(msgspec.json.encode(document))
    assert station.last_heard_at == datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert station.evses[0].connectors[0].max_amp == 16
    assert station.raw["newerThanThisClient"] == 7


@pytest.mark.parametrize("following", [None, {"href": "/charging-stations?cursor=abc&limit=1"}])
def test_follows_a_list_to_its_end(following: dict[str, str] | None) -> None:
    page = calls.stations().read(
        msgspec.json.encode({"elements": [], "total": None, "totalAtLeast": 3, "next": following})
    )
    assert (page.total, page.total_at_least) == (None, 3)
    call = calls.more(page)
    assert (call and call.path) == (following and following["href"])
