"""GetVariables of 2.0.1, sentence by sentence."""

from typing import Any

from tests.support.wire import Wire
from tests.support.words import get_variables

WIRE = Wire("ocpp2.0.1")


def result(component: str, variable: str, status: str = "Accepted", **members: Any) -> dict[str, Any]:
    return {
        "attributeStatus": status,
        "component": {"name": component},
        "variable": {"name": variable},
        **members,
    }


def test_names_components_and_variables() -> None:
    names = get_variables("SampledDataCtrlr.TxUpdatedInterval", "Connector[a]@2/1.Available[b]")
    assert WIRE.call(names) == (
        "GetVariables",
        {
            "getVariableData": [
                {"component": {"name": "SampledDataCtrlr"}, "variable": {"name": "TxUpdatedInterval"}},
                {
                    "component": {"name": "Connector", "instance": "a", "evse": {"id": 2, "connectorId": 1}},
                    "variable": {"name": "Available", "instance": "b"},
                },
            ]
        },
    )


def test_reads_the_well_known_keys_of_1_6() -> None:
    assert WIRE.call(get_variables("HeartbeatInterval"))[1] == {
        "getVariableData": [{"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}]
    }


def test_asks_for_a_variable_once_whatever_it_is_called() -> None:
    names = get_variables("HeartbeatInterval", "OCPPCommCtrlr.HeartbeatInterval", "ocppcommctrlr.heartbeatinterval")
    assert len(WIRE.call(names)[1]["getVariableData"]) == 1
    said = {"getVariableResult": [result("OCPPCommCtrlr", "HeartbeatInterval", attributeValue="300")]}
    answer = WIRE.answer(names, said)
    assert answer.result is not None
    assert [one["value"] for one in answer.result["variables"]] == ["300"] * 3


def test_has_no_words_for_what_is_no_variable() -> None:
    for names in ((), ("key",), ("a.b.c",)):
        assert WIRE.calls(get_variables(*names)) == []
        assert WIRE.answer(get_variables(*names)).status == "unsupported"


def test_is_answered_for_every_name_in_our_spelling() -> None:
    answer = WIRE.answer(
        get_variables("A.B", "A.C", "key"),
        {
            "getVariableResult": [
                result("a", "b", attributeValue="1"),
                result("A", "C", "UnknownVariable", attributeStatusInfo={"reasonCode": "NotFound"}),
            ]
        },
    )
    assert answer.status == "accepted"
    assert answer.result == {
        "variables": [
            {"name": "A.B", "outcome": "accepted", "value": "1", "detail": "Accepted"},
            {"name": "A.C", "outcome": "notSupported", "value": None, "detail": "NotFound"},
            {"name": "key", "outcome": "notSupported", "detail": "names no Component.Variable"},
        ]
    }


def test_may_be_denied_the_value_of_a_secret() -> None:
    said = {"getVariableResult": [result("SecurityCtrlr", "BasicAuthPassword", "Rejected")]}
    answer = WIRE.answer(get_variables("SecurityCtrlr.BasicAuthPassword"), said)
    assert answer.result is not None
    assert answer.result["variables"][0]["outcome"] == "rejected"
