"""StopTransaction, sentence by sentence."""

from datetime import timedelta

import pytest

from tests.support.given import Like, given
from tests.support.words import (
    OPERATOR,
    after,
    answered,
    ended,
    ended16,
    lapse,
    metered16,
    ready,
    sent,
    started,
    started16,
    stop,
    unanswered,
)
from voltherd.domain.charging_station.requests import RequestAnswered, RequestCompleted, Requested, RequestLapsed
from voltherd.domain.charging_station.transactions import TransactionClosed
from voltherd.kernel.identity import TransactionKey


def uuid_of(transaction_id: str) -> str:
    return TransactionKey(operator=OPERATOR, station_id="CS-1", transaction_id=transaction_id).uuid


@pytest.mark.parametrize(
    "text",
    ["17", uuid_of("17"), uuid_of("17").upper(), "CS-1_ocpp1.6_17", "CS-1_OCPPS15_17", "CS-1_a_b_17"],
)
def test_finds_a_transaction_by_every_spelling_of_its_number(text: str) -> None:
    scene = given(*ready("ocpp1.6"), started16(17)).when(stop(text))
    scene.then(Requested(command=stop(text, resolved="17")))


@pytest.mark.parametrize("text", ["9f3c_a-1", uuid_of("9f3c_a-1")])
def test_finds_a_transaction_by_every_spelling_of_the_station_s_text(text: str) -> None:
    given(*ready(), started("9f3c_a-1")).when(stop(text)).then(Requested(command=stop(text, resolved="9f3c_a-1")))


def test_takes_the_station_s_text_before_it_takes_it_apart() -> None:
    given(*ready(), started("CS-1_x_17"), started("17")).when(stop("CS-1_x_17")).then(
        Requested(command=stop("CS-1_x_17", resolved="CS-1_x_17"))
    )


@pytest.mark.parametrize("text", ["18", "nonsense", uuid_of("18"), "CS-1_ocpp1.6_18", "CS-2_ocpp1.6_17"])
def test_is_refused_for_an_unknown_transaction_and_for_another_station_s(text: str) -> None:
    scene = given(*ready("ocpp1.6"), started16(17)).when(stop(text))
    scene.then_refused("transaction_unknown", "/transactionId", kind="missing")


@pytest.mark.parametrize("text", ["17", uuid_of("17"), "CS-1_ocpp1.6_17"])
def test_is_refused_for_a_transaction_that_has_ended(text: str) -> None:
    scene = given(*ready("ocpp1.6"), started16(17), ended16("17")).when(stop(text))
    scene.then_refused("transaction_not_running", "/transactionId", kind="conflict")


def test_is_possible_for_a_transaction_whose_start_never_came() -> None:
    given(*ready("ocpp1.6"), metered16("9", 1)).when(stop("9")).then(Requested(command=stop("9", resolved="9")))


def test_is_completed_when_the_transaction_has_ended() -> None:
    scene = given(*ready(), started(), stop(), sent(), answered()).when(ended(at=after(5)))
    assert Like(RequestCompleted, result={"transactionId": "tx-1"}) in scene.events


def test_is_completed_when_the_end_comes_before_the_answer() -> None:
    scene = given(*ready("ocpp1.6"), started16(17), stop("17"), sent(), ended16("17", at=after(1)))
    scene.when(answered(at=after(2))).then(RequestAnswered, RequestCompleted)


def test_is_completed_by_an_end_that_names_no_transaction() -> None:
    scene = given(*ready("ocpp1.6"), started16(17), stop("17"), sent(), answered()).when(ended16(None, at=after(5)))
    assert Like(TransactionClosed, transaction_id="17") in scene.events
    assert scene.request() is None


def test_is_not_completed_by_the_end_of_another_transaction() -> None:
    scene = given(*ready(), started(), started("tx-2"), stop(), sent(), answered()).when(ended("tx-2"))
    assert scene.status() == "accepted"


def test_is_ineffective_where_the_transaction_goes_on() -> None:
    scene = given(*ready(), started(), stop(), sent(), answered())
    scene.when(lapse(at=after(0) + timedelta(minutes=2))).then(Like(RequestLapsed, status="ineffective"))


def test_that_nobody_answered_is_completed_by_the_end() -> None:
    scene = given(*ready(), started(), stop(), sent(), unanswered()).when(ended(at=after(60)))
    assert scene.request() is None
