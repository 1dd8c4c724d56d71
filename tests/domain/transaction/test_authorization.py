"""An authorization of a token, sentence by sentence."""

import pytest

from tests.support.words import after
from voltherd.domain.id_token.state import AdministeredIdToken
from voltherd.domain.identification import AuthorizationStatus, IdToken
from voltherd.domain.transaction.authorization import authorization_at

TAG = IdToken(id_token="TAG")
NOBODY = AdministeredIdToken()
VALID = AdministeredIdToken(status="Accepted")
BLOCKED = AdministeredIdToken(status="Blocked")
EXPIRED = AdministeredIdToken(status="Accepted", expires_at=after(0))


@pytest.mark.parametrize(
    ("administered", "vouched", "status"),
    [
        (NOBODY, False, "Unknown"),
        (NOBODY, True, "Accepted"),
        (VALID, False, "Accepted"),
        (VALID, True, "Accepted"),
        (BLOCKED, True, "Blocked"),
        (EXPIRED, True, "Expired"),
    ],
)
def test_follows_what_is_administered_and_then_the_operators_word(
    administered: AdministeredIdToken, vouched: bool, status: AuthorizationStatus
) -> None:
    assert authorization_at(administered, TAG, after(0), vouched=vouched).status == status


def test_needs_nobody_where_there_is_no_token() -> None:
    free = IdToken(id_token="", type="NoAuthorization")
    assert authorization_at(NOBODY, free, after(0), vouched=False).accepted
