"""SetVariables of 2.0.1, sentence by sentence."""

from typing import Any

import pytest

from tests.support.wire import Failure, Wire
from tests.support.words import set_variables

WIRE = Wire("ocpp2.0.1")


def result(component: str, variable: str, status: str = "Accepted") -> dict[str, Any]:
    return {"attributeStatus": status, "component": {"name": component}, "variable": {"name": variable}}


def test_is_called_once_for_all() -> None:
    assert WIRE.call(set_variables({"A.B": "1", "HeartbeatInterval": "300"})) == (
        "SetVariables",
        {
            "setVariableData": [
                {"attributeValue": "1", "component": {"name": "A"}, "variable": {"name": "B"}},
                {
                    "attributeValue": "300",
                    "component": {"name": "OCPPCommCtrlr"},
                    "variable": {"name": "HeartbeatInterval"},
                },
            ]
        },
    )


@pytest.mark.parametrize(
    ("word", "status", "outcome"),
    [
        ("Accepted", "accepted", "accepted"),
        ("RebootRequired", "accepted", "rebootRequired"),
        ("Rejected", "rejected", "rejected"),
        ("UnknownComponent", "unsupported", "notSupported"),
        ("UnknownVariable", "unsupported", "notSupported"),
        ("NotSupportedAttributeType", "unsupported", "notSupported"),
    ],
)
def test_is_answered_in_the_station_s_word(word: str, status: str, outcome: str) -> None:
    answer = WIRE.answer(set_variables({"A.B": "1"}), {"setVariableResult": [result("A", "B", word)]})
    assert answer.status == status
    assert answer.result == {"variables": [{"name": "A.B", "outcome": outcome, "detail": word}]}


def test_is_as_good_as_the_worst_of_its_results() -> None:
    said = {"setVariableResult": [result("A", "B"), result("A", "C", "Rejected")]}
    answer = WIRE.answer(set_variables({"A.B": "1", "A.C": "2"}), said)
    assert answer.status == "rejected"
    assert answer.result is not None
    assert [one["outcome"] for one in answer.result["variables"]] == ["accepted", "rejected"]


def test_sets_what_has_a_name_and_says_so_of_the_rest() -> None:
    command = set_variables({"key": "value", "A.B": "1"})
    assert len(WIRE.call(command)[1]["setVariableData"]) == 1
    answer = WIRE.answer(command, {"setVariableResult": [result("A", "B")]})
    assert answer.status == "unsupported"
    assert answer.result is not None
    assert [one["outcome"] for one in answer.result["variables"]] == ["notSupported", "accepted"]


def test_is_not_called_where_nothing_has_a_name() -> None:
    assert WIRE.calls(set_variables({"key": "value"})) == []
    assert WIRE.answer(set_variables({"key": "value"})).status == "unsupported"


def test_sets_a_variable_once_whatever_it_is_called() -> None:
    command = set_variables({"HeartbeatInterval": "300", "OCPPCommCtrlr.HeartbeatInterval": "300"})
    assert len(WIRE.call(command)[1]["setVariableData"]) == 1


def test_is_not_called_with_a_value_that_2_0_1_has_no_room_for() -> None:
    assert WIRE.calls(set_variables({"A.B": "v" * 1001})) == []
    assert WIRE.answer(set_variables({"A.B": "v" * 1001})).status == "unsupported"


def test_fails_by_an_error() -> None:
    answer = WIRE.answer(set_variables({"A.B": "1"}), Failure("OccurenceConstraintViolation", "too many"))
    assert (answer.status, answer.code, answer.detail) == ("failed", "OccurenceConstraintViolation", "too many")
