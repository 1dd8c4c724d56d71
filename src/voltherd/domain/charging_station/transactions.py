"""The station's ledger of its transactions: which run, on which EVSE, and under which number (1.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from voltherd.domain.charging_station.state import (
    ChargingStation,
    RunningTransaction,
    Start,
    charging_station,
)
from voltherd.domain.transaction.reports import (
    ReportTransaction,
    ReportTransactionEnded,
    ReportTransactionStarted,
    folded,
)
from voltherd.kernel.messages import Event, message

_REMEMBERED = 64
"""How many starts and ends a station remembers: repeated reports come soon, or after one outage."""


@message
class TransactionOpened(Event):
    """A transaction begins on the station. `start` is what a repeated 1.6 start is known by."""

    transaction_id: str
    evse_id: int | None
    id_token: str | None
    opened_at: datetime
    remote_start_id: int | None = None
    start: Start | None = None


@message
class TransactionLocated(Event):
    """The transaction's EVSE became known after its start."""

    transaction_id: str
    evse_id: int


@message
class TransactionClosed(Event):
    """A transaction of the station has ended."""

    transaction_id: str


@charging_station.decides
def decide(station: ChargingStation, report: ReportTransaction) -> Sequence[Event]:
    """Note transactions that we learn of by a later message than their start."""
    transaction_id = report.transaction_id
    if transaction_id is None or transaction_id in station.ended_transactions:
        return ()
    running = station.transactions.get(transaction_id)
    if running is None:
        return [_opened(report, transaction_id)]
    if running.evse_id is None and report.evse_id is not None:
        return [TransactionLocated(transaction_id=transaction_id, evse_id=report.evse_id)]
    return ()


@charging_station.decides
def decide_started(station: ChargingStation, report: ReportTransactionStarted) -> Sequence[Event]:
    """Open it; in 1.6 under a number of ours, and under the same number when the same start is told again."""
    if report.transaction_id is not None:
        return decide(station, report)
    start = start_of(report)
    if start in station.starts:
        return ()
    return [replace(_opened(report, str(report.number)), start=start)]


@charging_station.decides
def decide_ended(station: ChargingStation, report: ReportTransactionEnded) -> Sequence[Event]:
    transaction_id = find_transaction(station, report)
    if transaction_id is None or transaction_id in station.ended_transactions:
        return ()
    return [TransactionClosed(transaction_id=transaction_id)]


def _opened(report: ReportTransaction, transaction_id: str) -> TransactionOpened:
    return TransactionOpened(
        transaction_id=transaction_id,
        evse_id=report.evse_id,
        id_token=folded(report.id_token),
        opened_at=report.at,
        remote_start_id=report.remote_start_id,
    )


def start_of(report: ReportTransactionStarted) -> Start:
    """What the report's start is recognised by when it is told again (1.6 has no id of the station's own)."""
    return Start(
        evse_id=report.evse_id,
        id_token=folded(report.id_token),
        started_at=report.occurred_at,
        meter_start_wh=report.meter_start_wh,
    )


def find_transaction(station: ChargingStation, report: ReportTransaction) -> str | None:
    """The id of the transaction that the report is about, None where it cannot be said.

    Stations that lost our number say 0, -1 or nothing: then EVSE and id token must name one running transaction.
    """
    if isinstance(report, ReportTransactionStarted) and report.transaction_id is None:
        return station.starts.get(start_of(report))
    if report.transaction_id is not None:
        return report.transaction_id
    token = folded(report.id_token)
    found = [
        running.transaction_id
        for running in station.transactions.values()
        if (report.evse_id is None or running.evse_id == report.evse_id)
        and (token is None or running.id_token == token)
    ]
    return found[0] if len(found) == 1 else None


@charging_station.evolves
def evolve_opened(station: ChargingStation, event: TransactionOpened) -> ChargingStation:
    running = RunningTransaction(
        transaction_id=event.transaction_id,
        evse_id=event.evse_id,
        id_token=event.id_token,
        opened_at=event.opened_at,
        remote_start_id=event.remote_start_id,
    )
    starts = station.starts
    if event.start is not None:
        starts = dict(islice(starts.items(), max(0, len(starts) - _REMEMBERED + 1), None))
        starts[event.start] = event.transaction_id
    return replace(station, transactions={**station.transactions, event.transaction_id: running}, starts=starts)


@charging_station.evolves
def evolve_located(station: ChargingStation, event: TransactionLocated) -> ChargingStation:
    running = station.transactions.get(event.transaction_id)
    if running is None:
        return station
    located = replace(running, evse_id=event.evse_id)
    return replace(station, transactions={**station.transactions, event.transaction_id: located})


@charging_station.evolves
def evolve_closed(station: ChargingStation, event: TransactionClosed) -> ChargingStation:
    return replace(
        station,
        transactions={k: v for k, v in station.transactions.items() if k != event.transaction_id},
        ended_transactions=(*station.ended_transactions[1 - _REMEMBERED :], event.transaction_id),
    )
