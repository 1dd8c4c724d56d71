"""The requests of a station as a link sees them, sentence by sentence."""

import json
from datetime import timedelta

import msgspec
import pytest

from tests.support.given import Scene, given
from tests.support.wire import Failure, Wire
from tests.support.words import (
    T0,
    after,
    answered,
    cancel,
    connected,
    disconnected,
    get_variables,
    make,
    ready,
    register,
    reset,
    sent,
    set_variables,
    start,
    started,
    stop,
    suspend,
    trigger,
    unanswered,
    unlock,
)
from voltherd.domain.charging_station.request_life import ReportNoAnswer, ReportRequestSent
from voltherd.domain.charging_station.requests import StationRequest
from voltherd.kernel.messages import Command
from voltherd.ocpp.dialect import OpenRequest, abandoned, next_request
from voltherd.ocpp.dialects import DIALECTS

NEW = DIALECTS["ocpp2.0.1"]


def due(scene: Scene, epoch: int = 1, seconds: float = 1) -> OpenRequest | None:
    return next_request(NEW, scene.station, epoch, after(seconds))


def due_id(scene: Scene, epoch: int = 1, seconds: float = 1) -> str | None:
    found = due(scene, epoch, seconds)
    return None if found is None else found.command_id


# --- which is next ------------------------------------------------------------------------------------------


def test_are_none_where_nothing_waits() -> None:
    assert due(given(*ready())) is None


def test_are_none_of_a_station_that_is_not_accepted() -> None:
    assert due(given(*ready(), trigger(), suspend())) is None


def test_are_none_of_what_is_no_station() -> None:
    assert next_request(NEW, object(), 1, T0) is None
    assert list(abandoned(object(), 1, T0)) == []


def test_go_out_oldest_first() -> None:
    scene = given(*ready(), trigger(command_id="b", at=after(0.1)), trigger(command_id="a"))
    assert due_id(scene) == "a"


def test_go_out_stops_before_starts_before_configuration_before_reports() -> None:
    asked: list[StationRequest] = [
        trigger(command_id="report"),
        set_variables({"A.B": "1"}, command_id="configuration", at=after(0.1)),
        start(command_id="start", at=after(0.2)),
        stop(command_id="stop", at=after(0.3)),
    ]
    scene = given(*ready(), started(), *asked)
    order = []
    while (found := due_id(scene)) is not None:
        order.append(found)
        scene.given(sent(found), answered("rejected", found))
    assert order == ["stop", "start", "configuration", "report"]


def test_do_not_go_out_when_their_time_is_over() -> None:
    scene = given(*ready(), trigger())
    assert due_id(scene, seconds=59) == "c-1"
    assert due_id(scene, seconds=60) is None


def test_do_not_go_out_when_they_were_taken_back() -> None:
    assert due(given(*ready(), trigger(), cancel())) is None


def test_go_out_once_on_one_connection() -> None:
    assert due(given(*ready(), trigger(), sent())) is None


def test_wait_for_a_station_that_is_offline() -> None:
    scene = given(register(), trigger(), connected(7, at=after(5)))
    assert due_id(scene, 7, 6) == "c-1"


# --- what a new connection finds ----------------------------------------------------------------------------


def reconnected(*past: Command) -> Scene:
    return given(*ready(), started(evse_id=2), *past, disconnected(1, at=after(9)), connected(2, at=after(10)))


def reported_abandoned(scene: Scene, epoch: int) -> list[str]:
    reports = abandoned(scene.station, epoch, after(10))
    assert all(isinstance(report, ReportNoAnswer) for report in reports)
    scene.given(*reports)
    return [report.request_id for report in reports if isinstance(report, ReportNoAnswer)]


@pytest.mark.parametrize(
    "command", [unlock(1), start("TAG", evse_id=1), stop("tx-1"), reset()], ids=lambda c: type(c).__name__
)
def test_that_are_not_idempotent_are_given_up_on_a_new_connection(command: StationRequest) -> None:
    scene = reconnected(command, sent())
    assert due(scene, 2, 11) is None
    assert reported_abandoned(scene, 2) == ["c-1"]
    assert scene.status() in ("unknown", None)
    assert due(scene, 2, 11) is None


@pytest.mark.parametrize(
    "command",
    [get_variables("A.B"), set_variables({"A.B": "1"}), trigger(), make("inoperative", 1)],
    ids=lambda c: type(c).__name__,
)
def test_that_are_idempotent_are_sent_again_on_a_new_connection(command: StationRequest) -> None:
    scene = reconnected(command, sent())
    assert reported_abandoned(scene, 2) == ["c-1"]
    assert due_id(scene, 2, 11) == "c-1"
    scene.given(sent(epoch=2, at=after(11)))
    assert due(scene, 2, 12) is None


def test_that_are_idempotent_are_not_sent_again_when_their_time_is_over() -> None:
    scene = reconnected(trigger(), sent(), unanswered(at=after(9)))
    assert due(scene, 2, 60) is None


def test_that_nobody_answered_are_not_sent_again_on_the_same_connection() -> None:
    assert due(given(*ready(), trigger(), sent(), unanswered(at=after(30))), 1, 31) is None


def test_that_wait_are_not_given_up() -> None:
    scene = reconnected(unlock(1))
    assert reported_abandoned(scene, 2) == []
    assert due_id(scene, 2, 11) == "c-1"


def test_that_were_answered_are_not_given_up() -> None:
    assert reported_abandoned(reconnected(reset(), sent(), answered()), 2) == []


def test_of_the_connection_itself_are_not_given_up() -> None:
    assert reported_abandoned(given(*ready(), reset(), sent()), 1) == []


# --- sent ---------------------------------------------------------------------------------------------------


def test_are_written_down_before_they_go_out() -> None:
    scene = given(*ready(), unlock(1))
    request = due(scene)
    assert request is not None
    assert request.name == "UnlockConnector"
    assert not request.is_sent(scene.touched)
    report = request.report_sent(after(2), timedelta(seconds=40))
    assert isinstance(report, ReportRequestSent)
    scene.when(report)
    assert request.is_sent(scene.touched)


def test_are_not_taken_for_sent_when_they_were_taken_back_in_between() -> None:
    scene = given(*ready(), unlock(1))
    request = due(scene)
    assert request is not None
    scene.given(cancel())
    scene.when(request.report_sent(after(2), timedelta(seconds=40)))
    assert not request.is_sent(scene.touched)


def test_are_not_taken_for_sent_on_a_connection_that_was_overtaken() -> None:
    scene = given(*ready(), unlock(1))
    request = due(scene)
    assert request is not None
    scene.given(connected(2))
    scene.when(request.report_sent(after(2), timedelta(seconds=40)))
    assert not request.is_sent(scene.touched)


def test_are_not_taken_for_sent_when_they_are_over() -> None:
    scene = given(*ready(), unlock(1))
    request = due(scene)
    assert request is not None
    scene.given(sent(), answered())
    scene.when(request.report_sent(after(2), timedelta(seconds=40)))
    assert not request.is_sent(scene.touched)


# --- answered -----------------------------------------------------------------------------------------------


def test_make_one_call_after_the_other() -> None:
    wire = Wire("ocpp1.6")
    request = wire.open(unlock(0, evse_ids=(1, 2)))
    connectors = []
    while (call := request.next_call()) is not None:
        assert request.next_call() == call
        connectors.append(json.loads(call[1])["connectorId"])
        request.take_result(msgspec.Raw(b'{"status": "Unlocked"}'))
    assert connectors == [1, 2]


@pytest.mark.parametrize(
    "text",
    ['{"status": "unlocked"}', "{}", '{"status": "Unlocked", "x": 1}', '{"status": ', "[]", "null"],
)
def test_fail_by_an_answer_that_cannot_be_read(text: str) -> None:
    answer = Wire("ocpp1.6").answer(unlock(1, evse_ids=(1,)), text)
    assert (answer.status, answer.code) == ("failed", "UnreadableAnswer")
    assert answer.detail


@pytest.mark.parametrize("code", ["NotImplemented", "NotSupported"])
def test_are_unsupported_where_the_station_has_no_such_action(code: str) -> None:
    answer = Wire("ocpp1.6").answer(unlock(1, evse_ids=(1,)), Failure(code))
    assert (answer.status, answer.code, answer.detail) == ("unsupported", code, None)


@pytest.mark.parametrize("code", ["InternalError", "OccurenceConstraintViolation", "SomethingOfMyOwn"])
def test_fail_by_any_other_error(code: str) -> None:
    answer = Wire("ocpp2.0.1").answer(unlock(1, evse_ids=(1,)), Failure(code, "why"))
    assert (answer.status, answer.code, answer.detail) == ("failed", code, "why")


def test_keep_of_the_words_of_an_error_what_can_be_kept() -> None:
    answer = Wire("ocpp1.6").answer(unlock(1, evse_ids=(1,)), Failure("Odd\0" * 100_000, "x\0" * 100_000))
    assert answer.code is not None
    assert answer.detail is not None
    assert max(len(answer.code), len(answer.detail)) <= 255
    assert "\0" not in answer.code + answer.detail


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (({"status": "Unlocked"}, {"status": "Unlocked"}), "accepted"),
        (({"status": "Unlocked"}, {"status": "NotSupported"}), "unsupported"),
        (({"status": "NotSupported"}, {"status": "UnlockFailed"}), "rejected"),
        (({"status": "UnlockFailed"}, Failure("InternalError")), "failed"),
        (({"status": "Unlocked"}, "{}"), "failed"),
    ],
    ids=["accepted", "unsupported", "rejected", "failed", "unreadable"],
)
def test_of_several_calls_end_as_the_worst_of_them(
    said: tuple[dict[str, str] | Failure | str, ...], status: str
) -> None:
    answer = Wire("ocpp1.6").answer(unlock(0, evse_ids=(1, 2)), *said)
    assert answer.status == status
    assert answer.result is not None
    assert len(answer.result["results"]) == 2


def test_that_the_version_has_no_words_for_are_unsupported_without_a_call() -> None:
    request = OpenRequest(unlock(1, evse_ids=(1,)), None, 1)
    assert request.next_call() is None
    scene = given(*ready(), unlock(1), sent()).when(request.report_answer(after(5)))
    assert scene.refusal is None
    assert scene.request() is None
