"""Heartbeat: a sign of life, answered with the time. 2.0.1 G02."""

from __future__ import annotations

from voltherd.domain.charging_station.heartbeat import ReportHeartbeat
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.instants import written
from voltherd.ocpp.v201.payloads import HeartbeatRequest, HeartbeatResponse


def to_command(_payload: HeartbeatRequest, context: Context) -> ReportHeartbeat:
    return ReportHeartbeat(at=context.at, by="station", station=context.station)


def to_response(report: ReportHeartbeat, _context: Context) -> HeartbeatResponse:
    return HeartbeatResponse(current_time=written(report.at))
