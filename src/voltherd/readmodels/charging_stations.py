"""The stations: who they are and whether they are there; what their EVSEs say and how they are set beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, String, Table, Text, or_, select

from voltherd.domain.charging_station.boot import StationBooted, StationDiscovered
from voltherd.domain.charging_station.configure import TopologyConfigured
from voltherd.domain.charging_station.connection import (
    ReportDisconnected,
    StationConnected,
    StationDisconnected,
    StationHeard,
)
from voltherd.domain.charging_station.register import StationAccepted, StationRegistered, StationSuspended
from voltherd.domain.charging_station.status import ConnectorStatusChanged
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Command
from voltherd.kernel.readmodel import Alarm, Change, Filter, ReadModel, Resource, Told
from voltherd.readmodels.connectors import EvseDocument, connectors_part, connectors_table
from voltherd.readmodels.settings import SettingDocument, settings_part
from voltherd.readmodels.tables import STATION, Instant, insert_once, metadata, update_by

stations = Table(
    "charging_stations",
    metadata,
    Column("operator", String(48), primary_key=True),
    Column("station_id", String(48), primary_key=True),
    Column("accepted", Boolean, nullable=False, default=False),
    Column("configured", Boolean, nullable=False, default=False),
    Column("online", Boolean, nullable=False, default=False),
    Column("epoch", BigInteger),
    Column("node", Text),
    Column("protocol", String(20)),
    Column("status", String(20)),
    Column("attributes", JSON),
    Column("boot_reason", Text),
    Column("created_at", Instant, nullable=False),
    Column("connected_at", Instant),
    Column("disconnected_at", Instant),
    Column("booted_at", Instant),
    Column("last_heard_at", Instant),
)
Index("charging_stations_by_age", stations.c.operator, stations.c.created_at, stations.c.station_id)

_CREATE = insert_once(stations)
_ACCEPT = update_by(stations, STATION, "accepted")
_CONNECT = update_by(stations, STATION, "online", "epoch", "node", "protocol", "connected_at", "last_heard_at")
_DISCONNECT = update_by(stations, STATION, "online", "disconnected_at", epoch=None, node=None)
_BOOT = update_by(stations, STATION, "protocol", "attributes", "boot_reason", "booted_at", "last_heard_at")
_HEAR = update_by(stations, STATION, "last_heard_at")
_STATION_STATUS = update_by(stations, STATION, "status")
_CONFIGURED = update_by(stations, STATION, configured=True)


def project(told: Told) -> Iterable[Change]:
    key: StationKey = told.key
    row = {"operator": key.operator, "station_id": key.station_id}
    named = {"key_operator": key.operator, "key_station_id": key.station_id}
    match told.fact:
        case StationRegistered() | StationDiscovered():
            yield _CREATE, {**row, "accepted": False, "configured": False, "online": False, "created_at": told.at}
        case StationAccepted():
            yield _ACCEPT, {**named, "accepted": True}
        case StationSuspended():
            yield _ACCEPT, {**named, "accepted": False}
        case StationConnected() as connected:
            yield (
                _CONNECT,
                {
                    **named,
                    "online": True,
                    "epoch": connected.epoch,
                    "node": connected.node,
                    "protocol": connected.protocol,
                    "connected_at": told.at,
                    "last_heard_at": told.at,
                },
            )
        case StationDisconnected():
            yield _DISCONNECT, {**named, "online": False, "disconnected_at": told.at}
        case StationBooted() as booted:
            yield (
                _BOOT,
                {
                    **named,
                    "protocol": booted.protocol,
                    "attributes": dict(booted.attributes),
                    "boot_reason": booted.reason,
                    "booted_at": told.at,
                    "last_heard_at": told.at,
                },
            )
        case StationHeard() as heard:
            yield _HEAR, {**named, "last_heard_at": heard.heard_at}
        case ConnectorStatusChanged(evse_id=0) as changed:
            yield _STATION_STATUS, {**named, "status": changed.status}
        case TopologyConfigured():
            yield _CONFIGURED, named


@dataclass(frozen=True, slots=True, kw_only=True)
class StationDocument:
    """A charging station."""

    id: str
    accepted: bool
    configured: bool
    online: bool
    protocol: str | None
    status: str | None
    availability: str
    evses: Sequence[EvseDocument]
    attributes: Mapping[str, str]
    settings: Mapping[str, SettingDocument]
    boot_reason: str | None
    created_at: datetime | None
    connected_at: datetime | None
    disconnected_at: datetime | None
    booted_at: datetime | None
    last_heard_at: datetime | None


def document(row: Mapping[str, Any]) -> StationDocument:
    evses: Sequence[EvseDocument] = row["evses"]
    out = bool(evses) and all(evse.status == "Unavailable" for evse in evses)
    return StationDocument(
        id=row["station_id"],
        availability="inoperative" if out or row["status"] == "Unavailable" else "operative",
        attributes=row["attributes"] or {},
        evses=evses,
        settings=row["settings"],
        **{
            name: row[name]
            for name in (
                "accepted",
                "configured",
                "online",
                "protocol",
                "status",
                "boot_reason",
                "created_at",
                "connected_at",
                "disconnected_at",
                "booted_at",
                "last_heard_at",
            )
        },
    )


def _lost_links(_now: datetime) -> Any:
    return select(stations.c.operator, stations.c.station_id, stations.c.epoch).where(stations.c.online)


def _lost_link(row: Mapping[str, Any], now: datetime) -> Command:
    return ReportDisconnected(
        at=now,
        by="voltherd",
        station=StationKey(operator=row["operator"], station_id=row["station_id"]),
        epoch=row["epoch"],
        reason="the server was restarted",
    )


_has_status = select(1).where(
    connectors_table.c.operator == stations.c.operator, connectors_table.c.station_id == stations.c.station_id
)
_statuses = ("Available", "Occupied", "Reserved", "Unavailable", "Faulted")

charging_stations = ReadModel(
    name="charging_stations",
    tables=(stations,),
    project=project,
    facts=(
        StationRegistered,
        StationDiscovered,
        StationAccepted,
        StationSuspended,
        StationConnected,
        StationDisconnected,
        StationBooted,
        StationHeard,
        ConnectorStatusChanged,
        TopologyConfigured,
    ),
    resources=(
        Resource(
            path="/charging-stations",
            summary="Charging stations",
            table=stations,
            item="station_id",
            document=document,
            shape=StationDocument,
            sorts={
                "id": (stations.c.station_id,),
                "lastHeardAt": (stations.c.last_heard_at, stations.c.station_id),
                "createdAt": (stations.c.created_at, stations.c.station_id),
            },
            default_sort="id",
            filters={
                "online": Filter(lambda value: stations.c.online == value, kind=bool, doc="whether it is connected"),
                "accepted": Filter(lambda value: stations.c.accepted == value, kind=bool, doc="whether it is accepted"),
                "configured": Filter(lambda value: stations.c.configured == value, kind=bool, doc="topology known"),
                "protocol": Filter(lambda value: stations.c.protocol == value, doc="e.g. ocpp1.6"),
                "status": Filter(
                    lambda value: _has_status.where(connectors_table.c.status == value).exists(),
                    doc="of any of its connectors",
                    among=_statuses,
                ),
                "text": Filter(
                    lambda value: or_(
                        stations.c.station_id.icontains(value, autoescape=True),
                        stations.c.attributes.cast(Text).icontains(value, autoescape=True),
                    ),
                    doc="part of the id or of what the station says of itself",
                ),
            },
            parts=(connectors_part, settings_part),
        ),
    ),
    alarms=(Alarm(due=_lost_links, command=_lost_link, at_start=True),),
)
