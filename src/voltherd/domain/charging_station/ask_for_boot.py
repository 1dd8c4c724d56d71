"""Ask a station that waits for its acceptance to boot again, so that it need not wait its interval. 2.0.1 B02, F06."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from voltherd.domain.charging_station.requests import Requested
from voltherd.domain.charging_station.state import ChargingStation, charging_station
from voltherd.domain.charging_station.trigger_message import TriggerMessage
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Event, Report, message

_PATIENCE = timedelta(seconds=30)
_NAMESPACE = uuid.UUID("c0f9b4d5-0f52-5a0e-9f0c-4a2d9b7c6e11")


@message
class AskForBoot(Report):
    """The station was accepted: if it waits on the line for that, it shall hear it now."""

    station: StationKey


@charging_station.decides
def decide(station: ChargingStation, report: AskForBoot) -> Sequence[Event]:
    waits = station.online and station.booted_epoch == station.epoch and not station.boot_accepted
    if not (station.accepted and waits):
        return ()
    number = f"{report.station.path}/{station.requests_taken + 1}"
    return [
        Requested(
            command=TriggerMessage(
                at=report.at,
                by="voltherd:acceptance",
                command_id=str(uuid.uuid5(_NAMESPACE, number)),
                station=report.station,
                expires_at=report.at + _PATIENCE,
                requested_message="BootNotification",
            )
        )
    ]
