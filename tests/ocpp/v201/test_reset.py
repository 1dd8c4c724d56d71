"""Reset of 2.0.1, sentence by sentence."""

import pytest

from tests.support.wire import Wire
from tests.support.words import reset

WIRE = Wire("ocpp2.0.1")


def test_is_now_or_when_idle() -> None:
    assert WIRE.call(reset(type="immediate")) == ("Reset", {"type": "Immediate"})
    assert WIRE.call(reset(type="onIdle")) == ("Reset", {"type": "OnIdle"})


def test_may_be_for_one_evse() -> None:
    assert WIRE.call(reset(evse_id=2))[1] == {"type": "Immediate", "evseId": 2}


@pytest.mark.parametrize(
    ("word", "status"), [("Accepted", "accepted"), ("Scheduled", "scheduled"), ("Rejected", "rejected")]
)
def test_is_answered_now_later_or_not(word: str, status: str) -> None:
    assert WIRE.answer(reset(), {"status": word}).status == status
