"""A link, when what comes is no good frame."""

from __future__ import annotations

import asyncio
import json
import zlib
from datetime import timedelta

import pytest
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory, PerMessageDeflate
from websockets.frames import Close, Frame, Opcode

from tests.support.gateway import DEADLINE_S, House, Station, eventually, open_house
from voltherd.domain.charging_station.trigger_message import TriggerMessage
from voltherd.domain.charging_station.unlock_connector import UnlockConnector

HEARTBEAT = '[2,"h","Heartbeat",{}]'
BOOT201 = {"reason": "PowerUp", "chargingStation": {"model": "One", "vendorName": "Acme"}}


async def still_there(far_end: Station) -> bool:
    answer = await far_end.ask("Heartbeat")
    return bool(answer[0] == 3)


@pytest.mark.parametrize("frame", [b"\xff\xfe\xfd", b'[2,"x","Heartbeat",{"\xc3\x28":1}]'], ids=["bom", "inside"])
async def test_closes_with_1007_when_text_is_not_utf8(frame: bytes) -> None:
    async with open_house() as house:
        await house.register()
        far_end = await house.connect(compression=None)
        await far_end.boot()
        await far_end.socket.send(frame, text=True)
        assert await far_end.closed() == 1007
        await house.until(lambda state: not state.online)


async def test_takes_a_binary_message_that_is_a_frame() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await far_end.send(HEARTBEAT.encode())
            assert (await far_end.receive())[:2] == [3, "h"]


async def test_takes_no_binary_message_that_is_none() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await far_end.send(b"\xff\x00\x80")
            assert await still_there(far_end)


@pytest.mark.parametrize("compression", [None, "deflate"])
async def test_closes_with_1009_when_a_message_is_too_long(compression: str | None) -> None:
    async with open_house() as house:
        await house.register()
        far_end = await house.connect(compression=compression)
        await far_end.boot()
        await far_end.send([2, "long", "DataTransfer", {"vendorId": "x", "data": "x" * 10_000_000}])
        assert await far_end.closed() == 1009
        await house.until(lambda state: not state.online)


async def test_takes_a_message_that_is_just_short_enough() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect(compression=None) as far_end:
            await far_end.boot()
            answer = await far_end.ask("DataTransfer", {"vendorId": "x", "data": "x" * 1_000_000})
            assert answer[2]["status"] == "UnknownVendorId"


DEEP = 100_000


@pytest.mark.parametrize(
    ("version", "text", "code"),
    [
        # 1.6 knows no answer to what has no id
        ("ocpp1.6", "", None),
        ("ocpp1.6", "hello", None),
        ("ocpp1.6", "[]", None),
        ("ocpp1.6", "{}", None),
        ("ocpp1.6", "null", None),
        ("ocpp1.6", "[2]", None),
        ("ocpp1.6", "[2,null,\"Heartbeat\",{}]", None),
        ("ocpp1.6", '[2,"","Heartbeat",{}]', None),
        ("ocpp1.6", "[" * DEEP, None),
        ("ocpp1.6", '[9,"x",{}]', None),
        ("ocpp1.6", '[3,"x",{}]', None),
        ("ocpp1.6", '[4,"x","GenericError","",{}]', None),
        ("ocpp1.6", '[5,"x","GenericError","",{}]', None),
        ("ocpp1.6", '[6,"x","Heartbeat",{}]', None),
        ("ocpp1.6", "[3", None),
        # with an id there is one
        ("ocpp1.6", '[2,"x","Heartbeat",{}', "FormationViolation"),
        ("ocpp1.6", '[2,"x"]', "FormationViolation"),
        ("ocpp1.6", '[2,"x",7,{}]', "FormationViolation"),
        ("ocpp1.6", '[2,"x","Heartbeat"]', "FormationViolation"),
        ("ocpp1.6", '[2,"x","Heartbeat",[]]', "*"),
        ("ocpp1.6", '[2,"x","Heartbeat",' + "[" * DEEP + "]" * DEEP + "]", "FormationViolation"),
        ("ocpp1.6", '[2,"x","Heartbeat",{"a":' + '{"a":' * 2000 + "1" + "}" * 2000 + "}]", "*"),
        ("ocpp1.6", '[2,"x","DataTransfer",{"vendorId":"\\ud800"}]', "*"),
        ("ocpp1.6", '[2,"x","Nonsense",{}]', "NotImplemented"),
        ("ocpp1.6", '[2,"x","heartbeat",{}]', "NotImplemented"),
        ("ocpp1.6", '[2,"x","RemoteStartTransaction",{"idTag":"A"}]', "*"),
        ("ocpp1.6", '[2,"x","ClearCache",{"x":1e400}]', "*"),
        ("ocpp1.6", '[2,"x","Heartbeat",{"x":1e400}]', "*"),
        ("ocpp1.6", '[2,"x","StatusNotification",{"connectorId":1e400,"errorCode":"NoError"}]', "*"),
        ("ocpp1.6", '[2,"x","StatusNotification",{"connectorId":1e99999999999,"errorCode":"NoError"}]', "*"),
        ("ocpp1.6", "[2,1e400,\"Heartbeat\",{}]", None),
        # 2.0.1 answers to "-1"
        ("ocpp2.0.1", "hello", "RpcFrameworkError"),
        ("ocpp2.0.1", "[]", "RpcFrameworkError"),
        ("ocpp2.0.1", "[" * DEEP, "RpcFrameworkError"),
        ("ocpp2.0.1", '[9,"x",{}]', "MessageTypeNotSupported"),
        ("ocpp2.0.1", '[2,"x","Nonsense",{}]', "NotImplemented"),
        ("ocpp2.0.1", '[2,"x","Heartbeat",{"x":1}]', "FormatViolation"),
    ],
)  # fmt: skip
async def test_outlives_garbage(version: str, text: str, code: str | None) -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect("CS-1", version) as far_end:
            await far_end.send(text)
            await far_end.send('[2,"after","Nonsense",{}]')
            answer = await far_end.receive()
            if code is not None:
                assert answer[0] == 4
                assert answer[1] in ("x", "-1")
                assert code in ("*", answer[2])
                assert len(answer) == 5
                answer = await far_end.receive()
            assert answer[:3] == [4, "after", "NotImplemented"]


@pytest.mark.parametrize("message_id", [1, 0, -7, 1.5, 2**60, "ä", "x" * 500])
async def test_gives_back_the_id_as_it_came(message_id: object) -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await far_end.send([2, message_id, "Heartbeat", {}])
            assert (await far_end.receive())[1] == message_id


async def test_takes_the_last_of_two_equal_members_as_everybody_does() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await far_end.send('[2,"x","DataTransfer",{"vendorId":"a","vendorId":"b"}]')
            assert (await far_end.receive())[0] == 3


async def test_takes_null_for_an_empty_payload_or_says_what_is_wrong() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await far_end.send('[2,"x","Heartbeat",null]')
            assert (await far_end.receive())[1] == "x"
            assert await still_there(far_end)


async def test_joins_a_message_of_many_fragments() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await far_end.socket.send(iter(HEARTBEAT))
            assert (await far_end.receive())[:2] == [3, "h"]


async def test_notices_a_connection_that_breaks_in_the_middle_of_a_frame() -> None:
    async with open_house() as house:
        await house.register()
        far_end = await house.connect(compression=None)
        await far_end.boot()
        wire = Frame(Opcode.TEXT, HEARTBEAT.encode()).serialize(mask=True)
        far_end.socket.transport.write(wire[: len(wire) // 2])
        await eventually(lambda: not far_end.socket.transport.get_write_buffer_size())
        far_end.cut()
        await house.until(lambda state: not state.online)
        async with await house.connect() as again:
            assert await still_there(again)


async def test_notices_a_connection_that_breaks_between_fragments() -> None:
    async with open_house() as house:
        await house.register()
        far_end = await house.connect(compression=None)
        await far_end.boot()
        far_end.socket.transport.write(Frame(Opcode.TEXT, b'[2,"x",', fin=False).serialize(mask=True))
        far_end.cut()
        await house.until(lambda state: not state.online)


async def test_closes_with_1002_when_a_frame_breaks_the_rules() -> None:
    async with open_house() as house:
        await house.register()
        far_end = await house.connect(compression=None)
        await far_end.boot()
        # compressed though that was not agreed upon (OCPP.Core #45, ocpp-go #358)
        wire = bytearray(Frame(Opcode.TEXT, zlib.compress(HEARTBEAT.encode())).serialize(mask=True))
        wire[0] |= 0x40  # the bit that says so
        far_end.socket.transport.write(bytes(wire))
        assert await far_end.closed() == 1002
        await house.until(lambda state: not state.online)


@pytest.mark.parametrize("code", [1000, 1001, 4000])
async def test_notices_a_station_that_closes(code: int) -> None:
    async with open_house() as house:
        await house.register()
        far_end = await house.connect(compression=None)
        await far_end.boot()
        close = Frame(Opcode.CLOSE, Close(code, "bye").serialize())
        far_end.socket.transport.write(close.serialize(mask=True))
        await house.until(lambda state: not state.online)
        far_end.cut()


# --- compression ------------------------------------------------------------------------------------------------


def deflate_of(far_end: Station) -> PerMessageDeflate | None:
    return next((e for e in far_end.socket.protocol.extensions if isinstance(e, PerMessageDeflate)), None)


async def test_compresses_with_small_windows_where_the_station_offers_it() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            deflate = deflate_of(far_end)
            assert deflate is not None
            assert deflate.remote_max_window_bits <= 10
            assert deflate.local_max_window_bits <= 10
            for _ in range(20):
                assert await still_there(far_end) or await far_end.boot()


@pytest.mark.parametrize(
    "factory",
    [
        ClientPerMessageDeflateFactory(),
        ClientPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True),
        ClientPerMessageDeflateFactory(server_max_window_bits=9, client_max_window_bits=15),
        ClientPerMessageDeflateFactory(server_max_window_bits=15),
    ],
)
async def test_agrees_on_what_the_station_offers(factory: ClientPerMessageDeflateFactory) -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect(compression=None, extensions=[factory]) as far_end:
            assert deflate_of(far_end) is not None
            await far_end.boot()
            for _ in range(3):
                assert (await far_end.ask("DataTransfer", {"vendorId": "x", "data": "abc" * 20_000}))[0] == 3


async def test_does_not_compress_where_the_station_does_not_offer_it() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect(compression=None) as far_end:
            assert deflate_of(far_end) is None
            await far_end.boot()
            assert await still_there(far_end)


async def test_does_not_compress_where_it_was_told_not_to() -> None:
    async with open_house(deflate=False) as house:
        await house.register()
        async with await house.connect() as far_end:
            assert deflate_of(far_end) is None
            await far_end.boot()


# --- answers ----------------------------------------------------------------------------------------------------


def trigger(house: House) -> TriggerMessage:
    return TriggerMessage(**house.order(), requested_message="Heartbeat")


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        ('[3,ID,{"status":"Accepted"}]', "completed", None),
        ('[3,ID,{"status":"Rejected"}]', "rejected", None),
        ('[3,ID,{"status":"NotImplemented"}]', "unsupported", None),
        ('[3,ID,{"status":"Perhaps"}]', "failed", "UnreadableAnswer"),
        ("[3,ID,{}]", "failed", "UnreadableAnswer"),
        ("[3,ID,[]]", "failed", "UnreadableAnswer"),
        ("[3,ID,null]", "failed", "UnreadableAnswer"),
        ("[3,ID]", "failed", None),
        ('[3,ID,{"status":"Acc', "failed", None),
        ('[4,ID,"NotSupported","",{}]', "unsupported", "NotSupported"),
        ('[4,ID,"NotImplemented","",{}]', "unsupported", "NotImplemented"),
        ('[4,ID,"InternalError","it hurts",{}]', "failed", "InternalError"),
        ('[4,ID,"Whatever"]', "failed", "Whatever"),
        ("[4,ID]", "failed", "GenericError"),
        ("[4,ID,7,8,9]", "failed", "GenericError"),
        ('[4,"-1","RpcFrameworkError","",{}]', "failed", "RpcFrameworkError"),
    ],
)
async def test_makes_something_of_any_answer(answer: str, status: str, code: str | None) -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(trigger(house))
            ours = await far_end.call()
            await far_end.send(answer.replace("ID", json.dumps(ours[1])))
            row = await house.command_is(status)
            assert code in (None, row["code"])
            assert await still_there(far_end)


async def test_takes_only_the_first_of_two_answers() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(trigger(house))
            await house.handle(trigger(house))
            first = await far_end.call()
            await far_end.answer(first, {"status": "Rejected"})
            await far_end.answer(first, {"status": "Accepted"})
            second = await far_end.call()
            assert second[1] != first[1]
            assert await still_there(far_end)
            assert (await house.command("c-1"))["status"] == "rejected"
            assert (await house.command("c-2"))["status"] == "sent"
            await far_end.answer(second, {"status": "Accepted"})
            await house.command_is("completed", "c-2")


async def test_waits_on_when_an_answer_has_another_id() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(trigger(house))
            ours = await far_end.call()
            for other in ("other", ours[1].upper(), ours[1][:-1], 7, "", None):
                await far_end.send([3, other, {"status": "Rejected"}])
            assert await still_there(far_end)
            assert (await house.command())["status"] == "sent"
            await far_end.answer(ours, {"status": "Accepted"})
            await house.command_is("completed")


async def test_gives_up_an_answer_that_does_not_come_and_goes_on_with_the_next() -> None:
    async with open_house(answer_within=0.05) as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(trigger(house))
            await house.handle(trigger(house))
            await far_end.call()
            row = await house.command_is("unknown", "c-1")
            assert row["detail"] == "the station did not answer in time"
            await far_end.answer(await far_end.call(), {"status": "Accepted"})
            await house.command_is("completed", "c-2")


async def test_takes_an_answer_that_comes_late() -> None:
    async with open_house(answer_within=0.05) as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(trigger(house))
            ours = await far_end.call()
            await house.command_is("unknown")
            await far_end.answer(ours, {"status": "Rejected"})
            await house.command_is("rejected")
            await far_end.answer(ours, {"status": "Accepted"})
            assert await still_there(far_end)


async def test_makes_no_answer_of_half_an_answer_that_comes_late() -> None:
    async with open_house(answer_within=0.05) as house:
        await house.register(evses=2)
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(UnlockConnector(**house.order(), evse_id=0))
            ours = await far_end.call()
            await house.command_is("unknown")
            await far_end.answer(ours, {"status": "Unlocked"})
            assert await still_there(far_end)
            assert (await house.command())["status"] == "unknown"


async def test_sends_nothing_more_to_a_station_that_reads_nothing() -> None:
    """It fills its own queue and ours, which are small; then it is given up, though it can hear no farewell."""
    async with open_house(close_within=0.2) as house:
        await house.register()
        far_end = await house.connect(compression=None)
        await far_end.boot()
        far_end.socket.transport.pause_reading()
        call = json.dumps([2, "x" * 30_000, "Heartbeat", {}])
        sending = asyncio.create_task(_flood(far_end, call))
        async with asyncio.timeout(DEADLINE_S):
            while (await house.state()).online:  # once all queues are full, we hear nothing
                house.clock.advance(timedelta(hours=1))
                await asyncio.sleep(0.05)
        far_end.cut()
        sending.cancel()
        await asyncio.wait([sending])


async def _flood(far_end: Station, call: str) -> None:
    while True:
        await far_end.socket.send(call)
