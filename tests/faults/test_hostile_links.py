"""A station that breaks rules, on purpose or not, gets what the page on robustness says, and harms nobody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from websockets.frames import Opcode

from tests.faults.outcomes import BREACHES, MESSAGES, NOTHING, NUMBERS, PAGE, RESULT, Breach, Message, Number, written
from tests.support.gateway import House, Station, eventually, open_house
from tests.support.raw import DEADLINE_S, Raw, raw, text, wire
from voltherd.domain.charging_station.connection import StationDisconnected
from voltherd.domain.charging_station.trigger_message import TriggerMessage
from voltherd.ocpp.rpc import Version

HEARTBEAT = '[2,"h","Heartbeat",{}]'


@asynccontextmanager
async def two_stations(**limits: object) -> AsyncIterator[tuple[House, Station]]:
    """A house with two stations; one of them is connected and honest."""
    async with open_house(**limits) as house:
        await house.register("CS-1")
        await house.register("honest")
        async with await house.connect("honest") as honest:
            yield house, honest
            assert (await honest.ask("Heartbeat"))[0] == 3, "another station suffers"


async def outcome(house: House, version: str, sent: str | bytes, answered_to: object = "id") -> str:
    """What a message is answered with, by a station that still gets its answers afterwards."""
    async with await house.connect("CS-1", version, compression=None) as far_end:
        await far_end.send(sent)
        await far_end.send(HEARTBEAT)
        answer = await far_end.receive()
        if answer[1] == "h":
            return NOTHING
        assert (await far_end.receive())[:2] == [3, "h"]
    assert answer[1] == answered_to
    if answer[0] == 3:
        return RESULT
    number, _, code, description, details = answer
    assert (number, details) == (4, {})
    assert len(description) <= 255
    return str(code)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.symptom)
async def test_gets_the_answer_that_the_page_promises(message: Message) -> None:
    async with two_stations() as (house, _):
        found = [await outcome(house, version.value, message.sent, message.answered_to) for version in VERSIONS]
    assert found == [message.v16, message.v201]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number.written[:30])
async def test_may_write_what_it_likes_for_a_number(number: Number) -> None:
    async with two_stations() as (house, _):
        found = [await outcome(house, *told) for told in zip(VERSIONS, number.messages, strict=True)]
    assert found == [number.integer, number.quantity]


VERSIONS = (Version.V16, Version.V201)


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: breach.symptom)
async def test_is_disconnected_with_the_code_that_the_page_promises(breach: Breach) -> None:
    async with two_stations() as (house, _):
        async with raw(house.gateway.port) as far_end:
            await far_end.send(text(HEARTBEAT))
            assert (await far_end.answer())[:2] == [3, "h"]
            sending = asyncio.create_task(far_end.send(*breach.sent))
            assert await far_end.closed() == breach.code
            await asyncio.wait([sending])
        await house.until(lambda state: not state.online)
        async with await house.connect() as again:
            assert (await again.ask("Heartbeat"))[0] == 3


def test_finds_the_page_as_the_tests_are() -> None:
    page = PAGE.read_text()
    assert page == written(page), "run python -m tests.faults.outcomes"


async def test_fills_no_log_with_its_words() -> None:
    with capture_logs() as lines:
        async with two_stations() as (house, _):
            for version in VERSIONS:
                await outcome(house, version.value, f'[2,"id","{"x" * 1_000_000}",{{}}]')
    assert max(len(str(line)) for line in lines) < 2000


# --- the connection ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0.0, 0.2, 0.5, 0.9])
async def test_may_vanish_anywhere_in_a_message(part: float) -> None:
    message = text('[2,"m","Authorize",{"idTag":"TAG"}]')
    async with two_stations() as (house, _):
        async with raw(house.gateway.port) as far_end:
            await far_end.send(text(HEARTBEAT))
            await far_end.answer()
            await far_end.send(message[: round(len(message) * part)])
            far_end.cut()
            await house.until(lambda state: not state.online)
        assert not (await house.state()).authorizations
        [gone] = [event for event in await house.history() if isinstance(event, StationDisconnected)]
        assert gone.reason == "the connection was lost"


async def test_may_send_byte_by_byte_with_pings_in_between() -> None:
    async with two_stations() as (house, honest), raw(house.gateway.port) as far_end:
        for byte in text(HEARTBEAT):
            await far_end.send(bytes([byte]))
            assert (await honest.ask("Heartbeat"))[0] == 3
        await far_end.send(text(HEARTBEAT[:5], fin=False))
        for letter in HEARTBEAT[5:]:
            await far_end.send(wire(Opcode.PING, b"?"), wire(Opcode.CONT, letter.encode(), fin=False))
        await far_end.send(wire(Opcode.CONT, b""))
        assert [(await far_end.answer())[:2] for _ in range(2)] == [[3, "h"]] * 2


class Tunnel:
    """A way to the gateway that can be blocked: what either end says then goes nowhere, and nobody is told."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: list[asyncio.StreamWriter] = []
        self._free = asyncio.Event()

    async def open(self) -> int:
        self._free.set()
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def block(self) -> None:
        self._free.clear()

    async def close(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers += [writer, far_writer]
        for one, other in ((reader, far_writer), (far_reader, writer)):
            self._tasks.add(asyncio.create_task(self._carry(one, other)))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._free.wait()
            writer.write(data)


@asynccontextmanager
async def tunnel(house: House) -> AsyncIterator[tuple[Tunnel, int]]:
    way = Tunnel(house.gateway.port)
    port = await way.open()
    try:
        yield way, port
    finally:
        await way.close()


def trigger(house: House) -> TriggerMessage:
    return TriggerMessage(**house.order(), requested_message="Heartbeat")


async def test_is_given_up_when_nothing_comes_through_any_more() -> None:
    """Neither end's farewell arrives: what was asked of the station has an outcome all the same."""
    async with two_stations(close_within=0.1, answer_within=3600.0) as (house, honest), tunnel(house) as (way, port):
        async with raw(port) as far_end:
            await far_end.send(text(HEARTBEAT))
            await far_end.answer()
            opcode, data = await far_end.frame()
            assert opcode is Opcode.PING
            await far_end.send(wire(Opcode.PONG, data))
            way.block()
            await house.handle(trigger(house))
            await house.command_is("sent")
            async with asyncio.timeout(DEADLINE_S):
                while (await house.state()).online:
                    house.clock.advance(timedelta(seconds=5))
                    assert (await honest.ask("Heartbeat"))[0] == 3  # honest talks, and stays
                    await asyncio.sleep(0.02)
        await house.command_is("unknown")


async def test_comes_back_while_its_old_connection_still_seems_to_be_there() -> None:
    async with (
        two_stations(close_within=0.1, answer_within=3600.0) as (house, _),
        tunnel(house) as (way, port),
        raw(port) as older,
    ):
        await older.send(text(HEARTBEAT))
        await older.answer()
        way.block()
        async with await house.connect() as newer:
            assert (await newer.ask("Heartbeat"))[0] == 3
            await house.handle(trigger(house))
            await newer.answer(await newer.call(), {"status": "Accepted"})
            await house.command_is("completed")
            assert (await house.state()).online


async def test_has_one_link_though_it_connects_ten_times_at_once() -> None:
    async with two_stations(takeovers_per_minute=100) as (house, _):
        newcomers = await asyncio.gather(*(house.connect() for _ in range(10)))
        endings = [asyncio.create_task(one.closed()) for one in newcomers]
        await eventually(lambda: sum(ending.done() for ending in endings) == 9)
        assert {ending.result() for ending in endings if ending.done()} == {1001}
        [staying] = [one for one, ending in zip(newcomers, endings, strict=True) if not ending.done()]
        for ending in endings:
            ending.cancel()
        await asyncio.wait(endings)
        async with staying:
            assert (await staying.ask("Heartbeat"))[0] == 3
            assert (await house.state()).online
            assert house.gateway.links == 2


# --- floods -----------------------------------------------------------------------------------------------------

FLOOD_BYTES = 64 * 1024 * 1024


async def flood(far_end: Raw, chunk: bytes, honest: Station) -> int:
    """Send without reading until nothing goes out any more, or enough has; how many bytes went.

    "Any more" is while another station is answered many times.
    """
    sent = 0
    while sent < FLOOD_BYTES:
        far_end.writer.write(chunk)
        drained = asyncio.create_task(far_end.writer.drain())
        for _ in range(200):
            if drained.done():
                break
            assert (await honest.ask("Heartbeat"))[0] == 3
            await asyncio.wait([drained], timeout=0.005)
        drained.cancel()
        await asyncio.wait([drained])
        if drained.cancelled() or drained.exception() is not None:
            return sent
        sent += len(chunk)
    return sent


PINGS = wire(Opcode.PING, b"x" * 125) * 500


@pytest.mark.parametrize(
    "chunk",
    [
        pytest.param(PINGS, id="pings"),
        pytest.param(PINGS + text('[3,"x",{}]') * 20, id="pings among answers to nothing"),
        pytest.param(text(json.dumps([2, "x" * 100_000, "Heartbeat", {}])), id="calls"),
    ],
)
async def test_is_read_no_further_when_it_does_not_read(chunk: bytes) -> None:
    """Else what it is answered would fill our memory."""
    async with two_stations(close_within=0.2) as (house, honest), raw(house.gateway.port) as far_end:
        far_end.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport that reads, too
        assert await flood(far_end, chunk, honest) < FLOOD_BYTES


async def test_is_read_on_when_it_reads_again() -> None:
    async with two_stations() as (house, honest), raw(house.gateway.port) as far_end:
        transport = far_end.writer.transport
        transport.pause_reading()  # type: ignore[attr-defined]
        await flood(far_end, PINGS, honest)
        transport.resume_reading()  # type: ignore[attr-defined]
        far_end.writer.write(text(HEARTBEAT))
        assert (await far_end.answer())[:2] == [3, "h"]


async def test_gets_all_its_answers_in_order_however_many_it_asks_for_at_once() -> None:
    async with two_stations() as (house, _), await house.connect(compression=None) as far_end:
        for number in range(5000):
            await far_end.send([2, number, "Heartbeat", {}])
        assert [(await far_end.receive())[1] for _ in range(5000)] == list(range(5000))
