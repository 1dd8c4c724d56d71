"""Transactions: who charged where, when, how much, and whether we know all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Computed,
    Index,
    Numeric,
    String,
    Table,
    Text,
    bindparam,
    case,
    func,
    or_,
    select,
)

from voltherd.domain.charging_station.requests import RequestCompleted
from voltherd.domain.meter import MeterReported, energy_register_wh
from voltherd.domain.transaction.course import (
    TransactionAuthorized,
    TransactionDiscovered,
    TransactionEnded,
    TransactionProgressed,
    TransactionStarted,
)
from voltherd.kernel.identity import TransactionKey
from voltherd.kernel.readmodel import Change, Filter, ReadModel, Resource, Told
from voltherd.readmodels.meter_values import meter_reports, number
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
    Column("authorization", String(20)),
    Column("first_heard_at", Instant, nullable=False),
    Column("started_at", Instant),
    Column("began_at", Instant, Computed("coalesce(started_at, first_heard_at)", persisted=True), nullable=False),
    Column("stopped_at", Instant),
    Column("meter_start_wh", BigInteger),
    Column("meter_stop_wh", BigInteger),
    Column("last_meter_wh", Numeric(18, 3)),
    Column("last_meter_at", Instant),
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
# Whoever presents a token first is the driver; another, who ends it, is not (2.0.1 E07, 1.6 §4.10).
_drivers = or_(transactions_table.c.id_token.is_(None), transactions_table.c.id_token == bindparam("id_token"))
_AUTHORIZED = update_by(transactions_table, _KEY, "id_token", "id_token_type", "authorization").where(_drivers)
_STATE = update_by(transactions_table, _KEY, "charging_state")
_EVSE = update_by(transactions_table, _KEY, "evse_id", "connector_id")
_METER_START = update_by(transactions_table, _KEY, "meter_start_wh")
_ENDED = update_by(transactions_table, _KEY, "status", "stopped_at", "meter_stop_wh", "stop_reason", "last_seq_no")
_REMOTELY_STARTED = update_by(transactions_table, _KEY, "remote_start_command_id")
# Samples may come late and out of order: only a newer one moves the register.
_newer = or_(
    transactions_table.c.last_meter_at.is_(None),
    transactions_table.c.last_meter_at <= bindparam("last_meter_at"),
)
_SAMPLED = update_by(transactions_table, _KEY, "last_meter_wh", "last_meter_at").where(_newer)


def project(told: Told) -> Iterable[Change]:
    fact = told.fact
    if isinstance(fact, MeterReported):
        yield from _project_samples(told, fact)
        return
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


def _project_samples(told: Told, reported: MeterReported) -> Iterable[Change]:
    if reported.transaction_id is None or (register := energy_register_wh(reported.meter_values)) is None:
        return
    named = _named(told.key, reported.transaction_id)
    yield _SAMPLED, {**named, "last_meter_at": register[0], "last_meter_wh": register[1]}


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
    end = row["meter_stop_wh"] if row["meter_stop_wh"] is not None else row["last_meter_wh"]
    start = row["meter_start_wh"]
    energy = None if end is None or start is None else number(Decimal(end) - start)
    same = {
        name: row[name]
        for name in TransactionDocument.__dataclass_fields__
        if name not in ("energy_wh", "incomplete", "links")
    }
    return TransactionDocument(
        **same,
        energy_wh=energy,
        incomplete=_incomplete(row),
        links={"self": f"/transactions/{row['id']}", "meterValues": f"/transactions/{row['id']}/meter-values"},
    )


def _incomplete(row: Mapping[str, Any]) -> bool:
    """While it runs only a lost start can be told; once it has ended, also a lost end value and lost messages."""
    if row["started_at"] is None or (row["status"] == "ended" and row["meter_start_wh"] is None):
        return True
    if row["status"] != "ended":
        return False
    if row["meter_stop_wh"] is None:
        return True
    first, last, heard = row["first_heard_seq_no"], row["last_seq_no"], row["heard_messages"]
    return last is not None and first is not None and heard < last - first + 1


_messages = (
    (meter_reports.c.operator == transactions_table.c.operator)
    & (meter_reports.c.station_id == transactions_table.c.station_id)
    & (meter_reports.c.transaction_id == transactions_table.c.transaction_id)
    & meter_reports.c.seq_no.is_not(None)
)


def _if_numbered(found: ColumnElement[int]) -> ColumnElement[int | None]:
    """What is found among a transaction's messages, where `_incomplete` will ask: a transaction has many of them."""
    ended = transactions_table.c.last_seq_no.is_not(None)
    return case((ended, select(found).where(_messages).scalar_subquery()), else_=None)


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
        MeterReported,
        RequestCompleted,
    ),
    resources=(
        Resource(
            path="/transactions",
            summary="Transactions",
            table=transactions_table,
            columns=(
                _if_numbered(func.count(meter_reports.c.seq_no.distinct())).label("heard_messages"),
                _if_numbered(func.min(meter_reports.c.seq_no)).label("first_heard_seq_no"),
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
