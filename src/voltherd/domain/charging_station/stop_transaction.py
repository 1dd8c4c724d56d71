"""Stop a running transaction. 2.0.1 F03, 1.6 §5.12."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from datetime import timedelta
from typing import Annotated, ClassVar

from annotated_types import Len

from voltherd.domain.charging_station.requests import STOP, Json, Request, Requested, StationRequest
from voltherd.domain.charging_station.state import ChargingStation, charging_station, require_accepted
from voltherd.domain.transaction.state import Transaction
from voltherd.kernel.messages import Event, Refusal, message, replace


class TransactionUnknown(Refusal):
    """The station has no such transaction."""

    code: ClassVar[str] = "transaction_unknown"
    kind: ClassVar[str] = "missing"


class TransactionNotRunning(Refusal):
    """The transaction has ended."""

    code: ClassVar[str] = "transaction_not_running"


@message
class StopTransaction(StationRequest):
    """Ask the station to end a transaction; completed when it has ended.

    `transaction_id` in any spelling: the station's text, our number as text, our UUID, `{station}_{protocol}_{n}`.
    """

    aliases: ClassVar[tuple[str, ...]] = ("RequestStopTransaction", "RemoteStopTransaction")
    synonyms: ClassVar[dict[str, str]] = {"id": "transactionId"}
    priority: ClassVar[int] = STOP
    effect_within: ClassVar[timedelta | None] = timedelta(minutes=2)

    transaction_id: Annotated[str, Len(1, 255)]
    resolved: str = field(default="", metadata={"internal": True})

    def effect(self, station: ChargingStation, request: Request) -> Json | None:
        del request
        return None if self.resolved in station.transactions else {"transactionId": self.resolved}


@charging_station.decides
def decide(station: ChargingStation, command: StopTransaction, transaction: Transaction) -> Sequence[Event]:
    require_accepted(station, command.station)
    if not transaction.known:
        raise TransactionUnknown(
            f"charging station {command.station.station_id} has no transaction {command.transaction_id}",
            pointer="/transactionId",
        )
    if transaction.ended:
        raise TransactionNotRunning(f"transaction {command.transaction_id} has ended", pointer="/transactionId")
    return [Requested(command=replace(command, resolved=transaction.transaction_id))]
