"""UnlockConnector of 1.6, sentence by sentence."""

import pytest

from tests.support.wire import Failure, Wire, statuses
from tests.support.words import unlock
from voltherd.domain.charging_station.requests import Answer

WIRE = Wire("ocpp1.6")
ALL = unlock(0, evse_ids=(1, 2))


def test_names_the_connector() -> None:
    assert WIRE.call(unlock(2, evse_ids=(2,))) == ("UnlockConnector", {"connectorId": 2})


def test_is_called_once_for_every_evse() -> None:
    assert WIRE.calls(ALL) == [("UnlockConnector", {"connectorId": 1}), ("UnlockConnector", {"connectorId": 2})]


def test_is_not_called_for_a_second_connector_which_1_6_does_not_know() -> None:
    assert WIRE.calls(unlock(1, connector_id=2, evse_ids=(1,))) == []
    assert len(WIRE.calls(unlock(1, connector_id=1, evse_ids=(1,)))) == 1


@pytest.mark.parametrize(
    ("word", "status"), [("Unlocked", "accepted"), ("UnlockFailed", "rejected"), ("NotSupported", "unsupported")]
)
def test_is_answered_in_the_station_s_word(word: str, status: str) -> None:
    code = None if word == "Unlocked" else word
    answer = WIRE.answer(unlock(1, evse_ids=(1,)), {"status": word})
    assert answer == Answer(status=status, code=code, result={"evseId": 1, "status": word})  # type: ignore[arg-type]


def test_has_a_result_for_every_evse() -> None:
    answer = WIRE.answer(ALL, {"status": "Unlocked"}, {"status": "Unlocked"})
    assert answer.status == "accepted"
    assert answer.result == {
        "results": [
            {"evseId": 1, "status": "Unlocked", "outcome": "accepted"},
            {"evseId": 2, "status": "Unlocked", "outcome": "accepted"},
        ]
    }


def test_is_as_good_as_the_worst_of_its_results() -> None:
    answer = WIRE.answer(ALL, {"status": "Unlocked"}, {"status": "UnlockFailed"})
    assert (answer.status, answer.code) == ("rejected", "UnlockFailed")
    assert statuses(answer) == ["accepted", "rejected"]


def test_goes_on_after_an_error() -> None:
    answer = WIRE.answer(ALL, Failure("InternalError"), {"status": "Unlocked"})
    assert (answer.status, answer.code) == ("failed", "InternalError")
    assert statuses(answer) == ["failed", "accepted"]
