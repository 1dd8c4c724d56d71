"""A request, sentence by sentence."""

from datetime import timedelta

import pytest

from tests.support.given import Like, Scene, given
from tests.support.words import (
    after,
    answered,
    boot,
    cancel,
    connected,
    disconnected,
    ended,
    get_variables,
    lapse,
    make,
    ready,
    register,
    reset,
    sent,
    start,
    started,
    status,
    stop,
    suspend,
    trigger,
    unanswered,
    unknown_station,
    unlock,
)
from voltherd.domain.charging_station.requests import (
    Answer,
    AnswerStatus,
    RequestAnswered,
    RequestCancelled,
    RequestCompleted,
    Requested,
    RequestLapsed,
    RequestSent,
    RequestUnanswered,
    StationRequest,
)
from voltherd.domain.charging_station.status import ConnectorStatusChanged
from voltherd.domain.charging_station.transactions import TransactionOpened
from voltherd.domain.transaction.course import TransactionStarted


def again(*, on: int = 2, at: float = 20) -> tuple[object, ...]:
    return disconnected(on - 1, at=after(at - 1)), connected(on, at=after(at))


# --- queued -------------------------------------------------------------------------------------------------


def test_is_taken_down() -> None:
    scene = given(*ready()).when(trigger())
    scene.then(Requested(command=trigger()))
    assert scene.status() == "queued"


def test_is_refused_for_an_unknown_station() -> None:
    given().when(trigger()).then_refused("station_unknown", kind="missing")


def test_is_refused_for_a_station_that_is_not_accepted() -> None:
    given(unknown_station()).when(trigger()).then_refused("station_not_accepted", kind="conflict")


def test_waits_for_a_station_that_is_offline() -> None:
    scene = given(register()).when(trigger())
    scene.then(Requested)
    assert scene.status() == "queued"


def test_with_the_id_of_an_open_one_yields_nothing_new() -> None:
    given(*ready(), unlock(1)).when(unlock(2)).then()


def test_with_the_id_of_a_finished_one_yields_nothing_new() -> None:
    given(*ready(), unlock(), sent(), answered("rejected")).when(unlock()).then()


def test_with_the_id_of_a_command_of_another_kind_yields_nothing_new() -> None:
    given(*ready(), register(command_id="c-1")).when(unlock()).then()


def test_is_remembered_while_sixty_three_others_finish() -> None:
    others = (
        command for n in range(63) for command in (unlock(command_id=f"o-{n}"), cancel(f"o-{n}", command_id=f"x-{n}"))
    )
    given(*ready(), unlock(), cancel(), *others).when(unlock()).then()


def test_expires_when_its_station_stays_offline() -> None:
    scene = given(register(), trigger()).when(lapse(at=after(60)))
    scene.then(RequestLapsed(command_id="c-1", status="expired", reason="the station was offline"))
    assert scene.request() is None


def test_expires_when_its_station_is_busy_with_others() -> None:
    scene = given(*ready(), trigger()).when(lapse(at=after(61)))
    scene.then(RequestLapsed(command_id="c-1", status="expired", reason="the station took no requests in time"))


def test_does_not_expire_early() -> None:
    given(*ready(), trigger()).when(lapse(at=after(59.999))).then()


def test_that_never_was_cannot_lapse() -> None:
    given(*ready()).when(lapse()).then()


# --- cancelled ----------------------------------------------------------------------------------------------


def test_can_be_cancelled_while_it_waits() -> None:
    scene = given(*ready(), trigger()).when(cancel())
    scene.then(RequestCancelled(command_id="c-1"))
    scene.when(sent()).then()


def test_cannot_be_cancelled_once_it_is_sent() -> None:
    scene = given(*ready(), trigger(), sent()).when(cancel())
    scene.then_refused("command_not_cancellable", kind="conflict")
    assert "sent" in str(scene.refusal)


def test_cannot_be_cancelled_when_it_is_over() -> None:
    scene = given(*ready(), trigger(), cancel()).when(cancel(command_id="x-2"))
    scene.then_refused("command_not_cancellable")


# --- sent ---------------------------------------------------------------------------------------------------


def test_is_written_down_before_it_goes_out() -> None:
    scene = given(*ready(), trigger()).when(sent(at=after(5), answer_within=timedelta(seconds=40)))
    scene.then(RequestSent(command_id="c-1", epoch=1, sent_at=after(5), deadline=after(45)))
    assert scene.status() == "sent"


@pytest.mark.parametrize("command", [unlock(), get_variables("A.B")], ids=["once", "idempotent"])
def test_is_sent_once_on_one_connection(command: StationRequest) -> None:
    given(*ready(), command, sent()).when(sent(at=after(1))).then()


def test_is_not_sent_on_a_connection_that_no_longer_counts() -> None:
    given(*ready(), connected(2), trigger()).when(sent(epoch=1)).then()


def test_is_not_sent_on_a_connection_that_is_gone() -> None:
    given(*ready(), disconnected(), trigger()).when(sent(epoch=1)).then()


def test_is_not_sent_when_its_time_is_over() -> None:
    given(*ready(), trigger()).when(sent(at=after(60))).then()


@pytest.mark.parametrize(
    "command", [unlock(), start(), stop("tx-1"), reset()], ids=lambda command: type(command).__name__
)
def test_that_is_not_idempotent_is_never_sent_again(command: StationRequest) -> None:
    scene = given(*ready(), started(evse_id=2), command, sent(), unanswered(), *again())  # type: ignore[arg-type]
    scene.when(sent(epoch=2, at=after(21))).then()


def test_that_is_idempotent_may_be_sent_again_on_a_new_connection() -> None:
    scene = given(*ready(), get_variables("A.B"), sent(), unanswered(at=after(19)), *again())  # type: ignore[arg-type]
    scene.when(sent(epoch=2, at=after(21))).then(Like(RequestSent, epoch=2))
    assert scene.status() == "sent"


def test_that_is_idempotent_may_be_sent_again_before_anybody_noticed_that_no_answer_came() -> None:
    scene = given(*ready(), get_variables("A.B"), sent(), *again())  # type: ignore[arg-type]
    scene.when(sent(epoch=2, at=after(21))).then(Like(RequestSent, epoch=2))


# --- answered -----------------------------------------------------------------------------------------------


def test_is_completed_by_a_yes_where_the_answer_is_all() -> None:
    scene = given(*ready(), unlock(), sent()).when(answered(result={"status": "Unlocked"}))
    scene.then(
        RequestAnswered(command_id="c-1", answer=Answer(status="accepted", result={"status": "Unlocked"})),
        Like(RequestCompleted, command_id="c-1", result={"status": "Unlocked"}),
    )
    assert scene.request() is None


def test_waits_for_its_effect_after_a_yes() -> None:
    scene = given(*ready(), reset(), sent()).when(answered(at=after(10)))
    scene.then(Like(RequestAnswered, deadline=after(10 + 300)))
    assert scene.status() == "accepted"


def test_waits_longer_for_its_effect_after_a_later() -> None:
    scene = given(*ready(), status(), make("inoperative"), sent()).when(answered("scheduled", at=after(10)))
    scene.then(Like(RequestAnswered, deadline=after(10) + timedelta(hours=24)))
    assert scene.status() == "scheduled"


@pytest.mark.parametrize("no", ["rejected", "unsupported", "failed"])
def test_is_over_by_a_no(no: AnswerStatus) -> None:
    scene = given(*ready(), reset(), sent()).when(answered(no, code="Because"))
    scene.then(RequestAnswered(command_id="c-1", answer=Answer(status=no, code="Because")))
    assert scene.request() is None


def test_is_answered_once() -> None:
    given(*ready(), reset(), sent(), answered()).when(answered("rejected")).then()


def test_that_is_over_takes_no_answer() -> None:
    given(*ready(), reset(), sent(), answered("rejected")).when(answered()).then()


def test_that_was_not_sent_takes_no_answer() -> None:
    given(*ready(), reset()).when(answered()).then()


# --- unknown ------------------------------------------------------------------------------------------------


def test_is_unknown_when_no_answer_came_before_the_connection_closed() -> None:
    scene = given(*ready(), reset(), sent()).when(unanswered(at=after(10)))
    scene.then(RequestUnanswered(command_id="c-1", reason="the connection closed", deadline=after(310)))
    assert scene.status() == "unknown"


def test_is_unknown_when_no_answer_came_in_time() -> None:
    scene = given(*ready(), reset(), sent()).when(lapse(at=after(30)))
    scene.then(RequestUnanswered(command_id="c-1", reason="the station did not answer in time", deadline=after(330)))


def test_is_not_unknown_while_there_is_time_to_answer() -> None:
    given(*ready(), reset(), sent()).when(lapse(at=after(29))).then()


def test_is_over_as_unknown_where_nothing_could_ever_tell() -> None:
    scene = given(*ready(), unlock(), sent()).when(unanswered())
    scene.then(Like(RequestUnanswered, deadline=None))
    assert scene.request() is None


def test_stays_unknown_until_it_could_no_longer_be_sent_again() -> None:
    scene = given(*ready(), get_variables("A.B"), sent()).when(unanswered(at=after(10)))
    scene.then(Like(RequestUnanswered, deadline=after(60)))
    scene.when(lapse(at=after(60))).then(Like(RequestLapsed, status="unknown"))


def test_is_over_as_unknown_where_it_is_too_late_to_send_it_again() -> None:
    scene = given(*ready(), get_variables("A.B"), sent(at=after(50))).when(lapse(at=after(80)))
    scene.then(Like(RequestUnanswered, deadline=None))
    scene.when(lapse(at=after(80))).then()


def test_takes_an_answer_that_comes_late() -> None:
    scene = given(*ready(), reset(), sent(), unanswered(at=after(30))).when(answered(at=after(40)))
    scene.then(RequestAnswered)
    assert scene.status() == "accepted"


def test_is_over_as_unknown_when_no_effect_was_seen() -> None:
    scene = given(*ready(), reset(), sent(), unanswered(at=after(30))).when(lapse(at=after(330)))
    scene.then(Like(RequestLapsed, status="unknown"))
    assert scene.request() is None


def test_that_was_never_sent_is_not_unknown() -> None:
    given(*ready(), reset()).when(unanswered()).then()


def test_that_was_sent_again_is_not_unknown_by_the_end_of_an_older_connection() -> None:
    scene = given(*ready(), get_variables("A.B"), sent(), connected(2), sent(epoch=2, at=after(5)))
    scene.when(unanswered(epoch=1, at=after(6))).then()
    assert scene.status() == "sent"


def test_that_was_answered_is_not_unknown() -> None:
    given(*ready(), reset(), sent(), answered()).when(unanswered()).then()


# --- effects ------------------------------------------------------------------------------------------------


def test_is_completed_by_its_effect_after_the_answer() -> None:
    scene = given(*ready(), start(), sent(), answered(at=after(1)))
    scene.when(started(at=after(5), evse_id=1, remote_start_id=1))
    scene.then(
        TransactionOpened,
        TransactionStarted,
        Like(RequestCompleted, command="StartTransaction", result={"transactionId": "tx-1", "evseId": 1}),
    )
    assert scene.request() is None


def test_is_completed_by_an_effect_that_came_before_the_answer() -> None:
    scene = given(*ready(), start(), sent(), started(at=after(1), evse_id=1, remote_start_id=1))
    assert scene.status() == "sent"
    scene.when(answered(at=after(2))).then(RequestAnswered, RequestCompleted)


def test_is_completed_by_an_effect_though_the_answer_was_lost() -> None:
    scene = given(*ready(), start(), sent(), unanswered(at=after(1)))
    scene.when(started(at=after(5), evse_id=1, remote_start_id=1))
    assert Like(RequestCompleted, command_id="c-1") in scene.events


def test_is_not_completed_by_an_effect_when_it_was_rejected() -> None:
    scene = given(*ready(), start(), sent(), answered("rejected"))
    scene.when(started(at=after(5), evse_id=1, remote_start_id=1))
    assert Like(RequestCompleted) not in scene.events


def test_is_completed_once() -> None:
    scene = given(*ready(), status(), make("inoperative", 1), sent(), answered(at=after(1)))
    scene.when(status("Unavailable", at=after(2))).then(ConnectorStatusChanged, RequestCompleted)
    scene.when(status("Unavailable", at=after(3))).then()


def test_is_ineffective_when_its_effect_did_not_come() -> None:
    scene = given(*ready(), reset(), sent(), answered(at=after(1))).when(lapse(at=after(301)))
    scene.then(Like(RequestLapsed, status="ineffective"))
    assert scene.request() is None


def test_is_not_ineffective_early() -> None:
    given(*ready(), reset(), sent(), answered(at=after(1))).when(lapse(at=after(300))).then()


def test_keeps_what_the_answer_gave_beside_what_the_effect_brought() -> None:
    scene = given(*ready(), reset(), sent(), answered(result={"note": "bye"}), boot(at=after(60)))
    assert scene.request() is None
    [completed] = [one for one in folded(scene) if isinstance(one, RequestCompleted)]
    assert completed.result["note"] == "bye"
    assert completed.result["bootedAt"] == after(60).isoformat().replace("+00:00", "Z")


def folded(scene: Scene) -> list[object]:
    return [event for events in scene.store.streams.values() for event in events]


def test_is_completed_with_others_that_the_same_fact_fulfils() -> None:
    scene = given(*ready(), started(evse_id=1), stop(command_id="a"), sent("a"), answered(request_id="a"))
    scene.given(stop(command_id="b"), sent("b"), answered(request_id="b")).when(ended(at=after(9)))
    assert scene.request("a") is None
    assert scene.request("b") is None


# --- a suspended station ------------------------------------------------------------------------------------


def test_expires_when_its_station_is_suspended() -> None:
    scene = given(*ready(), trigger(), suspend()).when(lapse(at=after(60)))
    scene.then(Like(RequestLapsed, status="expired"))


def test_that_is_out_takes_its_answer_though_the_station_was_suspended() -> None:
    given(*ready(), trigger(), sent(), suspend()).when(answered()).then(RequestAnswered, RequestCompleted)


# --- versions -----------------------------------------------------------------------------------------------


def test_is_spoken_by_every_version_that_is_built() -> None:
    for protocol in ("ocpp1.6", "ocpp2.0.1"):
        given(*ready(protocol)).when(trigger()).then(Requested)
