"""BootNotification. 2.0.1 B01–B03."""

from __future__ import annotations

from voltherd.domain.charging_station.boot import ReportBoot
from voltherd.domain.charging_station.state import ChargingStation
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.instants import written
from voltherd.ocpp.v201.payloads import BootNotificationRequest, BootNotificationResponse


def to_command(payload: BootNotificationRequest, context: Context) -> ReportBoot:
    station = payload.charging_station
    attributes = {
        "vendorId": station.vendor_name,
        "model": station.model,
        "chargingStationSerialNumber": station.serial_number,
        "firmwareVersion": station.firmware_version,
        "iccid": station.modem.iccid if station.modem else None,
        "imsi": station.modem.imsi if station.modem else None,
    }
    return ReportBoot(
        at=context.at,
        by="station",
        station=context.station,
        protocol="ocpp2.0.1",
        attributes={name: value for name, value in attributes.items() if value is not None},
        reason=payload.reason,
    )


def to_response(report: ReportBoot, context: Context, station: ChargingStation) -> BootNotificationResponse:
    return BootNotificationResponse(
        status="Accepted" if station.accepted else "Pending",
        current_time=written(report.at),
        interval=context.heartbeat_interval if station.accepted else context.boot_retry_interval,
    )
