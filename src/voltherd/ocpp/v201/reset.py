"""Reset. 2.0.1 B11, B12."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.charging_station.reset import Reset
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v201.payloads import ResetRequest, ResetResponse
from voltherd.ocpp.v201.status_info import detail_of


def to_requests(command: Reset) -> Sequence[ResetRequest]:
    return [
        ResetRequest(type="Immediate" if command.type == "immediate" else "OnIdle", evse_id=command.evse_id or None)
    ]


def to_answer(_command: Reset, _request: ResetRequest, response: ResetResponse) -> Answer:
    return answer_of(response.status, detail=detail_of(response.status_info))
