"""Who may call: anybody while there is no key, and with one nobody without it."""

import pytest

from tests.api.world import World
from voltherd.api.settings import ApiSettings

KEY = "vh_secret-é"


@pytest.fixture
def locked() -> World:
    return World(ApiSettings(administrator_key=KEY))


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer  {KEY} "},
        {"X-API-Key": KEY},
        {"Authorization": "Basic eA==", "X-API-Key": KEY},
    ],
)
async def test_lets_in_who_has_the_key(locked: World, headers: dict[str, str]) -> None:
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    response = await locked.client.post("/charging-stations/CS-1/commands", json=["Register"], headers=encoded)
    assert response.status_code == 202
    assert response.json()["issuedBy"] == "operator:administrator"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer x"},
        {"X-API-Key": "vh_secret"},
        {"Authorization": KEY},
    ],
)
@pytest.mark.parametrize("path", ["/charging-stations", "/commands/1", "/events", "/metrics"])
async def test_keeps_out_who_has_not(locked: World, headers: dict[str, str], path: str) -> None:
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    response = await locked.client.get(path, headers=encoded)
    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/version", "/openapi.json", "/docs"])
async def test_asks_no_key_of_machines_and_readers(locked: World, path: str) -> None:
    assert (await locked.client.get(path)).status_code == 200


async def test_lets_no_foreign_page_use_an_open_door(world: World) -> None:
    path = "/charging-stations/CS-1/commands"
    refused = await world.client.post(path, json=["Register"], headers={"Sec-Fetch-Site": "cross-site"})
    assert (refused.status_code, refused.json()["code"]) == (403, "cross_site")
    taken = await world.client.post(path, json=["Register"], headers={"Sec-Fetch-Site": "same-origin"})
    assert taken.status_code == 202
