"""1.6's id tags. 1.6 §7.14 IdTagInfo, §7.2 AuthorizationStatus."""

from __future__ import annotations

from voltherd.domain.identification import Authorization, AuthorizationStatus
from voltherd.ocpp.instants import written
from voltherd.ocpp.v16.payloads import IdTagInfo, IdTagInfoStatus

_STATUS: dict[AuthorizationStatus, IdTagInfoStatus] = {
    "Accepted": "Accepted",
    "Blocked": "Blocked",
    "Expired": "Expired",
    "Unknown": "Invalid",
    "ConcurrentTx": "ConcurrentTx",
}


def id_tag_info(authorization: Authorization | None) -> IdTagInfo:
    """What a station is told of a tag; a tag that nobody looked at is told valid."""
    if authorization is None:
        return IdTagInfo(status="Accepted")
    group = authorization.group_id_token
    return IdTagInfo(
        status=_STATUS[authorization.status],
        expiry_date=written(authorization.expires_at) if authorization.expires_at else None,
        parent_id_tag=group if group is not None and len(group) <= 20 else None,
    )
