"""StartTransaction of 1.6, sentence by sentence."""

import pytest

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import after, answered, create_token, ready, sent, start
from voltherd.domain.identification import IdToken
from voltherd.domain.transaction.reports import ReportTransactionStarted

OLD = ready("ocpp1.6")


def payload(token: str = "TAG", connector: int = 1, at: str = "2026-03-01T12:00:05Z", more: str = "") -> str:
    return f'{{"connectorId": {connector}, "idTag": "{token}", "meterStart": 1000, "timestamp": "{at}"{more}}}'


def test_is_read_with_a_candidate_for_its_number() -> None:
    assert Wire("ocpp1.6").report("StartTransaction", payload(more=', "reservationId": 4')) == Like(
        ReportTransactionStarted,
        transaction_id=None,
        number=17,
        occurred_at=after(5),
        evse_id=1,
        connector_id=1,
        id_token=IdToken(id_token="TAG"),
        meter_start_wh=1000,
        reservation_id=4,
    )


def test_names_no_evse_by_connector_zero() -> None:
    assert Wire("ocpp1.6").report("StartTransaction", payload(connector=0)) == Like(
        ReportTransactionStarted, evse_id=None
    )


def test_is_answered_with_its_number_and_what_is_true_of_the_tag() -> None:
    wire = Wire("ocpp1.6", *OLD, create_token("TAG", group_id_token="FLEET"))
    assert wire.exchange("StartTransaction", payload()) == {
        "transactionId": 17,
        "idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET"},
    }


@pytest.mark.parametrize(
    ("administered", "word"), [({"status": "Blocked"}, "Blocked"), (None, "Invalid")], ids=["blocked", "unknown"]
)
def test_is_answered_with_a_number_whatever_the_tag(administered: dict[str, object] | None, word: str) -> None:
    tokens = [] if administered is None else [create_token("TAG", **administered)]
    answer = Wire("ocpp1.6", *OLD, *tokens).exchange("StartTransaction", payload())
    assert answer == {"transactionId": 17, "idTagInfo": {"status": word}}


def test_is_answered_alike_when_it_comes_again_by_another_message() -> None:
    wire = Wire("ocpp1.6", *OLD, create_token("TAG"))
    first = wire.exchange("StartTransaction", payload())
    assert wire.exchange("StartTransaction", payload()) == first
    assert wire.scene.events == []


def test_is_answered_alike_when_it_comes_again_after_the_end_by_another_driver() -> None:
    wire = Wire("ocpp1.6", *OLD, create_token("TAG"))
    first = wire.exchange("StartTransaction", payload())
    wire.exchange(
        "StopTransaction",
        '{"transactionId": 17, "idTag": "OTHER", "meterStop": 1, "timestamp": "2026-03-01T13:00:00Z"}',
    )
    assert wire.exchange("StartTransaction", payload()) == first


def test_gets_another_number_for_another_start() -> None:
    wire = Wire("ocpp1.6", *OLD)
    assert wire.exchange("StartTransaction", payload())["transactionId"] == 17
    assert wire.exchange("StartTransaction", payload(connector=2))["transactionId"] == 18


def test_is_accepted_for_the_tag_of_a_remote_start() -> None:
    wire = Wire("ocpp1.6", *OLD, start("TAG"), sent(), answered())
    assert wire.exchange("StartTransaction", payload())["idTagInfo"] == {"status": "Accepted"}
    assert wire.scene.request() is None


def test_is_refused_by_its_place_without_an_instant() -> None:
    code, description = Wire("ocpp1.6").refused("StartTransaction", payload(at="soon"))
    assert (code, description) == ("PropertyConstraintViolation", "/timestamp: not an instant of RFC 3339")
