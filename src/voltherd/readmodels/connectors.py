"""EVSEs and their connectors: as operators describe them, and as they report themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, String, Table, Text

from voltherd.domain.charging_station.configure import TopologyConfigured
from voltherd.domain.charging_station.status import ConnectorStatusChanged
from voltherd.kernel.readmodel import Change, Part, ReadModel, Told
from voltherd.readmodels.tables import STATION, Instant, delete_by, metadata, update_by, upsert

connectors_table = Table(
    "connectors",
    metadata,
    Column("operator", String(48), primary_key=True),
    Column("station_id", String(48), primary_key=True),
    Column("evse_id", BigInteger, primary_key=True),
    Column("connector_id", BigInteger, primary_key=True),
    Column("configured", Boolean, nullable=False, default=False),
    Column("connector_type", String(20)),
    Column("max_amp", BigInteger),
    Column("phase", BigInteger),
    Column("voltage", BigInteger),
    Column("charging_protocol", String(20)),
    Column("current", String(20)),
    Column("status", String(20)),
    Column("status_detail", Text),
    Column("error_code", Text),
    Column("vendor_error_code", Text),
    Column("info", Text),
    Column("status_at", Instant),
)

_REPORTED = ("status", "status_detail", "error_code", "vendor_error_code", "info", "status_at")
_CONNECTOR_STATUS = upsert(connectors_table, *_REPORTED)
_DESCRIBED = ("connector_type", "max_amp", "phase", "voltage", "charging_protocol", "current")
_FORGET_TOPOLOGY = delete_by(connectors_table, STATION).where(connectors_table.c.status.is_(None))
_CLEAR_TOPOLOGY = update_by(connectors_table, STATION, configured=False, **dict.fromkeys(_DESCRIBED))
_CONNECTOR = upsert(connectors_table, "configured", *_DESCRIBED)


def project(told: Told) -> Iterable[Change]:
    row = {"operator": told.key.operator, "station_id": told.key.station_id}
    match told.fact:
        case ConnectorStatusChanged(evse_id=0):
            return  # the station's own, which the station's row shows
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
            named = {f"key_{name}": value for name, value in row.items()}
            yield from _project_topology(topology, row, named)


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


connectors = ReadModel(
    name="connectors",
    tables=(connectors_table,),
    project=project,
    facts=(ConnectorStatusChanged, TopologyConfigured),
)

connectors_part = Part(
    name="evses",
    table=connectors_table,
    by={"operator": "operator", "station_id": "station_id"},
    collect=_evses,
    order=(connectors_table.c.evse_id, connectors_table.c.connector_id),
)
