"""Release the cable of a connector. 2.0.1 F05, 1.6 §5.18."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Annotated, ClassVar

from annotated_types import Ge

from voltherd.domain.charging_station.requests import STOP, Requested, StationRequest
from voltherd.domain.charging_station.state import (
    ChargingStation,
    StationNotConfigured,
    charging_station,
    require_accepted,
    require_evse,
)
from voltherd.kernel.messages import Event, message, replace


@message
class UnlockConnector(StationRequest):
    """Unlock an EVSE's connector, or with 0 those of every EVSE: one request with a result for each.

    `connector_id` chooses among several connectors of one EVSE (2.x only; the first by default).
    """

    aliases: ClassVar[tuple[str, ...]] = ("UnlockEvse", "RequestUnlockEvse")
    synonyms: ClassVar[dict[str, str]] = {"connectorId": "evseId", "connector": "connectorId"}
    priority: ClassVar[int] = STOP

    evse_id: Annotated[int, Ge(0)]
    connector_id: Annotated[int, Ge(1)] | None = None
    evse_ids: tuple[int, ...] = field(default=(), metadata={"internal": True})


@charging_station.decides
def decide(station: ChargingStation, command: UnlockConnector) -> Sequence[Event]:
    require_accepted(station, command.station)
    require_evse(station, command.station, command.evse_id, "/evseId")
    evse_ids = (command.evse_id,) if command.evse_id else station.known_evses
    if not evse_ids:
        raise StationNotConfigured(f"charging station {command.station.station_id} has no known EVSEs to unlock")
    return [Requested(command=replace(command, evse_ids=evse_ids))]
