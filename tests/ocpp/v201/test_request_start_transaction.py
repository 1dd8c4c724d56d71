"""RequestStartTransaction of 2.0.1, sentence by sentence."""

from dataclasses import replace

import pytest

from tests.support.wire import Wire
from tests.support.words import start
from voltherd.domain.charging_station.requests import Answer
from voltherd.domain.identification import IdToken

WIRE = Wire("ocpp2.0.1")


def test_names_token_number_and_evse() -> None:
    assert WIRE.call(start("TAG", evse_id=2, remote_start_id=9)) == (
        "RequestStartTransaction",
        {"idToken": {"idToken": "TAG", "type": "Central"}, "remoteStartId": 9, "evseId": 2},
    )


def test_leaves_the_evse_to_the_station() -> None:
    assert "evseId" not in WIRE.call(start("TAG"))[1]


@pytest.mark.parametrize("kind", ["Central", "eMAID", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress"])
def test_keeps_the_type_of_the_token(kind: str) -> None:
    token = IdToken(id_token="TAG", type=kind)  # type: ignore[arg-type]
    command = start()
    assert WIRE.call(replace(command, id_token=token))[1]["idToken"]["type"] == kind


def test_is_not_called_with_a_token_that_2_0_1_has_no_room_for() -> None:
    assert WIRE.calls(start("T" * 37)) == []
    assert WIRE.answer(start("T" * 37)).status == "unsupported"


def test_is_accepted_or_rejected() -> None:
    assert WIRE.answer(start(), {"status": "Accepted"}) == Answer(status="accepted")
    said = {"status": "Rejected", "statusInfo": {"reasonCode": "TxInProgress", "additionalInfo": "busy"}}
    assert WIRE.answer(start(), said) == Answer(status="rejected", code="Rejected", detail="TxInProgress: busy")


def test_may_name_the_transaction_that_it_claims() -> None:
    answer = WIRE.answer(start(), {"status": "Accepted", "transactionId": "tx-1"})
    assert answer == Answer(status="accepted", result={"transactionId": "tx-1"})
