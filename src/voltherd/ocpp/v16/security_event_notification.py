"""SecurityEventNotification. 1.6 security whitepaper §4.6."""

from __future__ import annotations

from voltherd.domain.charging_station.security_event import ReportSecurityEvent
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.instants import instant
from voltherd.ocpp.v16.payloads import SecurityEventNotificationRequest, SecurityEventNotificationResponse


def to_command(payload: SecurityEventNotificationRequest, context: Context) -> ReportSecurityEvent:
    return ReportSecurityEvent(
        at=context.at,
        by="station",
        station=context.station,
        type=payload.type,
        occurred_at=instant(payload.timestamp, "/timestamp"),
        detail=payload.tech_info,
    )


def to_response(_report: ReportSecurityEvent, _context: Context) -> SecurityEventNotificationResponse:
    return SecurityEventNotificationResponse()
