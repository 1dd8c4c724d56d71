"""Bring desired settings to the station when it can take them, and remember what it made of them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from voltherd.domain.charging_station.requests import Requested
from voltherd.domain.charging_station.state import ChargingStation, charging_station
from voltherd.domain.charging_station.variables import SetVariables, VariablesReported
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Event, Report, message, replace

PUSHER = "voltherd:settings"
_PATIENCE = timedelta(minutes=5)
_NAMESPACE = uuid.UUID("0d3c19c2-58a0-5b0a-8f43-9a3a4c0b2a77")


@message
class PushSettings(Report):
    """Something changed after which pending settings may be pushed: it is worth a look."""

    station: StationKey


@charging_station.decides
def decide(station: ChargingStation, report: PushSettings) -> Sequence[Event]:
    """Ask for all pending settings in one request, if the station is there and is not being asked already."""
    if not station.accepted or not station.online:
        return ()
    if any(
        isinstance(request.command, SetVariables) and request.command.by == PUSHER
        for request in station.requests.values()
    ):
        return ()
    pending = {key: setting.desired for key, setting in station.settings.items() if setting.outcome == "pending"}
    if not pending:
        return ()
    number = f"{report.station.path}/{station.requests_taken + 1}"
    return [
        Requested(
            command=SetVariables(
                at=report.at,
                by=PUSHER,
                station=report.station,
                command_id=str(uuid.uuid5(_NAMESPACE, number)),
                expires_at=report.at + _PATIENCE,
                variables=pending,
            )
        )
    ]


@charging_station.evolves
def evolve_reported(station: ChargingStation, event: VariablesReported) -> ChargingStation:
    if event.asked != "set":
        return station
    settings = dict(station.settings)
    for variable in event.variables:
        if variable.name in settings and variable.outcome != "pending":
            settings[variable.name] = replace(settings[variable.name], outcome=variable.outcome)
    return replace(station, settings=settings)
