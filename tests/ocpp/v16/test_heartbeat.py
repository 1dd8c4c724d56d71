"""Heartbeat of 1.6, sentence by sentence."""

import pytest

from tests.support.wire import Wire


@pytest.mark.parametrize("payload", ["{}", "null"])
def test_is_answered_with_the_time(payload: str) -> None:
    assert Wire("ocpp1.6").exchange("Heartbeat", payload) == {"currentTime": "2026-03-01T12:00:00.000Z"}
