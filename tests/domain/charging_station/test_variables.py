"""Variables, sentence by sentence."""

import pytest

from tests.support.given import Like, given
from tests.support.words import answered, configure, get_variables, ready, sent, set_variables
from voltherd.domain.charging_station.requests import AnswerStatus, RequestAnswered, RequestCompleted
from voltherd.domain.charging_station.variables import SetVariables, VariableResult, VariablesReported


def test_are_read() -> None:
    found = {"name": "A.B", "outcome": "accepted", "value": "1", "readOnly": True, "detail": "fine"}
    scene = given(*ready(), get_variables("A.B"), sent()).when(answered(result={"variables": [found]}))
    result = VariableResult(name="A.B", outcome="accepted", value="1", read_only=True, detail="fine")
    scene.then(
        RequestAnswered,
        VariablesReported(asked="get", variables=(result,)),
        Like(RequestCompleted, result={"variables": [found]}),
    )


def test_that_nobody_told_of_are_not_reported() -> None:
    given(*ready(), get_variables("A.B"), sent()).when(answered("failed")).then(RequestAnswered)


def test_are_set_each_on_its_own() -> None:
    scene = given(*ready(), set_variables({"A.B": "1", "A.C": "2"}), sent())
    scene.when(
        answered(
            "rejected",
            result={
                "variables": [{"name": "A.B", "outcome": "accepted"}, {"name": "A.C", "outcome": "rejected"}],
            },
        )
    )
    results = (
        VariableResult(name="A.B", outcome="accepted", value="1"),
        VariableResult(name="A.C", outcome="rejected"),
    )
    scene.then(RequestAnswered, VariablesReported(asked="set", variables=results))


@pytest.mark.parametrize(
    ("status", "outcome"), [("failed", "rejected"), ("rejected", "rejected"), ("unsupported", "notSupported")]
)
def test_that_the_answer_does_not_name_met_with_the_answer_as_a_whole(status: AnswerStatus, outcome: str) -> None:
    scene = given(*ready(), set_variables({"A.B": "1", "A.C": "2"}), sent())
    scene.when(answered(status, code="Because", result={"variables": [{"name": "A.B", "outcome": "accepted"}]}))
    [reported] = [event for event in scene.events if isinstance(event, VariablesReported)]
    assert [(one.name, one.outcome) for one in reported.variables] == [("A.B", "accepted"), ("A.C", outcome)]
    assert reported.variables[1].detail == "Because"


def test_settle_the_settings_of_their_name_that_wish_the_same() -> None:
    scene = given(*ready(), configure(settings={"A.B": "1"}), set_variables({"A.B": "1"}), sent())
    scene.when(answered(result={"variables": [{"name": "A.B", "outcome": "accepted"}]}))
    assert scene.station.settings["A.B"].outcome == "accepted"


def test_say_nothing_of_settings_that_wish_something_else() -> None:
    scene = given(*ready(), configure(settings={"A.B": "1"}), set_variables({"A.B": "2"}), sent())
    scene.when(answered(result={"variables": [{"name": "A.B", "outcome": "accepted"}]}))
    scene.then(RequestAnswered, RequestCompleted)
    assert scene.station.settings["A.B"].outcome == "pending"


def test_that_were_only_read_settle_no_setting() -> None:
    scene = given(*ready(), configure(settings={"A.B": "1"}), get_variables("A.B"), sent())
    scene.when(answered(result={"variables": [{"name": "A.B", "outcome": "notSupported"}]}))
    assert scene.station.settings["A.B"].outcome == "pending"


@pytest.mark.parametrize(
    ("payload", "read"),
    [
        ({"key": "a", "value": "b"}, {"variables": {"a": "b"}}),
        ({"key": "a", "value": 3}, {"variables": {"a": "3"}}),
        ({"key": "a", "value": None}, {"variables": {"a": ""}}),
        ({"key": "a"}, {"variables": {"a": ""}}),
        ({"variables": {"a": "b"}}, {"variables": {"a": "b"}}),
        ({"key": "a", "more": 1}, {"variables": {"a": ""}, "more": 1}),
    ],
    ids=str,
)
def test_are_set_in_the_historic_shape_too(payload: dict[str, object], read: dict[str, object]) -> None:
    assert SetVariables.adapt(payload) == read


def test_that_were_set_have_the_value_that_was_set() -> None:
    scene = given(*ready(), set_variables({"A.B": "5"}), sent())
    scene.when(answered(result={"variables": [{"name": "A.B", "outcome": "accepted"}]}))
    [reported] = [event for event in scene.events if isinstance(event, VariablesReported)]
    assert reported.variables[0].value == "5"
