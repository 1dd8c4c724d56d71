"""A station is online while one connection of it lives; the newest wins. 2.0.1 Part 4 §3, 1.6J §3."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from voltherd.domain.charging_station.state import ChargingStation, charging_station
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Event, JournalEntry, Report, message, replace


@message
class ReportConnected(Report):
    """A link opened. `epoch` grows with every connection of the station; `node` is the machine that holds the link."""

    station: StationKey
    epoch: int
    protocol: str
    node: str
    remote_address: str | None = None


@message
class ReportDisconnected(Report):
    """The link of this epoch is gone."""

    station: StationKey
    epoch: int
    reason: str


@message
class StationConnected(Event):
    """The station is online, on this epoch."""

    epoch: int
    protocol: str
    node: str
    remote_address: str | None = None


@message
class StationDisconnected(Event):
    """The station is offline."""

    epoch: int
    reason: str


@message
class StationHeard(JournalEntry):
    """Any message is a sign of life (2.0.1 G02.FR.04); kept as the newest instant only, now and then."""

    heard_at: datetime


@charging_station.decides
def decide_connected(station: ChargingStation, report: ReportConnected) -> Sequence[Event]:
    if report.epoch <= station.last_epoch:
        return ()
    return [
        StationConnected(
            epoch=report.epoch,
            protocol=report.protocol,
            node=report.node,
            remote_address=report.remote_address,
        )
    ]


@charging_station.decides
def decide_disconnected(station: ChargingStation, report: ReportDisconnected) -> Sequence[Event]:
    """Only the connection that counts can take the station offline: an older one's clean-up comes late."""
    if station.epoch != report.epoch:
        return ()
    return [StationDisconnected(epoch=report.epoch, reason=report.reason)]


@charging_station.evolves
def evolve_connected(station: ChargingStation, event: StationConnected) -> ChargingStation:
    return replace(station, epoch=event.epoch, last_epoch=event.epoch, protocol=event.protocol)


@charging_station.evolves
def evolve_disconnected(station: ChargingStation, _event: StationDisconnected) -> ChargingStation:
    return replace(station, epoch=None)
