"""TriggerMessage. 2.0.1 F06."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.charging_station.trigger_message import TriggerMessage
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v201.payloads import Evse, MessageTrigger, TriggerMessageRequest, TriggerMessageResponse
from voltherd.ocpp.v201.status_info import detail_of

_MESSAGES: dict[str, MessageTrigger] = {
    "BootNotification": "BootNotification",
    "Heartbeat": "Heartbeat",
    "MeterValues": "MeterValues",
    "StatusNotification": "StatusNotification",
    "TransactionEvent": "TransactionEvent",
    "FirmwareStatusNotification": "FirmwareStatusNotification",
    "LogStatusNotification": "LogStatusNotification",
    "DiagnosticsStatusNotification": "LogStatusNotification",
}


def to_requests(command: TriggerMessage) -> Sequence[TriggerMessageRequest]:
    evse = None
    if command.evse_id:
        # A status is one connector's, so that F06.FR.13 wants it named.
        default = 1 if command.requested_message == "StatusNotification" else None
        evse = Evse(id=command.evse_id, connector_id=command.connector_id or default)
    return [TriggerMessageRequest(requested_message=_MESSAGES[command.requested_message], evse=evse)]


def to_answer(_command: TriggerMessage, _request: TriggerMessageRequest, response: TriggerMessageResponse) -> Answer:
    return answer_of(response.status, detail=detail_of(response.status_info))
