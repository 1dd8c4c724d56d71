"""Commands: the envelope's forms, names, ids, waiting, repeating, and every kind of refusal."""

import asyncio
import json
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.api.world import World
from voltherd.api.reading import VENDOR_TYPE
from voltherd.domain.charging_station.connection import ReportConnected
from voltherd.domain.charging_station.request_life import ReportAnswer, ReportRequestSent
from voltherd.domain.charging_station.requests import Answer, Requested
from voltherd.kernel.identity import StationKey
from voltherd.kernel.readmodel import Told

PATH = "/charging-stations/CS-1/commands"
CS_1 = StationKey(operator="default", station_id="CS-1")


@pytest.mark.parametrize(
    ("envelope", "expires_in"),
    [
        (["UnlockConnector", {"evseId": 1}], 60),
        (["UnlockConnector", {"evseId": 1}, 5], 5),
        (["UnlockConnector", {"evseId": 1}, {"expiresIn": 2.5}], 2.5),
        (["UnlockConnector", {"evseId": 1}, {}], 60),
        (["UnlockConnector", {"evseId": 1}, None], 60),
        ({"command": "UnlockConnector", "payload": {"evseId": 1}}, 60),
        ({"command": "UnlockConnector", "payload": {"evseId": 1}, "expiresIn": 600}, 600),
        (["RequestUnlockEvse", {"evseId": "1"}], 60),
        (["UnlockConnector", {"connectorId": 1, "connector": 1}], 60),
    ],
)
async def test_reads_every_form_of_the_envelope(station: World, envelope: Any, expires_in: float) -> None:
    response = await station.client.post(PATH, json=envelope)
    assert response.status_code == 202
    told = response.json()
    assert told["command"] == "UnlockConnector"
    assert told["payload"]["evseId"] == 1
    expires_at = station.clock.now() + timedelta(seconds=expires_in)
    assert told["expiresAt"] == expires_at.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("envelope", [["Suspend"], ["Suspend", {}], ["Suspend", None], {"command": "Suspend"}])
async def test_needs_no_payload_where_there_is_nothing_to_say(station: World, envelope: Any) -> None:
    response = await station.client.post(PATH, json=envelope)
    assert response.status_code == 202
    assert response.json()["status"] == "completed"


@pytest.mark.parametrize(
    ("envelope", "pointer"),
    [
        ([], ""),
        ({}, ""),
        ("Suspend", ""),
        (["Suspend", {}, 1, 2], ""),
        ([1, {}], "/0"),
        (["Suspend", []], "/1"),
        (["Suspend", {}, 0], "/2"),
        (["Suspend", {}, True], "/2"),
        (["Suspend", {}, "60"], "/2"),
        (["Suspend", {}, {"expires": 1}], "/2/expires"),
        (["Suspend", {}, {"expiresIn": -1}], "/2/expiresIn"),
        ({"command": None}, "/command"),
        ({"command": "Suspend", "payload": 1}, "/payload"),
        ({"command": "Suspend", "expiresIn": 10**10}, "/expiresIn"),
        ({"command": "Suspend", "expires/in": 1}, "/expires~1in"),
    ],
)
async def test_points_to_what_is_wrong_with_the_envelope(station: World, envelope: Any, pointer: str) -> None:
    response = await station.client.post(PATH, json=envelope)
    assert response.status_code == 422
    assert response.json()["code"] == "envelope_invalid"
    assert [fault["pointer"] for fault in response.json()["errors"]] == [pointer]


async def test_takes_seconds_as_text_in_the_lenient_reading(station: World) -> None:
    response = await station.client.post(PATH, content="['UnlockConnector', {evseId: '1'}, {expiresIn: '5'}]")
    assert response.status_code == 202
    assert response.json()["expiresAt"] == "2026-01-01T00:00:05Z"


async def test_says_where_a_body_cannot_be_read(station: World) -> None:
    response = await station.client.post(PATH, content='["UnlockConnector",\n {"evseId": 1]')
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert (told["code"], told["line"], told["column"]) == ("body_unreadable", 2, 14)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b'["\xff"]', b"nonsense more", b"[1,", b"\x00"])
async def test_never_takes_a_body_that_is_no_json(station: World, body: bytes) -> None:
    response = await station.client.post(PATH, content=body)
    assert response.status_code == 400
    assert response.json()["line"] == 1


async def test_names_the_commands_that_may_have_been_meant(station: World) -> None:
    response = await station.command("CS-1", "unlockconector", {})
    told = response.json()
    assert (response.status_code, told["code"]) == (422, "unknown_command")
    assert told["near"] == ["UnlockConnector"]
    assert "Register" in told["commands"]


@pytest.mark.parametrize(
    ("payload", "pointers"),
    [
        ({}, ["/evseId"]),
        ({"connectorId": "one"}, ["/connectorId"]),
        ({"evseId": 1.5}, ["/evseId"]),
        ({"evseId": True}, ["/evseId"]),
        ({"evseId": None}, ["/evseId"]),
        ({"evseId": 1, "connector": 0}, ["/connector"]),
        ({"evseId": 1, "evse_ids": [1], "a/b": 2}, ["/a~1b", "/evse_ids"]),
        ({"evseId": 1, "evseIds": [1]}, ["/evseIds"]),
        ({"evseId": 1, "connectorId": 1}, ["/connectorId"]),
        ({"evseId": 1, "expiresAt": "2026-01-01T00:00:00Z"}, ["/expiresAt"]),
        ({"evseId": 10**20}, None),
    ],
)
async def test_points_to_what_is_wrong_with_the_payload(
    station: World, payload: Any, pointers: list[str] | None
) -> None:
    response = await station.command("CS-1", "UnlockConnector", payload)
    if pointers is None:
        assert response.status_code == 400
        return
    assert response.status_code == 422
    assert sorted(fault["pointer"] for fault in response.json()["errors"]) == pointers


@pytest.mark.parametrize(
    ("name", "payload", "pointer"),
    [
        ("StartTransaction", {"identifyingToken": {"token": 5}}, "/identifyingToken"),
        ("StartTransaction", {"identifyingToken": ""}, "/identifyingToken"),
        ("StartTransaction", {"idToken": {"idToken": "A", "type": "X"}}, "/idToken/type"),
        ("StartTransaction", {}, "/idToken"),
        ("ChangeAvailability", {"connectorId": "x", "availability": "operative"}, "/connectorId"),
        (
            "Register",
            {"configuration": {"evses": [{"evseId": 1, "connectors": []}]}},
            "/configuration/evses/0/connectors",
        ),
        ("Register", {"configuration": {"evses": [{"connectors": [{}]}]}}, "/configuration/evses/0/evseId"),
        ("Register", {"configuration": {"settings": {"": "x"}}}, "/configuration/settings/"),
        ("Register", {"configuration": {"settings": {"a": []}}}, "/configuration/settings/a"),
        ("Register", {"configuration": 5}, "/configuration"),
    ],
)
async def test_points_into_the_payload_as_it_was_sent(world: World, name: str, payload: Any, pointer: str) -> None:
    response = await world.command("CS-1", name, payload)
    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json()["errors"]] == [pointer]


async def test_points_to_a_refused_member_under_its_own_name(station: World) -> None:
    for name in ("connectorId", "evseId"):
        response = await station.command("CS-1", "UnlockConnector", {name: 9})
        told = response.json()
        assert (response.status_code, told["code"]) == (404, "evse_unknown")
        assert told["errors"][0]["pointer"] == f"/{name}"


async def test_tells_refusals_of_each_kind(world: World) -> None:
    missing = await world.command("CS-1", "UnlockConnector", {"evseId": 1})
    assert (missing.status_code, missing.json()["code"]) == (404, "station_unknown")
    await world.command("CS-1", "Register")
    conflict = await world.command("CS-1", "UnlockConnector", {"evseId": 1})
    assert (conflict.status_code, conflict.json()["code"]) == (409, "station_not_configured")
    invalid = await world.command("CS-1", "Configure", {})
    assert (invalid.status_code, invalid.json()["code"]) == (422, "nothing_to_configure")


@pytest.mark.parametrize("station_id", ["a b", "a:b", "%00", "x" * 49, "a%2Fb", "%F0%9F%98%80"])
async def test_refuses_what_cannot_be_a_stations_id(world: World, station_id: str) -> None:
    response = await world.client.post(f"/charging-stations/{station_id}/commands", json=["Register"])
    assert (response.status_code, response.json()["code"]) == (422, "station_id_invalid")


@pytest.mark.parametrize("station_id", ["NL*ABC*1", "a=b+c@d|e", "..x", "100%25"])
async def test_takes_every_character_that_a_stations_id_may_have(world: World, station_id: str) -> None:
    response = await world.client.post(f"/charging-stations/{station_id}/commands", json=["Register"])
    assert response.status_code == (422 if "%25" in station_id else 202)


async def test_shows_the_commands_resource(station: World) -> None:
    response = await station.command("CS-1", "UnlockConnector", {"evseId": 1})
    location = response.headers["location"]
    assert uuid.UUID(location.removeprefix("/commands/")).version == 7
    assert (await station.client.get(location)).json() == response.json()
    listed = (await station.client.get(PATH)).json()
    assert listed["elements"][0] == response.json()


async def test_cancels_a_queued_command_once(station: World) -> None:
    location = (await station.command("CS-1", "UnlockConnector", {"evseId": 1})).headers["location"]
    cancelled = await station.client.delete(location)
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    again = await station.client.delete(location)
    assert (again.status_code, again.json()["code"]) == (409, "command_not_cancellable")
    missing = await station.client.delete("/commands/none")
    assert (missing.status_code, missing.json()["code"]) == (404, "command_unknown")


async def test_gives_ids_in_the_order_of_time(station: World) -> None:
    ids = []
    for number in range(30):
        ids.append((await station.command("CS-1", "UnlockConnector", {"evseId": 1})).json()["commandId"])
        station.clock.advance(timedelta(milliseconds=number % 3 - 1))
    assert ids == sorted(ids)


# --- waiting ----------------------------------------------------------------------------------------------


async def answer(world: World, command_id: str) -> None:
    """Have the station say yes to the request, as its link would."""
    now = world.clock.now()
    by = "station:CS-1"
    await world.dispatcher.handle(ReportConnected(at=now, by=by, station=CS_1, epoch=1, protocol="ocpp1.6", node="n"))
    await world.dispatcher.handle(ReportRequestSent(at=now, by=by, station=CS_1, request_id=command_id, epoch=1))
    await world.dispatcher.handle(
        ReportAnswer(at=now, by=by, station=CS_1, request_id=command_id, answer=Answer(status="accepted"))
    )


def first_request(world: World) -> asyncio.Future[str]:
    """The id of the next request that is taken down."""
    found: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def hear(told: Sequence[Told]) -> None:
        for one in told:
            if isinstance(one.fact, Requested) and not found.done():
                found.set_result(one.fact.command.command_id)

    world.dispatcher.listen(hear)
    return found


async def test_waits_until_the_outcome_is_known(station: World) -> None:
    taken = first_request(station)
    headers = {"Prefer": "wait=20"}
    waiting = asyncio.ensure_future(station.command("CS-1", "UnlockConnector", {"evseId": 1}, headers=headers))
    command_id = await taken
    await answer(station, command_id)
    response = await waiting
    assert response.status_code == 202
    assert response.headers["preference-applied"] == "wait=20"
    assert response.json()["status"] == "completed"


async def test_waits_for_a_command_that_was_sent_before(station: World) -> None:
    sent = await station.command("CS-1", "UnlockConnector", {"evseId": 1})
    location = sent.headers["location"]
    waiting = asyncio.ensure_future(station.client.get(location, headers={"Prefer": "wait=20"}))
    await asyncio.sleep(0)
    await answer(station, sent.json()["commandId"])
    response = await waiting
    assert (response.status_code, response.json()["status"]) == (200, "completed")
    assert response.headers["preference-applied"] == "wait=20"
    other = await station.client.get("/charging-stations/CS-1", headers={"Prefer": "wait=20"})
    assert "preference-applied" not in other.headers


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=0", "wait=0"),
        ('respond-async, wait="0"', "wait=0"),
        ("return=minimal; wait=0", "wait=0"),
        ("respond-async", None),
        ("wait=x", None),
        ("wait=-1", None),
    ],
)
async def test_applies_only_what_it_understands(station: World, prefer: str, applied: str | None) -> None:
    response = await station.command("CS-1", "UnlockConnector", {"evseId": 1}, headers={"Prefer": prefer})
    assert response.status_code == 202
    assert response.headers.get("preference-applied") == applied


async def test_does_not_wait_for_what_is_done(station: World) -> None:
    response = await station.command("CS-1", "Suspend", headers={"Prefer": "wait=9999"})
    assert response.headers["preference-applied"] == "wait=300"
    assert response.json()["status"] == "completed"


async def test_answers_those_who_wait_when_the_door_closes(station: World) -> None:
    taken = first_request(station)
    headers = {"Prefer": "wait=300"}
    waiting = asyncio.ensure_future(station.command("CS-1", "UnlockConnector", {"evseId": 1}, headers=headers))
    await taken
    station.closing.set()
    response = await waiting
    assert (response.status_code, response.json()["status"]) == (202, "queued")


# --- repeating --------------------------------------------------------------------------------------------


async def test_gives_the_same_command_for_the_same_key_and_body(station: World) -> None:
    send = [
        await station.command("CS-1", "UnlockConnector", {"evseId": 1}, headers={"Idempotency-Key": "k"}) for _ in "ab"
    ]
    assert [response.status_code for response in send] == [202, 202]
    assert send[0].json() == send[1].json()
    assert (await station.client.get("/commands?command=UnlockConnector")).json()["total"] == 1


async def test_shows_what_became_of_a_repeated_command(station: World) -> None:
    headers = {"Idempotency-Key": "k"}
    first = await station.command("CS-1", "UnlockConnector", {"evseId": 1}, headers=headers)
    await answer(station, first.json()["commandId"])
    again = await station.command("CS-1", "UnlockConnector", {"evseId": 1}, headers=headers)
    assert (again.status_code, again.json()["status"]) == (202, "completed")


async def test_refuses_a_key_that_returns_with_another_body(station: World) -> None:
    await station.command("CS-1", "UnlockConnector", {"evseId": 1}, headers={"Idempotency-Key": "k"})
    for station_id, name, payload in (
        ("CS-1", "UnlockConnector", {"evseId": 2}),
        ("CS-1", "Suspend", None),
        ("CS-2", "UnlockConnector", {"evseId": 1}),
    ):
        response = await station.command(station_id, name, payload, headers={"Idempotency-Key": "k"})
        assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_reused")


async def test_takes_a_command_once_though_it_comes_twice_at_once(station: World) -> None:
    headers = {"Idempotency-Key": "k"}
    sent = await asyncio.gather(
        *(station.command("CS-1", "UnlockConnector", {"evseId": evse}, headers=headers) for evse in (1, 1, 2))
    )
    assert [response.status_code for response in sent] == [202, 202, 422]
    assert (await station.client.get("/commands?command=UnlockConnector")).json()["total"] == 1


async def test_forgets_a_key_whose_command_was_refused(world: World) -> None:
    headers = {"Idempotency-Key": "k"}
    refused = await world.command("CS-1", "Suspend", headers=headers)
    assert refused.status_code == 404
    await world.command("CS-1", "Register")
    taken = await world.command("CS-1", "Suspend", headers=headers)
    assert taken.status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256])
async def test_refuses_a_key_of_no_or_of_endless_length(station: World, key: str) -> None:
    response = await station.command("CS-1", "Suspend", headers={"Idempotency-Key": key})
    assert (response.status_code, response.json()["code"]) == (422, "idempotency_key_invalid")


# --- media ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=utf-8", VENDOR_TYPE, None])
async def test_accepts_its_media_types_or_none(station: World, media_type: str | None) -> None:
    headers = {} if media_type is None else {"Content-Type": media_type}
    response = await station.client.post(PATH, content=json.dumps(["Suspend"]).encode(), headers=headers)
    assert response.status_code == 202


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
async def test_refuses_other_media_types(station: World, media_type: str) -> None:
    response = await station.client.post(PATH, content=b'["Suspend"]', headers={"Content-Type": media_type})
    assert (response.status_code, response.json()["code"]) == (415, "media_type_unsupported")


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        (VENDOR_TYPE, VENDOR_TYPE),
        (f"{VENDOR_TYPE}, */*;q=0.1", VENDOR_TYPE),
        (f"application/json, {VENDOR_TYPE};q=0.5", "application/json"),
        (f"{VENDOR_TYPE};q=0", "application/json"),
        (f"{VENDOR_TYPE};q=x", "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
    ],
)
async def test_answers_in_the_vendors_type_to_those_who_want_it(station: World, accept: str, given: str) -> None:
    response = await station.command("CS-1", "Suspend", headers={"Accept": accept})
    assert response.headers["content-type"] == given


async def test_refuses_a_body_that_is_too_large(station: World) -> None:
    body = b'["Suspend"]' + b" " * 1024 * 1024

    async def chunks() -> Any:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    for content in (body, chunks()):
        response = await station.client.post(PATH, content=content)
        assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


async def test_looks_at_every_parameter(station: World) -> None:
    response = await station.client.post(f"{PATH}?wait=5", json=["Suspend"])
    assert (response.status_code, response.json()["code"]) == (422, "parameter_unknown")
