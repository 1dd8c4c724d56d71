"""StatusNotification. 2.0.1 G01."""

from __future__ import annotations

from voltherd.domain.charging_station.status import ReportStatus
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.instants import instant
from voltherd.ocpp.v201.payloads import StatusNotificationRequest, StatusNotificationResponse


def to_command(payload: StatusNotificationRequest, context: Context) -> ReportStatus:
    return ReportStatus(
        at=context.at,
        by="station",
        station=context.station,
        evse_id=payload.evse_id,
        connector_id=payload.connector_id,
        status=payload.connector_status,
        reported_at=instant(payload.timestamp, "/timestamp"),
    )


def to_response(_report: ReportStatus, _context: Context) -> StatusNotificationResponse:
    return StatusNotificationResponse()
