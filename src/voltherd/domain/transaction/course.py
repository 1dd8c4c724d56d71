"""The course of a transaction: start, what changes, end; in any order, and repeated. 2.0.1 E01–E12, 1.6 §4.8–4.10."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from voltherd.domain.charging_station.state import ChargingStation
from voltherd.domain.charging_station.transactions import find_transaction
from voltherd.domain.id_token.state import AdministeredIdToken
from voltherd.domain.identification import Authorization, IdToken
from voltherd.domain.meter import MeterReported, MeterValue, energy_register_wh
from voltherd.domain.transaction.authorization import authorization_at, is_vouched_for
from voltherd.domain.transaction.reports import (
    ChargingState,
    ReportMeterValues,
    ReportTransaction,
    ReportTransactionEnded,
    ReportTransactionStarted,
    ReportTransactionUpdated,
)
from voltherd.domain.transaction.state import Presented, Transaction, transaction
from voltherd.kernel.messages import Event, Fact, message, replace


@message
class TransactionStarted(Event):
    """It began, by the station's own word. `meter_start_wh` may come later (2.x)."""

    transaction_id: str
    evse_id: int | None
    connector_id: int | None
    started_at: datetime
    meter_start_wh: int | None
    trigger: str | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    offline: bool = False


@message
class TransactionDiscovered(Event):
    """A message told of a transaction whose start never came, or comes later."""

    transaction_id: str
    evse_id: int | None
    connector_id: int | None
    first_heard_at: datetime


@message
class TransactionAuthorized(Event):
    """An id token was presented for it, and this is what the station was told; `vouched`: on an operator's word."""

    id_token: IdToken
    authorization: Authorization
    seq_no: int | None = None
    vouched: bool = False


@message
class TransactionProgressed(Event):
    """Something that matters later became known: the charging state, the EVSE, the meter at the start."""

    charging_state: ChargingState | None = None
    evse_id: int | None = None
    connector_id: int | None = None
    meter_start_wh: int | None = None
    seq_no: int | None = None
    offline: bool = False


@message
class TransactionEnded(Event):
    """It ended. `meter_stop_wh` is None where the station did not say; then the newest sample counts."""

    ended_at: datetime
    meter_stop_wh: int | None
    stop_reason: str | None
    seq_no: int | None = None


Doubt = Literal["startToldOtherwise", "endToldOtherwise", "endNamesNoTransaction", "numberTaken"]


@message
class TransactionDoubted(Event):
    """Two messages cannot both be true of it, or one may be of another transaction: its energy is not certain.

    The first reason is kept; further ones change nothing.
    """

    reason: Doubt


LARGEST_WH = 10**14
"""Beyond this a register is nonsense (a wrong multiplier), and no column of a picture could hold it."""


@transaction.decides
def decide_started(
    state: Transaction,
    report: ReportTransactionStarted,
    station: ChargingStation,
    id_token: AdministeredIdToken,
) -> Sequence[Fact]:
    facts: list[Fact] = []
    if not state.started:
        meter_start_wh = report.meter_start_wh
        if meter_start_wh is None:
            meter_start_wh = _register(report.meter_values, "Transaction.Begin")
        # What a later message that came before has told need not stand in this one.
        facts.append(
            TransactionStarted(
                transaction_id=find_transaction(station, report) or state.transaction_id,
                evse_id=report.evse_id or state.evse_id,
                connector_id=report.connector_id,
                started_at=report.occurred_at,
                meter_start_wh=state.meter_start_wh if meter_start_wh is None else meter_start_wh,
                trigger=report.trigger,
                remote_start_id=report.remote_start_id,
                reservation_id=report.reservation_id,
                offline=report.offline,
            )
        )
    return [
        *facts,
        *_authorized(state, report, station, id_token),
        *_progress(state, report),
        *_doubted(state, report),
        *_journal(report),
    ]


@transaction.decides
def decide_updated(
    state: Transaction,
    report: ReportTransactionUpdated,
    station: ChargingStation,
    id_token: AdministeredIdToken,
) -> Sequence[Fact]:
    return [
        *_discovered(state, report, station),
        *_authorized(state, report, station, id_token),
        *_progress(state, report),
        *_doubted(state, report),
        *_journal(report),
    ]


@transaction.decides
def decide_meter_values(state: Transaction, report: ReportMeterValues, station: ChargingStation) -> Sequence[Fact]:
    return [*_discovered(state, report, station), *_journal(report, find_transaction(station, report))]


@transaction.decides
def decide_ended(
    state: Transaction,
    report: ReportTransactionEnded,
    station: ChargingStation,
    id_token: AdministeredIdToken,
) -> Sequence[Fact]:
    facts = [
        *_discovered(state, report, station),
        *_authorized(state, report, station, id_token),
        *_progress(state, report),
    ]
    if not state.ended:
        facts.append(
            TransactionEnded(
                ended_at=report.occurred_at,
                meter_stop_wh=_meter_stop_wh(report),
                stop_reason=report.stop_reason,
                seq_no=report.seq_no,
            )
        )
    return [*facts, *_doubted(state, report), *_journal(report, find_transaction(station, report))]


def _discovered(state: Transaction, report: ReportTransaction, station: ChargingStation) -> Sequence[Fact]:
    transaction_id = find_transaction(station, report)
    if state.known or transaction_id is None:
        return ()
    return [
        TransactionDiscovered(
            transaction_id=transaction_id,
            evse_id=report.evse_id,
            connector_id=report.connector_id,
            first_heard_at=report.occurred_at,
        )
    ]


def _authorized(
    state: Transaction, report: ReportTransaction, station: ChargingStation, id_token: AdministeredIdToken
) -> Sequence[Fact]:
    """Check every token that is presented, once per message (2.0.1 E01.FR.11, E05.FR.01)."""
    if report.id_token is None:
        return ()
    before = state.presented.get(report.id_token.folded)
    if before is not None and (report.seq_no is None or report.seq_no <= before.seq_no):
        return ()
    # At its end it is no longer among what runs: whom an operator vouched for before stays vouched for within it.
    vouched = is_vouched_for(station, report.id_token) or (before is not None and before.vouched)
    authorization = authorization_at(id_token, report.id_token, report.at, vouched=vouched)
    return [
        TransactionAuthorized(
            id_token=report.id_token, authorization=authorization, seq_no=report.seq_no, vouched=vouched
        )
    ]


def _progress(state: Transaction, report: ReportTransaction) -> Sequence[Fact]:
    """What is new, never backwards: an older message, come late, moves no charging state."""
    seq_no = -1 if report.seq_no is None else report.seq_no
    news: dict[str, object] = {}
    if (
        report.charging_state not in (None, state.charging_state)
        and seq_no > state.charging_state_seq
        and not state.ended
    ):
        news["charging_state"] = report.charging_state
    starts_it = isinstance(report, ReportTransactionStarted) and not state.started  # which says the rest itself
    if state.known and state.evse_id is None and report.evse_id is not None and not starts_it:
        news |= {"evse_id": report.evse_id, "connector_id": report.connector_id}
    if state.meter_start_wh is None and not starts_it:
        meter_start_wh = _register(report.meter_values, "Transaction.Begin")
        if meter_start_wh is not None:
            news["meter_start_wh"] = meter_start_wh
    if not news:
        return ()
    return [TransactionProgressed(**news, seq_no=report.seq_no, offline=report.offline)]  # type: ignore[arg-type]


def _doubted(state: Transaction, report: ReportTransaction) -> Sequence[Fact]:
    reason = None if state.doubted else _doubt(state, report)
    return () if reason is None else [TransactionDoubted(reason=reason)]


def _doubt(state: Transaction, report: ReportTransaction) -> Doubt | None:
    """What speaks against the report's being of this transaction, as far as it is known (`state`)."""
    if report.seq_no is not None:  # in 1.6 the start itself has the register; its samples may be rounded
        meter_start_wh = _register(report.meter_values, "Transaction.Begin")
        if meter_start_wh is not None and state.meter_start_wh not in (None, meter_start_wh):
            return "startToldOtherwise"
    if isinstance(report, ReportTransactionStarted) and report.transaction_id is None:
        # A number is new when it is given: who spoke of it before meant a transaction that we did not number.
        return "numberTaken" if state.known and not state.started else None
    if isinstance(report, ReportTransactionEnded):
        if not state.ended:
            return "endNamesNoTransaction" if state.known and report.transaction_id is None else None
        meter_stop_wh = _meter_stop_wh(report)
        if meter_stop_wh is not None and state.meter_stop_wh not in (None, meter_stop_wh):
            return "endToldOtherwise"
    return None


def _journal(report: ReportTransaction, transaction_id: str | None = None) -> Sequence[Fact]:
    if not report.meter_values and report.seq_no is None:
        return ()
    return [
        MeterReported(
            transaction_id=report.transaction_id or transaction_id,
            evse_id=report.evse_id,
            reported_at=report.occurred_at,
            seq_no=report.seq_no,
            trigger=report.trigger,
            offline=report.offline,
            meter_values=report.meter_values,
        )
    ]


def _meter_stop_wh(report: ReportTransactionEnded) -> int | None:
    if report.meter_stop_wh is not None:
        return report.meter_stop_wh
    return _register(report.meter_values, "Transaction.End")


def _register(values: Sequence[MeterValue], context: str) -> int | None:
    found = energy_register_wh(values, context)
    return None if found is None or abs(found[1]) > LARGEST_WH else round(found[1])


@transaction.evolves
def evolve_started(state: Transaction, event: TransactionStarted) -> Transaction:
    return replace(
        state,
        transaction_id=event.transaction_id,
        known=True,
        started=True,
        evse_id=event.evse_id or state.evse_id,
        meter_start_wh=event.meter_start_wh if event.meter_start_wh is not None else state.meter_start_wh,
    )


@transaction.evolves
def evolve_discovered(state: Transaction, event: TransactionDiscovered) -> Transaction:
    return replace(state, transaction_id=event.transaction_id, known=True, evse_id=event.evse_id)


@transaction.evolves
def evolve_authorized(state: Transaction, event: TransactionAuthorized) -> Transaction:
    presented = Presented(
        authorization=event.authorization,
        seq_no=-1 if event.seq_no is None else event.seq_no,
        vouched=event.vouched,
    )
    return replace(state, presented={**state.presented, event.id_token.folded: presented})


@transaction.evolves
def evolve_progressed(state: Transaction, event: TransactionProgressed) -> Transaction:
    changes: dict[str, object] = {}
    if event.charging_state is not None:
        changes = {
            "charging_state": event.charging_state,
            "charging_state_seq": -1 if event.seq_no is None else event.seq_no,
        }
    if event.evse_id is not None:
        changes["evse_id"] = event.evse_id
    if event.meter_start_wh is not None:
        changes["meter_start_wh"] = event.meter_start_wh
    return replace(state, **changes)  # type: ignore[arg-type]


@transaction.evolves
def evolve_ended(state: Transaction, event: TransactionEnded) -> Transaction:
    return replace(state, ended=True, meter_stop_wh=event.meter_stop_wh)


@transaction.evolves
def evolve_doubted(state: Transaction, _event: TransactionDoubted) -> Transaction:
    return replace(state, doubted=True)
