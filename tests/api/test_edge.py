"""The edge: problems for everything, request ids, our own faults without details, counts."""

import httpx2
import pytest
import structlog

from tests.api.world import World
from voltherd.ports.history import StoreUnavailableError, VersionConflictError


async def test_tells_that_there_is_nothing(world: World) -> None:
    response = await world.client.get("/nowhere")
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert (response.status_code, told["status"], told["code"]) == (404, 404, "path_unknown")
    assert told["type"] == "urn:voltherd:problem:path_unknown"
    assert (told["title"], told["instance"]) == ("Not Found", "/nowhere")


async def test_names_the_verbs_that_a_path_has(world: World) -> None:
    response = await world.client.put("/charging-stations/CS-1/commands", json=[])
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert response.headers["allow"] == "GET, HEAD, POST"
    assert (await world.client.request("BREW", "/livez")).headers["allow"] == "GET, HEAD"


async def test_gives_every_request_an_id(world: World) -> None:
    made = await world.client.get("/nowhere")
    assert made.headers["x-request-id"] == made.json()["requestId"]
    kept = await world.client.get("/livez", headers={"X-Request-Id": "abc-1"})
    assert kept.headers["x-request-id"] == "abc-1"
    replaced = await world.client.get("/livez", headers={"X-Request-Id": "a\tb"})
    assert replaced.headers["x-request-id"] != "a\tb"


async def test_says_nothing_of_our_own_faults(world: World) -> None:
    world.store.trouble = RuntimeError("the password is swordfish")
    with structlog.testing.capture_logs() as logs:
        response = await world.command("CS-1", "Register")
    assert (response.status_code, response.json()["code"]) == (500, "internal_error")
    assert "swordfish" not in response.text
    [fault] = [line for line in logs if line["event"] == "request_failed"]
    assert (fault["log_level"], fault["exc_info"]) == ("error", True)
    assert response.headers["x-request-id"] == response.json()["requestId"]


@pytest.mark.parametrize(
    ("error", "code"),
    [(StoreUnavailableError("no route to 10.0.0.7"), "store_unavailable"), (VersionConflictError("x"), "overtaken")],
)
async def test_asks_to_come_back_when_the_world_is_in_trouble(world: World, error: Exception, code: str) -> None:
    world.store.trouble = error
    response = await world.command("CS-1", "Register")
    assert (response.status_code, response.json()["code"]) == (503, code)
    assert response.headers["retry-after"] == "2"
    assert "10.0.0.7" not in response.text


async def test_cannot_serve_lists_without_the_store(world: World) -> None:
    await world.store.close()
    response = await world.client.get("/charging-stations")
    assert (response.status_code, response.json()["code"]) == (503, "store_unavailable")
    ready = await world.client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["checks"]["store"] == {"status": "failed", "detail": "not reachable"}
    assert (await world.client.get("/livez")).status_code == 200


async def test_counts_requests_by_route_and_never_by_what_callers_make_up(world: World) -> None:
    for number in range(3):
        await world.client.get(f"/charging-stations/CS-{number}")
        await world.client.request(f"VERB{number}", f"/made-up/{number}")
    text = (await world.client.get("/metrics")).text
    assert 'voltherd_api_requests_total{method="GET",route="/charging-stations/{stationId}",status="404"} 3.0' in text
    assert 'voltherd_api_requests_total{method="any",route="none",status="404"} 3.0' in text
    assert "made-up" not in text


async def test_shows_paths_behind_a_prefix(world: World) -> None:
    await world.command("CS-1", "Register")
    transport = httpx2.ASGITransport(app=world.app, root_path="/voltherd")
    async with httpx2.AsyncClient(transport=transport, base_url="http://voltherd.test") as client:
        page = (await client.get("/voltherd/charging-stations")).json()
        assert page["first"]["href"] == "/voltherd/charging-stations?limit=50"
        sent = await client.post("/voltherd/charging-stations/CS-1/commands", json=["Suspend"])
        assert sent.headers["location"].startswith("/voltherd/commands/")
