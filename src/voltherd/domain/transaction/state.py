"""What is true of one transaction, as far as decisions and answers need it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from voltherd.domain.charging_station.state import ChargingStation, charging_station
from voltherd.domain.charging_station.transactions import find_transaction
from voltherd.domain.identification import Authorization
from voltherd.domain.transaction.reports import ChargingState, ReportTransaction, ReportTransactionEnded
from voltherd.kernel.aggregate import Aggregate, States
from voltherd.kernel.identity import TransactionKey
from voltherd.kernel.messages import message


@message
class Transaction:
    """The state of the aggregate. A transaction may be known by its end, or by what came between, before its start."""

    transaction_id: str = ""
    known: bool = False
    started: bool = False
    ended: bool = False
    evse_id: int | None = None
    id_token: str | None = None
    authorization: Authorization | None = None
    authorized_at: int = -1
    meter_start_wh: int | None = None
    charging_state: ChargingState | None = None
    charging_state_seq: int = -1
    opened_at: datetime | None = None


def _locate(command: Any, states: States) -> TransactionKey | None:
    """Find the transaction that a report or an operator's command means, in whatever spelling."""
    station = states[ChargingStation]
    operator, station_id = command.station.operator, command.station.station_id
    if isinstance(command, ReportTransaction):
        transaction_id = find_transaction(station, command)
        if transaction_id is None and isinstance(command, ReportTransactionEnded):
            # An end that fits nothing we know is kept under its own instant: told again, it is the same orphan.
            transaction_id = f"unmatched-{command.occurred_at:%Y%m%dT%H%M%S.%fZ}"
    else:
        transaction_id = _spelled(station, operator, station_id, command.transaction_id)
    if transaction_id is None:
        return None
    return TransactionKey(operator=operator, station_id=station_id, transaction_id=transaction_id)


def _spelled(station: ChargingStation, operator: str, station_id: str, text: str) -> str:
    """The wire's id for what an operator wrote: that id, our UUID, or `{station}_{protocol}_{number}`."""
    for known in (*station.transactions, *station.ended_transactions):
        key = TransactionKey(operator=operator, station_id=station_id, transaction_id=known)
        if text == known or text.lower() == key.uuid:
            return known
    prefix = f"{station_id}_"
    if text.startswith(prefix) and "_" in text[len(prefix) :]:
        return text.rpartition("_")[2]
    return text


transaction = Aggregate("transaction", Transaction(), _locate, TransactionKey.from_path, after=(charging_station,))
