"""ClearCache of 2.0.1, sentence by sentence."""

from tests.support.wire import Wire
from tests.support.words import clear_cache

WIRE = Wire("ocpp2.0.1")


def test_says_nothing_more() -> None:
    assert WIRE.call(clear_cache()) == ("ClearCache", {})


def test_is_accepted_or_rejected() -> None:
    assert WIRE.answer(clear_cache(), {"status": "Accepted"}).status == "accepted"
    assert WIRE.answer(clear_cache(), {"status": "Rejected"}).status == "rejected"
