"""SecurityEventNotification of 1.6, sentence by sentence."""

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import after
from voltherd.domain.charging_station.security_event import ReportSecurityEvent

PAYLOAD = '{"type": "StartupOfTheDevice", "timestamp": "2026-03-01T12:00:05Z", "techInfo": "cold"}'


def test_is_read() -> None:
    report = Wire("ocpp1.6").report("SecurityEventNotification", PAYLOAD)
    assert report == Like(ReportSecurityEvent, type="StartupOfTheDevice", occurred_at=after(5), detail="cold")


def test_is_answered_with_nothing() -> None:
    assert Wire("ocpp1.6").exchange("SecurityEventNotification", PAYLOAD) == {}
