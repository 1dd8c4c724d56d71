"""ChangeConfiguration of 1.6, sentence by sentence."""

import pytest

from tests.support.wire import Failure, Wire
from tests.support.words import set_variables

WIRE = Wire("ocpp1.6")


def test_is_called_once_for_every_key() -> None:
    assert WIRE.calls(set_variables({"HeartbeatInterval": "300", "key": ""})) == [
        ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "300"}),
        ("ChangeConfiguration", {"key": "key", "value": ""}),
    ]


@pytest.mark.parametrize(
    ("word", "status", "outcome"),
    [
        ("Accepted", "accepted", "accepted"),
        ("RebootRequired", "accepted", "rebootRequired"),
        ("Rejected", "rejected", "rejected"),
        ("NotSupported", "unsupported", "notSupported"),
    ],
)
def test_is_answered_in_the_station_s_word(word: str, status: str, outcome: str) -> None:
    answer = WIRE.answer(set_variables({"a": "1"}), {"status": word})
    assert (answer.status, answer.code) == (status, word)
    assert answer.result == {"variables": [{"name": "a", "outcome": outcome}]}


def test_has_an_outcome_for_every_key() -> None:
    command = set_variables({"a": "1", "b": "2", "c": "3"})
    answer = WIRE.answer(command, {"status": "Accepted"}, {"status": "RebootRequired"}, {"status": "NotSupported"})
    assert answer.status == "unsupported"
    assert answer.result == {
        "variables": [
            {"name": "a", "outcome": "accepted"},
            {"name": "b", "outcome": "rebootRequired"},
            {"name": "c", "outcome": "notSupported"},
        ]
    }


@pytest.mark.parametrize("variables", [{"k" * 51: "1"}, {"a": "v" * 501}], ids=["key", "value"])
def test_is_not_called_with_what_1_6_has_no_room_for(variables: dict[str, str]) -> None:
    assert WIRE.calls(set_variables(variables)) == []
    assert WIRE.answer(set_variables(variables)).status == "unsupported"


def test_is_called_for_the_keys_that_1_6_has_room_for() -> None:
    command = set_variables({"k" * 51: "1", "a": "2"})
    assert WIRE.calls(command) == [("ChangeConfiguration", {"key": "a", "value": "2"})]
    answer = WIRE.answer(command, {"status": "Accepted"})
    assert answer.status == "unsupported"
    assert answer.result is not None
    assert answer.result["variables"] == [{"name": "a", "outcome": "accepted"}]


def test_goes_on_after_an_error() -> None:
    answer = WIRE.answer(set_variables({"a": "1", "b": "2"}), Failure("InternalError"), {"status": "Accepted"})
    assert answer.status == "failed"
    assert answer.result is not None
    assert answer.result["variables"] == [{"name": "b", "outcome": "accepted"}]
