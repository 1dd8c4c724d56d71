"""Heartbeat of 2.0.1, sentence by sentence."""

from tests.support.wire import Wire


def test_is_answered_with_the_time() -> None:
    assert Wire("ocpp2.0.1").exchange("Heartbeat", "{}") == {"currentTime": "2026-03-01T12:00:00.000Z"}
