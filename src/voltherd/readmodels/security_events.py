"""The journal of what stations told of their security."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, String, Table, Text

from voltherd.domain.charging_station.security_event import SecurityEventOccurred
from voltherd.kernel.readmodel import Change, Filter, ReadModel, Resource, Told
from voltherd.readmodels.tables import Instant, insert_once, metadata, row_number

table = Table(
    "security_events",
    metadata,
    row_number(),
    Column("operator", String(48), nullable=False),
    Column("station_id", String(48), nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("type", String(50), nullable=False),
    Column("detail", Text),
    Column("told_at", Instant, nullable=False),
)
_newest = (table.c.occurred_at, table.c.station_id, table.c.type)
Index("security_events_by_time", table.c.operator, *_newest)
Index("security_events_by_type", table.c.operator, table.c.type, table.c.occurred_at, table.c.station_id)
Index("security_event", table.c.operator, table.c.station_id, table.c.occurred_at, table.c.type, unique=True)

_NEW = insert_once(table)


def project(told: Told) -> Iterable[Change]:
    fact = told.fact
    if isinstance(fact, SecurityEventOccurred):
        yield (
            _NEW,
            {
                "operator": told.key.operator,
                "station_id": told.key.station_id,
                "occurred_at": fact.occurred_at,
                "type": fact.type,
                "detail": fact.detail,
                "told_at": told.at,
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityEventDocument:
    """Something that bears on security: when it happened by the station's clock, and when we were told."""

    station_id: str
    type: str
    occurred_at: datetime
    detail: str | None
    told_at: datetime


def document(row: Mapping[str, Any]) -> SecurityEventDocument:
    return SecurityEventDocument(**{name: row[name] for name in SecurityEventDocument.__dataclass_fields__})


security_events = ReadModel(
    name="security_events",
    tables=(table,),
    project=project,
    facts=(SecurityEventOccurred,),
    journal=True,
    retention=timedelta(days=400),
    aged_by=table.c.told_at,
    resources=(
        Resource(
            path="/security-events",
            summary="What stations told of their security",
            table=table,
            station_path="/charging-stations/{station_id}/security-events",
            document=document,
            shape=SecurityEventDocument,
            sorts={"occurredAt": _newest},
            default_sort="-occurredAt",
            filters={
                "stationId": Filter(lambda value: table.c.station_id == value),
                "type": Filter(lambda value: table.c.type == value),
                "from": Filter(lambda value: table.c.occurred_at >= value, kind=datetime),
                "to": Filter(lambda value: table.c.occurred_at < value, kind=datetime),
            },
        ),
    ),
)
