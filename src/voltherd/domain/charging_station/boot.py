"""A station starts up and introduces itself. 2.0.1 B01–B03, 1.6 §4.2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from voltherd.domain.charging_station.register import StationAccepted
from voltherd.domain.charging_station.state import ChargingStation, StationReport, charging_station
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Event, Report, message, replace

_REPEATED_WITHIN = timedelta(seconds=10)


@message
class ReportBoot(StationReport):
    """A BootNotification. `attributes` are what the station says of itself, by the names of `attributes` in the API."""

    heard_before_acceptance: ClassVar[bool] = True

    protocol: str
    attributes: Mapping[str, str]
    reason: str | None = None


@message
class StationDiscovered(Event):
    """A station that nobody registered has come by itself."""


@message
class StationBooted(Event):
    """The station has started. Whether it was accepted is a matter of what came before."""

    protocol: str
    attributes: Mapping[str, str]
    reason: str | None
    booted_at: datetime


@message
class ReportUnknownStation(Report):
    """A station that nobody registered connects, and the operator's policy lets it in."""

    station: StationKey
    policy: Literal["pending", "accept"]


@charging_station.decides
def decide(station: ChargingStation, report: ReportBoot) -> Sequence[Event]:
    if _said_before(station, report):
        return ()
    return [
        StationBooted(protocol=report.protocol, attributes=report.attributes, reason=report.reason, booted_at=report.at)
    ]


def _said_before(station: ChargingStation, report: ReportBoot) -> bool:
    """A station that waits for acceptance repeats its boot every interval: that is no news.

    An accepted one repeats it when our answer got lost, which is soon, and on the same connection.
    """
    if station.booted_at is None or station.boot != report.attributes or station.booted_epoch != station.epoch:
        return False
    return not station.accepted or report.at - station.booted_at < _REPEATED_WITHIN


@charging_station.decides
def decide_unknown(station: ChargingStation, report: ReportUnknownStation) -> Sequence[Event]:
    if station.known:
        return ()
    return [StationDiscovered(), *([StationAccepted()] if report.policy == "accept" else [])]


@charging_station.evolves
def evolve_discovered(station: ChargingStation, _event: StationDiscovered) -> ChargingStation:
    return replace(station, known=True)


@charging_station.evolves
def evolve_booted(station: ChargingStation, event: StationBooted) -> ChargingStation:
    return replace(
        station,
        protocol=event.protocol,
        boot=event.attributes,
        booted_at=event.booted_at,
        booted_epoch=station.epoch,
        boot_accepted=station.accepted,
    )
