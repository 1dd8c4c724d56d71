"""StartTransaction: the number is ours, and always given, whatever the tag. 1.6 §4.8."""

from __future__ import annotations

from voltherd.domain.identification import IdToken
from voltherd.domain.transaction.reports import ReportTransactionStarted
from voltherd.domain.transaction.state import Transaction
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.instants import instant
from voltherd.ocpp.v16.id_tags import id_tag_info
from voltherd.ocpp.v16.payloads import StartTransactionRequest, StartTransactionResponse


def to_command(payload: StartTransactionRequest, context: Context) -> ReportTransactionStarted:
    return ReportTransactionStarted(
        at=context.at,
        by="station",
        station=context.station,
        transaction_id=None,
        number=context.new_number(),
        occurred_at=instant(payload.timestamp, "/timestamp"),
        # Connector 0 is the station's main meter: no place where a transaction can be.
        evse_id=payload.connector_id or None,
        connector_id=1,
        id_token=IdToken(id_token=payload.id_tag),
        meter_start_wh=payload.meter_start,
        reservation_id=payload.reservation_id,
    )


def to_response(
    report: ReportTransactionStarted, _context: Context, transaction: Transaction
) -> StartTransactionResponse:
    return StartTransactionResponse(
        transaction_id=int(transaction.transaction_id),
        id_tag_info=id_tag_info(transaction.authorization_of(report.id_token)),
    )
