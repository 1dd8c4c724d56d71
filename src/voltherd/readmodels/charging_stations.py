"""The stations: who they are, whether they are there, what their EVSEs say, how they are set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, Integer, String, Table, Text, or_, select

from voltherd.domain.charging_station.boot import StationBooted, StationDiscovered
from voltherd.domain.charging_station.configure import SettingsDesired, TopologyConfigured
from voltherd.domain.charging_station.connection import (
    ReportDisconnected,
    StationConnected,
    StationDisconnected,
    StationHeard,
)
from voltherd.domain.charging_station.register import StationAccepted, StationRegistered, StationSuspended
from voltherd.domain.charging_station.status import ConnectorStatusChanged
from voltherd.domain.charging_station.variables import VariablesReported
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Command
from voltherd.kernel.readmodel import Alarm, Change, Filter, Part, ReadModel, Resource, Told
from voltherd.readmodels.tables import Instant, delete_by, insert_once, metadata, update_by, upsert

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
    Column("created_at", Instant),
    Column("connected_at", Instant),
    Column("disconnected_at", Instant),
    Column("booted_at", Instant),
    Column("last_heard_at", Instant),
)

connectors = Table(
    "connectors",
    metadata,
    Column("operator", String(48), primary_key=True),
    Column("station_id", String(48), primary_key=True),
    Column("evse_id", Integer, primary_key=True),
    Column("connector_id", Integer, primary_key=True),
    Column("configured", Boolean, nullable=False, default=False),
    Column("connector_type", String(20)),
    Column("max_amp", Integer),
    Column("phase", Integer),
    Column("voltage", Integer),
    Column("charging_protocol", String(20)),
    Column("current", String(20)),
    Column("status", String(20)),
    Column("status_detail", Text),
    Column("error_code", Text),
    Column("vendor_error_code", Text),
    Column("info", Text),
    Column("status_at", Instant),
)

settings = Table(
    "settings",
    metadata,
    Column("operator", String(48), primary_key=True),
    Column("station_id", String(48), primary_key=True),
    Column("key", String(256), primary_key=True),
    Column("desired", Text),
    Column("reported", Text),
    Column("outcome", String(20)),
)

STATION = ("operator", "station_id")

_CREATE = insert_once(stations)
_ACCEPT = update_by(stations, STATION, "accepted")
_CONNECT = update_by(stations, STATION, "online", "epoch", "node", "protocol", "connected_at", "last_heard_at")
_DISCONNECT = update_by(stations, STATION, "online", "disconnected_at", epoch=None, node=None)
_BOOT = update_by(stations, STATION, "protocol", "attributes", "boot_reason", "booted_at", "last_heard_at")
_HEAR = update_by(stations, STATION, "last_heard_at")
_STATION_STATUS = update_by(stations, STATION, "status")
_CONFIGURED = update_by(stations, STATION, configured=True)
_REPORTED = ("status", "status_detail", "error_code", "vendor_error_code", "info", "status_at")
_CONNECTOR_STATUS = upsert(connectors, *_REPORTED)
_DESCRIBED = ("connector_type", "max_amp", "phase", "voltage", "charging_protocol", "current")
_FORGET_TOPOLOGY = delete_by(connectors, STATION).where(connectors.c.status.is_(None))
_CLEAR_TOPOLOGY = update_by(connectors, STATION, configured=False, **dict.fromkeys(_DESCRIBED))
_CONNECTOR = upsert(connectors, "configured", *_DESCRIBED)
_FORGET_DESIRES = update_by(settings, STATION, desired=None, outcome=None)
_DESIRE = upsert(settings, "desired", "outcome")
_OUTCOME = update_by(settings, (*STATION, "key"), "outcome").where(settings.c.desired.is_not(None))
_VALUE = upsert(settings, "reported")


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
        case ConnectorStatusChanged() as changed:
            yield (
                _CONNECTOR_STATUS,
                {
                    **row,
                    "evse_id": changed.evse_id,
                    "connector_id": changed.connector_id,
                    "configured": False,
                    "status": changed.status,
                    "status_detail": changed.detail,
                    "error_code": changed.error_code,
                    "vendor_error_code": changed.vendor_error_code,
                    "info": changed.info,
                    "status_at": changed.reported_at,
                },
            )
        case TopologyConfigured() as topology:
            yield _CONFIGURED, named
            yield from _project_topology(topology, row, named)
        case SettingsDesired() as desired:
            yield from _project_settings(desired, row, named)
        case VariablesReported() as reported:
            yield from _project_variables(reported, row, named)


def _project_topology(
    topology: TopologyConfigured, row: Mapping[str, str], named: Mapping[str, str]
) -> Iterable[Change]:
    yield _FORGET_TOPOLOGY, named
    yield _CLEAR_TOPOLOGY, named
    for evse in topology.evses:
        for connector in evse.connectors:
            described = {name: getattr(connector, name) for name in _DESCRIBED}
            place = {"evse_id": evse.evse_id, "connector_id": connector.connector_id}
            yield _CONNECTOR, {**row, **place, "configured": True, **described}


def _project_settings(desired: SettingsDesired, row: Mapping[str, str], named: Mapping[str, str]) -> Iterable[Change]:
    if desired.settings_mode == "replace":
        yield _FORGET_DESIRES, named
    outcome = "pending" if desired.push else "unpushed"
    for name, value in desired.settings.items():
        yield _DESIRE, {**row, "key": name, "desired": value, "outcome": outcome}


def _project_variables(
    reported: VariablesReported, row: Mapping[str, str], named: Mapping[str, str]
) -> Iterable[Change]:
    for variable in reported.variables:
        if reported.asked == "set":
            yield _OUTCOME, {**named, "key_key": variable.name, "outcome": variable.outcome}
        elif variable.outcome == "accepted":
            yield _VALUE, {**row, "key": variable.name, "reported": variable.value}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorDocument:
    """A connector as configured and as reported. `status_detail` is the station's own word (1.6)."""

    connector_id: int
    connector_type: str | None
    max_amp: int | None
    phase: int | None
    voltage: int | None
    charging_protocol: str | None
    current: str | None
    configured: bool
    status: str | None
    status_detail: str | None
    error_code: str | None
    vendor_error_code: str | None
    info: str | None
    status_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvseDocument:
    """An EVSE. `status` is that of its connectors: the one that says most."""

    evse_id: int
    status: str | None
    connectors: Sequence[ConnectorDocument]


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingDocument:
    """A setting: what is wished, what the station last said, what became of the wish."""

    desired: str | None
    reported: str | None
    outcome: str | None


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


_TELLING = ("Faulted", "Occupied", "Reserved", "Unavailable", "Available")


def _evses(rows: Sequence[Mapping[str, Any]]) -> Sequence[EvseDocument]:
    by_evse: dict[int, list[ConnectorDocument]] = {}
    for row in rows:
        names = ConnectorDocument.__dataclass_fields__
        by_evse.setdefault(row["evse_id"], []).append(ConnectorDocument(**{name: row[name] for name in names}))
    return [
        EvseDocument(
            evse_id=evse_id,
            status=min((c.status for c in found if c.status), key=_TELLING.index, default=None),
            connectors=found,
        )
        for evse_id, found in by_evse.items()
    ]


def _settings(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, SettingDocument]:
    return {
        row["key"]: SettingDocument(desired=row["desired"], reported=row["reported"], outcome=row["outcome"])
        for row in rows
    }


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
    connectors.c.operator == stations.c.operator, connectors.c.station_id == stations.c.station_id
)
_statuses = ("Available", "Occupied", "Reserved", "Unavailable", "Faulted")

charging_stations = ReadModel(
    name="charging_stations",
    tables=(stations, connectors, settings),
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
        SettingsDesired,
        VariablesReported,
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
                    lambda value: _has_status.where(connectors.c.status == value).exists(),
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
            parts=(
                Part(
                    name="evses",
                    table=connectors,
                    by={"operator": "operator", "station_id": "station_id"},
                    collect=_evses,
                    order=(connectors.c.evse_id, connectors.c.connector_id),
                ),
                Part(
                    name="settings",
                    table=settings,
                    by={"operator": "operator", "station_id": "station_id"},
                    collect=_settings,
                    order=(settings.c.key,),
                ),
            ),
        ),
    ),
    alarms=(Alarm(due=_lost_links, command=_lost_link, at_start=True),),
)
