"""Ask a station to send a message now. 2.0.1 F06, 1.6 §5.17 and the security extension's ExtendedTriggerMessage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge

from voltherd.domain.charging_station.requests import REPORT, Requested, StationRequest
from voltherd.domain.charging_station.state import (
    ChargingStation,
    charging_station,
    require_accepted,
    require_evse,
)
from voltherd.kernel.messages import Event, message

TriggeredMessage = Literal[
    "BootNotification",
    "Heartbeat",
    "MeterValues",
    "StatusNotification",
    "TransactionEvent",
    "FirmwareStatusNotification",
    "LogStatusNotification",
    "DiagnosticsStatusNotification",
]


@message
class TriggerMessage(StationRequest):
    """Ask for a message about the station (`evse_id` 0), an EVSE or a connector; completed when the station agrees."""

    aliases: ClassVar[tuple[str, ...]] = ("RequestTriggerMessage", "ExtendedTriggerMessage")
    priority: ClassVar[int] = REPORT
    idempotent: ClassVar[bool] = True

    requested_message: TriggeredMessage
    evse_id: Annotated[int, Ge(0)] = 0
    connector_id: Annotated[int, Ge(1)] | None = None


@charging_station.decides
def decide(station: ChargingStation, command: TriggerMessage) -> Sequence[Event]:
    require_accepted(station, command.station)
    require_evse(station, command.station, command.evse_id, "/evseId")
    return [Requested(command=command)]
