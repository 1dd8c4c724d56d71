"""ChangeConfiguration, one call for each key. 1.6 §5.3."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer, AnswerStatus
from voltherd.domain.charging_station.state import SettingOutcome
from voltherd.domain.charging_station.variables import SetVariables
from voltherd.ocpp.v16.payloads import (
    ChangeConfigurationRequest,
    ChangeConfigurationResponse,
    ChangeConfigurationStatus,
)

_OUTCOMES: dict[ChangeConfigurationStatus, tuple[AnswerStatus, SettingOutcome]] = {
    "Accepted": ("accepted", "accepted"),
    "RebootRequired": ("accepted", "rebootRequired"),
    "Rejected": ("rejected", "rejected"),
    "NotSupported": ("unsupported", "notSupported"),
}


def to_requests(command: SetVariables) -> Sequence[ChangeConfigurationRequest]:
    return [ChangeConfigurationRequest(key=key, value=value) for key, value in command.variables.items()]


def to_answer(
    _command: SetVariables, request: ChangeConfigurationRequest, response: ChangeConfigurationResponse
) -> Answer:
    status, outcome = _OUTCOMES[response.status]
    variables = [{"name": request.key, "outcome": outcome}]
    return Answer(status=status, code=response.status, result={"variables": variables})
