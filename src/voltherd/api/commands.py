"""Commands to stations: the envelope in, the command's resource out, at once or when its outcome is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from starlette.responses import Response

from voltherd.api.door import Asked, Operation
from voltherd.api.envelope import Envelope, open_envelope
from voltherd.api.identifiers import derived_id
from voltherd.api.media import respond
from voltherd.api.orders import Wish, kind_of, read_wish
from voltherd.api.outcomes import outcome
from voltherd.api.problems import Problem, of_refusal
from voltherd.api.reading import read_body
from voltherd.api.rows import Row, document, find_row
from voltherd.kernel.identity import StationKey, is_station_id
from voltherd.kernel.messages import OperatorCommand, Refusal
from voltherd.kernel.readmodel import Resource

log = structlog.get_logger(__name__)

PATH = "/charging-stations/{stationId}/commands"
LEGACY_PATH = "/charging-stations/{stationId}/command"
RESOURCE = "/commands"

# RFC 9745: since the day when the corrected path was published beside it, 6 December 2013.
_DEPRECATED = "@1386288000"
_LONGEST_KEY = 255


def operations(about: Mapping[str, Any], legacy: Mapping[str, Any]) -> Sequence[Operation]:
    """The two paths under which a station is commanded."""
    return (Operation("POST", PATH, command, about), Operation("POST", LEGACY_PATH, command_legacy, legacy))


async def command_legacy(asked: Asked) -> Response:
    """The path of the seed's examples."""
    response = await command(asked)
    successor = asked.request.scope.get("root_path", "") + asked.request.url.path.rstrip("/") + "s"
    response.headers["Deprecation"] = _DEPRECATED
    response.headers["Link"] = f'<{successor}>; rel="successor-version"'
    return response


async def command(asked: Asked) -> Response:
    """Take a command, or give again what became of it if it was taken before."""
    door, settings = asked.door, asked.door.settings
    station = StationKey(operator=asked.caller.operator, station_id=_station_id(asked))
    body = await read_body(asked.request, limit=settings.body_limit, lenient_too=True)
    envelope = open_envelope(body, settings.longest_expires_in)
    kind = kind_of(door.catalog, envelope.name)
    identity = _identity(asked, f"{station.station_id}/{body.digest}")
    row = await _earlier(asked, identity) if identity.repeatable else None
    if row is None:
        wish = read_wish(kind, envelope.payload)
        taken = _command(asked, wish, station, envelope, identity)
        try:
            await door.dispatcher.handle(taken)
        except Refusal as refusal:
            log.info("command_refused", station_id=station.station_id, command=kind.__name__, code=refusal.code)
            raise of_refusal(refusal, None if refusal.pointer is None else wish.place(refusal.pointer)) from refusal
        # Two requests of one key may have come at once: the second was not decided upon.
        row = await _earlier(asked, identity)
        log.info(
            "command_taken",
            station_id=station.station_id,
            command=kind.__name__,
            command_id=identity.command_id,
            by=asked.caller.by,
        )
    headers = {"Location": asked.request.scope.get("root_path", "") + f"{RESOURCE}/{identity.command_id}"}
    resource = _resource(asked)
    if row is not None and resource is not None:
        applied, row = await outcome(asked, resource, identity.command_id, row)
        headers |= applied
    shown = _shown(asked, row, identity.command_id, kind, station)
    return respond(asked.request, shown, 202, headers)


def _station_id(asked: Asked) -> str:
    station_id = asked.place("stationId")
    if not is_station_id(station_id):
        detail = "a station's id has 1 to 48 letters, digits and characters of * - _ = + @ . |"
        raise Problem(422, "station_id_invalid", detail)
    return station_id


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells a command from all others; `fingerprint` tells what was asked under its id."""

    command_id: str
    fingerprint: str
    repeatable: bool


def _identity(asked: Asked, fingerprint: str) -> Identity:
    key = asked.header("idempotency-key")
    if key is None:
        return Identity(asked.door.ids.next(asked.door.clock.now()), fingerprint, repeatable=False)
    if not 0 < len(key) <= _LONGEST_KEY:
        raise Problem(422, "idempotency_key_invalid", f"an Idempotency-Key has 1 to {_LONGEST_KEY} characters")
    caller = asked.caller
    return Identity(derived_id(caller.operator, caller.name, key), fingerprint, repeatable=True)


async def _earlier(asked: Asked, identity: Identity) -> Row | None:
    """The row of the command if it is there already.

    Raises:
        Problem: its idempotency key came with another body, or for another station.
    """
    row = await _row(asked, identity.command_id)
    if row is not None and row["fingerprint"] != identity.fingerprint:
        detail = "this Idempotency-Key has been used with another body or for another station; take a new one"
        raise Problem(422, "idempotency_key_reused", detail)
    return row


def _command(asked: Asked, wish: Wish, station: StationKey, envelope: Envelope, identity: Identity) -> OperatorCommand:
    now = asked.door.clock.now()
    filled: dict[str, Any] = {
        "at": now,
        "by": asked.caller.by,
        "command_id": identity.command_id,
        "fingerprint": identity.fingerprint,
        "station": station,
        "expires_at": now + timedelta(seconds=envelope.expires_in or asked.door.settings.expires_in),
    }
    wanted = wish.kind.__dataclass_fields__
    return wish.kind(**{**{k: v for k, v in filled.items() if k in wanted}, **wish.members})


def _resource(asked: Asked) -> Resource | None:
    return asked.door.resource(RESOURCE)


async def _row(asked: Asked, command_id: str) -> Row | None:
    resource = _resource(asked)
    if resource is None:
        return None
    return await find_row(asked.door, resource, asked.caller.operator, command_id)


def _shown(asked: Asked, row: Row | None, command_id: str, kind: type[OperatorCommand], station: StationKey) -> object:
    resource = _resource(asked)
    if row is not None and resource is not None:
        return document(resource, row)
    # No picture shows this command: it was carried out at once and left nothing to follow.
    return {"commandId": command_id, "command": kind.__name__, "stationId": station.station_id, "status": "completed"}
