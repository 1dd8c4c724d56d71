"""TransactionEvent: started, updated, ended. 2.0.1 E01–E12."""

from __future__ import annotations

from typing import Any

from voltherd.domain.transaction.reports import (
    ReportTransaction,
    ReportTransactionEnded,
    ReportTransactionStarted,
    ReportTransactionUpdated,
)
from voltherd.domain.transaction.state import Transaction
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.instants import instant
from voltherd.ocpp.v201.id_tokens import id_token_info, presented
from voltherd.ocpp.v201.meter import meter_values
from voltherd.ocpp.v201.payloads import TransactionEventRequest, TransactionEventResponse


def to_command(payload: TransactionEventRequest, context: Context) -> ReportTransaction:
    info, evse = payload.transaction_info, payload.evse
    common: dict[str, Any] = {
        "at": context.at,
        "by": "station",
        "station": context.station,
        "transaction_id": info.transaction_id,
        "occurred_at": instant(payload.timestamp, "/timestamp"),
        # EVSE 0 is the station's main meter: no place where a transaction can be.
        "evse_id": evse.id if evse is not None and evse.id > 0 else None,
        "connector_id": None if evse is None else evse.connector_id,
        "id_token": None if payload.id_token is None else presented(payload.id_token),
        "seq_no": payload.seq_no,
        "trigger": payload.trigger_reason,
        "offline": payload.offline or False,
        "charging_state": info.charging_state,
        "remote_start_id": info.remote_start_id,
        "meter_values": meter_values(payload.meter_value or (), "/meterValue"),
    }
    match payload.event_type:
        case "Started":
            return ReportTransactionStarted(**common, reservation_id=payload.reservation_id)
        case "Updated":
            return ReportTransactionUpdated(**common)
        case "Ended":
            # A reason is left out only where it is Local (E06, StoppedReason).
            return ReportTransactionEnded(**common, stop_reason=info.stopped_reason or "Local")


def to_response(report: ReportTransaction, _context: Context, transaction: Transaction) -> TransactionEventResponse:
    """An id token is answered exactly where one was presented (E01.FR.11, E05.FR.01)."""
    authorization = transaction.authorization_of(report.id_token)
    if authorization is None:
        return TransactionEventResponse()
    return TransactionEventResponse(id_token_info=id_token_info(authorization))
