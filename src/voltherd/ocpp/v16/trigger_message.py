"""TriggerMessage. 1.6 §5.17."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.charging_station.trigger_message import TriggerMessage
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v16.payloads import (
    TriggerMessageRequest,
    TriggerMessageRequestedMessage,
    TriggerMessageResponse,
)

# 1.6 has its own word for a log's progress, and tells of transactions by their meter values.
_MESSAGES: dict[str, TriggerMessageRequestedMessage] = {
    "BootNotification": "BootNotification",
    "Heartbeat": "Heartbeat",
    "MeterValues": "MeterValues",
    "StatusNotification": "StatusNotification",
    "TransactionEvent": "MeterValues",
    "FirmwareStatusNotification": "FirmwareStatusNotification",
    "LogStatusNotification": "DiagnosticsStatusNotification",
    "DiagnosticsStatusNotification": "DiagnosticsStatusNotification",
}


def to_requests(command: TriggerMessage) -> Sequence[TriggerMessageRequest]:
    # Several stations refuse connector 0 here, which 1.6 allows to leave out.
    return [
        TriggerMessageRequest(
            requested_message=_MESSAGES[command.requested_message], connector_id=command.evse_id or None
        )
    ]


def to_answer(_command: TriggerMessage, _request: TriggerMessageRequest, response: TriggerMessageResponse) -> Answer:
    return answer_of(response.status)
