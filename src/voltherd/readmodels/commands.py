"""Commands as resources: what was asked, how far it has come, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import JSON, Boolean, Column, Index, String, Table, Text, false, select

from voltherd.domain.charging_station.request_life import CancelRequest, LapseRequest
from voltherd.domain.charging_station.requests import (
    CommandCompleted,
    RequestAnswered,
    RequestCancelled,
    RequestCompleted,
    Requested,
    RequestLapsed,
    RequestSent,
    RequestUnanswered,
    StationRequest,
)
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Command
from voltherd.kernel.readmodel import Alarm, Change, Filter, Order, ReadModel, Resource, Told, Writing
from voltherd.readmodels.charging_stations import stations
from voltherd.readmodels.tables import Instant, insert_once, metadata, update_by

commands_table = Table(
    "commands",
    metadata,
    Column("command_id", String(64), primary_key=True),
    Column("operator", String(48), nullable=False),
    Column("station_id", String(48), nullable=False),
    Column("command", String(64), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("fingerprint", String(128), nullable=False),
    Column("status", String(20), nullable=False),
    Column("final", Boolean, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant),
    Column("deadline", Instant),
    Column("sent_at", Instant),
    Column("answered_at", Instant),
    Column("finished_at", Instant),
    Column("code", Text),
    Column("detail", Text),
    Column("result", JSON),
)
_newest = (commands_table.c.created_at, commands_table.c.command_id)
_is_open = commands_table.c.final == false()
_has_deadline = commands_table.c.deadline.is_not(None)
Index("commands_by_time", commands_table.c.operator, *_newest)
Index("commands_of_station", commands_table.c.operator, commands_table.c.station_id, *_newest)
Index("commands_by_status", commands_table.c.operator, commands_table.c.status, *_newest)
Index("commands_by_name", commands_table.c.operator, commands_table.c.command, *_newest)
# The few that still go on, or wait for something: to be found among all that are over.
Index(
    "commands_open",
    *(
        commands_table.c.operator,
        commands_table.c.final,
        *_newest,
    ),  # `final`, though always false: SQLite prefers it so
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)
Index("commands_due", commands_table.c.deadline, sqlite_where=_has_deadline, postgresql_where=_has_deadline)

_KEY = ("command_id",)
_NEW = insert_once(commands_table)
_SENT = update_by(commands_table, _KEY, "status", "sent_at", "deadline")
_ANSWERED = update_by(
    commands_table, _KEY, "status", "final", "answered_at", "finished_at", "deadline", "code", "detail", "result"
)
_UNANSWERED = update_by(commands_table, _KEY, "status", "final", "finished_at", "deadline", "detail")
_COMPLETED = update_by(commands_table, _KEY, "status", "final", "finished_at", "result", deadline=None)
_CLOSED = update_by(commands_table, _KEY, "status", "final", "finished_at", "detail", deadline=None)

_COMMON = {field.name for field in fields(StationRequest)}


def _payload(command: StationRequest) -> Mapping[str, Any]:
    """The command as an operator would write it: its own members, in camelCase."""
    own = [f for f in fields(command) if f.name not in _COMMON and not f.metadata.get("internal")]
    payload = {_camel(field.name): _plain(getattr(command, field.name)) for field in own}
    return {name: value for name, value in payload.items() if value is not None}


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return {_camel(field.name): _plain(getattr(value, field.name)) for field in fields(value)}
    return msgspec.to_builtins(value)


def project(told: Told) -> Iterable[Change]:
    at = told.at
    match told.fact:
        case Requested(command=command):
            yield (
                _NEW,
                {
                    **_row(
                        told,
                        command.by,
                        command.command_id,
                        type(command).__name__,
                        _payload(command),
                        command.fingerprint,
                    ),
                    "status": "queued",
                    "final": False,
                    "expires_at": command.expires_at,
                    "deadline": command.expires_at,
                    "finished_at": None,
                    "result": None,
                },
            )
        case CommandCompleted() as done:
            yield (
                _NEW,
                {
                    **_row(told, told.by, done.command_id, done.command, done.payload, done.fingerprint),
                    "status": "completed",
                    "final": True,
                    "expires_at": None,
                    "deadline": None,
                    "finished_at": at,
                    "result": dict(done.result),
                },
            )
        case RequestSent() as sent:
            row = {"key_command_id": sent.command_id, "status": "sent", "sent_at": at, "deadline": sent.deadline}
            yield _SENT, row
        case RequestAnswered(answer=answer) as answered:
            final = answer.status not in ("accepted", "scheduled")
            yield (
                _ANSWERED,
                {
                    "key_command_id": answered.command_id,
                    "status": answer.status,
                    "final": final,
                    "answered_at": at,
                    "finished_at": at if final else None,
                    "deadline": answered.deadline,
                    "code": answer.code,
                    "detail": answer.detail,
                    "result": None if answer.result is None else dict(answer.result),
                },
            )
        case RequestUnanswered() as unanswered:
            final = unanswered.deadline is None
            yield (
                _UNANSWERED,
                {
                    "key_command_id": unanswered.command_id,
                    "status": "unknown",
                    "final": final,
                    "finished_at": at if final else None,
                    "deadline": unanswered.deadline,
                    "detail": unanswered.reason,
                },
            )
        case RequestCompleted() as completed:
            yield (
                _COMPLETED,
                {
                    "key_command_id": completed.command_id,
                    "status": "completed",
                    "final": True,
                    "finished_at": at,
                    "result": dict(completed.result),
                },
            )
        case RequestLapsed() as lapsed:
            yield _CLOSED, _closed(lapsed.command_id, lapsed.status, at, lapsed.reason)
        case RequestCancelled() as cancelled:
            yield _CLOSED, _closed(cancelled.command_id, "cancelled", at, "taken back before it was sent")


def _row(
    told: Told, by: str, command_id: str, name: str, payload: Mapping[str, Any], fingerprint: str
) -> dict[str, Any]:
    key: StationKey = told.key
    return {
        "command_id": command_id,
        "operator": key.operator,
        "station_id": key.station_id,
        "command": name,
        "payload": dict(payload),
        "fingerprint": fingerprint,
        "issued_by": by,
        "created_at": told.at,
    }


def _closed(command_id: str, status: str, at: datetime, detail: str) -> dict[str, Any]:
    return {"key_command_id": command_id, "status": status, "final": True, "finished_at": at, "detail": detail}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a command: the station's own word and text for a no, and what a yes or the effect brought."""

    code: str | None
    detail: str | None
    result: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandDocument:
    """A command. It will not change any more when it is `final`."""

    command_id: str
    command: str
    payload: Mapping[str, Any]
    station_id: str
    status: str
    final: bool
    station_online: bool
    issued_by: str
    created_at: datetime
    expires_at: datetime | None
    sent_at: datetime | None
    answered_at: datetime | None
    finished_at: datetime | None
    outcome: Outcome | None
    links: Mapping[str, str]


def document(row: Mapping[str, Any]) -> CommandDocument:
    told = row["code"] is not None or row["detail"] is not None or row["result"] is not None
    outcome = Outcome(code=row["code"], detail=row["detail"], result=row["result"] or {})
    same = (
        "command_id",
        "command",
        "payload",
        "station_id",
        "status",
        "final",
        "issued_by",
        "created_at",
        "expires_at",
        "sent_at",
        "answered_at",
        "finished_at",
    )
    return CommandDocument(
        station_online=bool(row["station_online"]),
        outcome=outcome if told else None,
        links={
            "self": f"/commands/{row['command_id']}",
            "station": f"/charging-stations/{row['station_id']}",
            "events": f"/events?stationId={row['station_id']}",
        },
        **{name: row[name] for name in same},
    )


def _overdue(now: datetime) -> Any:
    columns = (commands_table.c.operator, commands_table.c.station_id, commands_table.c.command_id)
    return select(*columns).where(commands_table.c.deadline <= now).order_by(commands_table.c.deadline).limit(1000)


def _station(row: Mapping[str, Any]) -> StationKey:
    return StationKey(operator=row["operator"], station_id=row["station_id"])


def _lapse(row: Mapping[str, Any], now: datetime) -> Command:
    return LapseRequest(at=now, by="voltherd", station=_station(row), request_id=row["command_id"])


def _cancel(order: Order, _body: None) -> Command:
    assert order.row is not None  # `needs_row`
    return CancelRequest(
        at=order.at,
        by=order.by,
        command_id=order.command_id,
        station=_station(order.row),
        request_id=order.row["command_id"],
    )


_STATUSES = (
    "queued",
    "sent",
    "accepted",
    "scheduled",
    "rejected",
    "unsupported",
    "failed",
    "expired",
    "unknown",
    "completed",
    "ineffective",
    "cancelled",
)

commands = ReadModel(
    name="commands",
    tables=(commands_table,),
    project=project,
    facts=(
        Requested,
        CommandCompleted,
        RequestSent,
        RequestAnswered,
        RequestUnanswered,
        RequestCompleted,
        RequestLapsed,
        RequestCancelled,
    ),
    resources=(
        Resource(
            path="/commands",
            summary="Commands",
            table=commands_table,
            columns=(
                select(stations.c.online)
                .where(
                    stations.c.operator == commands_table.c.operator,
                    stations.c.station_id == commands_table.c.station_id,
                )
                .scalar_subquery()
                .label("station_online"),
            ),
            item="command_id",
            station_path="/charging-stations/{station_id}/commands",
            document=document,
            shape=CommandDocument,
            sorts={"createdAt": _newest},
            default_sort="-createdAt",
            filters={
                "status": Filter(lambda value: commands_table.c.status == value, among=_STATUSES),
                "final": Filter(lambda value: commands_table.c.final == value, kind=bool),
                "command": Filter(lambda value: commands_table.c.command == value, doc="canonical name"),
                "stationId": Filter(lambda value: commands_table.c.station_id == value),
                "issuedBy": Filter(lambda value: commands_table.c.issued_by == value),
                "from": Filter(lambda value: commands_table.c.created_at >= value, kind=datetime),
                "to": Filter(lambda value: commands_table.c.created_at < value, kind=datetime),
            },
            delete=Writing(_cancel, needs_row=True),
        ),
    ),
    alarms=(Alarm(due=_overdue, command=_lapse),),
)
