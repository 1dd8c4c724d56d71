"""The event stream: from any position, filtered, one operator's, alive in silence, ended when the door closes."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.api.listener import Listener
from tests.api.world import World, client_of
from voltherd.api.callers import Caller
from voltherd.api.settings import ApiSettings
from voltherd.ports.history import StoreUnavailableError


@pytest.fixture
async def lively() -> AsyncIterator[World]:
    """A network with two stations whose door sends heartbeats very often."""
    world = World(ApiSettings(heartbeat=0.02, most_streams=2))
    for station_id in ("CS-1", "CS-2"):
        await world.command(station_id, "Register", {"configuration": {"settings": {"some_key": "1"}}})
    yield world
    await world.close()


async def test_tells_history_from_its_beginning(lively: World) -> None:
    async with Listener(lively.app, "/events?after=0") as listener:
        assert listener.headers["content-type"].startswith("text/event-stream")
        assert (await listener.block() or "").startswith("retry: ")
        events = await listener.events(4)
    assert [event["event"] for event in events] == [
        "StationRegistered",
        "StationAccepted",
        "SettingsDesired",
        "CommandCompleted",
    ]
    assert [event["id"] for event in events] == ["1", "2", "3", "4"]
    desired = events[2]["data"]
    assert desired == {
        "position": 3,
        "type": "SettingsDesired",
        "operator": "default",
        "stationId": "CS-1",
        "stream": "charging_station-default/CS-1",
        "at": "2026-01-01T00:00:00Z",
        "by": "operator:administrator",
        "data": {"settings": {"some_key": "1"}, "settingsMode": "merge", "push": True},
    }


async def test_tells_what_happens_from_now_on(lively: World) -> None:
    async with Listener(lively.app, "/events") as listener:
        await lively.command("CS-1", "Suspend")
        assert (await listener.event())["event"] == "StationSuspended"


async def test_goes_on_where_the_client_was(lively: World) -> None:
    async with Listener(lively.app, "/events?after=0", {"Last-Event-ID": "5"}) as listener:
        assert (await listener.event())["id"] == "6"


async def test_tells_only_what_is_wanted(lively: World) -> None:
    query = "after=0&type=StationAccepted,StationSuspended&type=CommandCompleted&stationId=CS-2"
    async with Listener(lively.app, f"/events?{query}") as listener:
        events = await listener.events(2)
        assert [event["event"] for event in events] == ["StationAccepted", "CommandCompleted"]
        assert {event["data"]["stationId"] for event in events} == {"CS-2"}


async def test_shows_that_it_is_alive_and_how_far_it_has_come(lively: World) -> None:
    async with Listener(lively.app, "/events?after=0&stationId=CS-9") as listener:
        await listener.block()
        assert await listener.block() == ": heartbeat\nid: 8"
        assert await listener.block() == ": heartbeat\nid: 8"


async def test_ends_when_the_door_closes(lively: World) -> None:
    async with Listener(lively.app, "/events") as listener:
        await listener.block()
        lively.closing.set()
        while await listener.block() is not None:
            pass
        await listener.task


async def test_reads_no_further_than_its_client(lively: World) -> None:
    async with Listener(lively.app, "/events?after=0") as listener:
        for _ in range(300):
            await lively.command("CS-1", "Suspend")
        lively.store.reads = 0
        for _ in range(20):
            await asyncio.sleep(0)
        assert lively.store.reads <= 1
        assert len(await listener.events(308)) == 308
        assert lively.store.reads >= 2


async def test_goes_on_after_the_store_was_away(lively: World) -> None:
    async with Listener(lively.app, "/events?after=0&type=StationSuspended") as listener:
        await listener.block()
        lively.store.trouble = StoreUnavailableError("gone")
        while await listener.block() != ": waiting for the database":
            pass
        lively.store.trouble = None
        await lively.command("CS-1", "Suspend")
        assert (await listener.event())["event"] == "StationSuspended"


async def test_allows_so_many_streams_and_no_more(lively: World) -> None:
    async with Listener(lively.app, "/events") as one, Listener(lively.app, "/events") as other:
        await one.block()
        await other.block()
        response = await lively.client.get("/events")
        assert (response.status_code, response.json()["code"]) == (503, "streams_exhausted")
        assert response.headers["retry-after"]
    async with Listener(lively.app, "/events") as again:
        await again.block()


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("type=StationAcepted", "?type"),
        ("after=-1", "?after"),
        ("after=x", "?after"),
        ("stationId=a%20b", "?stationId"),
        ("since=0", "?since"),
    ],
)
async def test_refuses_what_it_does_not_know(world: World, query: str, pointer: str) -> None:
    response = await world.client.get(f"/events?{query}")
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == pointer


async def test_refuses_a_position_that_is_none(world: World) -> None:
    response = await world.client.get("/events", headers={"Last-Event-ID": "abc"})
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "Last-Event-ID")


class TwoOperators:
    async def identify(self, credential: str | None) -> Caller | None:
        return Caller(credential, "somebody") if credential in ("default", "other") else None


async def test_never_tells_of_another_operators_stations() -> None:
    world = World(ApiSettings(heartbeat=0.02), callers=TwoOperators())
    for operator in ("other", "default", "other"):
        async with client_of(world.app, headers={"X-API-Key": operator}) as client:
            await client.post("/charging-stations/CS-1/commands", json=["Register"])
            await client.post("/id-tokens", json={"idToken": "A"})
    async with Listener(world.app, "/events?after=0", {"X-API-Key": "default"}) as listener:
        events = await listener.events(4)
        assert {event["data"]["operator"] for event in events} == {"default"}
        assert events[-1]["event"] == "IdTokenAdministered"
        assert events[-1]["data"]["stationId"] is None
        assert (await listener.block() or "").startswith(": heartbeat")
    await world.close()
