"""GetConfiguration of 1.6, sentence by sentence."""

from tests.support.wire import Wire
from tests.support.words import get_variables

WIRE = Wire("ocpp1.6")


def test_names_the_keys() -> None:
    assert WIRE.call(get_variables("a", "b")) == ("GetConfiguration", {"key": ["a", "b"]})


def test_asks_for_all_without_keys() -> None:
    assert WIRE.call(get_variables()) == ("GetConfiguration", {})


def test_is_answered_with_values_and_with_what_is_unknown_in_our_spelling() -> None:
    answer = WIRE.answer(
        get_variables("HeartbeatInterval", "nonsense"),
        {
            "configurationKey": [{"key": "heartbeatinterval", "readonly": False, "value": "300"}],
            "unknownKey": ["NONSENSE"],
        },
    )
    assert answer.status == "accepted"
    assert answer.result == {
        "variables": [
            {"name": "HeartbeatInterval", "outcome": "accepted", "value": "300", "readOnly": False},
            {"name": "nonsense", "outcome": "notSupported"},
        ]
    }


def test_may_be_answered_with_a_key_without_value() -> None:
    answer = WIRE.answer(get_variables(), {"configurationKey": [{"key": "AuthorizationKey", "readonly": True}]})
    assert answer.result == {
        "variables": [{"name": "AuthorizationKey", "outcome": "accepted", "value": None, "readOnly": True}]
    }


def test_may_be_answered_with_nothing() -> None:
    assert WIRE.answer(get_variables(), {}).result == {"variables": []}
