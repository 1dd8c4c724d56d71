"""StatusNotification of 1.6, sentence by sentence."""

import pytest

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import T0, after
from voltherd.domain.charging_station.status import ReportStatus


def payload(status: str = "Available", connector: int = 1, more: str = "") -> str:
    return f'{{"connectorId": {connector}, "errorCode": "NoError", "status": "{status}"{more}}}'


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Available", "Available"),
        ("Preparing", "Occupied"),
        ("Charging", "Occupied"),
        ("SuspendedEVSE", "Occupied"),
        ("SuspendedEV", "Occupied"),
        ("Finishing", "Occupied"),
        ("Reserved", "Reserved"),
        ("Unavailable", "Unavailable"),
        ("Faulted", "Faulted"),
    ],
)
def test_is_read_as_a_status_and_the_station_s_own_word(word: str, status: str) -> None:
    report = Wire("ocpp1.6").report("StatusNotification", payload(word))
    assert report == Like(ReportStatus, evse_id=1, connector_id=1, status=status, detail=word, error_code=None)


def test_is_of_the_station_itself_for_connector_zero() -> None:
    report = Wire("ocpp1.6").report("StatusNotification", payload(connector=0))
    assert report == Like(ReportStatus, evse_id=0, connector_id=0)


def test_is_of_now_where_the_station_does_not_say() -> None:
    assert Wire("ocpp1.6").report("StatusNotification", payload()) == Like(ReportStatus, reported_at=T0)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:05Z",
        "2026-03-01T12:00:05",
        "2026-03-01T13:00:05+01",
        "2026-03-01T13:00:05+01:00",
        "2026-03-01T12:00:05.Z",
        " 2026-03-01 12:00:05Z ",
    ],
)
def test_is_of_the_instant_that_the_station_says_in_any_spelling(text: str) -> None:
    report = Wire("ocpp1.6").report("StatusNotification", payload(more=f', "timestamp": "{text}"'))
    assert report == Like(ReportStatus, reported_at=after(5))


def test_tells_what_is_wrong() -> None:
    text = """{"connectorId": 2, "status": "Faulted", "errorCode": "GroundFailure", "info": "door",
               "vendorId": "acme", "vendorErrorCode": "E-1"}"""
    report = Wire("ocpp1.6").report("StatusNotification", text)
    assert report == Like(ReportStatus, error_code="GroundFailure", info="door", vendor_error_code="E-1")


def test_is_answered_with_nothing() -> None:
    assert Wire("ocpp1.6").exchange("StatusNotification", payload()) == {}


def test_without_a_readable_instant_is_refused_by_its_place() -> None:
    code, description = Wire("ocpp1.6").refused("StatusNotification", payload(more=', "timestamp": "yesterday"'))
    assert code == "PropertyConstraintViolation"
    assert description.startswith("/timestamp")
