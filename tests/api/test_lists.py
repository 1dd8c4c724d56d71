"""Lists: pages that hold still, links that lead on, sorting, filters; and never another operator's rows."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.api.world import World, client_of
from voltherd.api.callers import Caller
from voltherd.domain.charging_station.connection import ReportConnected
from voltherd.kernel.identity import StationKey

OFFSETS = "/charging-stations?limit=10&offset=0"


async def filled(world: World, number: int, start: int = 0) -> None:
    for one in range(start, start + number):
        await world.command(f"CS-{one:03}", "Register")
        world.clock.advance(timedelta(seconds=1))


async def get(world: World, path: str) -> Any:
    response = await world.client.get(path)
    assert response.status_code == 200, response.text
    return response.json()


def ids(page: Any) -> list[str]:
    return [element["id"] for element in page["elements"]]


async def walked(world: World, path: str, direction: str = "next") -> list[list[str]]:
    page = await get(world, path)
    pages = [ids(page)]
    while page[direction] is not None:
        page = await get(world, page[direction]["href"])
        pages.append(ids(page))
    return pages


def flat(pages: list[list[str]]) -> list[str]:
    return [one for page in pages for one in page]


async def test_shows_an_empty_list(world: World) -> None:
    assert await get(world, "/charging-stations") == {
        "elements": [],
        "total": 0,
        "totalAtLeast": 0,
        "href": "/charging-stations",
        "first": {"href": "/charging-stations?limit=50"},
        "last": {"href": "/charging-stations?limit=50"},
        "next": None,
        "previous": None,
    }


@pytest.mark.parametrize("path", ["/charging-stations?limit=10", OFFSETS])
async def test_leads_through_all_pages_and_back(world: World, path: str) -> None:
    await filled(world, 25)
    everything = [f"CS-{one:03}" for one in range(25)]
    pages = [everything[:10], everything[10:20], everything[20:]]
    assert await walked(world, path) == pages
    last = (await get(world, path))["last"]["href"]
    assert await walked(world, last, "previous") == pages[::-1]
    final = await get(world, last)
    assert (final["total"], final["next"]) == (25, None)
    assert ids(await get(world, final["first"]["href"])) == pages[0]


async def test_has_whole_pages_where_they_fit_exactly(world: World) -> None:
    await filled(world, 20)
    for path in ("/charging-stations?limit=10", OFFSETS):
        assert [len(page) for page in await walked(world, path)] == [10, 10]
        assert len(ids(await get(world, (await get(world, path))["last"]["href"]))) == 10


async def test_goes_on_by_offset_where_the_caller_began_with_one(world: World) -> None:
    await filled(world, 25)
    page = await get(world, "/charging-stations?limit=10&offset=10&accepted=true")
    queries = {name: parse_qs(urlsplit(page[name]["href"]).query) for name in ("first", "last", "next", "previous")}
    assert {name: query["offset"] for name, query in queries.items()} == {
        "first": ["0"],
        "last": ["20"],
        "next": ["20"],
        "previous": ["0"],
    }
    assert all(query["accepted"] == ["true"] and query["limit"] == ["10"] for query in queries.values())
    beyond = await get(world, "/charging-stations?limit=10&offset=99")
    assert (ids(beyond), beyond["next"]) == ([], None)
    assert parse_qs(urlsplit(beyond["previous"]["href"]).query)["offset"] == ["20"]


async def test_stays_in_its_place_while_rows_come_before_it(world: World) -> None:
    await filled(world, 10, start=10)
    page = await get(world, "/charging-stations?limit=5")
    await filled(world, 5)
    page = await get(world, page["next"]["href"])
    assert ids(page) == [f"CS-{one:03}" for one in range(15, 20)]
    page = await get(world, page["previous"]["href"])
    assert ids(page) == [f"CS-{one:03}" for one in range(10, 15)]
    page = await get(world, page["previous"]["href"])
    assert ids(page) == [f"CS-{one:03}" for one in range(5)]
    assert page["previous"] is None


@pytest.mark.parametrize("sort", ["id", "-id", "createdAt", "-createdAt", "lastHeardAt", "-lastHeardAt"])
async def test_sorts_and_pages_alike(world: World, sort: str) -> None:
    await filled(world, 7)
    whole = ids(await get(world, f"/charging-stations?sort={sort}"))
    assert sorted(whole) == [f"CS-{one:03}" for one in range(7)]
    for limit in (1, 2, 3):
        pages = await walked(world, f"/charging-stations?sort={sort}&limit={limit}")
        assert flat(pages) == whole
        last = (await get(world, f"/charging-stations?sort={sort}&limit={limit}"))["last"]["href"]
        assert flat((await walked(world, last, "previous"))[::-1]) == whole
    if sort.endswith("createdAt"):
        assert whole == sorted(whole, reverse=sort.startswith("-"))


async def test_sorts_rows_without_a_value_last(world: World) -> None:
    await filled(world, 5)
    for one in (3, 1):
        key = StationKey(operator="default", station_id=f"CS-{one:03}")
        report = ReportConnected(at=world.clock.now(), by="x", station=key, epoch=1, protocol="ocpp1.6", node="n")
        await world.dispatcher.handle(report)
        world.clock.advance(timedelta(seconds=1))
    for sort, told in (("lastHeardAt", ["CS-003", "CS-001"]), ("-lastHeardAt", ["CS-001", "CS-003"])):
        whole = ids(await get(world, f"/charging-stations?sort={sort}"))
        assert whole[:2] == told
        for limit in (1, 2):
            assert flat(await walked(world, f"/charging-stations?sort={sort}&limit={limit}")) == whole
            last = (await get(world, f"/charging-stations?sort={sort}&limit={limit}"))["last"]["href"]
            assert flat((await walked(world, last, "previous"))[::-1]) == whole


async def test_filters(world: World) -> None:
    await filled(world, 3)
    await world.command("CS-001", "Suspend")
    assert ids(await get(world, "/charging-stations?accepted=false")) == ["CS-001"]
    assert ids(await get(world, "/charging-stations?accepted=true&text=002")) == ["CS-002"]
    assert (await get(world, "/commands?status=completed&stationId=CS-001"))["total"] == 2
    assert (await get(world, "/commands?from=2026-01-01T00:00:01Z&to=2026-01-01T00:00:02Z"))["total"] == 1
    assert (await get(world, "/commands?from=2026-01-01T01:00:01%2B01:00&to=2026-01-01T00:00:02+00:00"))["total"] == 1
    assert (await get(world, "/commands?from=2026-01-02"))["total"] == 0


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("limit=0", ["?limit"]),
        ("limit=501", ["?limit"]),
        ("limit=ten&offset=-1", ["?limit", "?offset"]),
        ("limit=1&limit=2", ["?limit"]),
        ("sort=name", ["?sort"]),
        ("sort=--id", ["?sort"]),
        ("online=perhaps", ["?online"]),
        ("status=available", ["?status"]),
        ("text=%00", ["?text"]),
        ("offset=0&cursor=x", ["?cursor"]),
        ("cursor=x", ["?cursor"]),
        ("cursor=", ["?cursor"]),
        ("onlin=true", ["?onlin"]),
    ],
)
async def test_refuses_parameters_that_mean_nothing(world: World, query: str, parameters: list[str]) -> None:
    response = await world.client.get(f"/charging-stations?{query}")
    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json()["errors"]] == parameters


async def test_says_what_may_have_been_meant(world: World) -> None:
    assert "did you mean online" in (await world.client.get("/charging-stations?onlin=true")).json()["detail"]
    assert "did you mean Available" in (await world.client.get("/charging-stations?status=available")).json()["detail"]


async def test_refuses_a_cursor_of_another_sorting_or_list(world: World) -> None:
    await filled(world, 3)
    await world.client.post("/id-tokens", json={"idToken": "A"})
    await world.client.post("/id-tokens", json={"idToken": "B"})
    cursor = parse_qs(urlsplit((await get(world, "/charging-stations?limit=1"))["next"]["href"]).query)["cursor"][0]
    for path in ("/charging-stations?sort=-id", "/commands?sort=createdAt", "/id-tokens?sort=changedAt"):
        assert (await world.client.get(f"{path}&cursor={cursor}")).status_code == 422


async def test_says_that_there_is_no_list_below_what_is_not_there(world: World) -> None:
    for path in ("/charging-stations/CS-9/commands", "/transactions/0/meter-values", "/charging-stations/%00/commands"):
        assert (await world.client.get(path)).status_code == 404
    await world.command("CS-1", "Register")
    assert (await get(world, "/charging-stations/CS-1/commands"))["total"] == 1


class TwoOperators:
    """Knows a key of each of two operators."""

    async def identify(self, credential: str | None) -> Caller | None:
        return Caller(credential, "somebody") if credential in ("default", "other") else None


async def test_keeps_two_operators_apart() -> None:
    world = World(callers=TwoOperators())
    ours, theirs = (client_of(world.app, headers={"X-API-Key": operator}) for operator in ("default", "other"))
    for client, evses in ((ours, 1), (theirs, 2)):
        configuration = {"evses": [{"evseId": n + 1, "connectors": [{}]} for n in range(evses)]}
        envelope = ["Register", {"configuration": configuration}]
        response = await client.post(
            "/charging-stations/CS-1/commands", json=envelope, headers={"Idempotency-Key": "k"}
        )
        assert response.status_code == 202
        assert response.json()["issuedBy"] == "operator:somebody"
    await theirs.post("/charging-stations/CS-2/commands", json=["Register"])
    await theirs.post("/id-tokens", json={"idToken": "A"})
    for client, stations, evses in ((ours, ["CS-1"], 1), (theirs, ["CS-1", "CS-2"], 2)):
        page = (await client.get("/charging-stations")).json()
        assert ids(page) == stations
        assert len(page["elements"][0]["evses"]) == evses
        commands = (await client.get("/charging-stations/CS-1/commands")).json()
        assert commands["total"] == 1
    command_id = (await theirs.get("/commands?stationId=CS-2")).json()["elements"][0]["commandId"]
    for path in (
        f"/commands/{command_id}",
        "/charging-stations/CS-2",
        "/charging-stations/CS-2/commands",
        "/id-tokens/A",
    ):
        assert (await ours.get(path)).status_code == 404
        assert (await theirs.get(path)).status_code == 200
    assert (await ours.delete(f"/commands/{command_id}")).status_code == 404
    assert (await ours.delete("/id-tokens/A")).status_code == 404
    assert (await ours.get("/id-tokens")).json()["total"] == 0
    await ours.aclose()
    await theirs.aclose()
    await world.close()
