"""BootNotification of 2.0.1, sentence by sentence."""

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import connected, unknown_station
from voltherd.domain.charging_station.boot import ReportBoot

LEAST = '{"reason": "PowerUp", "chargingStation": {"model": "One", "vendorName": "Acme"}}'
MOST = """{"reason": "RemoteReset", "chargingStation": {"model": "One", "vendorName": "Acme", "serialNumber": "S1",
           "firmwareVersion": "1.0", "modem": {"iccid": "I1", "imsi": "I2"},
           "customData": {"vendorId": "com.acme", "anything": [1]}}}"""


def test_is_read_with_the_least() -> None:
    report = Wire("ocpp2.0.1").report("BootNotification", LEAST)
    assert report == Like(
        ReportBoot, protocol="ocpp2.0.1", attributes={"vendorId": "Acme", "model": "One"}, reason="PowerUp"
    )


def test_is_read_with_the_most() -> None:
    report = Wire("ocpp2.0.1").report("BootNotification", MOST)
    assert isinstance(report, ReportBoot)
    assert report.reason == "RemoteReset"
    assert report.attributes == {
        "vendorId": "Acme",
        "model": "One",
        "chargingStationSerialNumber": "S1",
        "firmwareVersion": "1.0",
        "iccid": "I1",
        "imsi": "I2",
    }


def test_is_accepted_with_the_interval_of_heartbeats() -> None:
    assert Wire("ocpp2.0.1").exchange("BootNotification", LEAST) == {
        "status": "Accepted",
        "currentTime": "2026-03-01T12:00:00.000Z",
        "interval": 300,
    }


def test_is_pending_with_the_interval_to_try_again_until_the_station_is_accepted() -> None:
    answer = Wire("ocpp2.0.1", unknown_station(), connected()).exchange("BootNotification", LEAST)
    assert (answer["status"], answer["interval"]) == ("Pending", 60)
