"""What a frame is owed, and whether an answer is OCPP-J, by another reading than Voltherd's: Python's own `json`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from tests.support.schemas import require_valid
from voltherd.ocpp.rpc import Situation, Version, error_code

PACKAGES: Final = {Version.V16: "v16", Version.V201: "v201"}
CODES: Final[Mapping[Version, frozenset[str]]] = {
    version: frozenset(error_code(version, situation) for situation in Situation) for version in PACKAGES
}


class Unfair(AssertionError):
    """A frame did not get what it is owed."""


def read(text: str | bytes) -> list[Any] | None:
    """The frame as a list, None where there may be two opinions on what it says."""
    try:
        # Of bytes alone, Python's reader would take a byte order mark, and UTF-16 too.
        found = json.loads(text.decode() if isinstance(text, bytes) else text, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False).encode()  # lone surrogates
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) else None


def _no_number(word: str) -> None:
    raise ValueError(word)


def is_call(frame: list[Any] | None) -> bool:
    """Whether the frame is a CALL beyond doubt."""
    if frame is None or len(frame) < 4 or not _is_two(frame[0]) or not isinstance(frame[2], str):
        return False
    return is_id(frame[1])


def is_id(found: object) -> bool:
    if isinstance(found, float):
        return math.isfinite(found)
    return (isinstance(found, int) and not isinstance(found, bool)) or (isinstance(found, str) and found != "")


def _is_two(number: object) -> bool:
    return type(number) is int and number == 2


def judge(version: Version, text: str | bytes, answer: str | None) -> str:
    """Say of which kind an answer is. Raises: Unfair."""
    frame = read(text)
    if answer is None:
        if is_call(frame):
            raise Unfair("a call got no answer")
        return "no answer"
    try:
        said = json.loads(answer)
        kind, message_id = said[0], said[1]
        if is_call(frame) and frame is not None and (message_id, type(message_id)) != (frame[1], type(frame[1])):
            raise Unfair(f"answered to {message_id!r}")
        if frame and frame[0] in (3, 4):
            raise Unfair("an answer was answered")
        if kind == 3:
            if len(said) != 3 or (frame is not None and not is_call(frame)):
                raise Unfair("a result for what is no call")
            if frame is not None:
                require_valid(PACKAGES[version], f"{frame[2]}Response", said[2])
            return "CALLRESULT"
        _, _, code, description, details = said
    except (ValueError, KeyError, IndexError, TypeError) as wrong:
        raise Unfair(f"no answer of OCPP-J: {answer[:200]} ({wrong})") from wrong
    if kind != 4 or code not in CODES[version] or len(description) > 255 or details != {} or not is_id(message_id):
        raise Unfair(f"no CALLERROR of the version: {answer[:200]}")
    if code == "InternalError":
        raise Unfair("InternalError")
    return str(code)
