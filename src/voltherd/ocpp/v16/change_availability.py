"""ChangeAvailability. 1.6 §5.2."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.change_availability import ChangeAvailability
from voltherd.domain.charging_station.requests import Answer
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v16.payloads import ChangeAvailabilityRequest, ChangeAvailabilityResponse


def to_requests(command: ChangeAvailability) -> Sequence[ChangeAvailabilityRequest]:
    if command.connector_id not in (None, 1):  # an EVSE of 1.6 has one connector
        return []
    return [
        ChangeAvailabilityRequest(
            connector_id=command.evse_id,
            type="Operative" if command.availability == "operative" else "Inoperative",
        )
    ]


def to_answer(
    _command: ChangeAvailability, _request: ChangeAvailabilityRequest, response: ChangeAvailabilityResponse
) -> Answer:
    return answer_of(response.status)
