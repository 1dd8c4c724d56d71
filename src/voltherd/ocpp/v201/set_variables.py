"""SetVariables. 2.0.1 B05."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.requests import Answer, AnswerStatus
from voltherd.domain.charging_station.state import SettingOutcome
from voltherd.domain.charging_station.variables import SetVariables
from voltherd.ocpp.v201.payloads import (
    SetVariableData,
    SetVariablesRequest,
    SetVariablesResponse,
    SetVariableStatus,
)
from voltherd.ocpp.v201.status_info import detail_of
from voltherd.ocpp.v201.variable_names import find_variables, is_same

_OUTCOMES: dict[SetVariableStatus, SettingOutcome] = {
    "Accepted": "accepted",
    "RebootRequired": "rebootRequired",
    "Rejected": "rejected",
    "UnknownComponent": "notSupported",
    "UnknownVariable": "notSupported",
    "NotSupportedAttributeType": "notSupported",
}


def to_requests(command: SetVariables) -> Sequence[SetVariablesRequest]:
    data = tuple(
        SetVariableData(component=component, variable=variable, attribute_value=command.variables[name])
        for name, (component, variable) in find_variables(command.variables).items()
    )
    return [SetVariablesRequest(set_variable_data=data)] if data else []


def to_answer(command: SetVariables, _request: SetVariablesRequest, response: SetVariablesResponse) -> Answer:
    variables: list[dict[str, str | None]] = []
    for name in command.variables:
        result = next((one for one in response.set_variable_result if is_same(name, one.component, one.variable)), None)
        if result is None:
            variables.append({"name": name, "outcome": "notSupported", "detail": "names no Component.Variable"})
        else:
            detail = detail_of(result.attribute_status_info) or result.attribute_status
            variables.append({"name": name, "outcome": _OUTCOMES[result.attribute_status], "detail": detail})
    return Answer(status=_status(variables), result={"variables": variables})


def _status(variables: Sequence[dict[str, str | None]]) -> AnswerStatus:
    outcomes = {variable["outcome"] for variable in variables}
    if "rejected" in outcomes:
        return "rejected"
    return "unsupported" if "notSupported" in outcomes else "accepted"
