"""Restart a station or one of its EVSEs. 2.0.1 B11, B12; 1.6 §5.14."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge

from voltherd.domain.charging_station.requests import STOP, Json, Request, Requested, StationRequest
from voltherd.domain.charging_station.state import (
    ChargingStation,
    charging_station,
    require_accepted,
    require_evse,
)
from voltherd.kernel.messages import Event, message


@message
class Reset(StationRequest):
    """Reset now (`immediate`) or when no transaction runs (`onIdle`); completed when the station has booted again.

    1.6 knows Hard (for `immediate`) and Soft (for `onIdle`, though a soft reset ends running transactions). An EVSE
    alone (2.x only) sends no boot: its reset is completed when the EVSE reports itself available again.
    """

    aliases: ClassVar[tuple[str, ...]] = ("ResetChargingStation", "RequestResetChargingStation")
    priority: ClassVar[int] = STOP
    effect_within: ClassVar[timedelta | None] = timedelta(minutes=5)

    type: Literal["immediate", "onIdle"] = "onIdle"
    evse_id: Annotated[int, Ge(0)] = 0

    @staticmethod
    def adapt(payload: Mapping[str, object]) -> Mapping[str, object]:
        """Read the historic words: `hard` and `soft`, in any case."""
        words = {"hard": "immediate", "soft": "onIdle", "onidle": "onIdle", "immediate": "immediate"}
        kind = payload.get("type")
        return {**payload, "type": words.get(kind.lower(), kind)} if isinstance(kind, str) else payload

    def effect(self, station: ChargingStation, request: Request) -> Json | None:
        if request.sent_at is None:
            return None
        if self.evse_id == 0:
            if station.booted_at is None or station.booted_at <= request.sent_at:
                return None
            return {"bootedAt": _written(station.booted_at), "boot": dict(station.boot)}
        for (evse_id, _), status in station.statuses.items():
            if evse_id == self.evse_id and status.status == "Available" and status.received_at > request.sent_at:
                return {"availableAt": _written(status.received_at)}
        return None


def _written(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


@charging_station.decides
def decide(station: ChargingStation, command: Reset) -> Sequence[Event]:
    require_accepted(station, command.station)
    require_evse(station, command.station, command.evse_id, "/evseId")
    return [Requested(command=command)]
