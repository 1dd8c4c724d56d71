"""The journal of frames: what really went over the links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Index, String, Table, Text, insert

from voltherd.domain.frames import FrameSeen
from voltherd.kernel.readmodel import Change, Filter, ReadModel, Resource, Told
from voltherd.readmodels.tables import Instant, metadata, row_number

frames_table = Table(
    "frames",
    metadata,
    row_number(),
    Column("operator", String(48), nullable=False),
    Column("station_id", String(48), nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("direction", String(10), nullable=False),
    Column("text", Text, nullable=False),
    Column("note", Text),
)
Index("frames_of_station", frames_table.c.operator, frames_table.c.station_id, frames_table.c.seen_at)
Index("frames_by_age", frames_table.c.seen_at)

_NEW = insert(frames_table)


def project(told: Told) -> Iterable[Change]:
    fact = told.fact
    if isinstance(fact, FrameSeen):
        yield (
            _NEW,
            {
                "operator": told.key.operator,
                "station_id": told.key.station_id,
                "seen_at": fact.seen_at,
                "direction": fact.direction,
                "text": fact.text,
                "note": fact.note,
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameDocument:
    """A frame as it was: `received` from the station or `sent` to it."""

    station_id: str
    seen_at: datetime
    direction: str
    text: str
    note: str | None


def document(row: Mapping[str, Any]) -> FrameDocument:
    return FrameDocument(**{name: row[name] for name in FrameDocument.__dataclass_fields__})


frames = ReadModel(
    name="frames",
    tables=(frames_table,),
    project=project,
    facts=(FrameSeen,),
    journal=True,
    retention=timedelta(days=14),
    aged_by=frames_table.c.seen_at,
    resources=(
        Resource(
            path="/messages",
            summary="Frames of the stations' links",
            table=frames_table,
            station_path="/charging-stations/{station_id}/messages",
            document=document,
            shape=FrameDocument,
            sorts={"seenAt": (frames_table.c.seen_at, frames_table.c.id)},
            default_sort="-seenAt",
            filters={
                "stationId": Filter(lambda value: frames_table.c.station_id == value),
                "direction": Filter(lambda value: frames_table.c.direction == value, among=("received", "sent")),
                "from": Filter(lambda value: frames_table.c.seen_at >= value, kind=datetime),
                "to": Filter(lambda value: frames_table.c.seen_at < value, kind=datetime),
                "text": Filter(lambda value: frames_table.c.text.icontains(value, autoescape=True)),
            },
        ),
    ),
)
