"""Reset of 1.6, sentence by sentence."""

from tests.support.wire import Wire
from tests.support.words import reset
from voltherd.domain.charging_station.requests import Answer

WIRE = Wire("ocpp1.6")


def test_is_hard_now_and_soft_when_idle() -> None:
    assert WIRE.call(reset(type="immediate")) == ("Reset", {"type": "Hard"})
    assert WIRE.call(reset(type="onIdle")) == ("Reset", {"type": "Soft"})


def test_is_never_called_for_one_evse_since_it_would_reset_all() -> None:
    assert WIRE.calls(reset(evse_id=1)) == []
    assert WIRE.answer(reset(evse_id=1)).status == "unsupported"


def test_is_accepted_or_rejected() -> None:
    assert WIRE.answer(reset(), {"status": "Accepted"}) == Answer(status="accepted")
    assert WIRE.answer(reset(), {"status": "Rejected"}) == Answer(status="rejected", code="Rejected")
