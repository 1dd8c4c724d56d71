"""A house in memory for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.api.world import World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """An empty network."""
    made = World()
    yield made
    await made.close()


@pytest.fixture
async def station(world: World) -> World:
    """A network with the station CS-1, accepted, of two EVSEs."""
    evses = [{"evseId": number, "connectors": [{"connectorType": "sType2"}]} for number in (1, 2)]
    response = await world.command("CS-1", "Register", {"configuration": {"evses": evses}})
    assert response.status_code == 202
    return world
