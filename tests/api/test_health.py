"""What machines ask: alive, ready, which version."""

import asyncio

from tests.api.world import World


async def test_is_alive_and_says_what_it_is(world: World) -> None:
    assert (await world.client.get("/livez")).json() == {"status": "ok"}
    version = (await world.client.get("/version")).json()
    assert (version["name"], version["version"]) == ("voltherd", "1.2.3")


async def slow() -> str | None:
    await asyncio.sleep(0)
    return None


def broken() -> str | None:
    raise RuntimeError("postgresql://admin:secret@db")


async def test_is_ready_when_every_check_is_well() -> None:
    world = World(checks={"gateway": lambda: None, "relay": slow})
    response = await world.client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {name: {"status": "ok", "detail": None} for name in ("store", "gateway", "relay")},
    }
    await world.close()


async def test_is_not_ready_where_a_check_fails_or_breaks() -> None:
    world = World(checks={"gateway": lambda: "no socket", "broken": broken})
    response = await world.client.get("/readyz")
    assert (response.status_code, response.json()["status"]) == (503, "failed")
    assert response.json()["checks"]["gateway"] == {"status": "failed", "detail": "no socket"}
    assert response.json()["checks"]["broken"] == {"status": "failed", "detail": "not reachable"}
    assert "secret" not in response.text
    await world.close()


async def test_is_not_ready_while_it_closes(world: World) -> None:
    world.closing.set()
    response = await world.client.get("/readyz")
    assert (response.status_code, response.json()["checks"]["closing"]["status"]) == (503, "failed")
