"""The server that a Python developer writes today: the PyPI package `ocpp`, `websockets` and SQLAlchemy's ORM.

It is meant to be a good one: validation on (as it is by default), the same WebSocket server and uvloop, one commit
for each message, before its answer. Sessions are used on the event loop: for SQLite that is faster than a thread for
each message, which would wait for the same lock. It authorises everybody and checks nothing else.
"""

# The package has annotations only here and there.
# mypy: disallow-untyped-decorators=False, disallow-untyped-calls=False, disallow-subclassing-any=False

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import uvloop
from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call_result as result16
from ocpp.v16.datatypes import IdTagInfo
from ocpp.v16.enums import Action as Action16
from ocpp.v16.enums import AuthorizationStatus, RegistrationStatus
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call_result as result201
from ocpp.v201.datatypes import IdTokenInfoType
from ocpp.v201.enums import Action as Action201
from ocpp.v201.enums import AuthorizationStatusEnumType, RegistrationStatusEnumType
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from bench.proc import allow_many_files
from bench.reference_tables import Connector, Database, Transaction, add_meter_values, find_transaction, heard
from bench.serving import serve_until_stopped, server_flags, station_of

Payload = dict[str, Any]

_INTERVAL_S = 300


def now() -> datetime:
    """The time."""
    return datetime.now(UTC)


class Station16(ChargePoint16):
    """A connected 1.6 station."""

    def __init__(self, charge_point_id: str, connection: ServerConnection, database: Database) -> None:
        super().__init__(charge_point_id, connection)
        self._database = database

    @on(Action16.boot_notification)
    def on_boot(self, charge_point_vendor: str, charge_point_model: str, **_more: Any) -> result16.BootNotification:
        """Note who it is."""
        with self._database.transaction() as session:
            charge_point = heard(session, self.id, now())
            charge_point.vendor, charge_point.model = charge_point_vendor, charge_point_model
        return result16.BootNotification(now().isoformat(), _INTERVAL_S, RegistrationStatus.accepted)

    @on(Action16.heartbeat)
    def on_heartbeat(self) -> result16.Heartbeat:
        """Note that it lives."""
        with self._database.transaction() as session:
            heard(session, self.id, now())
        return result16.Heartbeat(now().isoformat())

    @on(Action16.status_notification)
    def on_status(self, connector_id: int, status: str, **_more: Any) -> result16.StatusNotification:
        """Note the connector's status."""
        with self._database.transaction() as session:
            heard(session, self.id, now())
            session.merge(Connector(charge_point_id=self.id, evse_id=connector_id, connector_id=1, status=status))
        return result16.StatusNotification()

    @on(Action16.start_transaction)
    def on_start(
        self, connector_id: int, id_tag: str, meter_start: int, timestamp: str, **_more: Any
    ) -> result16.StartTransaction:
        """Open a transaction; its primary key is its number."""
        with self._database.transaction() as session:
            heard(session, self.id, now())
            transaction = Transaction(
                charge_point_id=self.id,
                evse_id=connector_id,
                id_token=id_tag,
                started_at=datetime.fromisoformat(timestamp),
                meter_start=meter_start,
            )
            session.add(transaction)
        return result16.StartTransaction(transaction.number, IdTagInfo(AuthorizationStatus.accepted))

    @on(Action16.meter_values)
    def on_meter_values(
        self, connector_id: int, meter_value: list[Payload], transaction_id: int | None = None
    ) -> result16.MeterValues:
        """Keep the values."""
        with self._database.transaction() as session:
            heard(session, self.id, now())
            add_meter_values(session, self.id, connector_id, transaction_id, meter_value)
        return result16.MeterValues()

    @on(Action16.stop_transaction)
    def on_stop(
        self, transaction_id: int, meter_stop: int, timestamp: str, reason: str | None = None, **_more: Any
    ) -> result16.StopTransaction:
        """Close the transaction."""
        with self._database.transaction() as session:
            heard(session, self.id, now())
            transaction = session.get(Transaction, transaction_id)
            if transaction is not None:
                transaction.stopped_at = datetime.fromisoformat(timestamp)
                transaction.meter_stop, transaction.stop_reason = meter_stop, reason
        return result16.StopTransaction(IdTagInfo(AuthorizationStatus.accepted))


class Station201(ChargePoint201):
    """A connected 2.0.1 station."""

    def __init__(self, charge_point_id: str, connection: ServerConnection, database: Database) -> None:
        super().__init__(charge_point_id, connection)
        self._database = database

    @on(Action201.boot_notification)
    def on_boot(self, charging_station: Payload, **_more: Any) -> result201.BootNotification:
        """Note who it is."""
        with self._database.transaction() as session:
            charge_point = heard(session, self.id, now())
            charge_point.vendor, charge_point.model = charging_station["vendor_name"], charging_station["model"]
        return result201.BootNotification(now().isoformat(), _INTERVAL_S, RegistrationStatusEnumType.accepted)

    @on(Action201.heartbeat)
    def on_heartbeat(self, **_more: Any) -> result201.Heartbeat:
        """Note that it lives."""
        with self._database.transaction() as session:
            heard(session, self.id, now())
        return result201.Heartbeat(now().isoformat())

    @on(Action201.status_notification)
    def on_status(
        self, connector_status: str, evse_id: int, connector_id: int, **_more: Any
    ) -> result201.StatusNotification:
        """Note the connector's status."""
        with self._database.transaction() as session:
            heard(session, self.id, now())
            session.merge(
                Connector(charge_point_id=self.id, evse_id=evse_id, connector_id=connector_id, status=connector_status)
            )
        return result201.StatusNotification()

    @on(Action201.meter_values)
    def on_meter_values(self, evse_id: int, meter_value: list[Payload], **_more: Any) -> result201.MeterValues:
        """Keep the values."""
        with self._database.transaction() as session:
            heard(session, self.id, now())
            add_meter_values(session, self.id, evse_id, None, meter_value)
        return result201.MeterValues()

    @on(Action201.transaction_event)
    def on_transaction_event(
        self,
        event_type: str,
        timestamp: str,
        transaction_info: Payload,
        evse: Payload | None = None,
        id_token: Payload | None = None,
        meter_value: list[Payload] | None = None,
        **_more: Any,
    ) -> result201.TransactionEvent:
        """Open the transaction, keep the values, close it."""
        at = datetime.fromisoformat(timestamp)
        with self._database.transaction() as session:
            heard(session, self.id, now())
            transaction = find_transaction(session, self.id, transaction_info["transaction_id"])
            if transaction is None:
                transaction = Transaction(
                    charge_point_id=self.id,
                    transaction_id=transaction_info["transaction_id"],
                    evse_id=evse and evse["id"],
                    id_token=id_token and id_token["id_token"],
                    started_at=at,
                )
                session.add(transaction)
                session.flush()
            if meter_value:
                add_meter_values(session, self.id, transaction.evse_id, transaction.number, meter_value)
            if event_type == "Ended":
                transaction.stopped_at, transaction.stop_reason = at, transaction_info.get("stopped_reason")
        if id_token is None:
            return result201.TransactionEvent()
        return result201.TransactionEvent(id_token_info=IdTokenInfoType(AuthorizationStatusEnumType.accepted))


async def serve_station(connection: ServerConnection, database: Database) -> None:
    """Serve one station until it goes."""
    kind = Station16 if connection.subprotocol == "ocpp1.6" else Station201
    with suppress(ConnectionClosed):
        await kind(station_of(connection), connection, database).start()


if __name__ == "__main__":
    parser = server_flags(__doc__)
    parser.add_argument("--database", required=True, help="sqlite:///…")
    chosen = parser.parse_args()
    allow_many_files()
    uvloop.run(serve_until_stopped(partial(serve_station, database=Database(chosen.database)), chosen.port))
