"""Read and set what a station lets be set: 2.0.1 B05, B06 variables of components; 1.6 §5.3, §5.8 configuration keys.

A variable is named by one text: 1.6's key, or 2.x's `Component.Variable`; dialects translate the well-known ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from annotated_types import MinLen

from voltherd.domain.charging_station.configure import SettingKey, SettingValue
from voltherd.domain.charging_station.requests import REPORT, Answer, StationRequest
from voltherd.domain.charging_station.state import ChargingStation, SettingOutcome
from voltherd.kernel.messages import Event, message, replace


@message
class VariableResult:
    """What became of one variable of a request. `value` is None where the station gave none."""

    name: str
    outcome: SettingOutcome
    value: str | None = None
    read_only: bool | None = None
    detail: str | None = None


@message
class GetVariables(StationRequest):
    """Ask for the values of variables; of all of them with an empty list (1.6 only)."""

    aliases: ClassVar[tuple[str, ...]] = (
        "GetConfiguration",
        "RequestConfigurationItems",
        "RequestGetConfiguration",
    )
    synonyms: ClassVar[dict[str, str]] = {"keys": "variables", "key": "variables"}
    priority: ClassVar[int] = REPORT
    idempotent: ClassVar[bool] = True

    variables: tuple[SettingKey, ...] = ()

    def learned(self, station: ChargingStation, answer: Answer) -> Sequence[Event]:
        del station
        variables = _results(answer)
        return [VariablesReported(asked="get", variables=variables)] if variables else ()


@message
class SetVariables(StationRequest):
    """Set variables, each on its own: the result says for every one what became of it."""

    aliases: ClassVar[tuple[str, ...]] = (
        "ChangeConfiguration",
        "RequestChangeConfiguration",
        "RequestChangeConfigurationItem",
    )
    idempotent: ClassVar[bool] = True

    variables: Annotated[Mapping[SettingKey, SettingValue], MinLen(1)]

    @staticmethod
    def adapt(payload: Mapping[str, object]) -> Mapping[str, object]:
        """Read the historic `{key, value}` of a single item; an absent value is the empty text."""
        if "key" not in payload:
            return payload
        others = {name: value for name, value in payload.items() if name not in ("key", "value")}
        value = payload.get("value")
        return {**others, "variables": {str(payload["key"]): "" if value is None else str(value)}}

    def learned(self, station: ChargingStation, answer: Answer) -> Sequence[Event]:
        """What became of every variable; of those that are desired settings only while that value is still desired.

        A variable that the answer does not name met with the answer as a whole.
        """
        named = {result.name: result for result in _results(answer)}
        others: SettingOutcome = "notSupported" if answer.status == "unsupported" else "rejected"
        variables = tuple(
            _with_value(named[name], value)
            if name in named
            else VariableResult(name=name, outcome=others, detail=answer.detail or answer.code)
            for name, value in self.variables.items()
            if name not in station.settings or station.settings[name].desired == value
        )
        return [VariablesReported(asked="set", variables=variables)] if variables else ()


@message
class VariablesReported(Event):
    """What the station said of its variables when they were read or set."""

    asked: Literal["get", "set"]
    variables: tuple[VariableResult, ...]


def _with_value(result: VariableResult, value: str) -> VariableResult:
    """What was set is the value from now on, as far as the station's word goes."""
    return replace(result, value=value) if result.outcome == "accepted" else result


def _results(answer: Answer) -> tuple[VariableResult, ...]:
    return tuple(
        VariableResult(
            name=result["name"],
            outcome=result["outcome"],
            value=result.get("value"),
            read_only=result.get("readOnly"),
            detail=result.get("detail"),
        )
        for result in (answer.result or {}).get("variables", ())
    )
