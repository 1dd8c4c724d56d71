"""RequestStopTransaction of 2.0.1, sentence by sentence."""

from tests.support.wire import Wire
from tests.support.words import stop
from voltherd.domain.charging_station.requests import Answer

WIRE = Wire("ocpp2.0.1")


def test_names_the_station_s_text() -> None:
    call = WIRE.call(stop("some uuid", resolved="tx-1"))
    assert call == ("RequestStopTransaction", {"transactionId": "tx-1"})


def test_is_accepted_or_rejected() -> None:
    command = stop(resolved="tx-1")
    assert WIRE.answer(command, {"status": "Accepted"}) == Answer(status="accepted")
    assert WIRE.answer(command, {"status": "Rejected"}) == Answer(status="rejected", code="Rejected")
