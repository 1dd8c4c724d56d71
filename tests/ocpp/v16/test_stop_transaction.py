"""StopTransaction of 1.6, sentence by sentence."""

from decimal import Decimal

import pytest

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import after, create_token, ready, started16
from voltherd.domain.identification import IdToken
from voltherd.domain.meter import MeterValue, SampledValue
from voltherd.domain.transaction.reports import ReportTransactionEnded

OLD = ready("ocpp1.6")


def payload(number: int = 17, more: str = "") -> str:
    return f'{{"transactionId": {number}, "meterStop": 5000, "timestamp": "2026-03-01T12:00:05Z"{more}}}'


def test_is_read() -> None:
    data = """, "idTag": "TAG", "reason": "EVDisconnected", "transactionData": [{"timestamp": "2026-03-01T12:00:04Z",
              "sampledValue": [{"value": "5", "unit": "kWh", "context": "Transaction.End"}]}]"""
    assert Wire("ocpp1.6").report("StopTransaction", payload(more=data)) == Like(
        ReportTransactionEnded,
        transaction_id="17",
        occurred_at=after(5),
        id_token=IdToken(id_token="TAG"),
        meter_stop_wh=5000,
        stop_reason="EVDisconnected",
        meter_values=(
            MeterValue(taken_at=after(4), sampled=(SampledValue(value=Decimal(5000), context="Transaction.End"),)),
        ),
    )


def test_means_local_where_it_gives_no_reason() -> None:
    assert Wire("ocpp1.6").report("StopTransaction", payload()) == Like(ReportTransactionEnded, stop_reason="Local")


@pytest.mark.parametrize("number", [0, -1])
def test_names_no_transaction_by_zero_or_less(number: int) -> None:
    report = Wire("ocpp1.6").report("StopTransaction", payload(number))
    assert report == Like(ReportTransactionEnded, transaction_id=None)


@pytest.mark.parametrize("number", [17, 0, -1, 99])
def test_is_acknowledged_whatever_it_names_and_however_often(number: int) -> None:
    wire = Wire("ocpp1.6", *OLD, started16(17))
    assert wire.exchange("StopTransaction", payload(number)) == {}
    assert wire.exchange("StopTransaction", payload(number)) == {}
    assert wire.scene.events == []


def test_is_answered_about_the_tag_that_it_presents() -> None:
    wire = Wire("ocpp1.6", *OLD, create_token("A"), started16(17, "A"))
    answer = wire.exchange("StopTransaction", payload(more=', "idTag": "B"'))
    assert answer == {"idTagInfo": {"status": "Invalid"}}
    assert wire.exchange("StopTransaction", payload(more=', "idTag": "B"')) == answer
    assert wire.exchange("StopTransaction", payload(more=', "idTag": "a"')) == {"idTagInfo": {"status": "Accepted"}}


@pytest.mark.parametrize("number", [0, 99])
def test_is_answered_about_the_tag_though_nobody_knows_the_transaction(number: int) -> None:
    wire = Wire("ocpp1.6", *OLD, create_token("TAG"))
    answer = wire.exchange("StopTransaction", payload(number, ', "idTag": "TAG"'))
    assert answer == {"idTagInfo": {"status": "Accepted"}}
