"""Who comes, and in which language: the path, HTTP Basic, the subprotocol. 1.6J §3, 2.0.1 Part 4 §3, A00."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import unquote

from voltherd.kernel.identity import DEFAULT_OPERATOR, StationKey, is_operator_id, is_station_id

ROOT = "ocpp"


class HandshakeRefused(Exception):
    """The connection is not let in; `status` and `detail` are the HTTP answer."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Credentials:
    """What HTTP Basic brought. The password is bytes: 1.6's may be no text, and may hold colons."""

    user: str
    password: bytes


def station_of(path: str) -> StationKey:
    """The station that a path names: `/ocpp/{station}` or `/ocpp/{operator}/{station}`.

    Slashes may be doubled or trail; an id may be percent-encoded, and is decoded after the path was split.

    Raises:
        HandshakeRefused: 404.
    """
    parts = [unquote(part) for part in path.partition("?")[0].split("/") if part]
    match parts:
        case [root, station_id] if root == ROOT:
            operator = DEFAULT_OPERATOR
        case [root, operator, station_id] if root == ROOT:
            pass
        case _:
            raise HandshakeRefused(HTTPStatus.NOT_FOUND, f"stations connect to /{ROOT}/{{stationId}}")
    if not is_operator_id(operator) or not is_station_id(station_id):
        raise HandshakeRefused(HTTPStatus.NOT_FOUND, "this is no station id")
    return StationKey(operator=operator, station_id=station_id)


def credentials_of(headers: Sequence[str]) -> Credentials | None:
    """Read the `Authorization: Basic` header; None if there is none (or several), or none that can be read."""
    if len(headers) != 1:
        return None
    scheme, _, encoded = headers[0].strip().partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return None
    return Credentials(user.decode("utf-8", "replace"), password) if colon else None


def choose_subprotocol(offered: Sequence[str], spoken: Collection[str]) -> str:
    """The first of the station's subprotocols that we speak: the order is the station's (2.0.1 Part 4 §3.1.2).

    It is given as the station wrote it: some write `OCPP1.6`, and expect that back.

    Raises:
        HandshakeRefused: 400, when there is none (2.0.1 errata, TC_B_58_CSMS).
    """
    for name in offered:
        if name.lower() in spoken:
            return name
    known = ", ".join(sorted(spoken))
    if not offered:
        raise HandshakeRefused(HTTPStatus.BAD_REQUEST, f"Sec-WebSocket-Protocol is missing; spoken here: {known}")
    raise HandshakeRefused(HTTPStatus.BAD_REQUEST, f"none of {', '.join(offered)[:200]} is spoken here, but {known}")
