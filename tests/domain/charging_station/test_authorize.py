"""An authorization, sentence by sentence."""

import pytest

from tests.support.given import Scene, given
from tests.support.words import (
    after,
    answered,
    authorization,
    cancel,
    create_token,
    delete_token,
    ready,
    replace_token,
    sent,
    start,
)
from voltherd.domain.charging_station.authorize import AuthorizationAnswered
from voltherd.domain.identification import Authorization, IdToken


def told(scene: Scene, asked_id: str = "m-1") -> Authorization:
    return scene.station.authorizations[asked_id]


def test_is_recorded_with_the_answer() -> None:
    given(*ready()).when(authorization("TAG")).then(
        AuthorizationAnswered(
            id_token=IdToken(id_token="TAG"), authorization=Authorization(status="Unknown"), asked_id="m-1"
        )
    )


def test_is_given_to_a_token_that_is_administered() -> None:
    scene = given(*ready(), create_token("TAG", group_id_token="FLEET", expires_at=after(60)))
    found = told(scene.when(authorization("TAG")))
    assert found == Authorization(status="Accepted", group_id_token="FLEET", expires_at=after(60))
    assert found.accepted


@pytest.mark.parametrize("presented", ["tag", "TAG", "Tag", " tag "])
def test_asks_for_no_case(presented: str) -> None:
    assert told(given(*ready(), create_token("TaG")).when(authorization(presented))).accepted


def test_is_refused_to_a_blocked_token() -> None:
    assert told(given(*ready(), create_token(status="Blocked")).when(authorization())).status == "Blocked"


def test_is_refused_to_a_blocked_token_as_blocked_though_it_has_expired_too() -> None:
    scene = given(*ready(), create_token(status="Blocked", expires_at=after(-1)))
    assert told(scene.when(authorization())).status == "Blocked"


def test_is_refused_to_a_token_from_the_instant_that_it_expires() -> None:
    scene = given(*ready(), create_token(expires_at=after(60)))
    assert told(scene.when(authorization(at=after(59)))).status == "Accepted"
    assert told(scene.when(authorization(at=after(60), asked_id="m-2")), "m-2").status == "Expired"


def test_is_refused_to_a_token_that_nobody_administers() -> None:
    assert told(given(*ready()).when(authorization())).status == "Unknown"


def test_is_refused_to_a_token_that_was_deleted() -> None:
    assert told(given(*ready(), create_token(), delete_token()).when(authorization())).status == "Unknown"


def test_follows_what_is_administered_now() -> None:
    scene = given(*ready(), create_token(), replace_token(status="Blocked"))
    assert told(scene.when(authorization())).status == "Blocked"


def test_asks_nobody_where_no_token_is_needed() -> None:
    assert told(given(*ready()).when(authorization("", type="NoAuthorization"))).accepted


# --- asked again --------------------------------------------------------------------------------------------


def test_is_given_once_for_a_message() -> None:
    given(*ready(), authorization()).when(authorization(at=after(9))).then()


def test_is_the_same_for_a_message_that_is_repeated_whatever_changed_since() -> None:
    scene = given(*ready(), create_token(), authorization(), replace_token(status="Blocked"))
    assert told(scene.when(authorization(at=after(9)))).accepted


def test_is_given_anew_for_a_new_message() -> None:
    given(*ready(), authorization()).when(authorization(asked_id="m-2")).then(AuthorizationAnswered)


def test_is_remembered_for_sixteen_messages() -> None:
    scene = given(*ready(), *(authorization(asked_id=f"m-{n}") for n in range(17)))
    assert list(scene.station.authorizations) == [f"m-{n}" for n in range(1, 17)]


# --- an operator's word -------------------------------------------------------------------------------------


@pytest.mark.parametrize("open_request", [(), (sent(),), (sent(), answered())], ids=["queued", "sent", "accepted"])
def test_is_given_on_an_operators_word(open_request: tuple[object, ...]) -> None:
    scene = given(*ready(), start("tag"), *open_request)  # type: ignore[arg-type]
    assert told(scene.when(authorization("TAG"))).accepted


def test_is_not_given_on_an_operators_word_for_another_token() -> None:
    assert told(given(*ready(), start("OTHER")).when(authorization("TAG"))).status == "Unknown"


def test_is_not_given_on_a_word_that_was_taken_back() -> None:
    assert told(given(*ready(), start(), cancel()).when(authorization())).status == "Unknown"


def test_is_not_given_on_an_operators_word_against_what_is_administered() -> None:
    scene = given(*ready(), start(), create_token(status="Blocked")).when(authorization())
    assert told(scene).status == "Blocked"
