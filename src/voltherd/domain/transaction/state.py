"""What is true of one transaction, as far as decisions and answers need it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import Any

from voltherd.domain.charging_station.state import ChargingStation, charging_station
from voltherd.domain.charging_station.transactions import find_transaction
from voltherd.domain.identification import Authorization, IdToken
from voltherd.domain.transaction.reports import ChargingState, ReportTransaction
from voltherd.kernel.aggregate import Aggregate, States
from voltherd.kernel.identity import TransactionKey
from voltherd.kernel.messages import message


@message
class Presented:
    """What the station was told of a token, in the newest of its messages (`seq_no`, 2.x) that presented it."""

    authorization: Authorization
    seq_no: int = -1
    vouched: bool = False


@message
class Transaction:
    """The state of the aggregate. A transaction may be known by its end, or by what came between, before its start.

    `presented` is by folded token: who ends a transaction need not be who began it (2.0.1 C09 group id).
    """

    transaction_id: str = ""
    known: bool = False
    started: bool = False
    ended: bool = False
    evse_id: int | None = None
    presented: Mapping[str, Presented] = field(default_factory=lambda: MappingProxyType({}))
    meter_start_wh: int | None = None
    meter_stop_wh: int | None = None
    doubted: bool = False
    charging_state: ChargingState | None = None
    charging_state_seq: int = -1

    def authorization_of(self, id_token: IdToken | None) -> Authorization | None:
        """What the station was told of the token."""
        found = None if id_token is None else self.presented.get(id_token.folded)
        return None if found is None else found.authorization


def _locate(command: Any, states: States) -> TransactionKey | None:
    """Find the transaction that a report or an operator's command means, in whatever spelling."""
    station = states[ChargingStation]
    operator, station_id = command.station.operator, command.station.station_id
    if isinstance(command, ReportTransaction):
        transaction_id = find_transaction(station, command)
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


def _is_fresh(key: TransactionKey, states: States) -> bool:
    """A transaction that the station's ledger does not know of; it forgets old ones, so this may be wrong."""
    station = states[ChargingStation]
    return key.transaction_id not in station.transactions and key.transaction_id not in station.ended_transactions


def _is_over(state: Transaction) -> bool:
    return state.started and state.ended


transaction = Aggregate(
    "transaction",
    Transaction(),
    _locate,
    TransactionKey.from_path,
    after=(charging_station,),
    fresh=_is_fresh,
    over=_is_over,
)
