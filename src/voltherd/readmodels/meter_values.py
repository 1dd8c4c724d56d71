"""The journal of meter values: one row for each message that brought some, or that has a number in its transaction."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Column, Index, String, Table, Text

from voltherd.domain.meter import MeterReported, MeterValue
from voltherd.kernel.identity import TransactionKey
from voltherd.kernel.readmodel import Change, ReadModel, Resource, Told
from voltherd.readmodels.tables import Instant, insert_once, metadata, row_number

meter_reports = Table(
    "meter_reports",
    metadata,
    row_number(),
    Column("operator", String(48), nullable=False),
    Column("station_id", String(48), nullable=False),
    Column("transaction_id", String(64), nullable=False),
    Column("reported_at", Instant, nullable=False),
    # Two messages of one instant differ in their number (2.x), which leads, or in their words; a repeated one does not.
    Column("digest", BigInteger, nullable=False),
    Column("received_at", Instant, nullable=False),
    # Our id of the transaction; of values outside any, what no path can hold.
    Column("transaction", String(64), nullable=False),
    Column("evse_id", BigInteger),
    Column("seq_no", BigInteger),
    Column("trigger", Text),
    Column("offline", Boolean, nullable=False),
    Column("meter_values", Text, nullable=False),
)
Index(
    "meter_report",
    meter_reports.c.operator,
    meter_reports.c.transaction,
    meter_reports.c.reported_at,
    meter_reports.c.digest,
    unique=True,
)

_NEW = insert_once(meter_reports)
_NUMBER = 0x7FFF_FFFF
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[MeterValue, ...]).decode

OUTSIDE = ""
"""What stands for the transaction of values that belong to none."""


def project(told: Told) -> Iterable[Change]:
    fact = told.fact
    if not isinstance(fact, MeterReported):
        return
    values = _encode(fact.meter_values)
    at = fact.reported_at if fact.seq_no is not None else _taken_at(fact)
    transaction = f"/{told.key.station_id}"
    if fact.transaction_id is not None:
        transaction = TransactionKey(
            operator=told.key.operator, station_id=told.key.station_id, transaction_id=fact.transaction_id
        ).uuid
    yield (
        _NEW,
        {
            "operator": told.key.operator,
            "station_id": told.key.station_id,
            "transaction_id": fact.transaction_id or OUTSIDE,
            "transaction": transaction,
            "reported_at": at,
            "received_at": told.at,
            "digest": ((fact.seq_no or 0) & _NUMBER) << 32 | zlib.crc32(values),
            "evse_id": fact.evse_id,
            "seq_no": fact.seq_no,
            "trigger": fact.trigger,
            "offline": fact.offline,
            "meter_values": values.decode(),
        },
    )


def _taken_at(reported: MeterReported) -> datetime:
    """1.6's messages have no instant of their own: their first value's is the same when they are repeated."""
    return reported.meter_values[0].taken_at if reported.meter_values else reported.reported_at


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleDocument:
    """One value in its base unit."""

    measurand: str
    value: int | float | None
    unit: str
    phase: str | None
    context: str
    location: str
    signed: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterValueDocument:
    """Values taken at one instant."""

    taken_at: datetime
    sampled: Sequence[SampleDocument]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReportDocument:
    """What one message of a station brought."""

    station_id: str
    transaction: str | None
    evse_id: int | None
    reported_at: datetime
    seq_no: int | None
    trigger: str | None
    offline: bool
    meter_values: Sequence[MeterValueDocument]


def document(row: Mapping[str, Any]) -> MeterReportDocument:
    return MeterReportDocument(
        station_id=row["station_id"],
        transaction=row["transaction"],
        evse_id=row["evse_id"],
        reported_at=row["reported_at"],
        seq_no=row["seq_no"],
        trigger=row["trigger"],
        offline=bool(row["offline"]),
        meter_values=[_shown(value) for value in _decode(row["meter_values"])],
    )


def _shown(value: MeterValue) -> MeterValueDocument:
    return MeterValueDocument(
        taken_at=value.taken_at,
        sampled=[
            SampleDocument(
                measurand=sample.measurand,
                value=number(sample.value),
                unit=sample.unit,
                phase=sample.phase,
                context=sample.context,
                location=sample.location,
                signed=sample.signed,
            )
            for sample in value.sampled
        ],
    )


def number(value: Decimal | None) -> int | float | None:
    """A quantity as JSON shows it: whole where it is whole."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


meter_values = ReadModel(
    name="meter_values",
    tables=(meter_reports,),
    project=project,
    facts=(MeterReported,),
    journal=True,
    retention=timedelta(days=400),
    aged_by=meter_reports.c.received_at,
    resources=(
        Resource(
            path="/transactions/{transaction}/meter-values",
            summary="Meter values of a transaction",
            table=meter_reports,
            document=document,
            shape=MeterReportDocument,
            sorts={"reportedAt": (meter_reports.c.reported_at, meter_reports.c.digest)},
            default_sort="reportedAt",
        ),
    ),
)
