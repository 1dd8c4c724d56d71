"""States kept beside history: every state that the domain comes to is read back as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.contracts.meadow import Sheep, meadow, seen, stream_of
from tests.contracts.places import Place, file_in
from tests.support import stories, words
from tests.support.given import Scene, at_once, catalog
from tests.support.words import ready
from voltherd.adapters.sql.snapshots import Snapshots
from voltherd.adapters.sql.upkeep import check
from voltherd.domain.charging_station.state import ChargingStation
from voltherd.domain.id_token.state import AdministeredIdToken
from voltherd.domain.transaction.state import Transaction
from voltherd.kernel.identity import IdTokenKey, TransactionKey
from voltherd.kernel.messages import Command

DOLLY = stream_of("dolly")


@given(st.sampled_from(["ocpp1.6", "ocpp2.0.1"]), stories.stories)
def test_reads_every_state_as_it_was_written(protocol: str, story: Sequence[Command]) -> None:
    scene = Scene().given(*ready(protocol))
    for command in story:
        scene.when(command)
        scene.refusal = None
    snapshots = Snapshots(catalog())
    station = scene.station
    keys = [
        TransactionKey(operator=words.OPERATOR, station_id=words.STATION.station_id, transaction_id=one)
        for one in (*station.transactions, *station.ended_transactions)
    ]
    states = [
        station,
        *(at_once(scene.dispatcher.state(Transaction, key)) for key in keys),
        *(at_once(scene.dispatcher.state(AdministeredIdToken, IdTokenKey.of(words.OPERATOR, one))) for one in "ab"),
    ]
    for state in states:
        again = snapshots.state(snapshots.text(state))
        assert type(again) is type(state)
        assert again == state


def test_writes_what_states_may_hold_and_nothing_else() -> None:
    snapshots = Snapshots(catalog())
    members = (1, -1.5, True, None, "ä", Decimal("1.50"), timedelta(seconds=1.5), ((1, 2), ()))
    assert snapshots.state(snapshots.text(members)) == members
    answered = {"variables": [{"name": "key", "values": [1, (2, [])]}], "none": []}
    assert snapshots.state(snapshots.text(answered)) == answered
    with pytest.raises(TypeError, match="object"):
        snapshots.text(ChargingStation(boot={"vendorId": object()}))  # type: ignore[dict-item]


async def test_begins_at_the_newest_state_that_was_kept(place: Place) -> None:
    store = await place.open()
    await store.append(seen("dolly", 0, 40, 41, 42))
    store.keep(DOLLY, 2, Sheep(seen=2))
    store.keep(DOLLY, 1, Sheep(seen=1))
    await store.append(seen("dolly", 3, 43))
    past = await store.load(DOLLY)
    assert (past.version, past.state) == (2, Sheep(seen=2))
    assert [event.weight_kg for event in past.events] == [42, 43]  # type: ignore[attr-defined]
    assert (await store.load(stream_of("molly"))) == ([], 0, None)
    store.keep(DOLLY, 4, Sheep(seen=4))
    await store.append(seen("molly", 0, 70))
    assert (await store.load(DOLLY)) == ([], 4, Sheep(seen=4))


async def test_keeps_a_state_for_the_same_code_only(durable_place: Place) -> None:
    store = await durable_place.open()
    await store.append(seen("dolly", 0, 40, 41))
    store.keep(DOLLY, 2, Sheep(seen=2))
    await store.close()
    store = await durable_place.open(replace(meadow(), source="other"))
    past = await store.load(DOLLY)
    assert (len(past.events), past.version, past.state) == (2, 0, None)
    store.keep(DOLLY, 1, Sheep(seen=100))
    await store.close()
    store = await durable_place.open(replace(meadow(), source="other"))
    assert (await store.load(DOLLY)).state == Sheep(seen=100)
    await store.close()
    store = await durable_place.open()
    assert len((await store.load(DOLLY)).events) == 2


async def test_keeps_no_state_whose_events_history_has_lost(durable_place: Place) -> None:
    store = await durable_place.open()
    await store.append(seen("dolly", 0, 40, 41))
    store.keep(DOLLY, 3, Sheep(seen=30))  # as if a standby had taken over that lacks the third
    await store.append(seen("molly", 0, 70))
    await store.append(seen("dolly", 2, 42))
    past = await store.load(DOLLY)
    assert (len(past.events), past.version, past.state) == (3, 0, None)


async def test_reads_all_events_where_it_cannot_read_the_state(tmp_path: Path) -> None:
    url = file_in(tmp_path)
    place = Place(url)
    store = await place.open()
    await store.append(seen("dolly", 0, 40, 41))
    with capture_logs() as lines:
        store.keep(DOLLY, 2, object())
        assert len((await store.load(DOLLY)).events) == 2
        store.keep(DOLLY, 2, Sheep(seen=2))
        await store.append(seen("molly", 0, 70))
        with sa.create_engine(url).begin() as connection:
            connection.exec_driver_sql("UPDATE snapshots SET version = 3, state = 'x'")
        assert len((await store.load(DOLLY)).events) == 2
    assert [line["event"] for line in lines] == ["state_not_kept", "state_not_read"]
    await place.close()
    assert check(url, meadow()) == [f"the state kept of the stream {DOLLY} is ahead of its events"]
