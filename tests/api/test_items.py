"""Items of resources and the verbs that write them, on the id tokens; paths, HEAD and trailing slashes."""

from typing import Any

import pytest

from tests.api.world import World

TOKEN = {"idToken": "04A1B2C3", "type": "ISO14443", "status": "Accepted", "expiresAt": "2026-06-01T14:00:00+02:00"}


async def test_creates_shows_replaces_and_deletes(world: World) -> None:
    created = await world.client.post("/id-tokens", json=TOKEN)
    assert created.status_code == 201
    assert created.headers["location"] == "/id-tokens/04A1B2C3"
    shown = await world.client.get("/id-tokens/04a1b2c3")
    assert shown.json() == created.json()
    assert shown.json()["expiresAt"] == "2026-06-01T12:00:00Z"
    assert shown.json()["groupIdToken"] is None
    again = await world.client.post("/id-tokens", json=TOKEN)
    assert (again.status_code, again.json()["code"]) == (409, "id_token_exists")
    assert again.json()["errors"][0]["pointer"] == "/idToken"
    replaced = await world.client.put("/id-tokens/04A1B2C3", json={"status": "Blocked", "note": "lost"})
    assert replaced.status_code == 200
    assert (replaced.json()["status"], replaced.json()["note"], replaced.json()["expiresAt"]) == (
        "Blocked",
        "lost",
        None,
    )
    assert (await world.client.delete("/id-tokens/04A1B2C3")).status_code == 204
    gone = await world.client.get("/id-tokens/04A1B2C3")
    assert (gone.status_code, gone.json()["code"]) == (404, "id_token_unknown")
    assert (await world.client.delete("/id-tokens/04A1B2C3")).status_code == 404


async def test_replaces_what_was_not_there(world: World) -> None:
    response = await world.client.put("/id-tokens/NEW", json={"idToken": "new"})
    assert (response.status_code, response.json()["idToken"]) == (201, "NEW")


async def test_does_not_let_a_body_contradict_its_path(world: World) -> None:
    response = await world.client.put("/id-tokens/A", json={"idToken": "B"})
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "/idToken"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/idToken"]),
        ([], [""]),
        ("x", [""]),
        ({"idToken": ""}, ["/idToken"]),
        ({"idToken": 5, "status": "accepted"}, ["/idToken", "/status"]),
        ({"idToken": "A", "expiresAt": "tomorrow"}, ["/expiresAt"]),
        ({"idToken": "A", "expiresAt": "2026-01-01T00:00:00"}, ["/expiresAt"]),
        ({"idToken": "A", "expiresAt": 0}, ["/expiresAt"]),
        ({"idToken": "A", "expiresAt": "0001-01-01T00:00:00+10:00"}, ["/expiresAt"]),
        ({"idToken": "A", "maxActiveTransactions": -1}, ["/maxActiveTransactions"]),
        ({"idToken": "A", "maxActiveTransactions": 2**31}, ["/maxActiveTransactions"]),
        ({"idToken": "A", "colour": "red"}, ["/colour"]),
    ],
)
async def test_points_to_what_is_wrong(world: World, body: Any, pointers: list[str]) -> None:
    response = await world.client.post("/id-tokens", json=body)
    assert (response.status_code, response.json()["code"]) == (422, "body_invalid")
    assert [fault["pointer"] for fault in response.json()["errors"]] == pointers


async def test_reads_bodies_of_resources_strictly(world: World) -> None:
    response = await world.client.post("/id-tokens", content="{'idToken': 'A'}")
    assert (response.status_code, response.json()["column"]) == (400, 2)


@pytest.mark.parametrize("name", ["04/A1", "a b", "100%", "é", "%2F", "a?b#c", "+", ".x", "NL-AB*1@x|y"])
async def test_takes_names_of_all_characters(world: World, name: str) -> None:
    location = (await world.client.post("/id-tokens", json={"idToken": name})).headers["location"]
    shown = await world.client.get(location)
    assert (shown.status_code, shown.json()["idToken"]) == (200, name)
    assert (await world.client.delete(location)).status_code == 204


@pytest.mark.parametrize("name", ["%00", "a%00b", "x" * 300])
async def test_knows_nobody_of_an_impossible_name(world: World, name: str) -> None:
    assert (await world.client.get(f"/id-tokens/{name}")).status_code == 404
    assert (await world.client.put(f"/id-tokens/{name}", json={})).status_code == 422


async def test_answers_head_like_get_without_a_body(world: World) -> None:
    for path in ("/charging-stations", "/livez", "/openapi.json", "/docs", "/events"):
        response = await world.client.head(path)
        assert (response.status_code, response.content) == (200, b"")


async def test_takes_a_slash_at_the_end_for_nothing(world: World) -> None:
    assert (await world.client.post("/charging-stations/CS-1/commands/", json=["Register"])).status_code == 202
    listed = (await world.client.get("/charging-stations/?limit=1")).json()
    assert listed["first"]["href"] == "/charging-stations?limit=1"
    docs = await world.client.get("/docs/")
    assert (docs.status_code, docs.headers["location"]) == (307, "../docs")
