"""Create a station or accept one that came by itself; suspend it again. 2.0.1 B01–B03, the seed's Register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from voltherd.domain.charging_station.configure import (
    Configuration,
    adapt_configuration,
    configuration_events,
)
from voltherd.domain.charging_station.requests import StationOrder, completed
from voltherd.domain.charging_station.state import ChargingStation, charging_station, require_known
from voltherd.kernel.messages import Event, message, replace


@message
class Register(StationOrder):
    """Create the station and accept it; accept it if it is known; say `alreadyAccepted` if it was."""

    aliases: ClassVar[tuple[str, ...]] = ("AcceptChargingStation",)

    configuration: Configuration | None = None

    @staticmethod
    def adapt(payload: Mapping[str, object]) -> Mapping[str, object]:
        configuration = payload.get("configuration")
        if not isinstance(configuration, Mapping):
            return payload
        return {**payload, "configuration": adapt_configuration(configuration)}


@message
class Suspend(StationOrder):
    """Take the acceptance back: the station may connect and boot, and is told to wait."""


@message
class StationRegistered(Event):
    """An operator created the station."""


@message
class StationAccepted(Event):
    """The station may take part: its boot is accepted, its messages are heard, commands reach it."""


@message
class StationSuspended(Event):
    """The station may no longer take part."""


@charging_station.decides
def decide(station: ChargingStation, command: Register) -> Sequence[Event]:
    events: list[Event] = []
    if not station.known:
        events.append(StationRegistered())
    if not station.accepted:
        events.append(StationAccepted())
    if command.configuration is not None:
        events += configuration_events(station, command.configuration, "/configuration")
    return [*events, completed(command, created=not station.known, alreadyAccepted=station.accepted)]


@charging_station.decides
def decide_suspend(station: ChargingStation, command: Suspend) -> Sequence[Event]:
    require_known(station, command.station)
    suspended: list[Event] = [StationSuspended()] if station.accepted else []
    return [*suspended, completed(command, alreadySuspended=not station.accepted)]


@charging_station.evolves
def evolve_registered(station: ChargingStation, _event: StationRegistered) -> ChargingStation:
    return replace(station, known=True)


@charging_station.evolves
def evolve_accepted(station: ChargingStation, _event: StationAccepted) -> ChargingStation:
    return replace(station, accepted=True)


@charging_station.evolves
def evolve_suspended(station: ChargingStation, _event: StationSuspended) -> ChargingStation:
    return replace(station, accepted=False)
