"""Lists longer than the door counts or looks through at once: whoever follows the links still finds everything."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from tests.api.test_lists import flat, get, ids
from tests.api.world import CATALOG, World
from tests.contracts.conftest import place
from tests.contracts.places import Place
from voltherd.api.settings import ApiSettings

__all__ = ["place"]  # a fixture

REACH = 5
EVERYTHING = [f"CS-{number:02}" for number in range(23)]
RARE = ["CS-01", "CS-13", "CS-17"]


@pytest.fixture
async def world(place: Place) -> AsyncIterator[World]:
    made = World(settings=ApiSettings(reach=REACH), store=await place.open(CATALOG))
    for name in EVERYTHING:
        await made.command(name, "Register")
        made.clock.advance(timedelta(seconds=1))
    for name in RARE:
        await made.command(name, "Suspend")
    yield made
    await made.client.aclose()


async def walked(world: World, path: str, way: str) -> list[list[str]]:
    """The pages from one on, in the order in which they were turned."""
    page = await get(world, path)
    pages = [ids(page)]
    while page[way] is not None:
        page = await get(world, page[way]["href"])
        pages.append(ids(page))
        assert len(pages) < 3 * len(EVERYTHING), "the links go in a circle"
    return pages


@pytest.mark.parametrize(("query", "wanted"), [("", EVERYTHING), ("&accepted=false", RARE), ("&text=none", [])])
async def test_leads_to_every_row_once_in_both_directions(world: World, query: str, wanted: list[str]) -> None:
    for limit, sort in product((2, 7), ("id", "-id", "-createdAt")):
        expected = wanted[::-1] if sort.startswith("-") else wanted
        path = f"/charging-stations?limit={limit}&sort={sort}{query}"
        assert flat(await walked(world, path, "next")) == expected
        assert flat(await walked(world, f"{path}&offset=0", "next")) == expected
        last = (await get(world, path))["last"]["href"]
        backwards = flat((await walked(world, last, "previous"))[::-1])
        # The first page is whole, so it may show again what the second one had.
        assert list(dict.fromkeys(backwards)) == expected
        assert len(backwards) < len(expected) + limit


async def test_leads_back_from_a_page_on_which_nothing_was_found(world: World) -> None:
    page = await get(world, "/charging-stations?accepted=false&limit=1")
    assert ids(page) == ["CS-01"]
    empty = await get(world, page["next"]["href"])
    assert ids(empty) == []
    assert flat(await walked(world, empty["href"], "previous")) == ["CS-01"]
    assert flat(await walked(world, empty["href"], "next")) == RARE[1:]


async def test_looks_through_the_shorter_of_two_ways(world: World) -> None:
    for query in ("status=completed&stationId=CS-01", "status=completed&command=Suspend"):
        page = await get(world, f"/commands?{query}&limit=2")
        assert page["total"] == len(page["elements"]) + (0 if page["next"] is None else 1)
    # Neither is short: the first rows of one of them are looked through.
    assert (await get(world, "/commands?status=completed&command=Register"))["total"] is None


def counted(page: Any) -> tuple[int | None, int]:
    return page["total"], page["totalAtLeast"]


async def test_counts_as_far_as_it_reaches(world: World) -> None:
    assert counted(await get(world, "/charging-stations")) == (None, REACH)
    assert counted(await get(world, "/commands?status=completed&stationId=CS-01")) == (2, 2)
    # Of the first rows that were looked through, this is so of one.
    assert counted(await get(world, "/charging-stations?accepted=false")) == (None, 1)
    for number, told in ((REACH, (REACH, REACH)), (REACH + 1, (None, REACH))):
        for one in range(number):
            await world.client.put(f"/id-tokens/T{one}", json={})
        assert counted(await get(world, "/id-tokens")) == told
        assert counted(await get(world, "/id-tokens?text=t&limit=1")) == told


async def test_shows_the_last_rows_of_a_list_that_it_did_not_count(world: World) -> None:
    last = await get(world, (await get(world, "/charging-stations?limit=4"))["last"]["href"])
    assert ids(last) == EVERYTHING[-4:]
    assert last["next"] is None
    by_offset = await get(world, "/charging-stations?limit=4&offset=4")
    assert ids(await get(world, by_offset["last"]["href"])) == EVERYTHING[-4:]


async def test_refuses_to_leave_out_more_rows_than_it_reaches(world: World) -> None:
    assert ids(await get(world, f"/charging-stations?limit=1&offset={REACH}")) == [EVERYTHING[REACH]]
    response = await world.client.get(f"/charging-stations?limit=1&offset={REACH + 1}")
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"pointer": "?offset", "detail": f"offset should be a whole number from 0 to {REACH}; follow next beyond that"}
    ]
