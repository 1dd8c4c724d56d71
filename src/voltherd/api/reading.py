"""A request's body: bounded, of a type that we know, strict JSON first and the lenient reading where it is allowed."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from voltherd.api import lenient
from voltherd.api.lenient import Json, Unreadable
from voltherd.api.problems import Problem

JSON_TYPE = "application/json"
VENDOR_TYPE = "application/vnd.io.motown.operator-api-v1+json"


@dataclass(frozen=True, slots=True)
class Body:
    """What came: its value, whether only the lenient reading could read it, and a digest of its bytes."""

    value: Json
    lenient: bool
    digest: str


class _Trouble(ValueError):
    """Strict JSON that we cannot keep; the lenient reader finds the place."""


async def read_body(request: Request, *, limit: int, lenient_too: bool = False) -> Body:
    """Read the whole body.

    Raises:
        Problem: it is too large, of another type, or not JSON.
    """
    _require_json(request)
    data = await _bytes(request, limit)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        raise _problem(lenient.unreadable("this is not UTF-8", before, len(before))) from error
    try:
        value, leniently = read_text(text, lenient_too=lenient_too)
    except Unreadable as error:
        raise _problem(error) from error
    return Body(value, leniently, hashlib.sha256(data).hexdigest())


def read_text(text: str, *, lenient_too: bool) -> tuple[Json, bool]:
    """The value of a text, and whether only the lenient reader could read it.

    Raises:
        Unreadable: with the place.
    """
    try:
        return _strictly(text), False
    except (ValueError, RecursionError) as error:
        value = lenient.read(text)
        if lenient_too:
            return value, True
        if isinstance(error, json.JSONDecodeError):
            raise Unreadable(f"this is not JSON: {error.msg}", error.lineno, error.colno) from error
        raise Unreadable(str(error), 1, 1) from error


def _strictly(text: str) -> Json:
    value: Json = json.loads(
        text, object_pairs_hook=_members, parse_int=_whole, parse_float=_float, parse_constant=_constant
    )
    _require_keepable(value)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _Trouble("a member is given twice")
    return members


def _whole(text: str) -> int:
    if len(text) <= 20 and -(2**63) <= (value := int(text)) < 2**63:
        return value
    raise _Trouble("a number is too large")


def _float(text: str) -> float:
    if math.isfinite(value := float(text)):
        return value
    raise _Trouble("a number is too large")


def _constant(text: str) -> float:
    raise _Trouble(f"{text} is no number of JSON")


def _require_keepable(value: Json) -> None:
    """Raise where the depth or a text is beyond the limits; with a list of its own, not by recursion."""
    waiting: list[tuple[Json, int]] = [(value, 0)]
    while waiting:
        here, depth = waiting.pop()
        if depth > lenient.DEEPEST:
            raise _Trouble("too deep")
        if isinstance(here, str):
            texts = [here]
        elif isinstance(here, dict):
            texts = list(here)
            waiting.extend((member, depth + 1) for member in here.values())
        else:
            texts = []
            if isinstance(here, list):
                waiting.extend((item, depth + 1) for item in here)
        if not all(lenient.can_be_kept(text) for text in texts):
            raise _Trouble("a text cannot be kept")


def _require_json(request: Request) -> None:
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given in ("", JSON_TYPE, VENDOR_TYPE) or (given.startswith("application/") and given.endswith("+json")):
        return
    raise Problem(
        415,
        "media_type_unsupported",
        f"send {JSON_TYPE} or {VENDOR_TYPE}, not {given} (curl: -H 'Content-Type: {JSON_TYPE}')",
        headers={"Accept": f"{JSON_TYPE}, {VENDOR_TYPE}"},
    )


async def _bytes(request: Request, limit: int) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > limit:
            raise _too_large(limit)
    return bytes(data)


def _too_large(limit: int) -> Problem:
    return Problem(413, "body_too_large", f"a body may have {limit} bytes", headers={"Connection": "close"})


def _problem(error: Unreadable) -> Problem:
    return Problem(400, "body_unreadable", str(error), more={"line": error.line, "column": error.column})
