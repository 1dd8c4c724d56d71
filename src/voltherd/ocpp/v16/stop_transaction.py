"""StopTransaction: acknowledged even for an unknown transaction, lest the station repeat it for ever. 1.6 §4.10."""

from __future__ import annotations

from voltherd.domain.identification import IdToken
from voltherd.domain.transaction.reports import ReportTransactionEnded
from voltherd.domain.transaction.state import Transaction
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.instants import instant
from voltherd.ocpp.v16.id_tags import id_tag_info
from voltherd.ocpp.v16.meter import meter_values
from voltherd.ocpp.v16.payloads import StopTransactionRequest, StopTransactionResponse


def to_command(payload: StopTransactionRequest, context: Context) -> ReportTransactionEnded:
    return ReportTransactionEnded(
        at=context.at,
        by="station",
        station=context.station,
        # 0 and -1 stand for "none" at stations that lost our number.
        transaction_id=str(payload.transaction_id) if payload.transaction_id > 0 else None,
        occurred_at=instant(payload.timestamp, "/timestamp"),
        id_token=None if payload.id_tag is None else IdToken(id_token=payload.id_tag),
        meter_stop_wh=payload.meter_stop,
        stop_reason=payload.reason or "Local",
        meter_values=meter_values(payload.transaction_data or (), "/transactionData"),
    )


def to_response(report: ReportTransactionEnded, _context: Context, transaction: Transaction) -> StopTransactionResponse:
    if report.id_token is None:
        return StopTransactionResponse()
    return StopTransactionResponse(id_tag_info=id_tag_info(transaction.authorization_of(report.id_token)))
