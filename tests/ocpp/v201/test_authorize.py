"""Authorize of 2.0.1, sentence by sentence."""

import pytest

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import after, create_token, ready
from voltherd.domain.charging_station.authorize import ReportAuthorization
from voltherd.domain.identification import IdToken

PAYLOAD = '{"idToken": {"idToken": "TAG", "type": "ISO14443"}}'


def test_is_read_as_a_question_about_a_token_with_its_type() -> None:
    report = Wire("ocpp2.0.1").report("Authorize", PAYLOAD)
    assert report == Like(ReportAuthorization, id_token=IdToken(id_token="TAG", type="ISO14443"), asked_id="m-1 TAG")


def test_is_answered_with_group_and_expiry() -> None:
    token = create_token("TAG", group_id_token="FLEET", expires_at=after(60))
    assert Wire("ocpp2.0.1", *ready(), token).exchange("Authorize", PAYLOAD) == {
        "idTokenInfo": {
            "status": "Accepted",
            "cacheExpiryDateTime": "2026-03-01T12:01:00.000Z",
            "groupIdToken": {"idToken": "FLEET", "type": "Central"},
        }
    }


@pytest.mark.parametrize(
    ("administered", "word"),
    [({"status": "Blocked"}, "Blocked"), ({"expires_at": after(0)}, "Expired"), (None, "Unknown")],
    ids=["blocked", "expired", "unknown"],
)
def test_is_refused_in_the_words_of_2_0_1(administered: dict[str, object] | None, word: str) -> None:
    tokens = [] if administered is None else [create_token("TAG", **administered)]
    wire = Wire("ocpp2.0.1", *ready(), *tokens)
    assert wire.exchange("Authorize", PAYLOAD)["idTokenInfo"]["status"] == word


def test_asks_nobody_where_no_token_is_needed() -> None:
    payload = '{"idToken": {"idToken": "", "type": "NoAuthorization"}}'
    assert Wire("ocpp2.0.1").exchange("Authorize", payload) == {"idTokenInfo": {"status": "Accepted"}}


def test_leaves_out_a_group_that_2_0_1_has_no_room_for() -> None:
    wire = Wire("ocpp2.0.1", *ready(), create_token("TAG", group_id_token="G" * 37))
    assert wire.exchange("Authorize", PAYLOAD) == {"idTokenInfo": {"status": "Accepted"}}


def test_is_answered_for_the_token_that_it_names_though_all_messages_have_one_id() -> None:
    wire = Wire("ocpp2.0.1", *ready(), create_token("TAG"))
    told = [wire.exchange("Authorize", text, message="1/1") for text in (PAYLOAD, PAYLOAD.replace("TAG", "BAD"))]
    assert [one["idTokenInfo"]["status"] for one in told] == ["Accepted", "Unknown"]
