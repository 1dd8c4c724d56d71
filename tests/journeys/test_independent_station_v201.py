"""A station made of the PyPI `ocpp` package's client lives a whole 2.0.1 life."""

from __future__ import annotations

import asyncio
from typing import Any

import websockets
from ocpp.routing import on
from ocpp.v201 import ChargePoint, call, call_result

from tests.journeys.operator import SEED_REGISTER, Operator
from voltherd.adapters.memory import SystemClock
from voltherd.assembly.node import Node

TRANSACTION = "3f0c7d8e-2d6a-4a53-8a55-b6a3f9b5d001"


def now() -> str:
    return SystemClock().now().isoformat()


def meter(value: float, context: str = "Sample.Periodic") -> list[dict[str, Any]]:
    sampled = {
        "value": value,
        "context": context,
        "measurand": "Energy.Active.Import.Register",
        "unit_of_measure": {"unit": "kWh"},
    }
    return [{"timestamp": now(), "sampled_value": [sampled]}]


class Station(ChargePoint):
    """Does what it is told, and tells what it does."""

    def __init__(self, station_id: str, connection: Any) -> None:
        super().__init__(station_id, connection)
        self.asked: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
        self.seq_no = 0

    @on("RequestStartTransaction")
    def request_start(self, **asked: Any) -> call_result.RequestStartTransaction:
        self.asked.put_nowait(("start", asked))
        return call_result.RequestStartTransaction(status="Accepted")

    @on("RequestStopTransaction")
    def request_stop(self, **asked: Any) -> call_result.RequestStopTransaction:
        self.asked.put_nowait(("stop", asked))
        return call_result.RequestStopTransaction(status="Accepted")

    @on("UnlockConnector")
    def unlock(self, evse_id: int, connector_id: int) -> call_result.UnlockConnector:
        del connector_id
        return call_result.UnlockConnector(status="Unlocked" if evse_id == 1 else "UnknownConnector")

    @on("SetVariables")
    def set_variables(self, set_variable_data: list[dict[str, Any]]) -> call_result.SetVariables:
        return call_result.SetVariables(
            set_variable_result=[
                {
                    "attribute_status": "Accepted" if one["variable"]["name"] == "HeartbeatInterval" else "Rejected",
                    "component": one["component"],
                    "variable": one["variable"],
                }
                for one in set_variable_data
            ]
        )

    @on("GetVariables")
    def get_variables(self, get_variable_data: list[dict[str, Any]]) -> call_result.GetVariables:
        return call_result.GetVariables(
            get_variable_result=[
                {
                    "attribute_status": "Accepted",
                    "attribute_value": "60",
                    "component": one["component"],
                    "variable": one["variable"],
                }
                for one in get_variable_data
            ]
        )

    @on("ChangeAvailability")
    async def change_availability(self, operational_status: str, **_: Any) -> call_result.ChangeAvailability:
        status = "Unavailable" if operational_status == "Inoperative" else "Available"
        self._later = asyncio.create_task(self.report_statuses(status))
        return call_result.ChangeAvailability(status="Scheduled")

    @on("Reset")
    def reset(self, **asked: Any) -> call_result.Reset:
        self.asked.put_nowait(("reset", asked))
        return call_result.Reset(status="Accepted")

    async def boot(self, reason: str) -> call_result.BootNotification:
        answer: call_result.BootNotification = await self.call(
            call.BootNotification(charging_station={"vendor_name": "Independent", "model": "I-201"}, reason=reason)
        )
        return answer

    async def report_statuses(self, status: str) -> None:
        for evse_id in (1, 2):
            await self.call(
                call.StatusNotification(timestamp=now(), connector_status=status, evse_id=evse_id, connector_id=1)
            )

    async def report(self, event_type: str, trigger: str, **more: Any) -> call_result.TransactionEvent:
        info = {"transaction_id": TRANSACTION, **more.pop("info", {})}
        self.seq_no += 1
        answer: call_result.TransactionEvent = await self.call(
            call.TransactionEvent(
                event_type=event_type,
                timestamp=now(),
                trigger_reason=trigger,
                seq_no=self.seq_no - 1,
                transaction_info=info,
                **more,
            )
        )
        return answer


async def test_from_register_to_reset_with_every_command_seen_to_its_effect(node: Node, operator: Operator) -> None:
    assert (await operator.post("/charging-stations/CS-201/commands", SEED_REGISTER)).status_code == 202
    uri = f"{node.ocpp_url}/CS-201"

    async with websockets.connect(uri, subprotocols=["ocpp2.0.1"]) as socket:  # type: ignore[list-item]
        station = Station("CS-201", socket)
        listening = asyncio.create_task(station.start())
        assert (await station.boot("PowerUp")).status == "Accepted"
        await station.report_statuses("Available")

        starting = asyncio.create_task(
            operator.send(
                "CS-201",
                "StartTransaction",
                {"evseId": 1, "idToken": {"idToken": "CARD-2", "type": "ISO14443"}},
                wait=20,
            )
        )
        _, asked = await station.asked.get()
        token = {"id_token": "CARD-2", "type": "ISO14443"}
        assert asked["id_token"] == token
        told = await station.report(
            "Started",
            "RemoteStart",
            info={"remote_start_id": asked["remote_start_id"]},
            evse={"id": 1, "connector_id": 1},
            id_token=token,
            meter_value=meter(1.0, "Transaction.Begin"),
        )
        assert told.id_token_info["status"] == "Accepted"
        started = await starting
        assert started["status"] == "completed"
        assert started["outcome"]["result"]["transactionId"] == TRANSACTION

        silent = await station.report("Updated", "ChargingStateChanged", info={"charging_state": "Charging"})
        assert silent.id_token_info is None
        await station.report("Updated", "MeterValuePeriodic", meter_value=meter(2.5))
        (running,) = (await operator.get("/transactions?stationId=CS-201&status=active"))["elements"]
        assert (running["energyWh"], running["chargingState"], running["evseId"]) == (1500, "Charging", 1)

        stopping = asyncio.create_task(
            operator.send("CS-201", "StopTransaction", {"transactionId": TRANSACTION}, wait=20)
        )
        assert (await station.asked.get()) == ("stop", {"transaction_id": TRANSACTION})
        await station.report(
            "Ended", "RemoteStop", info={"stopped_reason": "Remote"}, meter_value=meter(3.0, "Transaction.End")
        )
        assert (await stopping)["status"] == "completed"
        ended = await operator.get(f"/transactions/{running['id']}")
        assert (ended["status"], ended["energyWh"], ended["stopReason"], ended["incomplete"]) == (
            "ended",
            2000,
            "Remote",
            False,
        )
        values = await operator.get(f"/transactions/{running['id']}/meter-values")
        assert [one["seqNo"] for one in values["elements"]] == [0, 1, 2, 3]

        # One EVSE agrees, the other does not: the whole did not come true, and each is told.
        unlocked = await operator.send("CS-201", "UnlockConnector", {"connectorId": 0}, wait=20)
        assert unlocked["status"] == "rejected"
        assert [one["status"] for one in unlocked["outcome"]["result"]["results"]] == ["Unlocked", "UnknownConnector"]

        set_ = await operator.send(
            "CS-201", "SetVariables", {"variables": {"OCPPCommCtrlr.HeartbeatInterval": "60", "X.Y": "1"}}, wait=20
        )
        assert set_["status"] == "rejected"
        outcomes = {one["name"]: one["outcome"] for one in set_["outcome"]["result"]["variables"]}
        assert outcomes == {"OCPPCommCtrlr.HeartbeatInterval": "accepted", "X.Y": "rejected"}
        read = await operator.send("CS-201", "GetVariables", {"variables": ["HeartbeatInterval"]}, wait=20)
        assert read["outcome"]["result"]["variables"][0]["value"] == "60"

        # "Scheduled" is waited for until the statuses agree.
        out = await operator.send("CS-201", "ChangeAvailability", {"evseId": 0, "availability": "inoperative"}, wait=20)
        assert out["status"] == "completed"

        # The station knows no TriggerMessage at all.
        triggered = await operator.send("CS-201", "TriggerMessage", {"requestedMessage": "Heartbeat"}, wait=20)
        assert triggered["status"] == "unsupported"

        resetting = asyncio.create_task(operator.send("CS-201", "Reset", {"type": "onIdle"}, wait=20))
        assert (await station.asked.get()) == ("reset", {"type": "OnIdle"})
        listening.cancel()

    async with websockets.connect(uri, subprotocols=["ocpp2.0.1"]) as socket:  # type: ignore[list-item]
        station = Station("CS-201", socket)
        listening = asyncio.create_task(station.start())
        await station.boot("RemoteReset")
        assert (await resetting)["status"] == "completed"
        listening.cancel()
