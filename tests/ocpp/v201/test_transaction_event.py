"""TransactionEvent of 2.0.1, sentence by sentence."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import after, create_token, ready, replace_token, started, unknown_station
from voltherd.domain.identification import IdToken
from voltherd.domain.meter import MeterValue, SampledValue
from voltherd.domain.transaction.reports import (
    ReportTransactionEnded,
    ReportTransactionStarted,
    ReportTransactionUpdated,
)


def payload(event_type: str = "Started", seq_no: int = 0, info: dict[str, Any] | None = None, **members: Any) -> str:
    return json.dumps(
        {
            "eventType": event_type,
            "timestamp": "2026-03-01T12:00:05Z",
            "triggerReason": "Authorized",
            "seqNo": seq_no,
            "transactionInfo": {"transactionId": "tx-1", **(info or {})},
            **members,
        }
    )


def token(text: str = "TAG") -> dict[str, str]:
    return {"idToken": text, "type": "ISO14443"}


def test_is_read_as_a_start() -> None:
    text = payload(
        info={"chargingState": "EVConnected", "remoteStartId": 7},
        evse={"id": 1, "connectorId": 2},
        idToken=token(),
        offline=True,
        reservationId=3,
        meterValue=[
            {
                "timestamp": "2026-03-01T12:00:04Z",
                "sampledValue": [{"value": 1.5, "context": "Transaction.Begin", "unitOfMeasure": {"unit": "kWh"}}],
            }
        ],
    )
    begin = SampledValue(value=Decimal(1500), context="Transaction.Begin")
    assert Wire("ocpp2.0.1").report("TransactionEvent", text) == Like(
        ReportTransactionStarted,
        transaction_id="tx-1",
        occurred_at=after(5),
        evse_id=1,
        connector_id=2,
        id_token=IdToken(id_token="TAG", type="ISO14443"),
        seq_no=0,
        trigger="Authorized",
        offline=True,
        charging_state="EVConnected",
        remote_start_id=7,
        reservation_id=3,
        meter_values=(MeterValue(taken_at=after(4), sampled=(begin,)),),
    )


def test_is_read_as_a_change() -> None:
    report = Wire("ocpp2.0.1").report("TransactionEvent", payload("Updated", 4))
    assert report == Like(ReportTransactionUpdated, seq_no=4, evse_id=None, connector_id=None, offline=False)


def test_is_read_as_an_end() -> None:
    report = Wire("ocpp2.0.1").report("TransactionEvent", payload("Ended", 9, {"stoppedReason": "EVDisconnected"}))
    assert report == Like(ReportTransactionEnded, stop_reason="EVDisconnected")


def test_means_local_where_an_end_gives_no_reason() -> None:
    assert Wire("ocpp2.0.1").report("TransactionEvent", payload("Ended", 9)) == Like(
        ReportTransactionEnded, stop_reason="Local"
    )


def test_places_no_transaction_at_evse_zero() -> None:
    report = Wire("ocpp2.0.1").report("TransactionEvent", payload(evse={"id": 0}))
    assert report == Like(ReportTransactionStarted, evse_id=None)


@pytest.mark.parametrize("event_type", ["Started", "Updated", "Ended"])
def test_is_answered_with_nothing_where_no_token_is_presented(event_type: str) -> None:
    assert Wire("ocpp2.0.1").exchange("TransactionEvent", payload(event_type)) == {}


@pytest.mark.parametrize("event_type", ["Started", "Updated", "Ended"])
def test_is_answered_about_the_token_that_it_presents(event_type: str) -> None:
    wire = Wire("ocpp2.0.1", *ready(), create_token("TAG", status="Blocked"))
    answer = wire.exchange("TransactionEvent", payload(event_type, idToken=token()))
    assert answer == {"idTokenInfo": {"status": "Blocked"}}


def test_is_answered_alike_when_it_comes_again_whatever_changed_since() -> None:
    wire = Wire("ocpp2.0.1", *ready(), create_token("TAG"))
    first = wire.exchange("TransactionEvent", payload(idToken=token()))
    wire.scene.given(replace_token("TAG", status="Blocked"))
    wire.exchange("TransactionEvent", payload("Ended", 9, idToken=token("OTHER")))
    assert wire.exchange("TransactionEvent", payload(idToken=token())) == first
    assert wire.scene.events == []


def test_is_checked_anew_in_every_message() -> None:
    wire = Wire("ocpp2.0.1", *ready(), create_token("TAG"))
    assert wire.exchange("TransactionEvent", payload(idToken=token()))["idTokenInfo"]["status"] == "Accepted"
    wire.scene.given(replace_token("TAG", status="Blocked"))
    again = wire.exchange("TransactionEvent", payload("Updated", 1, idToken=token()))
    assert again["idTokenInfo"]["status"] == "Blocked"


def test_is_heard_after_the_end() -> None:
    wire = Wire("ocpp2.0.1", *ready(), started())
    assert wire.exchange("TransactionEvent", payload("Ended", 9)) == {}
    assert wire.exchange("TransactionEvent", payload("Updated", 5, {"chargingState": "Charging"})) == {}
    assert wire.scene.transaction().ended


def test_is_not_heard_before_acceptance() -> None:
    wire = Wire("ocpp2.0.1", unknown_station())
    wire.scene.when(wire.report("TransactionEvent", payload())).then_refused("station_not_accepted")
