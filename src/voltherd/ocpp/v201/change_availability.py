"""ChangeAvailability. 2.0.1 G03, G04."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.change_availability import ChangeAvailability
from voltherd.domain.charging_station.requests import Answer
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v201.payloads import ChangeAvailabilityRequest, ChangeAvailabilityResponse, Evse
from voltherd.ocpp.v201.status_info import detail_of


def to_requests(command: ChangeAvailability) -> Sequence[ChangeAvailabilityRequest]:
    evse = Evse(id=command.evse_id, connector_id=command.connector_id) if command.evse_id else None
    return [
        ChangeAvailabilityRequest(
            operational_status="Operative" if command.availability == "operative" else "Inoperative", evse=evse
        )
    ]


def to_answer(
    _command: ChangeAvailability, _request: ChangeAvailabilityRequest, response: ChangeAvailabilityResponse
) -> Answer:
    return answer_of(response.status, detail=detail_of(response.status_info))
