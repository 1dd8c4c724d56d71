"""Pending settings, sentence by sentence."""

from collections.abc import Mapping

from tests.support.given import Like, Scene, given
from tests.support.words import (
    after,
    answered,
    configure,
    connected,
    disconnected,
    lapse,
    push_settings,
    ready,
    register,
    sent,
    set_variables,
    unanswered,
    unknown_station,
)
from voltherd.domain.charging_station.requests import Requested
from voltherd.domain.charging_station.settings import PUSHER
from voltherd.domain.charging_station.variables import SetVariables


def pushed(scene: Scene) -> Mapping[str, str]:
    """What the last push asks the station for."""
    [event] = scene.events
    assert isinstance(event, Requested)
    command = event.command
    assert isinstance(command, SetVariables)
    assert command.by == PUSHER
    return command.variables


def push_id(scene: Scene) -> str:
    [command_id] = scene.station.requests
    return command_id


def outcomes(scene: Scene) -> dict[str, str]:
    return {name: setting.outcome for name, setting in scene.station.settings.items()}


def result(**outcome: str) -> dict[str, list[dict[str, str]]]:
    return {"variables": [{"name": name, "outcome": value} for name, value in outcome.items()]}


def test_are_pushed_in_one_request() -> None:
    scene = given(*ready(), configure(settings={"a": "1", "b": "2"})).when(push_settings())
    assert pushed(scene) == {"a": "1", "b": "2"}


def test_are_not_pushed_to_a_station_that_is_offline() -> None:
    given(register(), configure(settings={"a": "1"})).when(push_settings()).then()


def test_are_not_pushed_to_a_station_that_is_not_accepted() -> None:
    given(unknown_station(), connected(), configure(settings={"a": "1"})).when(push_settings()).then()


def test_are_pushed_as_soon_as_the_station_is_there() -> None:
    scene = given(register(), configure(settings={"a": "1"}), connected()).when(push_settings())
    assert pushed(scene) == {"a": "1"}


def test_are_not_pushed_twice_at_a_time() -> None:
    given(*ready(), configure(settings={"a": "1"}), push_settings()).when(push_settings()).then()


def test_are_pushed_beside_what_an_operator_sets() -> None:
    scene = given(
        *ready(), configure(settings={"a": "1"}), set_variables({"OCPPCommCtrlr.HeartbeatInterval": "60"})
    ).when(push_settings())
    assert pushed(scene) == {"a": "1"}


def test_are_pushed_again_by_another_command_when_nobody_took_them() -> None:
    scene = given(*ready(), configure(settings={"a": "1"}), push_settings())
    first = push_id(scene)
    scene.given(lapse(first, at=after(300))).when(push_settings(at=after(301)))
    assert pushed(scene) == {"a": "1"}
    assert push_id(scene) != first


def test_are_pushed_again_when_the_answer_was_lost() -> None:
    scene = given(*ready(), configure(settings={"a": "1"}), push_settings())
    first = push_id(scene)
    scene.given(sent(first), disconnected(), unanswered(first, at=after(1)), connected(2, at=after(400)))
    scene.given(lapse(first, at=after(400))).when(push_settings(at=after(401)))
    assert pushed(scene) == {"a": "1"}


def test_are_settled_each_by_what_the_station_says() -> None:
    scene = given(*ready(), configure(settings=dict.fromkeys("abcd", "1")), push_settings())
    first = push_id(scene)
    told = result(a="accepted", b="rejected", c="rebootRequired", d="notSupported")
    scene.given(sent(first)).when(answered("rejected", first, result=told))
    assert outcomes(scene) == {"a": "accepted", "b": "rejected", "c": "rebootRequired", "d": "notSupported"}
    scene.when(push_settings(at=after(5))).then()


def test_are_settled_for_good_when_the_version_has_no_words_for_any() -> None:
    # The seed's own example, {"key": "value"}, names nothing in 2.x.
    scene = given(*ready(), configure(settings={"key": "value"}), push_settings())
    first = push_id(scene)
    scene.given(sent(first)).when(answered("unsupported", first, code="NotSupportedByProtocol"))
    assert outcomes(scene) == {"key": "notSupported"}
    scene.when(push_settings(at=after(5))).then()


def test_are_settled_for_good_when_the_station_answers_with_an_error() -> None:
    scene = given(*ready(), configure(settings={"a": "1"}), push_settings())
    first = push_id(scene)
    scene.given(sent(first)).when(answered("failed", first, code="InternalError"))
    assert outcomes(scene) == {"a": "rejected"}


def test_that_changed_while_the_old_ones_were_on_their_way_stay_pending() -> None:
    scene = given(*ready(), configure(settings={"a": "1", "b": "1"}), push_settings())
    first = push_id(scene)
    scene.given(sent(first), configure(settings={"a": "2"}, command_id="c-2"))
    scene.given(answered(request_id=first, result=result(a="accepted", b="accepted")))
    assert outcomes(scene) == {"a": "pending", "b": "accepted"}
    assert pushed(scene.when(push_settings(at=after(5)))) == {"a": "2"}


def test_that_are_no_longer_desired_are_forgotten_though_the_station_took_them() -> None:
    scene = given(*ready(), configure(settings={"a": "1"}), push_settings())
    first = push_id(scene)
    scene.given(sent(first), configure(settings={"b": "1"}, settings_mode="replace", command_id="c-2"))
    scene.given(answered(request_id=first, result=result(a="accepted")))
    assert outcomes(scene) == {"b": "pending"}


def test_do_not_include_those_that_shall_not_be_pushed() -> None:
    scene = given(*ready(), configure(settings={"a": "1"}, push=False)).when(push_settings())
    scene.then()


def test_are_patient_for_five_minutes() -> None:
    scene = given(*ready(), configure(settings={"a": "1"})).when(push_settings(at=after(10)))
    [event] = scene.events
    assert event == Like(Requested)
    assert isinstance(event, Requested)
    assert event.command.expires_at == after(310)
