"""An id token, sentence by sentence."""

from tests.support.given import given
from tests.support.words import after, create_token, delete_token, details, replace_token
from voltherd.domain.id_token.administration import IdTokenAdministered, IdTokenDeleted
from voltherd.domain.id_token.state import AdministeredIdToken


def test_is_created_as_told() -> None:
    scene = given().when(create_token("TaG", type="ISO14443", group_id_token="FLEET", expires_at=after(60), note="x"))
    scene.then(
        IdTokenAdministered(
            details=details("TaG", type="ISO14443", group_id_token="FLEET", expires_at=after(60), note="x")
        )
    )
    assert scene.id_token("tag") == AdministeredIdToken(
        status="Accepted", type="ISO14443", group_id_token="FLEET", expires_at=after(60)
    )


def test_is_created_once() -> None:
    given(create_token("TAG")).when(create_token("TAG")).then_refused("id_token_exists", "/idToken", kind="conflict")


def test_is_the_same_in_another_case() -> None:
    given(create_token("TAG")).when(create_token(" tag")).then_refused("id_token_exists")


def test_is_replaced_as_a_whole() -> None:
    scene = given(create_token(group_id_token="FLEET", expires_at=after(60))).when(replace_token(status="Blocked"))
    scene.then(IdTokenAdministered(details=details(status="Blocked")))
    assert scene.id_token("TAG") == AdministeredIdToken(status="Blocked")


def test_is_created_by_its_replacement_if_need_be() -> None:
    given().when(replace_token()).then(IdTokenAdministered(details=details()))


def test_is_deleted() -> None:
    scene = given(create_token()).when(delete_token())
    scene.then(IdTokenDeleted())
    assert scene.id_token("TAG") == AdministeredIdToken()


def test_is_not_deleted_where_there_is_none() -> None:
    given().when(delete_token()).then_refused("id_token_unknown", kind="missing")
    given(create_token(), delete_token()).when(delete_token()).then_refused("id_token_unknown", kind="missing")


def test_may_be_created_again_when_it_was_deleted() -> None:
    given(create_token(), delete_token()).when(create_token()).then(IdTokenAdministered(details=details()))
