from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from bench.stories import REPLAYS, STORIES, setup
from voltherd.ocpp.dialects import DIALECTS
from voltherd.ocpp.payload import decode

UPDATES = 5
ANSWER = {"status": "Accepted", "transactionId": 7}


def told(version: str, count: int, *, replayed: bool = False, number: int = 0) -> list[tuple[str, msgspec.Raw]]:
    """What a station says: actions and payloads."""
    _, story = (REPLAYS if replayed else STORIES)[version]
    station = story(number, UPDATES)
    said = [next(station), *(station.send(ANSWER) for _ in range(count - 1))]
    return [msgspec.json.decode(b"[%b]" % words, type=tuple[str, msgspec.Raw]) for _, words in said]


@pytest.mark.parametrize("replayed", [False, True])
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_says_nothing_that_the_schemas_do_not_allow(version: str, replayed: bool) -> None:
    known = DIALECTS[STORIES[version][0]].known
    for number in range(9):
        for action, payload in told(version, 24, replayed=replayed, number=number):
            decode(known[action], payload)


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_every_step_has_stations_that_enter_there(version: str) -> None:
    first = {told(version, setup(number, UPDATES) + 1, number=number)[-1][0] for number in range(UPDATES + 4)}
    transaction = {"1.6": {"StartTransaction", "StopTransaction"}, "2.0.1": {"TransactionEvent"}}[version]
    assert first == {"Heartbeat", "MeterValues", *transaction}


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_replay_has_no_heartbeats_and_is_days_old(version: str) -> None:
    replayed = told(version, 40, replayed=True)
    assert "Heartbeat" not in {action for action, _ in replayed}
    instants = [
        datetime.fromisoformat(stamp)
        for _, payload in replayed[2:]
        if (stamp := msgspec.json.decode(payload, type=dict[str, Any]).get("timestamp"))
    ]
    assert instants == sorted(instants)
    assert max(instants) < datetime.fromtimestamp(time.time(), UTC) - timedelta(days=4)


def test_a_replay_says_of_itself_that_it_was_offline_where_the_version_can() -> None:
    events = [payload for action, payload in told("2.0.1", 40, replayed=True) if action == "TransactionEvent"]
    assert events
    assert all(msgspec.json.decode(payload)["offline"] is True for payload in events)
    assert not any(
        "offline" in msgspec.json.decode(payload)
        for action, payload in told("2.0.1", 40)
        if action == "TransactionEvent"
    )
