"""Transactions: who charged where, when, how much, and whether we know all of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Index,
    Numeric,
    String,
    Table,
    Text,
    Update,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)

from voltherd.domain.charging_station.requests import RequestCompleted
from voltherd.domain.meter import MeterReported, MeterValue, energy_register_wh
from voltherd.domain.transaction.course import (
    LARGEST_WH,
    TransactionAuthorized,
    TransactionDiscovered,
    TransactionDoubted,
    TransactionEnded,
    TransactionProgressed,
    TransactionStarted,
)
from voltherd.kernel.identity import TransactionKey
from voltherd.kernel.readmodel import Change, Filter, ReadModel, Resource, Told
from voltherd.readmodels.energy import ROUNDING_WH, energy_wh, incomplete
from voltherd.readmodels.meter_values import meter_reports
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
    Column("stopped_at", Instant),
    Column("meter_start_wh", BigInteger),
    Column("meter_stop_wh", BigInteger),
    Column("last_meter_wh", Numeric(18, 3)),
    Column("last_meter_at", Instant),
    Column("last_meter_seq_no", BigInteger),
    Column("lowest_meter_wh", Numeric(18, 3)),
    Column("register_fell", Boolean, nullable=False),
    Column("doubted", Boolean, nullable=False),
    Column("charging_state", String(20)),
    Column("trigger", Text),
    Column("stop_reason", Text),
    Column("last_seq_no", BigInteger),
    Column("remote_start_id", BigInteger),
    Column("remote_start_command_id", String(64)),
    Column("reservation_id", BigInteger),
)
Index("transactions_by_time", transactions_table.c.operator, transactions_table.c.first_heard_at)
Index("transactions_by_token", transactions_table.c.operator, transactions_table.c.id_token)

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


def _sampled() -> Update:
    """Samples come late and out of order: only a newer one moves the register, by the station's number or its clock.

    A register that is lower in a newer sample was reset, or the clock was set back: either way it is written down.
    """
    known = transactions_table.c
    seq_no, taken_at = bindparam("last_meter_seq_no", type_=BigInteger), bindparam("last_meter_at", type_=Instant)
    wh, lowest = bindparam("last_meter_wh", type_=Numeric(18, 3)), bindparam("lowest", type_=Numeric(18, 3))
    same_number = known.last_meter_seq_no == seq_no
    newer = or_(
        known.last_meter_at.is_(None),
        known.last_meter_seq_no < seq_no,
        and_(same_number, known.last_meter_at < taken_at),
        and_(same_number, known.last_meter_at == taken_at, known.last_meter_wh <= wh),
    )
    same_instant = and_(same_number, known.last_meter_at == taken_at)  # a clock that stands tells no order
    fell = and_(newer, wh < known.last_meter_wh - ROUNDING_WH)
    rose = and_(~newer, ~same_instant, wh > known.last_meter_wh + ROUNDING_WH)
    return update_by(
        transactions_table,
        _KEY,
        last_meter_wh=case((newer, wh), else_=known.last_meter_wh),
        last_meter_at=case((newer, taken_at), else_=known.last_meter_at),
        last_meter_seq_no=case((newer, seq_no), else_=known.last_meter_seq_no),
        lowest_meter_wh=case((known.lowest_meter_wh <= lowest, known.lowest_meter_wh), else_=lowest),
        register_fell=or_(known.register_fell, bindparam("fell", type_=Boolean), func.coalesce(or_(fell, rose), False)),
    )


_SAMPLED = _sampled()


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


def _project_samples(told: Told, reported: MeterReported) -> Iterable[Change]:
    registers = _registers(reported.meter_values)
    if reported.transaction_id is None or not registers:
        return
    taken_at, register = registers[-1]
    yield (
        _SAMPLED,
        {
            **_named(told.key, reported.transaction_id),
            "last_meter_at": taken_at,
            "last_meter_wh": register,
            "last_meter_seq_no": -1 if reported.seq_no is None else reported.seq_no,
            "lowest": min(wh for _, wh in registers),
            "fell": any(later[1] < earlier[1] - ROUNDING_WH for earlier, later in pairwise(registers)),
        },
    )


def _registers(values: Iterable[MeterValue]) -> Sequence[tuple[datetime, Decimal]]:
    """The registers of a message (Wh) in the order in which they were read, as far as they can be true."""
    found = (energy_register_wh((value,)) for value in sorted(values, key=_order))
    return [one for one in found if one is not None and abs(one[1]) <= LARGEST_WH]


def _order(value: MeterValue) -> tuple[int, datetime]:
    """The beginning is before all else and the end behind it, whatever the clock says."""
    contexts = {sample.context for sample in value.sampled}
    return ("Transaction.End" in contexts) - ("Transaction.Begin" in contexts), value.taken_at


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
        "register_fell": False,
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


_messages = (
    (meter_reports.c.operator == transactions_table.c.operator)
    & (meter_reports.c.station_id == transactions_table.c.station_id)
    & (meter_reports.c.transaction_id == transactions_table.c.transaction_id)
    & meter_reports.c.seq_no.is_not(None)
)


def _heard(name: str, aggregate: ColumnElement[Any]) -> ColumnElement[Any]:
    """What the journal tells of all the transaction's messages."""
    return select(aggregate).select_from(meter_reports).where(_messages).scalar_subquery().label(name)


_time = func.coalesce(transactions_table.c.started_at, transactions_table.c.first_heard_at)

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
        MeterReported,
        RequestCompleted,
    ),
    resources=(
        Resource(
            path="/transactions",
            summary="Transactions",
            table=transactions_table,
            columns=(
                _heard("heard_messages", func.count()),
                _heard("heard_seq_nos", func.count(meter_reports.c.seq_no.distinct())),
                _heard("first_heard_seq_no", func.min(meter_reports.c.seq_no)),
                _heard("last_heard_seq_no", func.max(meter_reports.c.seq_no)),
            ),
            item="id",
            station_path="/charging-stations/{station_id}/transactions",
            document=document,
            shape=TransactionDocument,
            sorts={"startedAt": (transactions_table.c.first_heard_at, transactions_table.c.id)},
            default_sort="-startedAt",
            filters={
                "stationId": Filter(lambda value: transactions_table.c.station_id == value),
                "transactionId": Filter(lambda value: transactions_table.c.transaction_id == value),
                "idToken": Filter(lambda value: func.lower(transactions_table.c.id_token) == value.lower()),
                "status": Filter(lambda value: transactions_table.c.status == value, among=("active", "ended")),
                "evseId": Filter(lambda value: transactions_table.c.evse_id == value, kind=int),
                "from": Filter(lambda value: _time >= value, kind=datetime, doc="started at or after"),
                "to": Filter(lambda value: _time < value, kind=datetime, doc="started before"),
            },
        ),
    ),
)
