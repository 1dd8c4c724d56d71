"""BootNotification. 1.6 §4.2, §6.5."""

from __future__ import annotations

from voltherd.domain.charging_station.boot import ReportBoot
from voltherd.domain.charging_station.state import ChargingStation
from voltherd.ocpp.dialect.tables import Context
from voltherd.ocpp.instants import written
from voltherd.ocpp.v16.payloads import BootNotificationRequest, BootNotificationResponse


def to_command(payload: BootNotificationRequest, context: Context) -> ReportBoot:
    attributes = {
        "vendorId": payload.charge_point_vendor,
        "model": payload.charge_point_model,
        "chargingStationSerialNumber": payload.charge_point_serial_number,
        "chargeBoxSerialNumber": payload.charge_box_serial_number,
        "firmwareVersion": payload.firmware_version,
        "iccid": payload.iccid,
        "imsi": payload.imsi,
        "meterType": payload.meter_type,
        "meterSerialNumber": payload.meter_serial_number,
    }
    return ReportBoot(
        at=context.at,
        by="station",
        station=context.station,
        protocol="ocpp1.6",
        attributes={name: value for name, value in attributes.items() if value is not None},
    )


def to_response(report: ReportBoot, context: Context, station: ChargingStation) -> BootNotificationResponse:
    return BootNotificationResponse(
        status="Accepted" if station.accepted else "Pending",
        current_time=written(report.at),
        interval=context.heartbeat_interval if station.accepted else context.boot_retry_interval,
    )
