"""History's own tables; `migrations` makes them, and the tables of the read models are their own affair."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, MetaData, Table, Text, UniqueConstraint

from voltherd.adapters.sql.instant import Instant

history = MetaData()

POSITION = BigInteger().with_variant(Integer, "sqlite")  # there, INTEGER alone makes the position the row's address
NAME = Text().with_variant(Text(collation="C"), "postgresql")  # compared byte by byte, as SQLite does

REVISION_TABLE = "history_revision"

events = Table(
    "events",
    history,
    Column("position", POSITION, primary_key=True, autoincrement=False),
    Column("stream", NAME, nullable=False),
    Column("version", Integer, nullable=False),
    Column("type", NAME, nullable=False),
    Column("data", Text, nullable=False),
    Column("operator", NAME, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    UniqueConstraint("stream", "version", name="events_stream_version"),
)

snapshots = Table(
    "snapshots",
    history,
    Column("stream", NAME, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    # One may wait while a standby takes over that lacks its events: it must never come into history.
    ForeignKeyConstraint(["stream", "version"], ["events.stream", "events.version"]),
)

checkpoints = Table(
    "checkpoints",
    history,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
)

sequences = Table(
    "sequences",
    history,
    Column("name", Text, primary_key=True),
    Column("taken", BigInteger, nullable=False),
)

projections = Table(
    "projections",
    history,
    Column("name", Text, primary_key=True),
    Column("digest", Text, nullable=False),
)
