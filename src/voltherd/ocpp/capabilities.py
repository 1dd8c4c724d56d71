"""Refuse at once what the station's version of OCPP has no words for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from voltherd.domain.charging_station.state import ChargingStation, charging_station
from voltherd.kernel.messages import Command, Event, OperatorCommand, Refusal
from voltherd.ocpp.dialect.requests import OpenRequest
from voltherd.ocpp.dialects import DIALECTS


class NotSupportedByProtocol(Refusal):
    """The station speaks a version of OCPP that has no such action, or none for what is asked of it."""

    code: ClassVar[str] = "not_supported_by_protocol"


@charging_station.follows
def refuse_the_unspeakable(station: ChargingStation, command: Command) -> Sequence[Event]:
    """Look at the request as it was taken down. A station that never connected might speak any version: it waits."""
    if not isinstance(command, OperatorCommand):
        return ()
    request = station.requests.get(command.command_id)
    dialect = DIALECTS.get(station.protocol or "")
    if request is None or dialect is None:
        return ()
    unspeakable = OpenRequest(request.command, dialect.outgoing.get(type(request.command)), 0).unspeakable
    if unspeakable is not None:
        raise NotSupportedByProtocol(f"{station.protocol} cannot say this {type(command).__name__}: {unspeakable}")
    return ()
