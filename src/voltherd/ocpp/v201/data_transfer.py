"""DataTransfer from the station: no vendor's messages are known. 2.0.1 P02."""

from __future__ import annotations

from voltherd.domain.charging_station.data_transfer import ReportDataTransfer
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.v201.payloads import DataTransferRequest, DataTransferResponse


def to_command(payload: DataTransferRequest, context: Context) -> ReportDataTransfer:
    return ReportDataTransfer(
        at=context.at,
        by="station",
        station=context.station,
        vendor_id=payload.vendor_id,
        message_id=payload.message_id,
    )


def to_response(_report: ReportDataTransfer, _context: Context) -> DataTransferResponse:
    return DataTransferResponse(status="UnknownVendorId")
