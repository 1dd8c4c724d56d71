"""Refuse at once what the station's version of OCPP has no words for."""

from __future__ import annotations

from typing import ClassVar

from voltherd.domain.charging_station.requests import StationRequest
from voltherd.domain.charging_station.state import ChargingStation, charging_station
from voltherd.kernel.messages import Command, Refusal
from voltherd.ocpp.dialects import DIALECTS


class NotSupportedByProtocol(Refusal):
    """The station speaks a version of OCPP that has no such action."""

    code: ClassVar[str] = "not_supported_by_protocol"


@charging_station.admits
def admits(station: ChargingStation, command: Command) -> bool:
    """A station that never connected might speak any version: its requests wait."""
    if not isinstance(command, StationRequest) or not station.accepted or station.protocol is None:
        return True
    dialect = DIALECTS.get(station.protocol)
    if dialect is not None and not dialect.speaks(type(command)):
        raise NotSupportedByProtocol(f"{station.protocol} has no action for {type(command).__name__}")
    return True
