"""UnlockConnector, one call for each EVSE. 2.0.1 F05."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.charging_station.unlock_connector import UnlockConnector
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v201.payloads import UnlockConnectorRequest, UnlockConnectorResponse
from voltherd.ocpp.v201.status_info import detail_of


def to_requests(command: UnlockConnector) -> Sequence[UnlockConnectorRequest]:
    return [
        UnlockConnectorRequest(evse_id=evse_id, connector_id=command.connector_id or 1) for evse_id in command.evse_ids
    ]


def to_answer(_command: UnlockConnector, request: UnlockConnectorRequest, response: UnlockConnectorResponse) -> Answer:
    result = {"evseId": request.evse_id, "connectorId": request.connector_id, "status": response.status}
    return answer_of(response.status, detail=detail_of(response.status_info), result=result)
