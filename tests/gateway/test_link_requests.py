"""A link, when the station shall do something."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.support.gateway import House, Station, eventually, open_house, station
from voltherd.domain.charging_station.connection import ReportConnected
from voltherd.domain.charging_station.request_life import CancelRequest, LapseRequest
from voltherd.domain.charging_station.requests import Requested, RequestSent
from voltherd.domain.charging_station.reset import Reset
from voltherd.domain.charging_station.start_transaction import StartTransaction
from voltherd.domain.charging_station.trigger_message import TriggerMessage
from voltherd.domain.charging_station.unlock_connector import UnlockConnector
from voltherd.domain.charging_station.variables import GetVariables, SetVariables
from voltherd.domain.identification import IdToken
from voltherd.kernel.messages import Refusal
from voltherd.kernel.readmodel import Told


def unlock(house: House, **members: Any) -> UnlockConnector:
    return UnlockConnector(**{**house.order(), "evse_id": 1, **members})


def trigger(house: House, **members: Any) -> TriggerMessage:
    return TriggerMessage(**{**house.order(), "requested_message": "Heartbeat", **members})


async def sent(house: House) -> list[str]:
    """The ids of the commands that went out, as often as they did."""
    return [event.command_id for event in await house.history() if isinstance(event, RequestSent)]


async def test_sends_what_was_ordered_while_the_station_was_offline() -> None:
    async with open_house() as house:
        await house.register()
        await house.handle(unlock(house))
        assert (await house.command())["status"] == "queued"
        async with await house.connect() as far_end:
            call = await far_end.call()
            assert call[2:] == ["UnlockConnector", {"connectorId": 1}]
            await far_end.answer(call, {"status": "Unlocked"})
            await house.command_is("completed")


async def test_sends_the_most_urgent_first_and_then_the_oldest() -> None:
    async with open_house() as house:
        await house.register()
        for command in (
            GetVariables(**house.order(), variables=("A",)),
            SetVariables(**house.order(), variables={"HeartbeatInterval": "60"}),
            StartTransaction(**house.order(), id_token=IdToken(id_token="TAG"), evse_id=1),
            UnlockConnector(**house.order(), evse_id=1),
            Reset(**house.order()),
            GetVariables(**house.order(), variables=("B",)),
        ):
            await house.handle(command)
            house.clock.advance(timedelta(seconds=1))
        answers: dict[str, dict[str, Any]] = {
            "UnlockConnector": {"status": "Unlocked"},
            "GetConfiguration": {},
        }
        order = []
        async with await house.connect() as far_end:
            for _ in range(6):
                call = await far_end.call()
                order.append(call[2])
                await far_end.answer(call, answers.get(call[2], {"status": "Rejected"}))
            assert order == [
                "UnlockConnector",
                "Reset",
                "RemoteStartTransaction",
                "ChangeConfiguration",
                "GetConfiguration",
                "GetConfiguration",
            ]


async def test_lets_what_is_urgent_overtake_what_waits() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(trigger(house))
            first = await far_end.call()
            await house.handle(trigger(house))
            await house.handle(unlock(house))
            await far_end.answer(first, {"status": "Accepted"})
            assert (await far_end.call())[2] == "UnlockConnector"


async def test_never_sends_what_has_expired() -> None:
    async with open_house() as house:
        await house.register()
        await house.handle(unlock(house))
        await house.handle(trigger(house, expires_at=house.clock.now() + timedelta(minutes=10)))
        house.clock.advance(timedelta(minutes=2))
        async with await house.connect() as far_end:
            call = await far_end.call()
            assert call[2] == "TriggerMessage"
            await far_end.answer(call, {"status": "Accepted"})
            await house.command_is("completed", "c-2")
            assert await sent(house) == ["c-2"]
            lapse = LapseRequest(at=house.clock.now(), by="tests", station=station(), request_id="c-1")
            await house.handle(lapse)
            assert (await house.command("c-1"))["status"] == "expired"


async def test_never_sends_what_was_taken_back() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(trigger(house))
            first = await far_end.call()
            await house.handle(unlock(house))
            cancel = CancelRequest(
                at=house.clock.now(), by="tests", command_id="cancel", station=station(), request_id="c-2"
            )
            await house.handle(cancel)
            await far_end.answer(first, {"status": "Accepted"})
            await house.command_is("completed", "c-1")
            assert (await far_end.ask("Heartbeat"))[0] == 3
            assert not far_end.asked
            assert (await house.command("c-2"))["status"] == "cancelled"


@pytest.mark.parametrize("how", ["closes", "vanishes"])
async def test_never_sends_again_what_could_be_done_twice(how: str) -> None:
    async with open_house() as house:
        await house.register()
        far_end = await house.connect()
        await far_end.boot()
        await house.handle(unlock(house))
        await far_end.call()
        if how == "closes":
            await far_end.socket.close()
        else:
            far_end.cut()
        row = await house.command_is("unknown")
        assert row["detail"] == "the connection was lost before the answer came"
        async with await house.connect() as again:
            await again.boot()
            assert (await again.ask("Heartbeat"))[0] == 3
            assert not again.asked
        assert await sent(house) == ["c-1"]


async def test_sends_again_on_the_next_connection_what_does_no_harm_twice() -> None:
    async with open_house() as house:
        await house.register()
        far_end = await house.connect()
        await far_end.boot()
        await house.handle(trigger(house))
        await far_end.call()
        far_end.cut()
        await house.command_is("unknown")
        async with await house.connect() as again:
            call = await again.call()
            assert call[2] == "TriggerMessage"
            await again.answer(call, {"status": "Accepted"})
            await house.command_is("completed")
        assert await sent(house) == ["c-1", "c-1"]


async def test_does_not_send_again_on_the_same_connection() -> None:
    async with open_house(answer_within=0.05) as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(trigger(house))
            await far_end.call()
            await house.command_is("unknown")
            house.relay.notify(station())
            assert (await far_end.ask("Heartbeat"))[0] == 3
            assert not far_end.asked


async def test_settles_what_an_earlier_server_left_open() -> None:
    """As after `kill -9`: sent on an epoch that nobody remembers."""
    async with open_house() as house:
        await house.register()
        far_end = await house.connect()
        await far_end.boot()
        await house.handle(unlock(house))
        await far_end.call()
        house.store.away = True  # the server can write no more …
        far_end.cut()
        await eventually(lambda: house.gateway.links == 0)
        house.store.away = False  # … and is another when it is back
        async with await house.connect() as again:
            row = await house.command_is("unknown")
            assert row["detail"] == "the connection was lost before the answer came"
            await again.boot()
            assert not again.asked
        assert await sent(house) == ["c-1"]


async def test_sends_nothing_on_a_connection_that_has_just_ended() -> None:
    """The request comes when the socket is gone and nobody has noted it yet: it waits for the next one."""
    async with open_house() as house:
        await house.register()
        far_end = await house.connect()
        await far_end.boot()
        house.store.hold()
        far_end.cut()
        await eventually(lambda: house.store.held)  # that the station is gone is on its way
        ordering = asyncio.create_task(house.handle(unlock(house)))
        await asyncio.sleep(0)
        house.relay.notify(station())
        house.store.go_on()
        await ordering
        await eventually(lambda: house.gateway.links == 0)
        assert (await house.command())["status"] == "queued"
        async with await house.connect() as again:
            await again.answer(await again.call(), {"status": "Unlocked"})
            await house.command_is("completed")


async def test_sends_nothing_on_a_connection_that_is_about_to_end() -> None:
    async with open_house(close_within=0.3) as house:
        await house.register()
        far_end = await house.connect()
        await far_end.boot()
        far_end.socket.transport.pause_reading()
        house.clock.advance(timedelta(hours=1))  # it is given up, and has time to answer that
        await asyncio.sleep(0.05)
        assert house.gateway.links == 1
        await house.handle(unlock(house))
        await house.until(lambda state: not state.online)
        assert (await house.command())["status"] == "queued"
        assert not await sent(house)
        far_end.cut()


async def test_leaves_nothing_unheard_when_the_connection_breaks_before_the_call_is_out() -> None:
    async with open_house() as house:
        await house.register()
        far_end = await house.connect(compression=None)
        await far_end.boot()
        far_end.socket.transport.pause_reading()
        flood = asyncio.create_task(pour(far_end))
        await asyncio.sleep(0.3)  # until all queues on the way are full
        await house.handle(trigger(house))
        await house.command_is("sent")
        flood.cancel()
        far_end.cut()
        await asyncio.wait([flood])
        await house.command_is("unknown")
        await house.until(lambda state: not state.online)


async def pour(far_end: Station) -> None:
    for number in range(100_000):
        await far_end.send([2, f"{number}" + "x" * 30_000, "Nonsense", {}])


async def test_asks_for_each_part_of_a_request_in_turn() -> None:
    async with open_house() as house:
        await house.register(evses=3)
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(unlock(house, evse_id=0))
            for evse_id, status in ((1, "Unlocked"), (2, "UnlockFailed"), (3, "Unlocked")):
                call = await far_end.call()
                assert call[3] == {"connectorId": evse_id}
                await far_end.answer(call, {"status": status})
            row = await house.command_is("rejected")
            assert len(row["result"]["results"]) == 3


async def test_says_that_a_version_has_no_words_for_it() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            with pytest.raises(Refusal, match="cannot say this Reset"):
                await house.handle(Reset(**house.order(), evse_id=1))
            assert (await far_end.ask("Heartbeat"))[0] == 3
            assert not far_end.asked


async def test_sends_nothing_to_a_station_that_is_not_accepted() -> None:
    async with open_house() as house, await house.connect() as far_end:
        await far_end.boot()
        house.relay.notify(station())
        assert (await far_end.ask("Heartbeat"))[2] == "SecurityError"
        assert not far_end.asked


async def test_finds_by_itself_what_nobody_told_it_of() -> None:
    """A lost notice costs time, never a command."""
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            house.relay = type(house.relay)()  # notices go nowhere from now on
            await house.handle(trigger(house))
            await far_end.answer(await far_end.call(), {"status": "Accepted"})
            await house.command_is("completed")


async def test_sends_when_the_store_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voltherd.gateway.server._LOOK_EVERY", 10**9)  # it need not wait for that
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()

            def leave(told: Sequence[Told]) -> None:
                house.store.away = any(isinstance(one.fact, Requested) for one in told)

            house.dispatcher.listen(leave)
            await house.handle(unlock(house))  # and it cannot be taken down that it goes out
            assert (await far_end.ask("Nonsense"))[2] == "NotImplemented"
            assert not far_end.asked
            house.store.away = False
            await far_end.answer(await far_end.call(), {"status": "Unlocked"})
            await house.command_is("completed")


async def test_takes_down_an_answer_before_what_the_station_says_next() -> None:
    """Else a start that was answered while the store was away misses its transaction, which has ended by then."""
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(StartTransaction(**house.order(), id_token=IdToken(id_token="TAG"), evse_id=1))
            call = await far_end.call()
            house.store.away = True
            await far_end.answer(call, {"status": "Accepted"})
            assert (await far_end.ask("StartTransaction", _START))[2] == "InternalError"
            house.store.away = False
            started = (await far_end.ask("StartTransaction", _START))[2]
            await far_end.ask(
                "StopTransaction",
                {"transactionId": started["transactionId"], "meterStop": 9, "timestamp": "2026-03-01T12:00:01Z"},
            )
            row = await house.command_is("completed")
            assert row["result"]["transactionId"] == str(started["transactionId"])


_START = {"connectorId": 1, "idTag": "TAG", "meterStart": 1, "timestamp": "2026-03-01T12:00:00Z"}


async def test_reaches_a_station_whose_last_connection_was_in_the_future() -> None:
    """The machine's clock was set back since: epochs grow all the same."""
    async with open_house() as house:
        key = await house.register()
        ahead = int((house.clock.now() + timedelta(days=1)).timestamp() * 1_000_000)
        at = house.clock.now()
        await house.handle(
            ReportConnected(at=at, by="link", station=key, epoch=ahead, protocol="ocpp1.6", node="before")
        )
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(unlock(house))
            assert (await far_end.call())[2] == "UnlockConnector"


async def test_lets_a_station_that_connects_speak_first() -> None:
    """It wants to boot, and may not answer what comes before."""
    async with open_house(first_word_within=60.0) as house:
        await house.register()
        await house.handle(unlock(house))
        async with await house.connect() as far_end:
            await far_end.boot()
            assert not far_end.asked
            assert (await far_end.call())[2] == "UnlockConnector"


async def test_does_not_wait_for_ever_for_the_first_word() -> None:
    async with open_house(first_word_within=0.05) as house:
        await house.register()
        await house.handle(unlock(house))
        async with await house.connect() as far_end:
            assert (await far_end.call())[2] == "UnlockConnector"
