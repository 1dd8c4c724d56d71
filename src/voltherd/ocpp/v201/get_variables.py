"""GetVariables. 2.0.1 B06."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.charging_station.state import SettingOutcome
from voltherd.domain.charging_station.variables import GetVariables
from voltherd.ocpp.v201.payloads import (
    GetVariableData,
    GetVariablesRequest,
    GetVariablesResponse,
    GetVariableStatus,
)
from voltherd.ocpp.v201.status_info import detail_of
from voltherd.ocpp.v201.variable_names import find_variables, is_same

_OUTCOMES: dict[GetVariableStatus, SettingOutcome] = {
    "Accepted": "accepted",
    "Rejected": "rejected",
    "UnknownComponent": "notSupported",
    "UnknownVariable": "notSupported",
    "NotSupportedAttributeType": "notSupported",
}


def to_requests(command: GetVariables) -> Sequence[GetVariablesRequest]:
    found = find_variables(command.variables).values()
    data = tuple(GetVariableData(component=component, variable=variable) for component, variable in found)
    return [GetVariablesRequest(get_variable_data=data)] if data else []


def to_answer(command: GetVariables, _request: GetVariablesRequest, response: GetVariablesResponse) -> Answer:
    variables: list[dict[str, str | None]] = []
    for name in command.variables:
        result = next((one for one in response.get_variable_result if is_same(name, one.component, one.variable)), None)
        if result is None:
            variables.append({"name": name, "outcome": "notSupported", "detail": "names no Component.Variable"})
        else:
            detail = detail_of(result.attribute_status_info) or result.attribute_status
            outcome = _OUTCOMES[result.attribute_status]
            variables.append({"name": name, "outcome": outcome, "value": result.attribute_value, "detail": detail})
    return Answer(status="accepted", result={"variables": variables})
