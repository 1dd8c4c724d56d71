"""SecurityEventNotification of 2.0.1, sentence by sentence."""

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import after
from voltherd.domain.charging_station.security_event import ReportSecurityEvent

PAYLOAD = '{"type": "SettingSystemTime", "timestamp": "2026-03-01T12:00:05Z"}'


def test_is_read() -> None:
    report = Wire("ocpp2.0.1").report("SecurityEventNotification", PAYLOAD)
    assert report == Like(ReportSecurityEvent, type="SettingSystemTime", occurred_at=after(5), detail=None)


def test_is_answered_with_nothing() -> None:
    assert Wire("ocpp2.0.1").exchange("SecurityEventNotification", PAYLOAD) == {}
