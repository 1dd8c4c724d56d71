"""Ids of commands: ordered by time (RFC 9562 version 7), or derived from an idempotency key (version 5)."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

_NAMESPACE = uuid.UUID("c9a4d0f3-5f1e-5b7a-8c8b-0f6f4f0d2f60")

# Of 128 bits, 48 are milliseconds, 4 and 2 say "version 7"; chance fills 12 and 62, but begins with a 0: room to count.
_CHANCE = 74


class OrderedIds:
    """Gives ids that grow, also within one millisecond (RFC 9562 §6.2, method 2)."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, now: datetime) -> str:
        """A new id; it sorts behind all that were given before."""
        milliseconds = int(now.timestamp() * 1000)
        drawn = milliseconds << _CHANCE | secrets.randbits(_CHANCE - 1)
        self._last = drawn if drawn > self._last else self._last + 1 + secrets.randbits(32)
        high, low = self._last >> 62, self._last & (1 << 62) - 1
        time, middle = high >> 12, high & 0xFFF
        return str(uuid.UUID(int=time << 80 | 0x7 << 76 | middle << 64 | 0x2 << 62 | low))


def derived_id(operator: str, caller: str, key: str) -> str:
    """The id that a caller's idempotency key always gives; no other caller's key gives the same."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join((operator, caller, key))))
