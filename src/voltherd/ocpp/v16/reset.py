"""Reset: Hard for "immediate", Soft for "on idle". 1.6 §5.14."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.charging_station.reset import Reset
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v16.payloads import ResetRequest, ResetResponse


def to_requests(command: Reset) -> Sequence[ResetRequest]:
    if command.evse_id:  # 1.6 can only reset the whole station, and whoever charges elsewhere would pay for it
        return []
    return [ResetRequest(type="Hard" if command.type == "immediate" else "Soft")]


def to_answer(_command: Reset, _request: ResetRequest, response: ResetResponse) -> Answer:
    return answer_of(response.status)
