"""Take a station, an EVSE or a connector out of use or back. 2.0.1 G03, G04; 1.6 §5.2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge

from voltherd.domain.charging_station.requests import Answer, Json, Request, Requested, RequestLapsed, StationRequest
from voltherd.domain.charging_station.state import (
    ChargingStation,
    charging_station,
    require_accepted,
    require_evse,
)
from voltherd.kernel.messages import Event, message

_SUPERSEDED = "another ChangeAvailability took its place"

Availability = Literal["operative", "inoperative"]


@message
class ChangeAvailability(StationRequest):
    """Make EVSE `evse_id` (0: the whole station) operative or inoperative; completed when the status agrees.

    A station that is busy answers "scheduled" and changes when its transaction has ended.
    """

    aliases: ClassVar[tuple[str, ...]] = ("RequestChangeAvailability",)
    idempotent: ClassVar[bool] = True
    effect_within: ClassVar[timedelta | None] = timedelta(minutes=1)

    availability: Availability
    evse_id: Annotated[int, Ge(0)] = 0
    connector_id: Annotated[int, Ge(1)] | None = None

    @staticmethod
    def adapt(payload: Mapping[str, object]) -> Mapping[str, object]:
        """Read `Inoperative` in any case, and the flat connector's number as that of its EVSE."""
        availability = payload.get("availability")
        if isinstance(availability, str):
            payload = {**payload, "availability": availability.lower()}
        if "evseId" not in payload and "connectorId" in payload:
            payload = {"evseId" if key == "connectorId" else key: value for key, value in payload.items()}
        return payload

    def effect(self, station: ChargingStation, request: Request) -> Json | None:
        del request
        relevant = {
            place: status.status
            for place, status in station.statuses.items()
            if self.evse_id in (0, place[0]) and self.connector_id in (None, place[1]) and place[0] != 0
        }
        if not relevant:
            return None
        wanted = self.availability == "inoperative"
        if any((status == "Unavailable") != wanted for status in relevant.values()):
            return None
        return {"statuses": [{"evseId": e, "connectorId": c, "status": s} for (e, c), s in sorted(relevant.items())]}

    def learned(self, station: ChargingStation, answer: Answer) -> Sequence[Event]:
        """The station's yes ends what was agreed of the same place before: it will not come about any more."""
        if answer.status not in ("accepted", "scheduled"):
            return ()
        return [
            RequestLapsed(command_id=command_id, status="ineffective", reason=_SUPERSEDED)
            for command_id, request in station.requests.items()
            if isinstance(request.command, ChangeAvailability)
            and command_id != self.command_id
            and request.status in ("accepted", "scheduled", "unknown")
            and self._covers(request.command)
        ]

    def _covers(self, other: ChangeAvailability) -> bool:
        if 0 in (self.evse_id, other.evse_id):
            return True
        same_connector = self.connector_id == other.connector_id or None in (self.connector_id, other.connector_id)
        return self.evse_id == other.evse_id and same_connector


@charging_station.decides
def decide(station: ChargingStation, command: ChangeAvailability) -> Sequence[Event]:
    require_accepted(station, command.station)
    require_evse(station, command.station, command.evse_id, "/evseId")
    return [Requested(command=command)]
