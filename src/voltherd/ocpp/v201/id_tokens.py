"""2.0.1's id tokens. 2.0.1 §2.29 IdTokenType, §2.30 IdTokenInfoType."""

from __future__ import annotations

from voltherd.domain.identification import Authorization, AuthorizationStatus, IdToken
from voltherd.ocpp.instants import written
from voltherd.ocpp.v201 import payloads

_STATUS: dict[AuthorizationStatus, payloads.AuthorizationStatus] = {
    "Accepted": "Accepted",
    "Blocked": "Blocked",
    "Expired": "Expired",
    "Unknown": "Unknown",
    "ConcurrentTx": "ConcurrentTx",
}


def presented(token: payloads.IdToken) -> IdToken:
    """The token that a station presents."""
    return IdToken(id_token=token.id_token, type=token.type)


def id_token_info(authorization: Authorization) -> payloads.IdTokenInfo:
    """What a station is told of a token."""
    expires_at, group = authorization.expires_at, authorization.group_id_token
    return payloads.IdTokenInfo(
        status=_STATUS[authorization.status],
        cache_expiry_date_time=written(expires_at) if expires_at else None,
        group_id_token=payloads.IdToken(id_token=group, type="Central") if group and len(group) <= 36 else None,
    )
