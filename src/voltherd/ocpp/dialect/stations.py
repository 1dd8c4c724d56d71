"""What a link tells of its station, and the little that it must know: so that the gateway needs no content."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from voltherd.domain.charging_station.boot import ReportUnknownStation
from voltherd.domain.charging_station.connection import ReportConnected, ReportDisconnected, StationHeard
from voltherd.domain.charging_station.password import fits
from voltherd.domain.charging_station.state import ChargingStation
from voltherd.domain.frames import FrameSeen
from voltherd.kernel.aggregate import States
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Report
from voltherd.kernel.readmodel import Told

_BY = "link"

STATION: type = ChargingStation
"""The class of the state that a link asks the dispatcher for."""


def last_epoch(station: Any) -> int:
    """The highest epoch that a connection of the station had: the next must be above it."""
    return station.last_epoch if isinstance(station, ChargingStation) else 0


def is_welcome(station: Any) -> bool:
    """Whether the station is registered, or was let in before."""
    return isinstance(station, ChargingStation) and station.known


def state_of(states: States) -> Any:
    """The station's state among those that a report touched."""
    return states[ChargingStation]


def frame_seen(
    station: StationKey, at: datetime, direction: Literal["received", "sent"], text: str, note: str | None = None
) -> Told:
    """A frame for the journal; a bare NUL, which no database's texts can hold, is written `\\x00`."""
    text = text.replace("\0", r"\x00")
    return Told(FrameSeen(seen_at=at, direction=direction, text=text, note=note), station, at, _BY)


def heard(station: StationKey, at: datetime) -> Told:
    """A sign of life for the journal."""
    return Told(StationHeard(heard_at=at), station, at, _BY)


def password_fits(station: Any, password: bytes | None) -> bool:
    """Whether the password is the station's; one that has none may come without, and with any."""
    return not isinstance(station, ChargingStation) or station.password is None or fits(station.password, password)


def report_unknown(station: StationKey, at: datetime, policy: Literal["pending", "accept"]) -> Report:
    """A station that nobody registered is let in."""
    return ReportUnknownStation(at=at, by=_BY, station=station, policy=policy)


def report_connected(
    station: StationKey, at: datetime, epoch: int, protocol: str, node: str, remote_address: str | None
) -> Report:
    """A link opened."""
    return ReportConnected(
        at=at,
        by=_BY,
        station=station,
        epoch=epoch,
        protocol=protocol,
        node=node,
        remote_address=remote_address,
    )


def report_disconnected(station: StationKey, at: datetime, epoch: int, reason: str) -> Report:
    """A link closed."""
    return ReportDisconnected(at=at, by=_BY, station=station, epoch=epoch, reason=reason)
