"""What connectors report of themselves. 2.0.1 G01, 1.6 §4.9."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from voltherd.domain.charging_station.state import ChargingStation, ReportedStatus, StationReport, charging_station
from voltherd.domain.connector import ConnectorStatus
from voltherd.kernel.messages import Event, message, replace


@message
class ReportStatus(StationReport):
    """A StatusNotification. EVSE 0 is the station; `detail` is the station's own word where it says more (1.6)."""

    evse_id: int
    connector_id: int
    status: ConnectorStatus
    reported_at: datetime
    detail: str | None = None
    error_code: str | None = None
    vendor_error_code: str | None = None
    info: str | None = None


@message
class ConnectorStatusChanged(Event):
    """The status of a connector, or (EVSE 0) of the station."""

    evse_id: int
    connector_id: int
    status: ConnectorStatus
    reported_at: datetime
    received_at: datetime
    detail: str | None = None
    error_code: str | None = None
    vendor_error_code: str | None = None
    info: str | None = None


@charging_station.decides
def decide(station: ChargingStation, report: ReportStatus) -> Sequence[Event]:
    """Record what is new. On one connection, a status older than the one we know is no news.

    Unless that one was ahead of our time: then the clock of the station has been put right since, by our answers.
    """
    before = station.statuses.get((report.evse_id, report.connector_id))
    if before is not None and before.epoch == station.epoch:
        older = report.reported_at < before.reported_at <= before.received_at
        if older or _told(before) == _told(report):
            return ()
    return [
        ConnectorStatusChanged(
            evse_id=report.evse_id,
            connector_id=report.connector_id,
            status=report.status,
            reported_at=report.reported_at,
            received_at=report.at,
            detail=report.detail,
            error_code=report.error_code,
            vendor_error_code=report.vendor_error_code,
            info=report.info,
        )
    ]


def _told(status: ReportedStatus | ReportStatus) -> tuple[str | None, ...]:
    return status.status, status.detail, status.error_code, status.vendor_error_code, status.info


@charging_station.evolves
def evolve(station: ChargingStation, event: ConnectorStatusChanged) -> ChargingStation:
    status = ReportedStatus(
        status=event.status,
        reported_at=event.reported_at,
        received_at=event.received_at,
        detail=event.detail,
        error_code=event.error_code,
        vendor_error_code=event.vendor_error_code,
        info=event.info,
        epoch=station.epoch,
    )
    return replace(station, statuses={**station.statuses, (event.evse_id, event.connector_id): status})
