"""A link."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from tests.support.gateway import House, Station, eventually, open_house, station
from voltherd.domain.charging_station.connection import ReportConnected, StationConnected, StationDisconnected
from voltherd.domain.charging_station.heartbeat import ReportHeartbeat
from voltherd.domain.charging_station.register import Register
from voltherd.domain.charging_station.start_transaction import StartTransaction
from voltherd.domain.charging_station.trigger_message import TriggerMessage
from voltherd.domain.identification import IdToken

STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


def start(house: House) -> StartTransaction:
    return StartTransaction(**house.order(), id_token=IdToken(id_token="TAG"), evse_id=1)


def trigger(house: House) -> TriggerMessage:
    return TriggerMessage(**house.order(), requested_message="Heartbeat")


# --- the station's calls ----------------------------------------------------------------------------------------


async def test_answers_a_hundred_calls_in_their_order() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            for number in range(100):
                match number % 4:
                    case 0:
                        call = ["Heartbeat", {}]
                    case 1:
                        call = ["StatusNotification", {**STATUS, "status": ["Available", "Preparing"][number // 4 % 2]}]
                    case 2:
                        call = ["Authorize", {"idTag": f"TAG{number}"}]
                    case _:
                        call = ["Nonsense", {}]
                await far_end.send([2, f"n{number}", *call])
            answers = [await far_end.receive() for _ in range(100)]
        assert [answer[1] for answer in answers] == [f"n{number}" for number in range(100)]
        assert [answer[0] for answer in answers] == [3, 3, 3, 4] * 25


async def test_answers_no_call_before_it_is_stored() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            house.store.hold()
            await far_end.send([2, "slow", "StatusNotification", STATUS])
            await far_end.send([2, "quick", "Heartbeat", {}])
            await eventually(lambda: house.store.held)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await far_end.socket.recv()
            house.store.go_on()
            assert [(await far_end.receive())[1] for _ in range(2)] == ["slow", "quick"]


async def test_serves_other_stations_while_one_waits_for_the_store() -> None:
    async with open_house() as house:
        await house.register("CS-1")
        await house.register("CS-2")
        async with await house.connect("CS-1") as slow, await house.connect("CS-2") as quick:
            await slow.boot()
            await quick.boot()
            house.store.hold()
            await slow.send([2, "slow", "StatusNotification", STATUS])
            await eventually(lambda: house.store.held)
            for _ in range(20):
                assert (await quick.ask("Heartbeat"))[0] == 3
            house.store.go_on()
            assert (await slow.receive())[1] == "slow"


async def test_hears_only_the_boot_of_a_station_that_waits_for_acceptance() -> None:
    async with open_house() as house:
        house.react()
        async with await house.connect() as far_end:
            for action, payload in (
                ("Heartbeat", {}),
                ("StatusNotification", STATUS),
                ("Authorize", {"idTag": "TAG"}),
                ("DataTransfer", {"vendorId": "x"}),
            ):
                answer = await far_end.ask(action, payload)
                assert (answer[0], answer[2]) == (4, "SecurityError"), action
            assert (await far_end.boot())[2]["status"] == "Pending"
            assert (await far_end.ask("Heartbeat"))[2] == "SecurityError"
            assert not (await house.state()).statuses

            await house.handle(Register(at=house.clock.now(), by="tests", command_id="r", station=station()))
            call = await far_end.call()  # it need not wait for the end of its interval
            assert (call[2], call[3]) == ("TriggerMessage", {"requestedMessage": "BootNotification"})
            await far_end.answer(call, {"status": "Accepted"})
            assert (await far_end.boot())[2]["status"] == "Accepted"
            for action, payload in (("Heartbeat", {}), ("StatusNotification", STATUS), ("Authorize", {"idTag": "TAG"})):
                assert (await far_end.ask(action, payload))[0] == 3, action


# --- both directions --------------------------------------------------------------------------------------------


async def test_answers_the_station_while_a_call_to_it_is_open() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(trigger(house))
            ours = await far_end.call()
            for _ in range(10):
                assert (await far_end.ask("Heartbeat"))[0] == 3
            assert (await house.command())["status"] == "sent"
            await far_end.answer(ours, {"status": "Accepted"})
            await house.command_is("completed")


async def test_does_not_deadlock_with_a_station_that_asks_before_it_answers() -> None:
    async with open_house(answer_within=5) as house:
        await house.register()
        async with await house.connect("CS-1", "ocpp2.0.1") as far_end:
            await far_end.ask(
                "BootNotification", {"reason": "PowerUp", "chargingStation": {"model": "One", "vendorName": "Acme"}}
            )
            await house.handle(start(house))
            ours = await far_end.call()
            assert ours[2] == "RequestStartTransaction"
            theirs = await far_end.ask("Authorize", {"idToken": {"idToken": "TAG", "type": "ISO14443"}})
            assert theirs[2]["idTokenInfo"]["status"] in ("Accepted", "Unknown", "Invalid")
            await far_end.answer(ours, {"status": "Accepted"})
            await house.command_is("accepted")


async def test_has_one_call_open_at_a_time() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            for _ in range(3):
                await house.handle(trigger(house))
            for number in range(3):
                ours = await far_end.call()
                assert (await far_end.ask("Heartbeat"))[0] == 3
                assert not far_end.asked, "a second call came before the first was answered"
                await far_end.answer(ours, {"status": "Accepted"})
                await house.command_is("completed", f"c-{number + 1}")


# --- newer and older connections --------------------------------------------------------------------------------


async def test_ends_the_older_connection_when_a_newer_one_comes() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as older:
            await older.boot()
            async with await house.connect() as newer:
                assert (await newer.ask("Heartbeat"))[0] == 3
                assert await older.closed() == 1001
                await eventually(lambda: house.gateway.links == 1)
                assert (await house.state()).online
                assert await house.shown_online()
                assert (await newer.ask("Heartbeat"))[0] == 3
            await house.until(lambda state: not state.online)
        kinds = [type(event) for event in await house.history()]
        assert kinds.count(StationConnected) == 2
        assert kinds.count(StationDisconnected) == 1, "the older one's clean-up has changed something"


async def test_hears_nothing_more_from_the_older_connection() -> None:
    async with open_house(close_within=5) as house:
        await house.register()
        older = await house.connect()
        await older.boot()
        older.socket.transport.pause_reading()  # it will not hear that it is to close
        async with await house.connect() as newer:
            assert (await newer.ask("StatusNotification", STATUS))[0] == 3
            await older.send([2, "too late", "StatusNotification", {**STATUS, "status": "Faulted"}])
            await house.frame_seen("too late")
            assert (await newer.ask("Heartbeat"))[0] == 3
            assert [status.status for status in (await house.state()).statuses.values()] == ["Available"]
            older.cut()


async def test_does_not_send_on_the_older_connection_what_belongs_to_the_newer() -> None:
    """The older one may stay open for seconds, half-open as it is; meanwhile it must not turn in circles either."""
    async with open_house(close_within=5) as house:
        await house.register()
        older = await house.connect(close_timeout=5)
        await older.boot()
        older.socket.transport.pause_reading()  # it will not hear that it is to close
        async with await house.connect() as newer:
            await newer.boot()
            await house.handle(trigger(house))
            await newer.answer(await newer.call(), {"status": "Accepted"})
            await house.command_is("completed")
            older.cut()


async def test_does_not_turn_in_circles_when_another_node_has_the_newer_connection() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(
                ReportConnected(
                    at=house.clock.now(), by="n-2", station=station(), epoch=2**60, protocol="ocpp1.6", node="n-2"
                )
            )
            await house.handle(trigger(house))
            assert (await far_end.ask("Heartbeat"))[0] == 3
            assert not far_end.asked
            assert (await house.command())["status"] == "queued"
        assert (await house.state()).epoch == 2**60


async def test_goes_on_where_a_request_waits_for_a_station_that_only_just_connects() -> None:
    async with open_house() as house:
        await house.register()
        await house.handle(trigger(house))
        house.store.hold()
        far_end = await house.connect()
        await eventually(lambda: house.store.held)
        house.relay.notify(station())  # wakes the link before the station counts as online
        await asyncio.sleep(0.05)
        house.store.go_on()
        async with far_end:
            await far_end.answer(await far_end.call(), {"status": "Accepted"})
            await house.command_is("completed")


async def test_refuses_newcomers_when_two_stations_of_one_id_displace_each_other() -> None:
    async with open_house(takeovers_per_minute=3) as house:
        await house.register()
        last = await house.connect()
        for _ in range(3):
            last = await house.connect()
            await last.boot()
        with pytest.raises(Exception, match="429"):
            await house.connect()
        assert (await last.ask("Heartbeat"))[0] == 3, "who is there stays there"
        house.clock.advance(timedelta(seconds=61))
        async with await house.connect() as newer:
            assert (await newer.ask("Heartbeat"))[0] == 3


async def test_lets_a_station_come_back_as_often_as_it_likes_when_it_had_gone() -> None:
    async with open_house(takeovers_per_minute=1) as house:
        await house.register()
        for _ in range(10):
            async with await house.connect() as far_end:
                assert (await far_end.ask("Heartbeat"))[0] == 3
            await eventually(lambda: house.gateway.links == 0)


async def test_counts_every_connection_with_a_greater_epoch_though_the_clock_stands_still() -> None:
    async with open_house() as house:
        await house.register()
        epochs = []
        for _ in range(3):
            async with await house.connect() as far_end:
                await far_end.boot()
                epochs.append((await house.state()).epoch)
            await eventually(lambda: house.gateway.links == 0)
        assert epochs == sorted(set(epochs), key=str)


# --- the store ---------------------------------------------------------------------------------------------------


async def test_acknowledges_nothing_while_the_store_is_away() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            house.store.away = True
            answer = await far_end.ask("StatusNotification", STATUS)
            assert (answer[0], answer[2]) == (4, "InternalError")
            assert "away" not in answer[3]
            answer = await far_end.ask("StartTransaction", _started())
            assert (answer[0], answer[2]) == (4, "InternalError")
            house.store.away = False
            assert not (await house.state()).statuses
            assert (await far_end.ask("StatusNotification", STATUS))[0] == 3
            answer = await far_end.ask("StartTransaction", _started())
            assert answer[2]["transactionId"] > 0
            assert (await house.state()).statuses


def _started() -> dict[str, object]:
    return {"connectorId": 1, "idTag": "TAG", "meterStart": 0, "timestamp": "2026-01-01T00:00:00Z"}


async def test_says_try_again_later_when_a_connection_cannot_be_stored() -> None:
    async with open_house() as house:
        await house.register()
        house.store.hold()
        far_end = await house.connect()
        await eventually(lambda: house.store.held)
        house.store.away = True
        house.store.go_on()
        assert await far_end.closed() == 1013
        house.store.away = False
        await house.until(lambda state: not state.online)
        async with await house.connect() as again:
            assert (await again.ask("Heartbeat"))[0] == 3


async def test_takes_a_station_offline_though_the_store_was_away_when_it_went() -> None:
    async with open_house() as house:
        await house.register()
        far_end = await house.connect()
        await far_end.boot()
        house.store.away = True
        await far_end.socket.close()
        await eventually(lambda: house.gateway.links == 0)
        house.store.away = False
        assert await house.shown_online()
        await house.until(lambda state: not state.online)
        assert not await house.shown_online()


async def test_keeps_an_answer_until_the_store_is_back() -> None:
    async with open_house() as house:
        await house.register()
        async with await house.connect() as far_end:
            await far_end.boot()
            await house.handle(trigger(house))
            ours = await far_end.call()
            house.store.away = True
            await far_end.answer(ours, {"status": "Rejected"})
            assert (await far_end.ask("StatusNotification", STATUS))[2] == "InternalError"
            house.store.away = False
            await house.command_is("rejected")


async def test_ends_when_the_station_goes_before_it_is_answered() -> None:
    async with open_house() as house:
        await house.register()
        far_end = await house.connect()
        await far_end.boot()
        house.store.hold()
        await far_end.send([2, "last", "StatusNotification", STATUS])
        await eventually(lambda: house.store.held)
        far_end.cut()
        await asyncio.sleep(0.02)
        house.store.go_on()
        state = await house.until(lambda state: not state.online)
        assert state.statuses, "what was said is not lost"
        [gone] = [event for event in await house.history() if isinstance(event, StationDisconnected)]
        assert gone.reason == "the connection was lost"


# --- the end ----------------------------------------------------------------------------------------------------


async def test_closes_with_1001_when_the_server_stops() -> None:
    async with open_house() as house:
        stations = []
        for number in range(20):
            await house.register(f"CS-{number}")
            stations.append(await house.connect(f"CS-{number}"))
            await stations[-1].boot()
        closing = asyncio.create_task(house.gateway.close())
        assert [await far_end.closed() for far_end in stations] == [1001] * 20
        await closing
        for number in range(20):
            assert not (await house.state(f"CS-{number}")).online
            [gone] = [e for e in await house.history(f"CS-{number}") if isinstance(e, StationDisconnected)]
            assert gone.reason == "the server stops"


async def test_stops_soon_though_stations_do_not_answer_read_or_finish_their_handshake() -> None:
    async with open_house(close_within=0.2, open_timeout=0.5) as house:
        await house.register("deaf")
        await house.register("busy")
        deaf = await house.connect("deaf")
        await deaf.boot()
        deaf.socket.transport.pause_reading()
        busy = await house.connect("busy")
        await busy.boot()
        await house.handle(TriggerMessage(**house.order(station_id="busy"), requested_message="Heartbeat"))
        await busy.call()
        _, mute = await asyncio.open_connection("127.0.0.1", house.gateway.port)
        async with asyncio.timeout(2):
            await house.gateway.close()
        assert (await house.command())["status"] == "unknown"
        for name in ("deaf", "busy"):
            assert not (await house.state(name)).online
        mute.close()
        await mute.wait_closed()
        deaf.cut()


async def test_lets_operators_go_on_beside_the_stations() -> None:
    async with open_house() as house:
        await house.register()
        far_end: Station
        async with await house.connect() as far_end:
            await far_end.boot()
            report = ReportHeartbeat(at=house.clock.now(), by="tests", station=station())
            await asyncio.gather(*(house.handle(report) for _ in range(50)), far_end.ask("Heartbeat"))
