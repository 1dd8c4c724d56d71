"""The requirement, literally: each body byte for byte as the seed prints it, on both paths."""

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.api.world import World, in_transaction

SEED = Path(__file__).with_name("seed-operator-api.txt").read_bytes().decode()
CALLS = re.findall(
    r"POST http://host\.name/charging-stations/\*\*stationid\*\*/commands?\s*\npayload :\n\n(\t\[.*?\n\t ?\}\])\n",
    SEED,
    re.S,
)
REGISTER, CONFIGURE, STOP_TRANSACTION, UNLOCK_CONNECTOR = CALLS

PATHS = ("/charging-stations/CS-1/commands", "/charging-stations/CS-1/command")
both_paths = pytest.mark.parametrize("path", PATHS)


def test_prints_four_bodies_with_tabs_and_single_quotes() -> None:
    assert [body.lstrip()[:12] for body in CALLS] == ["['Register',", "['Configure'", "['StopTransa", "['UnlockConn"]
    assert all(body.startswith("\t") and "'" in body for body in CALLS)


async def send(world: World, path: str, body: str) -> httpx2.Response:
    return await world.client.post(path, content=body.encode(), headers={"Content-Type": "application/json"})


async def the_station(world: World) -> Any:
    listed = (await world.client.get("/charging-stations")).json()
    assert listed["total"] == 1
    return listed["elements"][0]


@both_paths
async def test_register_creates_accepts_and_configures(world: World, path: str) -> None:
    response = await send(world, path, REGISTER)
    assert response.status_code == 202
    assert response.json()["status"] == "completed"
    assert response.json()["outcome"]["result"] == {"created": True, "alreadyAccepted": False}
    station = await the_station(world)
    assert (station["id"], station["accepted"], station["configured"]) == ("CS-1", True, True)
    assert [evse["evseId"] for evse in station["evses"]] == [1, 2]
    connector = station["evses"][0]["connectors"][0]
    wanted = {
        "maxAmp": 32,
        "phase": 3,
        "voltage": 230,
        "chargingProtocol": "MODE3",
        "current": "AC",
        "connectorType": "cTesla",
    }
    assert {name: connector[name] for name in wanted} == wanted
    assert {name: setting["desired"] for name, setting in station["settings"].items()} == {
        "key": "value",
        "key2": "value2",
    }


@both_paths
async def test_register_says_that_it_was_accepted_already(world: World, path: str) -> None:
    await send(world, path, REGISTER)
    response = await send(world, path, REGISTER)
    assert response.status_code == 202
    assert response.json()["outcome"]["result"] == {"created": False, "alreadyAccepted": True}


@both_paths
async def test_configure_reads_the_flat_shape(world: World, path: str) -> None:
    await send(world, path, REGISTER)
    response = await send(world, path, CONFIGURE)
    assert response.status_code == 202
    station = await the_station(world)
    assert [evse["evseId"] for evse in station["evses"]] == [1]
    connector = station["evses"][0]["connectors"][0]
    assert (connector["connectorId"], connector["connectorType"], connector["maxAmp"]) == (1, "sType2", 16)


@both_paths
async def test_configure_of_an_unknown_station_is_missing(world: World, path: str) -> None:
    response = await send(world, path, CONFIGURE)
    assert response.status_code == 404
    assert response.json()["code"] == "station_unknown"


@both_paths
async def test_stop_transaction_of_the_identifying_string_is_unknown(world: World, path: str) -> None:
    await send(world, path, REGISTER)
    response = await send(world, path, STOP_TRANSACTION)
    assert response.status_code == 404
    assert response.json()["code"] == "transaction_unknown"
    assert response.json()["errors"][0]["pointer"] == "/transactionId"


@both_paths
@pytest.mark.parametrize("spelling", ["381", "uuid", "CS-1_OCPPJ16_381"])
async def test_stop_transaction_finds_every_spelling(world: World, path: str, spelling: str) -> None:
    await send(world, path, REGISTER)
    our_id = await in_transaction(world, "CS-1", evse_id=1, number=381)
    text = our_id if spelling == "uuid" else spelling
    response = await send(world, path, STOP_TRANSACTION.replace("identifying string", text))
    assert response.status_code == 202
    assert response.json()["command"] == "StopTransaction"
    assert response.json()["status"] == "queued"


@both_paths
async def test_unlock_connector_is_queued(world: World, path: str) -> None:
    await send(world, path, REGISTER)
    response = await send(world, path, UNLOCK_CONNECTOR)
    assert response.status_code == 202
    assert response.json()["payload"] == {"evseId": 1}
    assert response.json()["status"] == "queued"


@both_paths
@pytest.mark.parametrize(("connector", "status"), [("0", 202), ("99", 404), ("-1", 422)])
async def test_unlock_connector_of_all_of_none_and_of_nonsense(
    world: World, path: str, connector: str, status: int
) -> None:
    await send(world, path, REGISTER)
    response = await send(world, path, UNLOCK_CONNECTOR.replace(": 1", f": {connector}"))
    assert response.status_code == status
    if status != 202:
        assert response.json()["errors"][0]["pointer"] == "/connectorId"


async def test_says_on_the_older_path_that_it_is_deprecated(world: World) -> None:
    new, old = [await send(world, path, REGISTER) for path in PATHS]
    assert "deprecation" not in new.headers
    assert old.headers["deprecation"].startswith("@")
    assert old.headers["link"] == '</charging-stations/CS-1/commands>; rel="successor-version"'


async def test_configure_without_anything_is_refused(world: World) -> None:
    await send(world, PATHS[0], REGISTER)
    response = await send(world, PATHS[0], "['Configure',{}]")
    assert response.status_code == 422
    assert response.json()["code"] == "nothing_to_configure"


@pytest.mark.parametrize(
    ("old", "new", "pointer"),
    [
        ("'connectorId' : 1", "'connectorId' : 0", "/connectors/0/connectorId"),
        ("'Type2'", "'Type9'", "/connectors/0/connectorType"),
        ("'maxAmp' : 16", "'maxAmp' : 'many'", "/connectors/0/maxAmp"),
    ],
)
async def test_configure_points_to_what_is_wrong(world: World, old: str, new: str, pointer: str) -> None:
    await send(world, PATHS[0], REGISTER)
    assert old in CONFIGURE
    response = await send(world, PATHS[0], CONFIGURE.replace(old, new))
    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json()["errors"]] == [pointer]
