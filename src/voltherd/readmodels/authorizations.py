"""Which id tokens were presented lately, where, and what the stations were told: the help desk's first look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, String, Table

from voltherd.domain.charging_station.authorize import AuthorizationAnswered
from voltherd.domain.transaction.course import TransactionAuthorized
from voltherd.kernel.readmodel import Change, Filter, ReadModel, Resource, Told
from voltherd.readmodels.tables import Instant, metadata, upsert

table = Table(
    "authorizations",
    metadata,
    Column("operator", String(48), primary_key=True),
    Column("station_id", String(48), primary_key=True),
    Column("folded", String(255), primary_key=True),
    Column("id_token", String(255), nullable=False),
    Column("type", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("presented_at", Instant, nullable=False),
)
_newest = (table.c.presented_at, table.c.station_id, table.c.folded)
Index("authorizations_by_time", table.c.operator, *_newest)
Index("authorizations_of_station", table.c.operator, table.c.station_id, table.c.presented_at, table.c.folded)
Index("authorizations_of_token", table.c.operator, table.c.folded, table.c.presented_at, table.c.station_id)

_LATEST = upsert(table, "id_token", "type", "status", "presented_at")


def project(told: Told) -> Iterable[Change]:
    fact = told.fact
    if isinstance(fact, AuthorizationAnswered | TransactionAuthorized):
        yield (
            _LATEST,
            {
                "operator": told.key.operator,
                "station_id": told.key.station_id,
                "folded": fact.id_token.id_token.casefold(),
                "id_token": fact.id_token.id_token,
                "type": fact.id_token.type,
                "status": fact.authorization.status,
                "presented_at": told.at,
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationDocument:
    """The last time that a token was presented at a station, and what the station was told."""

    id_token: str
    type: str
    station_id: str
    status: str
    presented_at: datetime


def document(row: Mapping[str, Any]) -> AuthorizationDocument:
    return AuthorizationDocument(**{name: row[name] for name in AuthorizationDocument.__dataclass_fields__})


authorizations = ReadModel(
    name="authorizations",
    tables=(table,),
    project=project,
    facts=(AuthorizationAnswered, TransactionAuthorized),
    resources=(
        Resource(
            path="/authorizations",
            summary="Id tokens lately presented",
            table=table,
            station_path="/charging-stations/{station_id}/authorizations",
            document=document,
            shape=AuthorizationDocument,
            sorts={"presentedAt": _newest},
            default_sort="-presentedAt",
            filters={
                "stationId": Filter(lambda value: table.c.station_id == value),
                "idToken": Filter(lambda value: table.c.folded == value.strip().casefold()),
                "status": Filter(
                    lambda value: table.c.status == value,
                    among=("Accepted", "Blocked", "Expired", "Unknown", "ConcurrentTx"),
                ),
            },
        ),
    ),
)
