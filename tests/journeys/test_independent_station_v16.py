"""A station made of the PyPI `ocpp` package's client lives a whole 1.6 life."""

from __future__ import annotations

import asyncio
from typing import Any

import websockets
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result

from tests.journeys.operator import SEED_REGISTER, Operator
from voltherd.adapters.memory import SystemClock
from voltherd.assembly.node import Node


def now() -> str:
    return SystemClock().now().isoformat()


class Station(ChargePoint):
    """Does what it is told, and tells what it does."""

    def __init__(self, station_id: str, connection: Any) -> None:
        super().__init__(station_id, connection)
        self.started: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.stopped: asyncio.Queue[int] = asyncio.Queue()
        self.resets: asyncio.Queue[str] = asyncio.Queue()
        self.unlocked: list[int] = []
        self.configuration = {"HeartbeatInterval": "300", "NumberOfConnectors": "2"}

    @on("ChangeConfiguration")
    def change_configuration(self, key: str, value: str) -> call_result.ChangeConfiguration:
        if key not in self.configuration:
            return call_result.ChangeConfiguration(status="NotSupported")
        self.configuration[key] = value
        return call_result.ChangeConfiguration(status="Accepted")

    @on("GetConfiguration")
    def get_configuration(self, key: list[str] | None = None) -> call_result.GetConfiguration:
        wanted = key or list(self.configuration)
        found = [
            {"key": name, "readonly": False, "value": self.configuration[name]}
            for name in wanted
            if name in self.configuration
        ]
        return call_result.GetConfiguration(
            configuration_key=found, unknown_key=[name for name in wanted if name not in self.configuration]
        )

    @on("RemoteStartTransaction")
    def remote_start(self, **asked: Any) -> call_result.RemoteStartTransaction:
        self.started.put_nowait(asked)
        return call_result.RemoteStartTransaction(status="Accepted")

    @on("RemoteStopTransaction")
    def remote_stop(self, transaction_id: int) -> call_result.RemoteStopTransaction:
        self.stopped.put_nowait(transaction_id)
        return call_result.RemoteStopTransaction(status="Accepted")

    @on("UnlockConnector")
    def unlock(self, connector_id: int) -> call_result.UnlockConnector:
        self.unlocked.append(connector_id)
        return call_result.UnlockConnector(status="Unlocked")

    @on("ChangeAvailability")
    async def change_availability(self, connector_id: int, type: str) -> call_result.ChangeAvailability:
        status = "Unavailable" if type == "Inoperative" else "Available"
        self._later = asyncio.create_task(self.report_status(connector_id, status))
        return call_result.ChangeAvailability(status="Accepted")

    @on("TriggerMessage")
    def trigger(self, requested_message: str, **_: Any) -> call_result.TriggerMessage:
        known = requested_message in ("Heartbeat", "StatusNotification")
        return call_result.TriggerMessage(status="Accepted" if known else "NotImplemented")

    @on("Reset")
    def reset(self, type: str) -> call_result.Reset:
        self.resets.put_nowait(type)
        return call_result.Reset(status="Accepted")

    async def boot(self) -> call_result.BootNotification:
        answer: call_result.BootNotification = await self.call(
            call.BootNotification(charge_point_vendor="Independent", charge_point_model="I-16")
        )
        return answer

    async def report_status(self, connector_id: int, status: str) -> None:
        await self.call(
            call.StatusNotification(connector_id=connector_id, error_code="NoError", status=status, timestamp=now())
        )


async def test_from_register_to_reset_with_every_command_seen_to_its_effect(node: Node, operator: Operator) -> None:
    registered = await operator.post("/charging-stations/CS-16/commands", SEED_REGISTER)
    assert registered.status_code == 202, registered.text
    assert registered.json()["status"] == "completed"
    await operator.send("CS-16", "Configure", {"settings": {"HeartbeatInterval": "60"}})
    uri = f"{node.ocpp_url}/CS-16"

    async with websockets.connect(uri, subprotocols=["ocpp1.6"]) as socket:  # type: ignore[list-item]
        station = Station("CS-16", socket)
        listening = asyncio.create_task(station.start())
        assert (await station.boot()).status == "Accepted"
        for connector_id in (1, 2):
            await station.report_status(connector_id, "Available")

        # The desired settings came by themselves, each with its own outcome.
        shown = await operator.until(
            "/charging-stations/CS-16", lambda found: found["settings"]["HeartbeatInterval"]["outcome"] == "accepted"
        )
        assert shown["settings"]["key"]["outcome"] == "notSupported"
        assert station.configuration["HeartbeatInterval"] == "60"

        # A remote start is completed by its transaction, and carries its id.
        starting = asyncio.create_task(
            operator.send("CS-16", "StartTransaction", {"evseId": 1, "idToken": "CARD-1"}, wait=20)
        )
        asked = await station.started.get()
        assert asked == {"id_tag": "CARD-1", "connector_id": 1}
        authorized = await station.call(call.Authorize(id_tag="CARD-1"))
        assert authorized.id_tag_info["status"] == "Accepted"
        begun = await station.call(
            call.StartTransaction(connector_id=1, id_tag="CARD-1", meter_start=1000, timestamp=now())
        )
        await station.report_status(1, "Charging")
        started = await starting
        assert started["status"] == "completed"
        assert started["outcome"]["result"]["transactionId"] == str(begun.transaction_id)

        await station.call(
            call.MeterValues(
                connector_id=1,
                transaction_id=begun.transaction_id,
                meter_value=[{"timestamp": now(), "sampled_value": [{"value": "4.2", "unit": "kWh"}]}],
            )
        )
        (running,) = (await operator.get("/transactions?stationId=CS-16&status=active"))["elements"]
        assert running["energyWh"] == 3200
        assert running["remoteStartCommandId"] == started["commandId"]
        values = await operator.get(f"/transactions/{running['id']}/meter-values")
        assert values["elements"][0]["meterValues"][0]["sampled"][0]["value"] == 4200

        # A remote stop, by our UUID, is completed when the transaction has ended.
        stopping = asyncio.create_task(
            operator.send("CS-16", "StopTransaction", {"transactionId": running["id"]}, wait=20)
        )
        assert await station.stopped.get() == begun.transaction_id
        await station.call(
            call.StopTransaction(meter_stop=5000, timestamp=now(), transaction_id=begun.transaction_id, reason="Remote")
        )
        assert (await stopping)["status"] == "completed"
        ended = await operator.get(f"/transactions/{running['id']}")
        assert (ended["status"], ended["energyWh"], ended["stopReason"], ended["incomplete"]) == (
            "ended",
            4000,
            "Remote",
            False,
        )

        # 0 unlocks all: one command, a result for each EVSE.
        unlocked = await operator.send("CS-16", "UnlockConnector", {"connectorId": 0}, wait=20)
        assert unlocked["status"] == "completed"
        assert [one["status"] for one in unlocked["outcome"]["result"]["results"]] == ["Unlocked", "Unlocked"]
        assert station.unlocked == [1, 2]

        out = await operator.send("CS-16", "ChangeAvailability", {"evseId": 2, "availability": "inoperative"}, wait=20)
        assert out["status"] == "completed"

        read = await operator.send("CS-16", "GetVariables", {"variables": ["HeartbeatInterval", "Nonsense"]}, wait=20)
        by_name = {one["name"]: one for one in read["outcome"]["result"]["variables"]}
        assert by_name["HeartbeatInterval"]["value"] == "60"
        assert by_name["Nonsense"]["outcome"] == "notSupported"

        triggered = await operator.send("CS-16", "TriggerMessage", {"requestedMessage": "Heartbeat"}, wait=20)
        assert triggered["status"] == "completed"
        unknown = await operator.send("CS-16", "TriggerMessage", {"requestedMessage": "MeterValues"}, wait=20)
        assert unknown["status"] == "unsupported"

        resetting = asyncio.create_task(operator.send("CS-16", "Reset", {"type": "immediate"}, wait=20))
        assert await station.resets.get() == "Hard"
        listening.cancel()

    assert (await operator.until("/charging-stations/CS-16", lambda found: not found["online"]))["online"] is False
    async with websockets.connect(uri, subprotocols=["ocpp1.6"]) as socket:  # type: ignore[list-item]
        station = Station("CS-16", socket)
        listening = asyncio.create_task(station.start())
        await station.boot()
        done = await resetting
        assert done["status"] == "completed"
        assert done["outcome"]["result"]["boot"]["model"] == "I-16"
        listening.cancel()
