"""The envelope of a command: `["Name", {…}]`, with `expiresIn` as a third element; or the same as an object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from voltherd.api.naming import camel, pointer
from voltherd.api.problems import Fault, Problem
from voltherd.api.reading import Body

_MEMBERS = ("command", "payload", "expiresIn")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A command as it was sent. `expires_in` is in seconds."""

    name: str
    payload: Mapping[str, Any]
    expires_in: float | None


def open_envelope(body: Body, longest: int) -> Envelope:
    """Read either form.

    Raises:
        Problem: it is neither; pointers are into the body.
    """
    match body.value:
        case [name] | [name, _] | [name, _, _]:
            rest = body.value[1:]
            payload = rest[0] if rest else None
            expires_in, place = _third(rest[1] if len(rest) > 1 else None)
            return Envelope(_name(name, "/0"), _payload(payload, "/1"), _seconds(expires_in, place, body, longest))
        case dict() as members if "command" in members:
            if unknown := [name for name in members if name not in _MEMBERS]:
                raise _invalid(*(Fault(pointer([name]), f"the envelope has no member {name}") for name in unknown))
            return Envelope(
                _name(members["command"], "/command"),
                _payload(members.get("payload"), "/payload"),
                _seconds(members.get("expiresIn"), "/expiresIn", body, longest),
            )
    raise _invalid(
        Fault("", 'send ["CommandName", {…}], perhaps with {"expiresIn": seconds} as a third element,'
                  ' or {"command": "CommandName", "payload": {…}, "expiresIn": seconds}')
    )  # fmt: skip


def _invalid(*faults: Fault) -> Problem:
    return Problem(422, "envelope_invalid", "; ".join(fault.detail for fault in faults), errors=faults)


def _name(value: object, place: str) -> str:
    if isinstance(value, str) and value:
        return value
    raise _invalid(Fault(place, "the command's name should be a text"))


def _payload(value: object, place: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise _invalid(Fault(place, "the payload should be an object"))


def _third(value: object) -> tuple[object, str]:
    if not isinstance(value, dict):
        return value, "/2"
    if unknown := [name for name in value if name != "expiresIn"]:
        raise _invalid(*(Fault(pointer([2, name]), f"there is no {name} here, only expiresIn") for name in unknown))
    return value.get("expiresIn"), "/2/expiresIn"


def _seconds(value: object, place: str, body: Body, longest: int) -> float | None:
    if value is None:
        return None
    if body.lenient and isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= longest:
        raise _invalid(
            Fault(place, f"{camel('expires_in')} should be a number of seconds, more than 0, at most {longest}")
        )
    return value
