"""The handshake."""

from __future__ import annotations

import asyncio
import base64
from http import HTTPStatus
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.http11 import Response

from tests.support.gateway import DEADLINE_S, House, open_house, station
from voltherd.domain.charging_station.password import SetPassword
from voltherd.domain.charging_station.register import Register
from voltherd.gateway.handshake import (
    Credentials,
    HandshakeRefused,
    choose_subprotocol,
    credentials_of,
    station_of,
)
from voltherd.kernel.identity import StationKey
from voltherd.ocpp.dialects import DIALECTS

PASSWORD = "0123456789abcdef0123"


def basic(user: bytes | str, password: bytes | str) -> str:
    raw = b":".join(part if isinstance(part, bytes) else part.encode() for part in (user, password))
    return f"Basic {base64.b64encode(raw).decode()}"


async def refusal(house: House, path: str = "CS-1", *protocols: str, **options: Any) -> tuple[int, str, Response]:
    """What a station that is not let in is told."""
    with pytest.raises(InvalidStatus) as refused:
        await house.connect(path, *protocols, **options)
    response = refused.value.response
    return response.status_code, (response.body or b"").decode(), response


async def speaks(house: House, path: str = "CS-1", *protocols: str, **options: Any) -> str:
    """The subprotocol that was chosen."""
    async with await house.connect(path, *protocols, **options) as far_end:
        return far_end.socket.subprotocol or ""


# --- the path ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "operator", "station_id"),
    [
        ("/ocpp/CS-1", "default", "CS-1"),
        ("/ocpp/CS-1/", "default", "CS-1"),
        ("//ocpp///CS-1//", "default", "CS-1"),
        ("/ocpp/acme/CS-1", "acme", "CS-1"),
        ("/ocpp//acme//CS-1/", "acme", "CS-1"),
        ("/ocpp/CS%2D1", "default", "CS-1"),
        ("/ocpp/CS%2b1", "default", "CS+1"),
        ("/ocpp/CS+1", "default", "CS+1"),
        ("/%6Fcpp/CS-1", "default", "CS-1"),
        ("/ocpp/CS-1?token=x/y", "default", "CS-1"),
        ("/ocpp/a*b_c=d@e.f|g", "default", "a*b_c=d@e.f|g"),
        ("/ocpp/" + "x" * 48, "default", "x" * 48),
    ],
)
def test_finds_the_station_in_the_path(path: str, operator: str, station_id: str) -> None:
    assert station_of(path) == StationKey(operator=operator, station_id=station_id)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/ocpp",
        "/ocpp/",
        "/CS-1",
        "/OCPP/CS-1",
        "/ocpp/acme/depot/CS-1",
        "/ocpp/Acme/CS-1",
        "/ocpp/CS%2F1",
        "/ocpp/..%2fCS-1",
        "/ocpp/CS:1",
        "/ocpp/CS%3A1",
        "/ocpp/CS%001",
        "/ocpp/CS%0A1",
        "/ocpp/CS%FF1",
        "/ocpp/CS%20A",
        "/ocpp/Säule",
        "/ocpp/S%C3%A4ule",
        "/ocpp/CS%ZZ",
        "/ocpp/" + "x" * 49,
        "/ocpp/%",
    ],
)
def test_finds_no_station_in_a_path_that_names_none(path: str) -> None:
    with pytest.raises(HandshakeRefused) as refused:
        station_of(path)
    assert refused.value.status is HTTPStatus.NOT_FOUND


async def test_lets_in_by_any_spelling_of_the_path() -> None:
    async with open_house() as house:
        await house.register()
        for path in ("CS-1", "/CS-1/", "default/CS-1", "/default//CS%2D1", "CS-1?version=2.0.1"):
            assert await speaks(house, path) == "ocpp1.6"
            await house.until(lambda state: not state.online)


async def test_answers_404_to_what_is_no_station_id() -> None:
    async with open_house() as house:
        for path in ("CS%2F1", "CS%3A1", "a/b/c", "x" * 49, "S%C3%A4ule"):
            status, text, _ = await refusal(house, path)
            assert status == 404
            assert text.strip()


async def test_keeps_operators_apart() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect("acme/CS-1") as theirs, await house.connect("CS-1") as ours:
            assert (await theirs.boot())[2]["status"] == "Pending"
            assert (await ours.boot())[2]["status"] == "Accepted"


# --- HTTP Basic -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "user", "password"),
    [
        (basic("CS-1", "secret"), "CS-1", b"secret"),
        (basic("CS-1", "a:b::c"), "CS-1", b"a:b::c"),
        (basic("CS-1", b"\x00\xff:\xfe"), "CS-1", b"\x00\xff:\xfe"),
        (basic("CS-1", ""), "CS-1", b""),
        (basic("CS-1", "x").replace("Basic", "BASIC"), "CS-1", b"x"),
        (basic("CS-1", "x").replace(" ", "   ") + " ", "CS-1", b"x"),
        (basic(b"\xff", "x"), "\ufffd", b"x"),
    ],
)
def test_reads_credentials(header: str, user: str, password: bytes) -> None:
    assert credentials_of([header]) == Credentials(user, password)


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [""],
        ["Basic"],
        ["Basic !!!!"],
        ["Basic " + base64.b64encode(b"no colon").decode()],
        ["Bearer " + base64.b64encode(b"a:b").decode()],
        ["Basic Q1MtMTpz=Y3JldA"],
        ["Basic Säule"],
        [basic("CS-1", "one"), basic("CS-1", "two")],
    ],
)
def test_reads_no_credentials_where_there_are_none(headers: list[str]) -> None:
    assert credentials_of(headers) is None


async def give_password(house: House, password: str | None = PASSWORD, command_id: str = "password") -> None:
    await house.register()
    await house.handle(
        SetPassword(at=house.clock.now(), by="tests", command_id=command_id, station=station(), password=password)
    )


@pytest.mark.parametrize("password", [PASSWORD, "with:colons:in:the:middle", "ünïcödé-pässwörd"])
async def test_lets_in_with_the_password(password: str) -> None:
    async with open_house() as house:
        await give_password(house, password)
        header = {"Authorization": basic("CS-1", password)}
        assert await speaks(house, additional_headers=header) == "ocpp1.6"


async def test_takes_a_hexadecimal_password_as_its_bytes_too() -> None:
    async with open_house() as house:
        await give_password(house, "00ff3a20c0ffee00112233445566778899aabbcc")
        for password in (
            bytes.fromhex("00ff3a20c0ffee00112233445566778899aabbcc"),
            "00ff3a20c0ffee00112233445566778899aabbcc",
        ):
            assert await speaks(house, additional_headers={"Authorization": basic("CS-1", password)})


@pytest.mark.parametrize(
    "header",
    [
        None,
        basic("CS-1", "wrong"),
        basic("CS-1", PASSWORD.upper()),
        basic("CS-1", PASSWORD + "4"),
        basic("CS-1", ""),
        basic("CS-2", PASSWORD),
        basic("cs-1", PASSWORD),
        basic("default/CS-1", PASSWORD),
        basic("", PASSWORD),
        basic("CS-1", PASSWORD).replace("Basic", "Bearer"),
        "Basic ???",
    ],
)
async def test_refuses_without_the_password(header: str | None) -> None:
    async with open_house() as house:
        await give_password(house)
        headers = {} if header is None else {"Authorization": header}
        status, text, response = await refusal(house, additional_headers=headers)
        assert status == 401
        assert "password" in text
        assert response.headers["WWW-Authenticate"].startswith("Basic")
        assert not (await house.state()).online


async def test_refuses_two_passwords_at_once() -> None:
    async with open_house() as house:
        await give_password(house)
        headers = [("Authorization", basic("CS-1", PASSWORD)), ("Authorization", basic("CS-1", "other"))]
        status, _, _ = await refusal(house, additional_headers=headers)
        assert status == 401


async def test_lets_a_station_without_a_password_in_with_any() -> None:
    async with open_house() as house:
        await house.register()
        assert await speaks(house, additional_headers={"Authorization": basic("CS-1", "whatever")})


async def test_asks_no_longer_for_a_password_that_was_taken_away() -> None:
    async with open_house() as house:
        await give_password(house)
        await give_password(house, None, "again")
        assert await speaks(house)


# --- the subprotocol --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["ocpp1.6"], "ocpp1.6"),
        (["ocpp1.6", "ocpp2.0.1"], "ocpp1.6"),
        (["ocpp2.0.1", "ocpp1.6"], "ocpp2.0.1"),
        (["ocpp2.1", "ocpp1.5", "ocpp2.0.1", "ocpp1.6"], "ocpp2.0.1"),
        (["OCPP1.6"], "OCPP1.6"),
    ],
)
async def test_takes_the_first_that_both_speak_in_the_stations_order(offered: list[str], chosen: str) -> None:
    assert choose_subprotocol(offered, DIALECTS) == chosen
    async with open_house() as house:
        await house.register()
        assert await speaks(house, "CS-1", *offered) == chosen
        await house.until(lambda state: state.protocol == chosen.lower())


@pytest.mark.parametrize("offered", [["ocpp1.5"], ["ocpp2.1"], ["chat", "ocpp2.0"], ["ocpp"]])
async def test_refuses_when_nothing_is_spoken_by_both(offered: list[str]) -> None:
    async with open_house() as house:
        await house.register()
        status, text, _ = await refusal(house, "CS-1", *offered)
        assert status == 400
        assert offered[0] in text
        assert "ocpp1.6, ocpp2.0.1" in text
        assert not (await house.state()).last_epoch


async def test_refuses_when_nothing_is_offered() -> None:
    async with open_house() as house:
        await house.register()
        status, head, text = await upgrade(house, "/ocpp/CS-1")
        assert status == 400
        assert "Sec-WebSocket-Protocol is missing" in text
        assert "sec-websocket-protocol:" not in head


async def upgrade(house: House, path: str, *lines: str, connection: str = "Upgrade") -> tuple[int, str, str]:
    """A handshake written by hand."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.gateway.port)
    request = [
        f"GET {path} HTTP/1.1",
        "Host: localhost",
        *([f"Connection: {connection}"] if connection else []),
        "Upgrade: websocket",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        *lines,
        "",
        "",
    ]
    writer.write("\r\n".join(request).encode())
    async with asyncio.timeout(DEADLINE_S):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        status = int(head.split()[1])
        text = "" if status == 101 else (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    return status, head.lower(), text


@pytest.mark.parametrize(
    "lines",
    [
        ["sec-websocket-protocol: ocpp1.6"],
        ["SEC-WEBSOCKET-PROTOCOL:ocpp1.6"],
        ["Sec-WebSocket-Protocol: ocpp2.1,ocpp1.6 , ocpp2.0.1"],
        ["Sec-WebSocket-Protocol: ocpp2.1", "Sec-WebSocket-Protocol: ocpp1.6"],
    ],
)
async def test_does_not_mind_how_the_header_is_written(lines: list[str]) -> None:
    async with open_house() as house:
        await house.register()
        status, head, _ = await upgrade(house, "/ocpp/CS-1", *lines)
        assert status == 101
        assert head.count("sec-websocket-protocol: ocpp1.6\r\n") == 1


async def test_says_what_is_missing_for_an_upgrade() -> None:
    async with open_house() as house:
        await house.register()
        status, _, text = await upgrade(house, "/ocpp/CS-1", "Sec-WebSocket-Protocol: ocpp1.6", connection="")
        assert status == 426
        assert "Connection" in text


async def test_is_not_held_up_by_those_who_say_nothing() -> None:
    async with open_house(open_timeout=0.05) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.gateway.port)
        async with asyncio.timeout(DEADLINE_S):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


# --- stations that nobody registered ----------------------------------------------------------------------------


async def test_lets_unknown_stations_wait_by_default() -> None:
    async with open_house() as house, await house.connect() as unknown:
        answer = await unknown.boot()
        assert answer[2]["status"] == "Pending"
        assert answer[2]["interval"] == 30
        state = await house.state()
        assert (state.known, state.accepted, state.online) == (True, False, True)


async def test_accepts_unknown_stations_where_that_is_the_policy() -> None:
    async with open_house(unknown_stations="accept") as house, await house.connect() as unknown:
        assert (await unknown.boot())[2]["status"] == "Accepted"


async def test_refuses_unknown_stations_where_that_is_the_policy() -> None:
    async with open_house(unknown_stations="refuse") as house:
        status, text, _ = await refusal(house)
        assert status == 404
        assert "not known" in text
        assert not await house.history()
        await house.handle(Register(at=house.clock.now(), by="tests", command_id="register", station=station()))
        async with await house.connect() as known:
            assert (await known.boot())[2]["status"] == "Accepted"


async def test_says_503_while_the_store_is_away() -> None:
    async with open_house() as house:
        house.store.away = True
        status, _, _ = await refusal(house)
        assert status == 503
        house.store.away = False
        assert await speaks(house)
