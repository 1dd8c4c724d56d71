"""Authorize of 1.6, sentence by sentence."""

import pytest

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import after, create_token, ready
from voltherd.domain.charging_station.authorize import ReportAuthorization
from voltherd.domain.identification import IdToken


def test_is_read_as_a_question_about_a_token_without_a_type() -> None:
    report = Wire("ocpp1.6").report("Authorize", '{"idTag": "04A1B2C3"}')
    assert report == Like(ReportAuthorization, id_token=IdToken(id_token="04A1B2C3"), asked_id="m-1")


def test_is_answered_with_group_and_expiry() -> None:
    token = create_token("TAG", group_id_token="FLEET", expires_at=after(60))
    assert Wire("ocpp1.6", *ready("ocpp1.6"), token).exchange("Authorize", '{"idTag": "tag"}') == {
        "idTagInfo": {"status": "Accepted", "parentIdTag": "FLEET", "expiryDate": "2026-03-01T12:01:00.000Z"}
    }


@pytest.mark.parametrize(
    ("administered", "word"),
    [({"status": "Blocked"}, "Blocked"), ({"expires_at": after(0)}, "Expired"), (None, "Invalid")],
    ids=["blocked", "expired", "unknown"],
)
def test_is_refused_in_the_words_of_1_6(administered: dict[str, object] | None, word: str) -> None:
    tokens = [] if administered is None else [create_token("TAG", **administered)]
    wire = Wire("ocpp1.6", *ready("ocpp1.6"), *tokens)
    assert wire.exchange("Authorize", '{"idTag": "TAG"}')["idTagInfo"]["status"] == word


def test_leaves_out_a_group_that_1_6_has_no_room_for() -> None:
    wire = Wire("ocpp1.6", *ready("ocpp1.6"), create_token("TAG", group_id_token="G" * 21))
    assert wire.exchange("Authorize", '{"idTag": "TAG"}') == {"idTagInfo": {"status": "Accepted"}}


def test_is_answered_alike_when_it_comes_again() -> None:
    wire = Wire("ocpp1.6")
    first = wire.exchange("Authorize", '{"idTag": "TAG"}', message="m-7")
    wire.scene.given(create_token("TAG"))
    assert wire.exchange("Authorize", '{"idTag": "TAG"}', message="m-7") == first
    assert wire.scene.events == []
