"""MeterValues, of a transaction or of a connector. 1.6 §4.7."""

from __future__ import annotations

from voltherd.domain.transaction.reports import ReportMeterValues
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.v16.meter import meter_values
from voltherd.ocpp.v16.payloads import MeterValuesRequest, MeterValuesResponse


def to_command(payload: MeterValuesRequest, context: Context) -> ReportMeterValues:
    # Stations that lost our number send 0 or -1 (Delta, Hager, libocpp after an outage): the same as none.
    number = payload.transaction_id
    transaction_id = str(number) if number is not None and number > 0 else None
    # Connector 0 is the station's main meter: no place where a transaction can be.
    elsewhere = transaction_id is not None and payload.connector_id == 0
    return ReportMeterValues(
        at=context.at,
        by="station",
        station=context.station,
        transaction_id=transaction_id,
        occurred_at=context.at,
        evse_id=None if elsewhere else payload.connector_id,
        connector_id=1 if payload.connector_id else None,
        meter_values=meter_values(payload.meter_value, "/meterValue"),
    )


def to_response(_report: ReportMeterValues, _context: Context) -> MeterValuesResponse:
    return MeterValuesResponse()
