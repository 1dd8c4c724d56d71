"""The door's queries on every kind of database: what is sorted, filtered and paged in SQL is the same on all."""

from datetime import timedelta

import pytest

from tests.api.test_lists import flat, get, ids, walked
from tests.api.world import CATALOG, World
from tests.contracts.conftest import place
from tests.contracts.places import Place
from voltherd.domain.charging_station.connection import ReportConnected
from voltherd.kernel.identity import StationKey

__all__ = ["place"]  # a fixture


@pytest.fixture
async def world(place: Place) -> World:
    made = World(store=await place.open(CATALOG))
    for number in range(7):
        await made.command(f"CS-{number}", "Register", {"configuration": {"settings": {"a": str(number)}}})
        made.clock.advance(timedelta(milliseconds=1))
    for number in (3, 1):
        key = StationKey(operator="default", station_id=f"CS-{number}")
        now = made.clock.now()
        await made.dispatcher.handle(
            ReportConnected(at=now, by="x", station=key, epoch=1, protocol="ocpp1.6", node="n")
        )
        made.clock.advance(timedelta(milliseconds=1))
    return made


@pytest.mark.parametrize("sort", ["id", "-id", "createdAt", "-createdAt", "lastHeardAt", "-lastHeardAt"])
async def test_sorts_and_pages_alike(world: World, sort: str) -> None:
    whole = ids(await get(world, f"/charging-stations?sort={sort}"))
    assert sorted(whole) == [f"CS-{one}" for one in range(7)]
    if sort.endswith("lastHeardAt"):
        assert whole[:2] == (["CS-1", "CS-3"] if sort.startswith("-") else ["CS-3", "CS-1"])
    for limit in (1, 3):
        path = f"/charging-stations?sort={sort}&limit={limit}"
        assert flat(await walked(world, path)) == whole
        assert flat(await walked(world, f"{path}&offset=0")) == whole
        last = (await get(world, path))["last"]["href"]
        assert flat((await walked(world, last, "previous"))[::-1]) == whole


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("online=true", 2),
        ("accepted=true&online=false", 5),
        ("status=Available", 0),
        ("text=cs-5", 1),
        ("text=%25", 0),
        ("protocol=ocpp1.6", 2),
        ("protocol=%F0%9F%98%80'", 0),
    ],
)
async def test_filters(world: World, query: str, total: int) -> None:
    assert (await get(world, f"/charging-stations?{query}"))["total"] == total


async def test_shows_every_list_sorted_in_every_way_with_every_filter(world: World) -> None:
    values = {bool: "true", int: "1", str: "x"}
    for resource in (resource for model in world.catalog.readmodels.values() for resource in model.resources):
        if "{" in resource.path:
            continue
        for sort in (sign + name for name in resource.sorts for sign in ("", "-")):
            await get(world, f"{resource.path}?sort={sort}&limit=1")
            await get(world, f"{resource.path}?sort={sort}&offset=1")
        for name, wanted in resource.filters.items():
            value = wanted.among[0] if wanted.among else values.get(wanted.kind, "2026-01-01T00:00:00Z")
            await get(world, f"{resource.path}?{name}={value}")


async def test_repeats_and_cancels_commands(world: World) -> None:
    envelope = {"configuration": {"connectors": [{"connectorId": 1}]}}
    await world.command("CS-1", "Register", envelope)
    headers = {"Idempotency-Key": "k", "Prefer": "wait=0"}
    first = await world.command("CS-1", "UnlockConnector", {"evseId": 1}, headers=headers)
    again = await world.command("CS-1", "UnlockConnector", {"evseId": 1}, headers=headers)
    assert (first.status_code, again.status_code, first.json()) == (202, 202, again.json())
    cancelled = await world.client.delete(first.headers["location"])
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")


async def test_takes_ids_and_names_of_every_kind(world: World) -> None:
    for name in ("é", "x" * 255, "' or 1=1 --", "%", "日本"):
        created = await world.client.post("/id-tokens", json={"idToken": name})
        assert created.status_code == 201
        assert (await world.client.get(created.headers["location"])).json()["idToken"] == name
    for path in (
        "/id-tokens/%00",
        "/id-tokens/none",
        "/commands/none",
        "/transactions/none",
        "/charging-stations/none",
    ):
        assert (await world.client.get(path)).status_code == 404
