"""Authorize of 1.6, sentence by sentence."""

import pytest

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import after, create_token, ready
from voltherd.domain.charging_station.authorize import ReportAuthorization
from voltherd.domain.identification import IdToken


def test_is_read_as_a_question_about_a_token_without_a_type() -> None:
    report = Wire("ocpp1.6").report("Authorize", '{"idTag": "04A1B2C3"}')
    assert report == Like(ReportAuthorization, id_token=IdToken(id_token="04A1B2C3"), asked_id="m-1 04A1B2C3")


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


def test_is_answered_for_the_token_that_it_names_though_all_messages_have_one_id() -> None:
    wire = Wire("ocpp1.6", *ready("ocpp1.6"), create_token("GOOD"))
    told = [wire.exchange("Authorize", f'{{"idTag": "{tag}"}}', message="1/1") for tag in ("GOOD", "BAD", "GOOD")]
    assert [one["idTagInfo"]["status"] for one in told] == ["Accepted", "Invalid", "Accepted"]


def test_keeps_no_id_that_is_longer_than_ids_are() -> None:
    wire = Wire("ocpp1.6")
    first, again, other = (wire.read("Authorize", '{"idTag": "T"}', "1/" + "x" * 100_000 + end) for end in "aab")
    assert isinstance(first.report, ReportAuthorization)
    assert len(first.report.asked_id) < 200
    assert first.report == again.report != other.report
