"""The register of each transaction as its samples tell it. A journal: samples are not history, nothing rebuilds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Numeric,
    String,
    Table,
    and_,
    case,
    false,
    func,
    literal_column,
    or_,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from voltherd.domain.meter import MeterReported, MeterValue, energy_register_wh
from voltherd.domain.transaction.course import LARGEST_WH
from voltherd.kernel.readmodel import Change, ReadModel, Told
from voltherd.readmodels.energy import ROUNDING_WH
from voltherd.readmodels.tables import Instant, metadata

registers_table = Table(
    "registers",
    metadata,
    Column("operator", String(48), primary_key=True),
    Column("station_id", String(48), primary_key=True),
    Column("transaction_id", String(64), primary_key=True),
    Column("last_meter_wh", Numeric(18, 3), nullable=False),
    Column("last_meter_at", Instant, nullable=False),
    Column("last_meter_seq_no", BigInteger, nullable=False),
    Column("lowest_meter_wh", Numeric(18, 3), nullable=False),
    Column("register_fell", Boolean, nullable=False),
)


def _sampled() -> Insert:
    """Samples come late and out of order: only a newer one moves the register, by the station's number or its clock.

    A register that is lower in a newer sample was reset, or the clock was set back: either way it is written down.
    """
    statement = insert(registers_table)
    known, told = registers_table.c, statement.excluded
    same_number = known.last_meter_seq_no == told.last_meter_seq_no
    same_instant = and_(same_number, known.last_meter_at == told.last_meter_at)  # a clock that stands tells no order
    newer = or_(
        known.last_meter_seq_no < told.last_meter_seq_no,
        and_(same_number, known.last_meter_at < told.last_meter_at),
        and_(same_instant, known.last_meter_wh <= told.last_meter_wh),
    )
    rounding: ColumnElement[int] = literal_column(str(ROUNDING_WH))  # no parameter: rows go in many at a time
    fell = and_(newer, told.last_meter_wh < known.last_meter_wh - rounding)
    rose = and_(~newer, ~same_instant, told.last_meter_wh > known.last_meter_wh + rounding)
    newest = ("last_meter_wh", "last_meter_at", "last_meter_seq_no")
    lower = known.lowest_meter_wh <= told.lowest_meter_wh
    return statement.on_conflict_do_update(
        index_elements=list(registers_table.primary_key),
        set_={
            **{name: case((newer, told[name]), else_=known[name]) for name in newest},
            "lowest_meter_wh": case((lower, known.lowest_meter_wh), else_=told.lowest_meter_wh),
            "register_fell": or_(known.register_fell, told.register_fell, func.coalesce(or_(fell, rose), false())),
        },
    )


_SAMPLED = _sampled()


def project(told: Told) -> Iterable[Change]:
    reported = told.fact
    if not isinstance(reported, MeterReported) or reported.transaction_id is None or not reported.meter_values:
        return
    found = _registers(reported.meter_values)
    if not found:
        return
    taken_at, register = found[-1]
    yield (
        _SAMPLED,
        {
            "operator": told.key.operator,
            "station_id": told.key.station_id,
            "transaction_id": reported.transaction_id,
            "last_meter_wh": register,
            "last_meter_at": taken_at,
            "last_meter_seq_no": -1 if reported.seq_no is None else reported.seq_no,
            "lowest_meter_wh": min(wh for _, wh in found),
            "register_fell": any(later[1] < earlier[1] - ROUNDING_WH for earlier, later in pairwise(found)),
        },
    )


def _registers(values: Sequence[MeterValue]) -> Sequence[tuple[datetime, Decimal]]:
    """The registers of a message (Wh) in the order in which they were read, as far as they can be true."""
    found = (energy_register_wh((value,)) for value in (sorted(values, key=_order) if len(values) > 1 else values))
    return [one for one in found if one is not None and abs(one[1]) <= LARGEST_WH]


def _order(value: MeterValue) -> tuple[int, datetime]:
    """The beginning is before all else and the end behind it, whatever the clock says."""
    contexts = {sample.context for sample in value.sampled}
    return ("Transaction.End" in contexts) - ("Transaction.Begin" in contexts), value.taken_at


registers = ReadModel(
    name="registers", tables=(registers_table,), project=project, facts=(MeterReported,), journal=True
)
