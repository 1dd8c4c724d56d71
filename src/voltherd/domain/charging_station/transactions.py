"""The station's ledger of its transactions: which run, on which EVSE, and under which number (1.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from voltherd.domain.charging_station.state import (
    ChargingStation,
    End,
    RunningTransaction,
    Start,
    charging_station,
)
from voltherd.domain.transaction.authorization import is_vouched_for
from voltherd.domain.transaction.reports import (
    ReportMeterValues,
    ReportTransaction,
    ReportTransactionEnded,
    ReportTransactionStarted,
    folded,
)
from voltherd.kernel.messages import Event, message, replace

K = TypeVar("K")

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
    vouched: bool = False


@message
class TransactionLocated(Event):
    """The transaction's EVSE became known after its start."""

    transaction_id: str
    evse_id: int


@message
class TransactionClaimed(Event):
    """An id token was presented for the transaction, or a remote start is behind it, as was told after its start."""

    transaction_id: str
    id_token: str | None = None
    remote_start_id: int | None = None
    vouched: bool = False


@message
class TransactionClosed(Event):
    """A transaction of the station has ended. `end` is what a repeated end that names none is known by."""

    transaction_id: str
    end: End | None = None


@charging_station.decides
def decide(station: ChargingStation, report: ReportTransaction) -> Sequence[Event]:
    """Note transactions that we learn of by a later message than their start, and what is told of them late."""
    transaction_id = report.transaction_id
    if transaction_id is None or transaction_id in station.ended_transactions:
        return ()
    running = station.transactions.get(transaction_id)
    if running is None:
        return [_opened(station, report, transaction_id)]
    events: list[Event] = []
    if running.evse_id is None and report.evse_id is not None:
        events.append(TransactionLocated(transaction_id=transaction_id, evse_id=report.evse_id))
    id_token = report.id_token if running.id_token is None else None
    remote_start_id = report.remote_start_id if running.remote_start_id is None else None
    if id_token is not None or remote_start_id is not None:
        events.append(
            TransactionClaimed(
                transaction_id=transaction_id,
                id_token=folded(id_token),
                remote_start_id=remote_start_id,
                vouched=id_token is not None and is_vouched_for(station, id_token),
            )
        )
    return events


@charging_station.decides
def decide_started(station: ChargingStation, report: ReportTransactionStarted) -> Sequence[Event]:
    """Open it; in 1.6 under a number of ours, and under the same number when the same start is told again."""
    if report.transaction_id is not None:
        return decide(station, report)
    start = start_of(report)
    if start in station.starts:
        return ()
    return [replace(_opened(station, report, _free_number(station, report.number or 1)), start=start)]


@charging_station.decides
def decide_ended(station: ChargingStation, report: ReportTransactionEnded) -> Sequence[Event]:
    transaction_id = find_transaction(station, report)
    end = end_of(report) if report.transaction_id is None else None
    if transaction_id is None or (
        transaction_id in station.ended_transactions and (end is None or end in station.ends)
    ):
        return ()
    return [TransactionClosed(transaction_id=transaction_id, end=end)]


def _opened(station: ChargingStation, report: ReportTransaction, transaction_id: str) -> TransactionOpened:
    return TransactionOpened(
        transaction_id=transaction_id,
        evse_id=report.evse_id,
        id_token=folded(report.id_token),
        opened_at=report.at,
        remote_start_id=report.remote_start_id,
        vouched=report.id_token is not None and is_vouched_for(station, report.id_token),
    )


def _free_number(station: ChargingStation, offered: int) -> str:
    """The offered number, or the next that the station has not used: it may bring numbers from another system."""
    number = offered
    while str(number) in station.transactions or str(number) in station.ended_transactions:
        number += 1
    return str(number)


def start_of(report: ReportTransactionStarted) -> Start:
    """What the report's start is recognised by when it is told again (1.6 has no id of the station's own)."""
    return Start(
        evse_id=report.evse_id,
        id_token=folded(report.id_token),
        started_at=report.occurred_at,
        meter_start_wh=report.meter_start_wh,
    )


def end_of(report: ReportTransactionEnded) -> End:
    """What the report's end is recognised by when it is told again."""
    return End(id_token=folded(report.id_token), ended_at=report.occurred_at, meter_stop_wh=report.meter_stop_wh)


def find_transaction(station: ChargingStation, report: ReportTransaction) -> str | None:
    """The id of the transaction that the report is about, None where it cannot be said.

    Stations that lost our number say 0, -1 or nothing: then EVSE and id token must name one running transaction.
    An end that fits none is kept under its own instant: told again, it is the same orphan.
    """
    if report.transaction_id is not None:
        return report.transaction_id
    if isinstance(report, ReportTransactionStarted):
        return station.starts.get(start_of(report))
    if isinstance(report, ReportTransactionEnded) and (ended := station.ends.get(end_of(report))) is not None:
        return ended
    token = folded(report.id_token)
    found = [
        running.transaction_id
        for running in station.transactions.values()
        if (report.evse_id is None or running.evse_id == report.evse_id)
        and (token is None or running.id_token == token)
        and not _measured_before(station, report, running.transaction_id)
    ]
    if len(found) == 1:
        return found[0]
    ends = isinstance(report, ReportTransactionEnded)
    return f"unmatched-{report.occurred_at:%Y%m%dT%H%M%S.%fZ}" if ends else None


def _measured_before(station: ChargingStation, report: ReportTransaction, transaction_id: str) -> bool:
    """Whether these are late meter values from before the transaction's start, by the station's own clock."""
    if not isinstance(report, ReportMeterValues):
        return False
    starts = [start.started_at for start, started in station.starts.items() if started == transaction_id]
    return bool(starts) and all(value.taken_at < starts[0] for value in report.meter_values)


@charging_station.evolves
def evolve_opened(station: ChargingStation, event: TransactionOpened) -> ChargingStation:
    running = RunningTransaction(
        transaction_id=event.transaction_id,
        evse_id=event.evse_id,
        id_token=event.id_token,
        opened_at=event.opened_at,
        remote_start_id=event.remote_start_id,
        vouched=event.vouched,
    )
    starts = station.starts
    if event.start is not None:
        starts = {**_newest(starts), event.start: event.transaction_id}
    return replace(station, transactions={**station.transactions, event.transaction_id: running}, starts=starts)


@charging_station.evolves
def evolve_located(station: ChargingStation, event: TransactionLocated) -> ChargingStation:
    running = station.transactions.get(event.transaction_id)
    if running is None:
        return station
    located = replace(running, evse_id=event.evse_id)
    return replace(station, transactions={**station.transactions, event.transaction_id: located})


@charging_station.evolves
def evolve_claimed(station: ChargingStation, event: TransactionClaimed) -> ChargingStation:
    running = station.transactions.get(event.transaction_id)
    if running is None:
        return station
    claimed = replace(
        running,
        id_token=running.id_token if event.id_token is None else event.id_token,
        remote_start_id=running.remote_start_id if event.remote_start_id is None else event.remote_start_id,
        vouched=running.vouched or event.vouched,
    )
    return replace(station, transactions={**station.transactions, event.transaction_id: claimed})


def _newest(remembered: Mapping[K, str]) -> Mapping[K, str]:
    return dict(islice(remembered.items(), max(0, len(remembered) - _REMEMBERED + 1), None))


@charging_station.evolves
def evolve_closed(station: ChargingStation, event: TransactionClosed) -> ChargingStation:
    ended, ends = station.ended_transactions, station.ends
    if event.transaction_id not in ended:
        ended = (*ended[1 - _REMEMBERED :], event.transaction_id)
    if event.end is not None:
        ends = {**_newest(ends), event.end: event.transaction_id}
    return replace(
        station,
        ends=ends,
        transactions={k: v for k, v in station.transactions.items() if k != event.transaction_id},
        ended_transactions=ended,
    )
