"""The tables of the reference server, and what its handlers write into them: one transaction for each message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, create_engine, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker


class Base(DeclarativeBase):
    """Declares tables."""


class ChargePoint(Base):
    """A station and when it was last heard."""

    __tablename__ = "charge_points"

    id: Mapped[str] = mapped_column(primary_key=True)
    vendor: Mapped[str | None]
    model: Mapped[str | None]
    last_seen: Mapped[datetime]


class Connector(Base):
    """What a connector said last of its status."""

    __tablename__ = "connectors"

    charge_point_id: Mapped[str] = mapped_column(ForeignKey("charge_points.id"), primary_key=True)
    evse_id: Mapped[int] = mapped_column(primary_key=True)
    connector_id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]


class Transaction(Base):
    """A charging transaction. `number` is what a 1.6 station is told, `transaction_id` what a 2.0.1 station says."""

    __tablename__ = "transactions"

    number: Mapped[int] = mapped_column(primary_key=True)
    charge_point_id: Mapped[str] = mapped_column(ForeignKey("charge_points.id"), index=True)
    transaction_id: Mapped[str | None] = mapped_column(index=True)
    evse_id: Mapped[int | None]
    id_token: Mapped[str | None]
    started_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    meter_start: Mapped[int | None]
    meter_stop: Mapped[int | None]
    stop_reason: Mapped[str | None]


class MeterValue(Base):
    """The samples of one instant."""

    __tablename__ = "meter_values"

    id: Mapped[int] = mapped_column(primary_key=True)
    charge_point_id: Mapped[str] = mapped_column(ForeignKey("charge_points.id"), index=True)
    transaction_number: Mapped[int | None] = mapped_column(ForeignKey("transactions.number"), index=True)
    evse_id: Mapped[int | None]
    taken_at: Mapped[datetime]
    samples: Mapped[list[dict[str, Any]]] = mapped_column(JSON)


class Database:
    """A SQLite file, as safe as Voltherd's: write-ahead log, every commit on the disk."""

    def __init__(self, url: str) -> None:
        engine = create_engine(url)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _be_safe)
        Base.metadata.create_all(engine)
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that is committed at its end."""
        with self._sessions() as session, session.begin():
            yield session


def _be_safe(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")


def heard(session: Session, charge_point_id: str, at: datetime) -> ChargePoint:
    """The station, heard just now; made if it is new."""
    charge_point = session.get(ChargePoint, charge_point_id)
    if charge_point is None:
        charge_point = ChargePoint(id=charge_point_id)
        session.add(charge_point)
    charge_point.last_seen = at
    return charge_point


def add_meter_values(
    session: Session,
    charge_point_id: str,
    evse_id: int | None,
    transaction_number: int | None,
    meter_values: list[dict[str, Any]],
) -> None:
    """Keep meter values as the `ocpp` package hands them over."""
    session.add_all(
        MeterValue(
            charge_point_id=charge_point_id,
            transaction_number=transaction_number,
            evse_id=evse_id,
            taken_at=datetime.fromisoformat(value["timestamp"]),
            samples=value["sampled_value"],
        )
        for value in meter_values
    )


def find_transaction(session: Session, charge_point_id: str, transaction_id: str) -> Transaction | None:
    """A 2.0.1 transaction by the station's id for it."""
    return session.scalars(
        select(Transaction).where(
            Transaction.charge_point_id == charge_point_id, Transaction.transaction_id == transaction_id
        )
    ).one_or_none()
