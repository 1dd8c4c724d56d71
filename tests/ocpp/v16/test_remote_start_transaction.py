"""RemoteStartTransaction of 1.6, sentence by sentence."""

from tests.support.wire import Failure, Wire
from tests.support.words import start
from voltherd.domain.charging_station.requests import Answer

WIRE = Wire("ocpp1.6")


def test_names_tag_and_connector() -> None:
    call = WIRE.call(start("TAG", evse_id=2, remote_start_id=9))
    assert call == ("RemoteStartTransaction", {"idTag": "TAG", "connectorId": 2})


def test_leaves_the_connector_to_the_station() -> None:
    assert WIRE.call(start("TAG")) == ("RemoteStartTransaction", {"idTag": "TAG"})


def test_is_not_called_with_a_tag_that_1_6_has_no_room_for() -> None:
    command = start("T" * 21)
    assert WIRE.calls(command) == []
    answer = WIRE.answer(command)
    assert (answer.status, answer.code) == ("unsupported", "NotSupportedByProtocol")
    assert answer.detail is not None
    assert answer.detail.startswith("/idTag")


def test_is_accepted_or_rejected() -> None:
    assert WIRE.answer(start(), {"status": "Accepted"}) == Answer(status="accepted")
    assert WIRE.answer(start(), {"status": "Rejected"}) == Answer(status="rejected", code="Rejected")


def test_fails_by_an_error() -> None:
    answer = WIRE.answer(start(), Failure("InternalError", "no idea"))
    assert (answer.status, answer.code, answer.detail) == ("failed", "InternalError", "no idea")
