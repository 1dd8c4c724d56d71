"""What can go wrong for a caller of the API, as one tree.

VoltherdError
├── Unreachable       no answer came
├── Problem           the server said no (RFC 9457): `status`, `code`, `detail`, `faults`
│   ├── Invalid       400, 413, 415, 422: what was sent is wrong, `faults` says where
│   ├── NotAllowed    401, 403
│   ├── Missing       404
│   ├── Conflict      409: not in this state
│   └── Trouble       5xx
└── StillOpen         the time to wait is over, and the command goes on
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from voltherd.client.documents import Command


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with what was sent, and where (a JSON pointer)."""

    pointer: str
    detail: str


class VoltherdError(Exception):
    """The root of the tree."""


class Unreachable(VoltherdError):
    """No answer came: wrong address, no server there, or none that answers in time."""


class Problem(VoltherdError):
    """The server said no. `code` is stable and for programs, `detail` for people."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        self.status = status
        self.document = document
        self.code = str(document.get("code", f"http_{status}"))
        self.detail = str(document.get("detail") or document.get("title") or f"HTTP status {status}")
        self.faults = tuple(_faults(document.get("errors")))
        super().__init__(f"{self.detail} ({self.code})")


class Invalid(Problem):
    """What was sent cannot be read, or does not make sense."""


class NotAllowed(Problem):
    """Nobody that the server knows, or somebody who may not."""


class Missing(Problem):
    """There is no such thing."""


class Conflict(Problem):
    """Not as things are now."""


class Trouble(Problem):
    """The server cannot serve; the request may or may not have happened."""


class StillOpen(VoltherdError):
    """The time to wait is over and the command is not final; `command` is how it was last seen."""

    def __init__(self, command: Command) -> None:
        super().__init__(f"command {command.command_id} is still {command.status}")
        self.command = command


_KINDS: Mapping[int, type[Problem]] = {
    400: Invalid,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    401: NotAllowed,
    403: NotAllowed,
    404: Missing,
    409: Conflict,
}


def problem(status: int, body: bytes) -> Problem:
    """The error for an answer of this status, whether its body is problem details or some proxy's page."""
    try:
        document = msgspec.json.decode(body)
    except msgspec.DecodeError:
        document = None
    kind = Trouble if status >= 500 else _KINDS.get(status, Problem)
    return kind(status, document if isinstance(document, dict) else {})


def _faults(errors: object) -> Sequence[Fault]:
    if not isinstance(errors, list):
        return ()
    found = [error for error in errors if isinstance(error, dict)]
    return [Fault(str(error.get("pointer", "")), str(error.get("detail", ""))) for error in found]
