"""ChangeAvailability of 1.6, sentence by sentence."""

import pytest

from tests.support.wire import Wire
from tests.support.words import make

WIRE = Wire("ocpp1.6")


@pytest.mark.parametrize(("ours", "theirs"), [("operative", "Operative"), ("inoperative", "Inoperative")])
def test_names_connector_and_wish(ours: str, theirs: str) -> None:
    assert WIRE.call(make(ours, 2)) == ("ChangeAvailability", {"connectorId": 2, "type": theirs})


def test_is_for_the_whole_station_with_connector_zero() -> None:
    assert WIRE.call(make("operative"))[1]["connectorId"] == 0


def test_is_not_called_for_a_second_connector_which_1_6_does_not_know() -> None:
    assert WIRE.calls(make("operative", 1, connector_id=2)) == []


@pytest.mark.parametrize(
    ("word", "status"), [("Accepted", "accepted"), ("Scheduled", "scheduled"), ("Rejected", "rejected")]
)
def test_is_answered_now_later_or_not(word: str, status: str) -> None:
    assert WIRE.answer(make("operative", 1), {"status": word}).status == status
