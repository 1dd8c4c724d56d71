"""What a caller prefers (RFC 7240): `Prefer: wait=20` holds the answer back until the outcome is known."""

from __future__ import annotations

import re

_WAIT = re.compile(r"\s*wait\s*=\s*\"?([0-9]{1,9})\"?\s*", re.IGNORECASE)


def seconds_to_wait(prefer: str | None, longest: int) -> int | None:
    """The seconds of `wait`, at most `longest`; None where there is no such preference (others may be ignored)."""
    for part in re.split("[,;]", prefer or ""):
        if found := _WAIT.fullmatch(part):
            return min(int(found[1]), longest)
    return None
