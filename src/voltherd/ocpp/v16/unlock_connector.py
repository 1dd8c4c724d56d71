"""UnlockConnector, one call for each connector. 1.6 §5.18."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.charging_station.unlock_connector import UnlockConnector
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v16.payloads import UnlockConnectorRequest, UnlockConnectorResponse


def to_requests(command: UnlockConnector) -> Sequence[UnlockConnectorRequest]:
    if command.connector_id not in (None, 1):  # an EVSE of 1.6 has one connector
        return []
    return [UnlockConnectorRequest(connector_id=evse_id) for evse_id in command.evse_ids]


def to_answer(_command: UnlockConnector, request: UnlockConnectorRequest, response: UnlockConnectorResponse) -> Answer:
    result = {"evseId": request.connector_id, "status": response.status}
    return answer_of(response.status, result=result)
