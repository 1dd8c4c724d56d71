"""Instants as stations write them: RFC 3339 in the standard, a little less in the field (2.0.1 Part 2 §2.1)."""

from __future__ import annotations

from datetime import UTC, datetime

from voltherd.ocpp.payload import Fault, PayloadInvalid


def instant(text: str, pointer: str) -> datetime:
    """Read an instant as UTC. Without a zone it is taken for UTC (Growatt); minutes and `+02` will do (several).

    Raises:
        PayloadInvalid: it is no instant at all.
    """
    try:
        moment = datetime.fromisoformat(text.strip().upper())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise PayloadInvalid(Fault.PROPERTY, pointer, "not an instant of RFC 3339") from None


def written(moment: datetime) -> str:
    """Write an instant for a station: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
