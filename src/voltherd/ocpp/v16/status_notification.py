"""StatusNotification: nine words of 1.6, split into a status and the station's own word. 1.6 §4.9, §7.7."""

from __future__ import annotations

from voltherd.domain.charging_station.status import ReportStatus
from voltherd.domain.connector import ConnectorStatus
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.instants import instant
from voltherd.ocpp.v16.payloads import (
    StatusNotificationRequest,
    StatusNotificationResponse,
    StatusNotificationStatus,
)

_STATUS: dict[StatusNotificationStatus, ConnectorStatus] = {
    "Available": "Available",
    "Preparing": "Occupied",
    "Charging": "Occupied",
    "SuspendedEVSE": "Occupied",
    "SuspendedEV": "Occupied",
    "Finishing": "Occupied",
    "Reserved": "Reserved",
    "Unavailable": "Unavailable",
    "Faulted": "Faulted",
}


def to_command(payload: StatusNotificationRequest, context: Context) -> ReportStatus:
    return ReportStatus(
        at=context.at,
        by="station",
        station=context.station,
        evse_id=payload.connector_id,
        connector_id=1 if payload.connector_id else 0,
        status=_STATUS[payload.status],
        detail=payload.status,
        reported_at=context.at if payload.timestamp is None else instant(payload.timestamp, "/timestamp"),
        error_code=None if payload.error_code == "NoError" else payload.error_code,
        vendor_error_code=payload.vendor_error_code,
        info=payload.info,
    )


def to_response(_report: ReportStatus, _context: Context) -> StatusNotificationResponse:
    return StatusNotificationResponse()
