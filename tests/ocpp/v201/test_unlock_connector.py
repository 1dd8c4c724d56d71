"""UnlockConnector of 2.0.1, sentence by sentence."""

import pytest

from tests.support.wire import Wire, statuses
from tests.support.words import unlock
from voltherd.domain.charging_station.requests import Answer

WIRE = Wire("ocpp2.0.1")


def test_names_evse_and_connector() -> None:
    call = WIRE.call(unlock(2, connector_id=3, evse_ids=(2,)))
    assert call == ("UnlockConnector", {"evseId": 2, "connectorId": 3})


def test_means_the_first_connector_where_none_is_named() -> None:
    assert WIRE.call(unlock(2, evse_ids=(2,)))[1] == {"evseId": 2, "connectorId": 1}


def test_is_unlocked() -> None:
    answer = WIRE.answer(unlock(2, evse_ids=(2,)), {"status": "Unlocked"})
    assert answer == Answer(status="accepted", result={"evseId": 2, "connectorId": 1, "status": "Unlocked"})


@pytest.mark.parametrize("word", ["UnlockFailed", "OngoingAuthorizedTransaction", "UnknownConnector"])
def test_is_rejected_in_the_station_s_word(word: str) -> None:
    answer = WIRE.answer(unlock(2, evse_ids=(2,)), {"status": word, "statusInfo": {"reasonCode": "Stuck"}})
    assert (answer.status, answer.code, answer.detail) == ("rejected", word, "Stuck")


def test_has_a_result_for_every_evse() -> None:
    answer = WIRE.answer(unlock(0, evse_ids=(1, 2)), {"status": "UnlockFailed"}, {"status": "Unlocked"})
    assert answer.status == "rejected"
    assert statuses(answer) == ["rejected", "accepted"]
