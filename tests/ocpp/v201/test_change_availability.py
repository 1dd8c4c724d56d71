"""ChangeAvailability of 2.0.1, sentence by sentence."""

import pytest

from tests.support.wire import Wire
from tests.support.words import make

WIRE = Wire("ocpp2.0.1")


def test_is_for_the_whole_station_without_an_evse() -> None:
    assert WIRE.call(make("inoperative")) == ("ChangeAvailability", {"operationalStatus": "Inoperative"})


def test_names_evse_and_connector() -> None:
    assert WIRE.call(make("operative", 2))[1] == {"operationalStatus": "Operative", "evse": {"id": 2}}
    assert WIRE.call(make("operative", 2, connector_id=1))[1]["evse"] == {"id": 2, "connectorId": 1}


@pytest.mark.parametrize(
    ("word", "status"), [("Accepted", "accepted"), ("Scheduled", "scheduled"), ("Rejected", "rejected")]
)
def test_is_answered_now_later_or_not(word: str, status: str) -> None:
    assert WIRE.answer(make("operative", 1), {"status": word}).status == status
