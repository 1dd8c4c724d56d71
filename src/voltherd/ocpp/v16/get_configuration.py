"""GetConfiguration. 1.6 §5.8."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.charging_station.variables import GetVariables
from voltherd.ocpp.v16.payloads import GetConfigurationRequest, GetConfigurationResponse


def to_requests(command: GetVariables) -> Sequence[GetConfigurationRequest]:
    return [GetConfigurationRequest(key=command.variables or None)]


def to_answer(command: GetVariables, _request: GetConfigurationRequest, response: GetConfigurationResponse) -> Answer:
    # Keys are case-insensitive, and stations answer in their own spelling (Mennekes): the operator's is kept.
    asked = {name.casefold(): name for name in command.variables}
    found = [
        {
            "name": asked.get(key.key.casefold(), key.key),
            "outcome": "accepted",
            "value": key.value,
            "readOnly": key.readonly,
        }
        for key in response.configuration_key or ()
    ]
    unknown = [
        {"name": asked.get(name.casefold(), name), "outcome": "notSupported"} for name in response.unknown_key or ()
    ]
    return Answer(status="accepted", result={"variables": [*found, *unknown]})
