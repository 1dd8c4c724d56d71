"""StartTransaction, sentence by sentence."""

from datetime import timedelta

import pytest

from tests.support.given import Like, Scene, given
from tests.support.words import (
    after,
    answered,
    create_token,
    ended,
    ended16,
    lapse,
    metered16,
    ready,
    sent,
    start,
    started,
    started16,
    updated,
)
from voltherd.domain.charging_station.requests import RequestCompleted, Requested, RequestLapsed
from voltherd.domain.charging_station.start_transaction import StartTransaction
from voltherd.domain.identification import IdToken


def completed(scene: Scene) -> list[object]:
    return [event.result for event in scene.events if isinstance(event, RequestCompleted)]


# --- asked --------------------------------------------------------------------------------------------------


def test_is_taken_down_with_a_number_of_its_own() -> None:
    given(*ready()).when(start(evse_id=1)).then(Requested(command=start(evse_id=1, remote_start_id=1)))


def test_never_shares_its_number() -> None:
    scene = given(*ready()).when(start("A"), start("B", command_id="c-2"))
    scene.then(Requested(command=start("B", command_id="c-2", remote_start_id=2)))


def test_may_leave_the_evse_to_the_station() -> None:
    given(*ready(), started(evse_id=1, id_token="OTHER")).when(start()).then(Requested)


def test_is_refused_for_an_evse_that_is_not_there() -> None:
    given(*ready()).when(start(evse_id=7)).then_refused("evse_unknown", "/evseId", kind="missing")


def test_leaves_it_to_the_station_whether_the_evse_is_free() -> None:
    given(*ready(), started(evse_id=1, id_token="OTHER")).when(start(evse_id=1)).then(Requested)


def test_is_possible_where_only_the_cable_came_first() -> None:
    given(*ready(), started(evse_id=1)).when(start(evse_id=1)).then(Requested)


def test_is_possible_again_where_a_transaction_has_ended() -> None:
    given(*ready(), started(evse_id=1, id_token="A"), ended(id_token="A")).when(start(evse_id=1)).then(Requested)


def test_lets_the_operator_vouch_for_a_token_that_nobody_administers() -> None:
    given(*ready()).when(start("STRANGER")).then(Requested)


@pytest.mark.parametrize(
    "administered",
    [{"status": "Blocked"}, {"expires_at": after(0)}],
    ids=["blocked", "expired"],
)
def test_is_refused_for_a_token_that_may_not_charge(administered: dict[str, object]) -> None:
    scene = given(*ready(), create_token("TAG", **administered)).when(start("tag"))
    scene.then_refused("id_token_refused", "/idToken", kind="conflict")


def test_is_possible_for_a_token_that_has_not_expired() -> None:
    given(*ready(), create_token("TAG", expires_at=after(1))).when(start("TAG")).then(Requested)


# --- its effect, 2.x ----------------------------------------------------------------------------------------


def test_is_completed_by_the_transaction_that_bears_its_number() -> None:
    scene = given(*ready(), start(), sent(), answered()).when(started(at=after(5), evse_id=1, remote_start_id=1))
    assert completed(scene) == [{"transactionId": "tx-1", "evseId": 1}]


def test_is_not_completed_by_a_transaction_that_bears_another_number() -> None:
    scene = given(*ready(), start(), sent(), answered())
    scene.when(started(at=after(5), id_token="TAG", remote_start_id=99))
    assert completed(scene) == []


def test_is_completed_by_a_number_that_comes_after_the_start() -> None:
    # The cable came first: the transaction began without a token, the remote start only claims it (F02).
    scene = given(*ready(), started(evse_id=1), start(evse_id=1, at=after(10)), sent(at=after(10)))
    scene.given(answered(at=after(11)))
    scene.when(updated(at=after(12), id_token="TAG", remote_start_id=1))
    assert completed(scene) == [{"transactionId": "tx-1", "evseId": 1}]


def test_is_completed_by_a_number_that_comes_out_of_order() -> None:
    scene = given(*ready(), start(), sent(), answered(), updated(seq_no=1, at=after(4), evse_id=1))
    scene.when(started(seq_no=0, at=after(5), evse_id=1, remote_start_id=1))
    assert completed(scene) == [{"transactionId": "tx-1", "evseId": 1}]


def test_is_completed_by_an_answer_that_names_the_running_transaction() -> None:
    scene = given(*ready(), started(evse_id=1), start(evse_id=1, at=after(10)), sent(at=after(10)))
    scene.when(answered(at=after(11), result={"transactionId": "tx-1"}))
    assert completed(scene) == [{"transactionId": "tx-1", "evseId": 1}]


# --- its effect, 1.6 (no correlation) -----------------------------------------------------------------------


def test_is_completed_by_a_start_with_its_token() -> None:
    scene = given(*ready("ocpp1.6"), start("tag"), sent(), answered()).when(started16(17, "TAG", at=after(5)))
    assert completed(scene) == [{"transactionId": "17", "evseId": 1}]


@pytest.mark.parametrize(("token", "evse_id"), [("OTHER", 1), ("TAG", 2)], ids=["token", "evse"])
def test_is_not_completed_by_a_start_of_others(token: str, evse_id: int) -> None:
    scene = given(*ready("ocpp1.6"), start("TAG", evse_id=1), sent(), answered())
    assert completed(scene.when(started16(17, token, evse_id, at=after(5)))) == []


def test_is_not_completed_by_a_transaction_that_ran_before() -> None:
    scene = given(*ready("ocpp1.6"), started16(17, "TAG", 1), start("TAG", evse_id=2, at=after(5)), sent(at=after(6)))
    assert completed(scene.when(answered(at=after(7)))) == []


def test_is_ineffective_when_no_transaction_begins_within_three_minutes() -> None:
    scene = given(*ready("ocpp1.6"), start(), sent(), answered(at=after(1)))
    scene.when(lapse(at=after(1) + timedelta(minutes=3))).then(Like(RequestLapsed, status="ineffective"))


# --- the operator's word, from the start to its end ---------------------------------------------------------


def accepted(scene: Scene, transaction_id: str, token: str = "TAG") -> bool:
    found = scene.transaction(transaction_id).authorization_of(IdToken(id_token=token))
    assert found is not None
    return found.accepted


def test_vouches_for_its_token_in_the_start_that_completes_it() -> None:
    scene = given(*ready("ocpp1.6"), start(), sent(), answered()).when(started16(at=after(5)))
    assert scene.request() is None
    assert accepted(scene, "17")


def test_vouches_for_its_token_in_all_messages_of_the_transaction() -> None:
    scene = given(*ready(), start(), sent(), answered(), started(at=after(5), id_token="TAG", remote_start_id=1))
    assert accepted(scene.when(updated(seq_no=1, id_token="TAG", at=after(6))), "tx-1")
    assert accepted(scene.when(ended(seq_no=2, id_token="tag ", at=after(7))), "tx-1")


def test_vouches_for_the_token_of_a_transaction_that_it_claims() -> None:
    scene = given(*ready(), started(evse_id=1), start(evse_id=1), sent(), answered())
    scene.given(updated(seq_no=1, id_token="TAG", remote_start_id=1, at=after(5)))
    assert accepted(scene.when(updated(seq_no=2, id_token="TAG", at=after(6))), "tx-1")


def test_vouches_for_nothing_when_its_transaction_is_over() -> None:
    scene = given(*ready("ocpp1.6"), start(), sent(), answered(), started16(17, at=after(5)))
    scene.given(ended16("17", at=after(50)))
    assert not accepted(scene.when(started16(18, at=after(100))), "18")


def test_vouches_for_nothing_when_it_was_rejected() -> None:
    scene = given(*ready("ocpp1.6"), start(), sent(), answered("rejected")).when(started16(at=after(5)))
    assert not accepted(scene, "17")


def test_does_not_vouch_against_what_is_administered() -> None:
    scene = given(*ready("ocpp1.6"), start(), sent(), answered(), create_token("TAG", status="Blocked"))
    assert not accepted(scene.when(started16(at=after(5))), "17")


def test_is_not_hindered_by_samples_of_a_transaction_that_nobody_knows() -> None:
    given(*ready("ocpp1.6"), metered16("9", 1)).when(start(evse_id=1)).then(Requested)


# --- what is read into it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "payload",
    [
        {"idToken": "TAG"},
        {"idToken": {"idToken": "TAG"}},
        {"idToken": {"token": "TAG"}},
        {"idToken": "TAG", "evseId": 0},
        {"idToken": "TAG", "evseId": "0"},
    ],
    ids=str,
)
def test_reads_a_token_in_every_shape_and_evse_zero_as_none(payload: dict[str, object]) -> None:
    assert StartTransaction.adapt(payload) == {"idToken": {"idToken": "TAG"}}


def test_keeps_the_type_of_a_token() -> None:
    payload = {"idToken": {"idToken": "TAG", "type": "ISO14443"}, "evseId": 2}
    assert StartTransaction.adapt(payload) == payload
