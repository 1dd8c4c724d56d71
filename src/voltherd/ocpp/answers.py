"""What the usual words of stations mean for a request; an action with words of its own says so in its file."""

from __future__ import annotations

from voltherd.domain.charging_station.requests import Answer, AnswerStatus, Json

_STATUS: dict[str, AnswerStatus] = {
    "Accepted": "accepted",
    "Unlocked": "accepted",
    "Scheduled": "scheduled",
    "NotImplemented": "unsupported",
    "NotSupported": "unsupported",
}


def answer_of(word: str, *, detail: str | None = None, result: Json | None = None) -> Answer:
    """The answer for a status word. Any other word than the usual ones is a no; a no keeps its word as its code."""
    status = _STATUS.get(word, "rejected")
    code = None if status in ("accepted", "scheduled") else word
    return Answer(status=status, code=code, detail=detail, result=result)
