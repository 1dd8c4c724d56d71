"""RemoteStopTransaction of 1.6, sentence by sentence."""

from tests.support.wire import Wire
from tests.support.words import stop
from voltherd.domain.charging_station.requests import Answer

WIRE = Wire("ocpp1.6")


def test_names_our_number() -> None:
    call = WIRE.call(stop("CS-1_ocpp1.6_17", resolved="17"))
    assert call == ("RemoteStopTransaction", {"transactionId": 17})


def test_is_not_called_for_a_transaction_of_another_version() -> None:
    command = stop("9f3c", resolved="9f3c")
    assert WIRE.calls(command) == []
    assert WIRE.answer(command).status == "unsupported"


def test_is_accepted_or_rejected() -> None:
    command = stop("17", resolved="17")
    assert WIRE.answer(command, {"status": "Accepted"}) == Answer(status="accepted")
    assert WIRE.answer(command, {"status": "Rejected"}) == Answer(status="rejected", code="Rejected")
