"""Transactions: who charged where, when, how much, and whether we know all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Computed,
    Index,
    String,
    Table,
    Text,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)

from voltherd.domain.charging_station.requests import RequestCompleted
from voltherd.domain.transaction.course import (
    TransactionAuthorized,
    TransactionDiscovered,
    TransactionDoubted,
    TransactionEnded,
    TransactionProgressed,
    TransactionStarted,
)
from voltherd.kernel.identity import TransactionKey
from voltherd.kernel.readmodel import Change, Filter, ReadModel, Resource, Told
from voltherd.readmodels.energy import energy_wh, incomplete
from voltherd.readmodels.meter_values import meter_reports
from voltherd.readmodels.registers import registers_table
from voltherd.readmodels.tables import Instant, complete, metadata, update_by

transactions_table = Table(
    "transactions",
    metadata,
    Column("operator", String(48), primary_key=True),
    Column("station_id", String(48), primary_key=True),
    Column("transaction_id", String(64), primary_key=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("status", String(10), nullable=False),
    Column("evse_id", BigInteger),
    Column("connector_id", BigInteger),
    Column("id_token", Text),
    Column("id_token_type", String(20)),
    Column("id_token_seq_no", BigInteger),
    Column("authorization", String(20)),
    Column("first_heard_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("began_at", Instant, Computed("coalesce(started_at, first_heard_at)", persisted=True), nullable=False),
    Column("stopped_at", Instant),
    Column("meter_start_wh", BigInteger),
    Column("meter_stop_wh", BigInteger),
    Column("doubted", Boolean, nullable=False),
    Column("charging_state", String(20)),
    Column("trigger", Text),
    Column("stop_reason", Text),
    Column("last_seq_no", BigInteger),
    Column("remote_start_id", BigInteger),
    Column("remote_start_command_id", String(64)),
    Column("reservation_id", BigInteger),
)
_began, _station, _number = (transactions_table.c[name] for name in ("began_at", "station_id", "transaction_id"))
_newest = (_began, _station, _number)
_token = func.lower(transactions_table.c.id_token)
Index("transactions_by_time", transactions_table.c.operator, *_newest)
Index("transactions_by_status", transactions_table.c.operator, transactions_table.c.status, *_newest)
Index("transactions_by_token", transactions_table.c.operator, _token, *_newest)
Index("transactions_of_station", transactions_table.c.operator, _station, _began, _number)
Index("transactions_by_number", transactions_table.c.operator, _number, _began, _station)

_KEY = ("operator", "station_id", "transaction_id")
_STARTED = complete(
    transactions_table,
    "evse_id",
    "connector_id",
    "started_at",
    "meter_start_wh",
    "trigger",
    "remote_start_id",
    "reservation_id",
)
_DISCOVERED = complete(transactions_table, "evse_id", "connector_id")
# Whoever presents a token first is the driver; another, who ends it, is not (2.0.1 E07, 1.6 §4.10). Messages may come
# in another order than the station sent them in.
_same_driver = transactions_table.c.id_token == bindparam("id_token")
_drivers = or_(
    transactions_table.c.id_token.is_(None),
    _same_driver,
    transactions_table.c.id_token_seq_no > bindparam("id_token_seq_no"),
)
_AUTHORIZED = update_by(
    transactions_table,
    _KEY,
    "id_token",
    "id_token_type",
    "authorization",
    id_token_seq_no=case(
        (_same_driver, transactions_table.c.id_token_seq_no),
        else_=bindparam("id_token_seq_no", type_=BigInteger),
    ),
).where(_drivers)
_STATE = update_by(transactions_table, _KEY, "charging_state")
_EVSE = update_by(transactions_table, _KEY, "evse_id", "connector_id")
_METER_START = update_by(transactions_table, _KEY, "meter_start_wh")
_ENDED = update_by(transactions_table, _KEY, "status", "stopped_at", "meter_stop_wh", "stop_reason", "last_seq_no")
_REMOTELY_STARTED = update_by(transactions_table, _KEY, "remote_start_command_id")
_DOUBTED = update_by(transactions_table, _KEY, "doubted")


def project(told: Told) -> Iterable[Change]:
    fact = told.fact
    if isinstance(fact, RequestCompleted):
        if fact.command == "StartTransaction" and (transaction_id := fact.result.get("transactionId")):
            yield _REMOTELY_STARTED, {**_named(told.key, transaction_id), "remote_start_command_id": fact.command_id}
        return
    key: TransactionKey = told.key
    named = _named(key, key.transaction_id)
    match fact:
        case TransactionStarted() as started:
            yield (
                _STARTED,
                {
                    **_row(key, started.started_at),
                    "evse_id": started.evse_id,
                    "connector_id": started.connector_id,
                    "started_at": started.started_at,
                    "meter_start_wh": started.meter_start_wh,
                    "trigger": started.trigger,
                    "remote_start_id": started.remote_start_id,
                    "reservation_id": started.reservation_id,
                },
            )
        case TransactionDiscovered() as found:
            place = {"evse_id": found.evse_id, "connector_id": found.connector_id}
            yield _DISCOVERED, {**_row(key, found.first_heard_at), **place}
        case TransactionAuthorized() as presented:
            token = presented.id_token
            yield (
                _AUTHORIZED,
                {
                    **named,
                    "id_token": token.id_token,
                    "id_token_type": token.type,
                    "id_token_seq_no": presented.seq_no,
                    "authorization": presented.authorization.status,
                },
            )
        case TransactionProgressed() as progress:
            if progress.charging_state is not None:
                yield _STATE, {**named, "charging_state": progress.charging_state}
            if progress.evse_id is not None:
                yield _EVSE, {**named, "evse_id": progress.evse_id, "connector_id": progress.connector_id}
            if progress.meter_start_wh is not None:
                yield _METER_START, {**named, "meter_start_wh": progress.meter_start_wh}
        case TransactionEnded() as ended:
            yield (
                _ENDED,
                {
                    **named,
                    "status": "ended",
                    "stopped_at": ended.ended_at,
                    "meter_stop_wh": ended.meter_stop_wh,
                    "stop_reason": ended.stop_reason,
                    "last_seq_no": ended.seq_no,
                },
            )
        case TransactionDoubted():
            yield _DOUBTED, {**named, "doubted": True}


def _named(key: Any, transaction_id: str) -> dict[str, Any]:
    return {
        "key_operator": key.operator,
        "key_station_id": key.station_id,
        "key_transaction_id": transaction_id,
    }


def _row(key: TransactionKey, first_heard_at: datetime) -> dict[str, Any]:
    return {
        "operator": key.operator,
        "station_id": key.station_id,
        "transaction_id": key.transaction_id,
        "id": key.uuid,
        "status": "active",
        "first_heard_at": first_heard_at,
        "doubted": False,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionDocument:
    """A transaction. Energies in Wh. `incomplete` says that not all that belongs to it was heard."""

    id: str
    transaction_id: str
    station_id: str
    evse_id: int | None
    connector_id: int | None
    id_token: str | None
    id_token_type: str | None
    authorization: str | None
    status: str
    charging_state: str | None
    started_at: datetime | None
    stopped_at: datetime | None
    meter_start_wh: int | None
    meter_stop_wh: int | None
    energy_wh: int | float | None
    last_meter_at: datetime | None
    trigger: str | None
    stop_reason: str | None
    incomplete: bool
    remote_start_command_id: str | None
    reservation_id: int | None
    links: Mapping[str, str]


def document(row: Mapping[str, Any]) -> TransactionDocument:
    same = {
        name: row[name]
        for name in TransactionDocument.__dataclass_fields__
        if name not in ("energy_wh", "incomplete", "links")
    }
    return TransactionDocument(
        **same,
        energy_wh=energy_wh(row),
        incomplete=incomplete(row),
        links={"self": f"/transactions/{row['id']}", "meterValues": f"/transactions/{row['id']}/meter-values"},
    )


_messages = and_(
    meter_reports.c.operator == transactions_table.c.operator,
    meter_reports.c.transaction == transactions_table.c.id,
    meter_reports.c.seq_no.is_not(None),
)


def _if_numbered(name: str, found: ColumnElement[Any]) -> ColumnElement[Any]:
    """What is found among a transaction's messages, where `incomplete` will ask: a transaction has many of them."""
    ended = transactions_table.c.last_seq_no.is_not(None)
    heard = select(found).select_from(meter_reports).where(_messages).scalar_subquery()
    return case((ended, heard), else_=None).label(name)


def _registered(column: Column[Any]) -> ColumnElement[Any]:
    """What its samples told of its register; null where there were none."""
    of_it = [registers_table.c[name] == transactions_table.c[name] for name in _KEY]
    return select(column).where(*of_it).scalar_subquery().label(column.name)


transactions = ReadModel(
    name="transactions",
    tables=(transactions_table,),
    project=project,
    facts=(
        TransactionStarted,
        TransactionDiscovered,
        TransactionAuthorized,
        TransactionProgressed,
        TransactionEnded,
        TransactionDoubted,
        RequestCompleted,
    ),
    resources=(
        Resource(
            path="/transactions",
            summary="Transactions",
            table=transactions_table,
            columns=(
                *(_registered(column) for column in registers_table.c if column.name not in _KEY),
                _if_numbered("heard_messages", func.count()),
                _if_numbered("heard_seq_nos", func.count(meter_reports.c.seq_no.distinct())),
                _if_numbered("first_heard_seq_no", func.min(meter_reports.c.seq_no)),
                _if_numbered("last_heard_seq_no", func.max(meter_reports.c.seq_no)),
            ),
            item="id",
            station_path="/charging-stations/{station_id}/transactions",
            document=document,
            shape=TransactionDocument,
            sorts={"startedAt": _newest},
            default_sort="-startedAt",
            filters={
                "stationId": Filter(lambda value: transactions_table.c.station_id == value),
                "transactionId": Filter(lambda value: transactions_table.c.transaction_id == value),
                "idToken": Filter(lambda value: _token == func.lower(value)),
                "status": Filter(lambda value: transactions_table.c.status == value, among=("active", "ended")),
                "evseId": Filter(lambda value: transactions_table.c.evse_id == value, kind=int),
                "from": Filter(
                    lambda value: transactions_table.c.began_at >= value, kind=datetime, doc="started at or after"
                ),
                "to": Filter(lambda value: _began < value, kind=datetime, doc="started before"),
            },
        ),
    ),
)
