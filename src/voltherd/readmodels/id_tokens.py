"""Id tokens as operators administer them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from voltherd.domain.id_token.administration import (
    CreateIdToken,
    DeleteIdToken,
    IdTokenAdministered,
    IdTokenDeleted,
    IdTokenDetails,
    ReplaceIdToken,
)
from voltherd.kernel.identity import IdTokenKey
from voltherd.kernel.messages import Command
from voltherd.kernel.readmodel import Change, Filter, Order, ReadModel, Resource, Told, Writing
from voltherd.readmodels.tables import Instant, delete_by, metadata, upsert

id_tokens_table = Table(
    "id_tokens",
    metadata,
    Column("operator", String(48), primary_key=True),
    Column("folded", String(255), primary_key=True),
    Column("id_token", String(255), nullable=False),
    Column("type", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("group_id_token", String(255)),
    Column("expires_at", Instant),
    Column("max_active_transactions", BigInteger),
    Column("note", Text),
    Column("changed_at", Instant, nullable=False),
)
Index("id_tokens_by_change", id_tokens_table.c.operator, id_tokens_table.c.changed_at, id_tokens_table.c.folded)
Index("id_tokens_by_status", id_tokens_table.c.operator, id_tokens_table.c.status, id_tokens_table.c.folded)
Index("id_tokens_of_group", id_tokens_table.c.operator, id_tokens_table.c.group_id_token, id_tokens_table.c.folded)

_DETAILS = ("id_token", "type", "status", "group_id_token", "expires_at", "max_active_transactions", "note")
_SET = upsert(id_tokens_table, *_DETAILS, "changed_at")
_DELETE = delete_by(id_tokens_table, ("operator", "folded"))


def project(told: Told) -> Iterable[Change]:
    key: IdTokenKey = told.key
    match told.fact:
        case IdTokenAdministered(details=details):
            values = {name: getattr(details, name) for name in _DETAILS}
            yield _SET, {"operator": key.operator, "folded": key.id_token, **values, "changed_at": told.at}
        case IdTokenDeleted():
            yield _DELETE, {"key_operator": key.operator, "key_folded": key.id_token}


@dataclass(frozen=True, slots=True, kw_only=True)
class IdTokenDocument:
    """An id token. `status` is what is administered; `effective_status` what a station is told now."""

    id_token: str
    type: str
    status: str
    effective_status: str
    group_id_token: str | None
    expires_at: datetime | None
    max_active_transactions: int | None
    note: str | None
    changed_at: datetime


def document(row: Mapping[str, Any]) -> IdTokenDocument:
    expires_at = row["expires_at"]
    expired = expires_at is not None and expires_at <= row["now"]
    return IdTokenDocument(
        effective_status="Expired" if row["status"] == "Accepted" and expired else row["status"],
        changed_at=row["changed_at"],
        **{name: row[name] for name in _DETAILS},
    )


def _create(order: Order, body: IdTokenDetails) -> Command:
    return CreateIdToken(
        at=order.at,
        by=order.by,
        command_id=order.command_id,
        id_token=IdTokenKey.of(order.operator, body.id_token),
        details=body,
    )


def _replace(order: Order, body: IdTokenDetails) -> Command:
    assert order.item is not None  # a PUT names its item
    return ReplaceIdToken(
        at=order.at,
        by=order.by,
        command_id=order.command_id,
        id_token=IdTokenKey.of(order.operator, order.item),
        details=replace(body, id_token=order.item),
    )


def _delete(order: Order, _body: None) -> Command:
    assert order.item is not None  # a DELETE names its item
    return DeleteIdToken(
        at=order.at, by=order.by, command_id=order.command_id, id_token=IdTokenKey.of(order.operator, order.item)
    )


id_tokens = ReadModel(
    name="id_tokens",
    tables=(id_tokens_table,),
    project=project,
    facts=(IdTokenAdministered, IdTokenDeleted),
    resources=(
        Resource(
            path="/id-tokens",
            summary="Id tokens",
            table=id_tokens_table,
            item="folded",
            item_key=lambda text: text.strip().casefold(),
            document=document,
            shape=IdTokenDocument,
            sorts={
                "idToken": (id_tokens_table.c.folded,),
                "changedAt": (id_tokens_table.c.changed_at, id_tokens_table.c.folded),
            },
            default_sort="idToken",
            filters={
                "status": Filter(lambda value: id_tokens_table.c.status == value, among=("Accepted", "Blocked")),
                "groupIdToken": Filter(lambda value: id_tokens_table.c.group_id_token == value),
                "text": Filter(
                    lambda value: id_tokens_table.c.id_token.icontains(value, autoescape=True), doc="part of the text"
                ),
            },
            create=Writing(_create, body=IdTokenDetails),
            replace=Writing(_replace, body=IdTokenDetails),
            delete=Writing(_delete),
        ),
    ),
)
