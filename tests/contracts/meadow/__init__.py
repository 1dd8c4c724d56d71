"""A small content package of our own: sheep that are seen and shorn, and a journal of their bleating."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, Table, Text, bindparam, delete, insert, update
from sqlalchemy.dialects import postgresql

from voltherd.kernel.aggregate import Aggregate
from voltherd.kernel.catalog import Catalog, build
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Event, JournalEntry, message
from voltherd.kernel.readmodel import Change, ReadModel, Told
from voltherd.ports.history import Append, StreamWrite
from voltherd.readmodels.tables import Instant, row_number

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@message
class Sheep:
    """Nothing is decided about them."""

    seen: int = 0


sheep = Aggregate("sheep", Sheep(), lambda _command, _states: None, StationKey.from_path)


@message
class SheepSeen(Event):
    """A sheep was seen."""

    weight_kg: int
    remark: str = ""


@sheep.evolves
def evolve_seen(state: Sheep, _event: SheepSeen) -> Sheep:
    return Sheep(seen=state.seen + 1)


@message
class SheepShorn(Event):
    """A sheep was shorn."""

    wool_kg: int


@message
class SheepBleated(JournalEntry):
    """A sheep was heard."""


def flock_tables(*more: Column[str]) -> tuple[Table, Table]:
    """The flock's tables, of which another release may have made something else."""
    tables = MetaData()
    flock = Table(
        "flock",
        tables,
        Column("name", Text, primary_key=True),
        Column("weight_kg", Integer, nullable=False),
        Column("seen", Integer, nullable=False),
        *more,
    )
    shearings = Table(
        "shearings",
        tables,
        Column("name", Text, ForeignKey("flock.name"), nullable=False),
        Column("wool_kg", Integer, nullable=False),
        Index("shearings_name", "name"),
    )
    return flock, shearings


def bleats_table(*more: Column[str]) -> Table:
    """The journal's table, of which another release may have made something else."""
    columns = (row_number(), Column("name", Text, nullable=False), Column("at", Instant, nullable=False))
    return Table("bleats", MetaData(), *columns, *more)


flock, shearings = flock_tables()
bleats = bleats_table()

COME = postgresql.insert(flock).on_conflict_do_nothing()
SEE = (
    update(flock)
    .where(flock.c.name == bindparam("key_name"))
    .values(weight_kg=bindparam("weight"), seen=flock.c.seen + 1)
)
SHEAR = insert(shearings)
FORGET = delete(shearings).where(shearings.c.name == bindparam("key_name"))
BLEAT = insert(bleats)


def project(told: Told) -> Iterable[Change]:
    """Fold a fact into the flock."""
    name = told.key.station_id
    match told.fact:
        case SheepSeen(weight_kg=weight):
            yield COME, {"name": name, "weight_kg": 0, "seen": 0}
            yield SEE, {"key_name": name, "weight": weight}
        case SheepShorn(wool_kg=wool):
            yield SHEAR, {"name": name, "wool_kg": wool}


def bleat(name: str, at: datetime) -> Change:
    """A row of the journal."""
    return BLEAT, {"name": name, "at": at}


def meadow(*more: Column[str], journal: Table = bleats) -> Catalog:
    """The catalog of all that we have and of the meadow, whose flock may have more columns than usual."""
    catalog = build(["voltherd.domain", "tests.contracts.meadow"])
    models = [
        ReadModel("flock", flock_tables(*more), project, (SheepSeen, SheepShorn)),
        ReadModel(
            "bleats",
            (journal,),
            lambda _told: (),
            (SheepBleated,),
            journal=True,
            retention=timedelta(hours=1),
            aged_by=journal.c.at,
        ),
    ]
    return replace(catalog, readmodels={model.name: model for model in models})


def stream_of(name: str) -> str:
    """The stream of a sheep."""
    return sheep.stream(StationKey(operator="default", station_id=name))


def seen(name: str, version: int, *weights: int, remark: str = "") -> Append:
    """An append of the sheep's next events, with what they change."""
    events = [SheepSeen(weight_kg=weight, remark=remark) for weight in weights]
    key = StationKey(operator="default", station_id=name)
    return Append(
        writes=[StreamWrite(stream_of(name), version, events)],
        changes=[change for event in events for change in project(Told(event, key, NOON, "shepherd"))],
        at=NOON,
        by="shepherd",
        order=name,
    )
