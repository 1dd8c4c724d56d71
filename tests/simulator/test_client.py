"""A simulated station on a real WebSocket."""

import asyncio
from base64 import b64encode

import pytest

from tests.simulator.central import central_system
from tests.simulator.desk import Members
from tests.simulator.test_commands import ACCEPTED
from voltherd.ocpp.rpc import Version
from voltherd.simulator import FAULTS, SimulatedStation

CARD = "04C0FFEE000001"
AT_ONCE = (0.01, 0.02)


async def test_connects_where_it_should_and_in_its_version(version: Version) -> None:
    async with central_system() as (central, _), SimulatedStation(central.url, "CS 1/a", version) as station:
        state = await station.connect()
    assert (state.connected, state.accepted, state.boots) == (True, True, 1)
    assert central.paths == ["/ocpp/default/CS%201%2Fa"]
    assert central.subprotocols == [version]
    assert central.credentials == [None]


async def test_says_its_password(version: Version) -> None:
    async with (
        central_system() as (central, _),
        SimulatedStation(central.url, "CS-1", version, password="öffne dich") as station,
    ):
        await station.connect()
    assert central.credentials == ["Basic " + b64encode("CS-1:öffne dich".encode()).decode()]


async def test_charges_step_by_step(version: Version) -> None:
    async with (
        central_system() as (central, _),
        SimulatedStation(central.url, "CS-1", version, speed=36_000) as station,
    ):
        await station.connect()
        station.plug_in(1)
        station.present(CARD, 1)
        state = await station.wait_for(lambda state: state.evses[1].transaction_id is not None)
        assert state.evses[1].charging
        station.present(CARD, 1)
        station.unplug(1)
        state = await station.wait_for(lambda state: state.ready)
    assert not state.evses[1].in_transaction
    assert ("StopTransaction" if version is Version.V16 else "TransactionEvent") in central.actions()


async def test_obeys_while_a_call_of_its_own_is_open(version: Version) -> None:
    async with central_system() as (central, _), SimulatedStation(central.url, "CS-1", version) as station:
        await station.connect()
        assert await central.command("CS-1", "ClearCache", {}) == ACCEPTED
        answer = await central.command("CS-1", "TriggerMessage", {"requestedMessage": "Heartbeat"})
        assert answer == ACCEPTED
        await central.hear(lambda central: "Heartbeat" in central.actions())


async def test_comes_back_when_the_link_is_lost(version: Version) -> None:
    async with (
        central_system() as (central, _),
        SimulatedStation(central.url, "CS-1", version, back_off_s=AT_ONCE) as station,
    ):
        await station.connect()
        await central.links["CS-1"].close()
        await station.wait_for(lambda state: not state.connected)
        state = await station.wait_for(lambda state: state.ready)
    assert state.boots == 1
    assert len(central.paths) == 2


async def test_tells_what_happened_while_there_was_no_link(version: Version) -> None:
    async with (
        central_system() as (central, _),
        SimulatedStation(central.url, "CS-1", version, back_off_s=AT_ONCE) as station,
    ):
        await station.connect()
        station.go_offline()
        await station.wait_for(lambda state: not state.connected)
        station.plug_in()
        station.present(CARD)
        station.unplug()
        assert station.state.waiting == 2
        station.go_online()
        await station.wait_for(lambda state: state.ready)
    expected = ["StartTransaction", "StopTransaction"] if version is Version.V16 else ["TransactionEvent"] * 2
    assert central.actions()[-2:] == expected


async def test_boots_again_after_a_reset(version: Version) -> None:
    async with (
        central_system() as (central, _),
        SimulatedStation(central.url, "CS-1", version, reboot_s=0.01) as station,
    ):
        await station.connect()
        kind = "Hard" if version is Version.V16 else "Immediate"
        assert await central.command("CS-1", "Reset", {"type": kind}) == ACCEPTED
        await station.wait_for(lambda state: state.boots == 2 and state.ready)
    assert central.actions().count("BootNotification") == 2


async def test_keeps_trying_until_there_is_a_central_system(version: Version) -> None:
    async with central_system() as (central, server):
        port = next(iter(server.sockets)).getsockname()[1]
    async with SimulatedStation(central.url, "CS-1", version, back_off_s=AT_ONCE) as station:
        connecting = asyncio.create_task(station.connect())
        async with central_system(port):
            assert (await connecting).accepted


async def test_answers_late_on_a_real_clock_too(version: Version) -> None:
    slowly = FAULTS["slow"].faults
    async with (
        central_system() as (central, _),
        SimulatedStation(central.url, "CS-1", version, faults=type(slowly)(slow_answer_s=0.02)) as station,
    ):
        await station.connect()
        assert await central.command("CS-1", "ClearCache", {}) == ACCEPTED


async def test_says_in_which_state_it_was_when_waiting_took_too_long(version: Version) -> None:
    async with central_system() as (central, _), SimulatedStation(central.url, "CS-1", version) as station:
        await station.connect()
        with pytest.raises(TimeoutError, match="connected=True"):
            await station.wait_for(lambda state: state.boots == 2, timeout=0.01)


async def test_refuses_versions_that_it_does_not_speak() -> None:
    with pytest.raises(ValueError, match=r"ocpp2\.1"):
        SimulatedStation("ws://127.0.0.1", "CS-1", Version.V21)


async def test_comes_back_with_the_password_that_was_set(version: Version) -> None:
    new = "00112233445566778899aabbccddeeff"
    async with (
        central_system() as (central, _),
        SimulatedStation(central.url, "CS-1", version, password="first of all", back_off_s=AT_ONCE) as station,
    ):
        await station.connect()
        if version is Version.V16:
            change: Members = {"key": "AuthorizationKey", "value": new}
            assert await central.command("CS-1", "ChangeConfiguration", change) == ACCEPTED
        else:
            variable = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
            answer = await central.command(
                "CS-1", "SetVariables", {"setVariableData": [{**variable, "attributeValue": new}]}
            )
            assert answer["setVariableResult"][0]["attributeStatus"] == "Accepted"
        await station.wait_for(lambda state: not state.connected)
        await station.wait_for(lambda state: state.ready)
    # 1.6 means the bytes that the digits stand for.
    password = bytes.fromhex(new) if version is Version.V16 else new.encode()
    assert central.credentials[-1] == "Basic " + b64encode(b"CS-1:" + password).decode()
