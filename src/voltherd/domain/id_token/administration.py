"""Create, replace, block and forget id tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar

from annotated_types import Ge, Len

from voltherd.domain.id_token.state import AdministeredIdToken, AdministeredStatus, id_token
from voltherd.domain.identification import IdTokenType
from voltherd.kernel.identity import IdTokenKey
from voltherd.kernel.messages import Event, OperatorCommand, Refusal, message, replace


class IdTokenExists(Refusal):
    """A token of this text is administered already."""

    code: ClassVar[str] = "id_token_exists"


class IdTokenUnknown(Refusal):
    """No token of this text is administered."""

    code: ClassVar[str] = "id_token_unknown"
    kind: ClassVar[str] = "missing"


@message
class IdTokenOrder(OperatorCommand):
    """A wish about one id token."""

    abstract: ClassVar[bool] = True
    by_name: ClassVar[bool] = False

    id_token: IdTokenKey


@message
class IdTokenDetails:
    """What is administered of a token. `id_token` is its text as the operator writes it."""

    id_token: Annotated[str, Len(1, 255)]
    type: IdTokenType = "Unspecified"
    status: AdministeredStatus = "Accepted"
    group_id_token: Annotated[str, Len(1, 255)] | None = None
    expires_at: datetime | None = None
    max_active_transactions: Annotated[int, Ge(0)] | None = None
    note: Annotated[str, Len(0, 1000)] | None = None


@message
class CreateIdToken(IdTokenOrder):
    """Administer a token that nobody administers yet."""

    details: IdTokenDetails


@message
class ReplaceIdToken(IdTokenOrder):
    """Replace all that is administered of a token, creating it if need be."""

    details: IdTokenDetails


@message
class DeleteIdToken(IdTokenOrder):
    """Forget the token."""


@message
class IdTokenAdministered(Event):
    """The token is administered as told."""

    details: IdTokenDetails


@message
class IdTokenDeleted(Event):
    """Nobody administers the token any more."""


@id_token.decides
def decide_create(state: AdministeredIdToken, command: CreateIdToken) -> Sequence[Event]:
    if state.status is not None:
        raise IdTokenExists(f"id token {command.details.id_token} exists", pointer="/idToken")
    return [IdTokenAdministered(details=command.details)]


@id_token.decides
def decide_replace(_state: AdministeredIdToken, command: ReplaceIdToken) -> Sequence[Event]:
    return [IdTokenAdministered(details=command.details)]


@id_token.decides
def decide_delete(state: AdministeredIdToken, command: DeleteIdToken) -> Sequence[Event]:
    if state.status is None:
        raise IdTokenUnknown(f"there is no id token {command.id_token.id_token}")
    return [IdTokenDeleted()]


@id_token.evolves
def evolve_administered(state: AdministeredIdToken, event: IdTokenAdministered) -> AdministeredIdToken:
    details = event.details
    return replace(
        state,
        status=details.status,
        type=details.type,
        group_id_token=details.group_id_token,
        expires_at=details.expires_at,
    )


@id_token.evolves
def evolve_deleted(_state: AdministeredIdToken, _event: IdTokenDeleted) -> AdministeredIdToken:
    return AdministeredIdToken()
