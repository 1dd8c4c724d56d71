"""A link, when the station is silent."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from websockets.frames import Frame, Opcode

from tests.support.gateway import DEADLINE_S, House, eventually, open_house, station
from voltherd.domain.charging_station.connection import StationDisconnected
from voltherd.gateway.limits import Limits
from voltherd.gateway.takeovers import Takeovers


async def pass_time(house: House, seconds: float) -> None:
    """Let time pass in steps that are shorter than any patience, with some sweeps in each."""
    while seconds > 0:
        house.clock.advance(timedelta(seconds=min(5.0, seconds)))
        seconds -= 5.0
        await asyncio.sleep(0.03)


class Mute:
    """A station that says nothing of itself, not even to a ping (lbbrhzn #211): a socket and no library."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, text: str) -> None:
        self._writer.write(Frame(Opcode.TEXT, text.encode()).serialize(mask=True))

    def pong(self, data: bytes) -> None:
        self._writer.write(Frame(Opcode.PONG, data).serialize(mask=True))

    async def frame(self) -> tuple[Opcode, bytes]:
        """The next frame."""
        async with asyncio.timeout(DEADLINE_S):
            head = await self._reader.readexactly(2)
            size = head[1] & 0x7F
            if size == 126:
                size = int.from_bytes(await self._reader.readexactly(2), "big")
            return Opcode(head[0] & 0x0F), await self._reader.readexactly(size)

    async def pinged(self) -> bytes:
        """Wait for a ping; what is in it."""
        while True:
            opcode, data = await self.frame()
            if opcode is Opcode.PING:
                return data


@asynccontextmanager
async def mute(house: House, station_id: str = "CS-1") -> AsyncIterator[Mute]:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.gateway.port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET /ocpp/{station_id} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n".encode()
    )
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
    yield Mute(reader, writer)
    writer.close()
    await asyncio.wait([asyncio.ensure_future(writer.wait_closed())])


async def reason_of(house: House) -> str:
    [gone] = [event for event in await house.history() if isinstance(event, StationDisconnected)]
    return gone.reason


def test_finds_a_dead_station_within_a_minute() -> None:
    limits = Limits()
    assert limits.dead_after + limits.sweep_every + limits.close_within < 60
    assert limits.ping_after + limits.sweep_every < limits.dead_after


async def test_stays_when_the_station_answers_pings() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await pass_time(house, 300)
            assert (await house.state()).online
            assert (await far_end.ask("Heartbeat"))[0] == 3


async def test_notes_that_the_station_was_heard_of() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await pass_time(house, 100)
            row = await house.row()
            assert house.clock.now() - row["last_heard_at"] < timedelta(seconds=60)


async def test_ends_within_a_minute_when_the_station_no_longer_answers_pings() -> None:
    async with open_house(close_within=0.1) as house:
        await house.register()
        async with mute(house) as far_end:
            far_end.pong(await far_end.pinged())  # the first ping comes at once
            await pass_time(house, 40)
            assert (await house.state()).online
            await pass_time(house, 10)
            await house.until(lambda state: not state.online)
            assert "nothing was heard" in await reason_of(house)


async def test_has_patience_for_three_heartbeats_when_the_station_never_answers_pings() -> None:
    async with open_house(heartbeat_interval=60, close_within=0.1) as house:
        await house.register()
        async with mute(house) as far_end:
            await far_end.pinged()
            await pass_time(house, 170)
            assert (await house.state()).online
            far_end.send('[2,"1","Heartbeat",{}]')
            await far_end.frame()
            await pass_time(house, 170)
            assert (await house.state()).online
            await pass_time(house, 20)
            await house.until(lambda state: not state.online)


async def test_takes_any_message_for_a_sign_of_life() -> None:
    async with open_house(heartbeat_interval=10) as house:
        await house.register()
        async with mute(house) as far_end:
            for text in ("[]", "hello", '[3,"x",{}]', '[2,"x","Nonsense",{}]') * 3:
                await pass_time(house, 15)
                far_end.send(text)
            far_end.send('[2,"last","Nonsense",{}]')
            while b"last" not in (await far_end.frame())[1]:
                pass
            assert (await house.state()).online


async def test_does_not_ping_a_station_that_talks() -> None:
    async with open_house() as house:
        await house.register()
        async with mute(house) as far_end:
            far_end.pong(await far_end.pinged())
            for number in range(8):
                far_end.send(f'[2,"{number}","Heartbeat",{{}}]')
                opcode, _ = await far_end.frame()
                assert opcode is Opcode.TEXT
                await pass_time(house, 10)


async def test_gives_up_a_socket_that_is_half_open() -> None:
    """Nothing comes, not even the answer to our closing frame."""
    async with open_house(close_within=0.1) as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await pass_time(house, 10)
            far_end.socket.transport.pause_reading()
            await pass_time(house, 50)
            await house.until(lambda state: not state.online)
            await eventually(lambda: house.gateway.links == 0)
            far_end.cut()


def test_permits_so_many_takeovers_in_a_minute() -> None:
    takeovers = Takeovers(2)
    for now in (0.0, 10.0):
        assert takeovers.permits(station(), now)
        takeovers.note(station(), now)
    assert not takeovers.permits(station(), 20.0)
    assert takeovers.permits(station("CS-2"), 20.0)
    assert takeovers.permits(station(), 60.0)
    takeovers.note(station(), 60.0)
    assert not takeovers.permits(station(), 69.0)
    takeovers.forget(69.0)
    assert not takeovers.permits(station(), 69.0)
    takeovers.forget(120.0)
    assert takeovers.permits(station(), 120.0)
