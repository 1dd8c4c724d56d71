"""MeterValues, which in 2.x belong to no transaction. 2.0.1 J01."""

from __future__ import annotations

from voltherd.domain.charging_station.meter_values import ReportEvseMeterValues
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.v201.meter import meter_values
from voltherd.ocpp.v201.payloads import MeterValuesRequest, MeterValuesResponse


def to_command(payload: MeterValuesRequest, context: Context) -> ReportEvseMeterValues:
    return ReportEvseMeterValues(
        at=context.at,
        by="station",
        station=context.station,
        evse_id=payload.evse_id,
        meter_values=meter_values(payload.meter_value, "/meterValue"),
    )


def to_response(_report: ReportEvseMeterValues, _context: Context) -> MeterValuesResponse:
    return MeterValuesResponse()
