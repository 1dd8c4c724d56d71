"""The open requests of a station as a link sees them: which is next, as which calls, and what the answers mean."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from voltherd.domain.charging_station.request_life import ReportAnswer, ReportNoAnswer, ReportRequestSent
from voltherd.domain.charging_station.requests import Answer, AnswerStatus, Request, StationRequest
from voltherd.domain.charging_station.state import ChargingStation
from voltherd.kernel.aggregate import States
from voltherd.kernel.messages import Report
from voltherd.ocpp.dialect.tables import Dialect, Outgoing
from voltherd.ocpp.payload import Payload, PayloadInvalid, decode, encode
from voltherd.ocpp.rpc.error_codes import Situation, find_situation

# What came of several calls for one request is the worst of what came of each.
_WORST: Sequence[AnswerStatus] = ("failed", "rejected", "unsupported", "scheduled", "accepted")
# Of a CALLERROR's description (2.0.1 Part 4 §4.2.3).
_LONGEST_TEXT = 255
_BY = "station"
_LINK = "link"
_GRACE = timedelta(seconds=5)
_LOST = "the connection was lost before the answer came"


class OpenRequest:
    """One request on its way: its calls are made one after the other, their answers make one answer."""

    def __init__(self, command: StationRequest, outgoing: Outgoing | None, epoch: int) -> None:
        self._command = command
        self._epoch = epoch
        self._outgoing = outgoing
        self._answers: list[Answer] = []
        wanted = [] if outgoing is None else [(payload, _fault(payload)) for payload in outgoing.to_requests(command)]
        self._payloads = [payload for payload, fault in wanted if fault is None]
        self._unsaid = [_unsupported(fault) for _, fault in wanted if fault is not None]
        if not wanted:  # the version has no such action, or no words for anything that was asked
            self._unsaid.append(_unsupported(None))

    @property
    def command_id(self) -> str:
        return self._command.command_id

    @property
    def name(self) -> str:
        return type(self._command).__name__

    @property
    def unspeakable(self) -> str | None:
        """Why no call can be made of it, None if one can."""
        return None if self._payloads else self._unsaid[0].detail or "the version has no words for it"

    def next_call(self) -> tuple[str, bytes] | None:
        """The action and payload of the next call, None when all are answered."""
        if self._outgoing is None or len(self._answers) >= len(self._payloads):
            return None
        return self._outgoing.action, encode(self._payloads[len(self._answers)])

    def take_result(self, payload: msgspec.Raw) -> None:
        """Take a CALLRESULT for the call that is out; one that cannot be read makes the call failed."""
        outgoing = self._outgoing
        assert outgoing is not None  # only a call that was made is answered
        request = self._payloads[len(self._answers)]
        try:
            answer = outgoing.to_answer(self._command, request, decode(outgoing.response, payload))
        except PayloadInvalid as invalid:
            detail = f"{invalid.pointer or '/'}: {invalid.detail}"
            answer = Answer(status="failed", code="UnreadableAnswer", detail=detail)
        self._answers.append(answer)

    def take_error(self, code: str, description: str) -> None:
        """Take a CALLERROR for the call that is out."""
        unsupported = find_situation(code) in (Situation.NOT_IMPLEMENTED, Situation.NOT_SUPPORTED)
        status: AnswerStatus = "unsupported" if unsupported else "failed"
        named = msgspec.to_builtins(self._payloads[len(self._answers)])
        which = {name: named[name] for name in ("evseId", "connectorId", "key") if name in named}
        answer = Answer(status=status, code=_kept(code), detail=_kept(description) or None, result=which or None)
        self._answers.append(answer)

    def report_sent(self, at: datetime, answer_within: timedelta) -> Report:
        """The report to make before the first call goes out; `answer_within` is granted to each of the calls."""
        return ReportRequestSent(
            at=at,
            by=_LINK,
            station=self._command.station,
            request_id=self.command_id,
            epoch=self._epoch,
            # The link sees first when an answer does not come; the deadline is for when the link dies with its node.
            answer_within=answer_within * max(1, len(self._payloads)) + _GRACE,
        )

    def is_sent(self, states: States) -> bool:
        """Whether the request was indeed taken down as sent on this connection: only then may it go out."""
        request = states[ChargingStation].requests.get(self.command_id)
        return request is not None and request.status == "sent" and request.epoch == self._epoch

    def report_answer(self, at: datetime) -> Report:
        """The report of all answers as one."""
        return ReportAnswer(
            at=at,
            by=_BY,
            station=self._command.station,
            request_id=self.command_id,
            answer=_as_one([*self._answers, *self._unsaid]),
        )

    def report_no_answer(self, at: datetime, reason: str) -> Report:
        """The report that an answer did not come."""
        return ReportNoAnswer(
            at=at,
            by=_LINK,
            station=self._command.station,
            request_id=self.command_id,
            epoch=self._epoch,
            reason=reason,
        )


def _fault(payload: Payload) -> str | None:
    """Why the version's schema would refuse the payload: a text may be longer than an older version permits."""
    try:
        decode(type(payload), encode(payload))
    except PayloadInvalid as invalid:
        return f"{invalid.pointer or '/'}: {invalid.detail}"
    return None


def _kept(text: str) -> str:
    """A station's words as they can be kept: a CALLERROR has no schema, and no database's texts hold a NUL."""
    return text[:_LONGEST_TEXT].replace("\0", "\N{REPLACEMENT CHARACTER}")


def _unsupported(detail: str | None) -> Answer:
    return Answer(status="unsupported", code="NotSupportedByProtocol", detail=detail)


def next_request(dialect: Dialect, station: Any, epoch: int, now: datetime) -> OpenRequest | None:
    """The request that the station should get next: the most urgent, then the oldest."""
    if not isinstance(station, ChargingStation) or not station.accepted:
        return None
    waiting = [request for request in station.requests.values() if _may_go(request, epoch, now)]
    if not waiting:
        return None
    command = min(waiting, key=lambda request: (request.command.priority, request.since)).command
    return OpenRequest(command, dialect.outgoing.get(type(command)), epoch)


def _may_go(request: Request, epoch: int, now: datetime) -> bool:
    if request.status == "queued":
        return request.deadline is None or request.deadline > now
    again = request.command.idempotent and request.status in ("sent", "unknown") and request.epoch != epoch
    return again and request.command.expires_at > now


def abandoned(station: Any, epoch: int, at: datetime) -> Sequence[Report]:
    """Reports for requests that went out on an earlier connection and may not be sent again: their answer is lost."""
    if not isinstance(station, ChargingStation):
        return ()
    return [
        OpenRequest(request.command, None, request.epoch).report_no_answer(at, _LOST)
        for request in station.requests.values()
        if request.status == "sent" and request.epoch is not None and request.epoch != epoch
    ]


def _as_one(answers: Sequence[Answer]) -> Answer:
    if len(answers) == 1:
        return answers[0]
    status = min((answer.status for answer in answers), key=_WORST.index)
    telling = next(answer for answer in answers if answer.status == status)
    return Answer(status=status, code=telling.code, detail=telling.detail, result=_results(answers))


def _results(answers: Sequence[Answer]) -> dict[str, Any]:
    """Lists of equal name are joined (variables); what else the answers hold stands in `results`, one for each."""
    joined: dict[str, list[Any]] = {}
    rest = []
    for answer in answers:
        result = dict(answer.result or {})
        for name in [name for name, value in result.items() if isinstance(value, list)]:
            joined.setdefault(name, []).extend(result.pop(name))
        if result or answer.result is None:
            code = {} if answer.code is None else {"code": answer.code}
            rest.append({**result, "outcome": answer.status, **code})
    return {**joined, **({"results": rest} if rest else {})}
