"""StatusNotification of 2.0.1, sentence by sentence."""

import pytest

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import after
from voltherd.domain.charging_station.status import ReportStatus


def payload(status: str = "Occupied") -> str:
    return f'{{"timestamp": "2026-03-01T12:00:05.000Z", "evseId": 2, "connectorId": 3, "connectorStatus": "{status}"}}'


@pytest.mark.parametrize("status", ["Available", "Occupied", "Reserved", "Unavailable", "Faulted"])
def test_is_read(status: str) -> None:
    assert Wire("ocpp2.0.1").report("StatusNotification", payload(status)) == Like(
        ReportStatus, evse_id=2, connector_id=3, status=status, reported_at=after(5), detail=None, error_code=None
    )


def test_is_answered_with_nothing() -> None:
    assert Wire("ocpp2.0.1").exchange("StatusNotification", payload()) == {}
