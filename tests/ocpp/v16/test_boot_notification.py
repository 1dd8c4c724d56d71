"""BootNotification of 1.6, sentence by sentence."""

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import connected, unknown_station
from voltherd.domain.charging_station.boot import ReportBoot

LEAST = '{"chargePointVendor": "Acme", "chargePointModel": "One"}'
MOST = """{"chargePointVendor": "Acme", "chargePointModel": "One", "chargePointSerialNumber": "S1",
           "chargeBoxSerialNumber": "B1", "firmwareVersion": "1.0", "iccid": "I1", "imsi": "I2",
           "meterType": "M", "meterSerialNumber": "M1"}"""


def test_is_read_with_the_least() -> None:
    report = Wire("ocpp1.6").report("BootNotification", LEAST)
    assert report == Like(ReportBoot, protocol="ocpp1.6", attributes={"vendorId": "Acme", "model": "One"}, reason=None)


def test_is_read_with_the_most() -> None:
    report = Wire("ocpp1.6").report("BootNotification", MOST)
    assert isinstance(report, ReportBoot)
    assert report.attributes == {
        "vendorId": "Acme",
        "model": "One",
        "chargingStationSerialNumber": "S1",
        "chargeBoxSerialNumber": "B1",
        "firmwareVersion": "1.0",
        "iccid": "I1",
        "imsi": "I2",
        "meterType": "M",
        "meterSerialNumber": "M1",
    }


def test_takes_null_for_absence() -> None:
    payload = '{"chargePointVendor": "Acme", "chargePointModel": "One", "iccid": null}'
    assert Wire("ocpp1.6").report("BootNotification", payload) == Wire("ocpp1.6").report("BootNotification", LEAST)


def test_is_accepted_with_the_interval_of_heartbeats() -> None:
    assert Wire("ocpp1.6").exchange("BootNotification", LEAST) == {
        "status": "Accepted",
        "currentTime": "2026-03-01T12:00:00.000Z",
        "interval": 300,
    }


def test_is_pending_with_the_interval_to_try_again_until_the_station_is_accepted() -> None:
    wire = Wire("ocpp1.6", unknown_station(), connected(protocol="ocpp1.6"))
    answer = wire.exchange("BootNotification", LEAST)
    assert (answer["status"], answer["interval"]) == ("Pending", 60)
