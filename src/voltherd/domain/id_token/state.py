"""What is true of an administered id token, and what a station is told of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from voltherd.domain.identification import Authorization, IdTokenType
from voltherd.kernel.aggregate import Aggregate, States
from voltherd.kernel.identity import IdTokenKey
from voltherd.kernel.messages import message

AdministeredStatus = Literal["Accepted", "Blocked"]


@message
class AdministeredIdToken:
    """The state of the aggregate; `status` None: nobody administers it."""

    status: AdministeredStatus | None = None
    type: IdTokenType = "Unspecified"
    group_id_token: str | None = None
    expires_at: datetime | None = None


def authorize(id_token: AdministeredIdToken, at: datetime) -> Authorization:
    """What a station is told when the token is presented at this instant."""
    if id_token.status is None:
        return Authorization(status="Unknown")
    expired = id_token.expires_at is not None and id_token.expires_at <= at
    return Authorization(
        status="Blocked" if id_token.status == "Blocked" else "Expired" if expired else "Accepted",
        group_id_token=id_token.group_id_token,
        expires_at=id_token.expires_at,
    )


def _locate(command: Any, _states: States) -> IdTokenKey | None:
    """The token that a command is about, or that it presents."""
    token = command.id_token
    if token is None:
        return None
    if isinstance(token, IdTokenKey):
        return token
    return IdTokenKey.of(command.station.operator, token.id_token)


id_token = Aggregate("id_token", AdministeredIdToken(), _locate, IdTokenKey.from_path)
