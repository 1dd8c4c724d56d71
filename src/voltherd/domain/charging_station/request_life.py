"""What moves every request on: sent, answered, effect seen or missing, expired, cancelled. Said once for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from voltherd.domain.charging_station.requests import (
    Answer,
    CommandCompleted,
    Request,
    RequestAnswered,
    RequestCancelled,
    RequestCompleted,
    Requested,
    RequestLapsed,
    RequestSent,
    RequestUnanswered,
    StationRequest,
)
from voltherd.domain.charging_station.state import ChargingStation, charging_station, require_accepted
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Command, Event, OperatorCommand, Refusal, Report, message, replace

ANSWER_WITHIN = timedelta(seconds=30)
_REMEMBERED = 64
"""How many finished commands a station remembers, so that a repeated command id yields nothing new."""


class RequestNotQueued(Refusal):
    """Only a request that has not been sent can be taken back."""

    code: ClassVar[str] = "command_not_cancellable"


@message
class CancelRequest(OperatorCommand):
    """Take back a request that still waits."""

    by_name: ClassVar[bool] = False

    station: StationKey
    request_id: str


@message
class ReportRequestSent(Report):
    """The link is about to send the request on its connection `epoch`."""

    station: StationKey
    request_id: str
    epoch: int
    answer_within: timedelta = ANSWER_WITHIN


@message
class ReportAnswer(Report):
    """The station answered the request."""

    station: StationKey
    request_id: str
    answer: Answer


@message
class ReportNoAnswer(Report):
    """The connection `epoch` closed, or the time to answer ran out, with the request out on it."""

    station: StationKey
    request_id: str
    epoch: int
    reason: str


@message
class LapseRequest(Report):
    """The request's deadline has passed."""

    station: StationKey
    request_id: str


@charging_station.admits
def admits(station: ChargingStation, command: Command) -> bool:
    """A command that was already decided upon (the same id came again) yields nothing new."""
    if not isinstance(command, OperatorCommand):
        return True
    return command.command_id not in station.requests and command.command_id not in station.handled


@charging_station.decides
def decide(station: ChargingStation, command: StationRequest) -> Sequence[Event]:
    """Take the wish down, for any station that an operator has accepted."""
    require_accepted(station, command.station)
    return [Requested(command=command)]


@charging_station.decides
def decide_cancel(station: ChargingStation, command: CancelRequest) -> Sequence[Event]:
    request = station.requests.get(command.request_id)
    if request is None or request.status != "queued":
        status = "finished" if request is None else request.status
        raise RequestNotQueued(f"the command is {status}; only a queued command can be cancelled")
    return [RequestCancelled(command_id=command.request_id)]


@charging_station.decides
def decide_sent(station: ChargingStation, report: ReportRequestSent) -> Sequence[Event]:
    request = station.requests.get(report.request_id)
    if request is None or report.epoch != station.epoch:
        return ()
    if request.status != "queued" and not _resendable(request, report.epoch):
        return ()
    if request.status == "queued" and request.deadline is not None and request.deadline <= report.at:
        return ()
    return [
        RequestSent(
            command_id=report.request_id,
            epoch=report.epoch,
            sent_at=report.at,
            deadline=report.at + report.answer_within,
        )
    ]


def _resendable(request: Request, epoch: int) -> bool:
    """Whether it may go out once more, now on another connection."""
    return request.command.idempotent and request.status in ("sent", "unknown") and request.epoch != epoch


@charging_station.decides
def decide_answer(station: ChargingStation, report: ReportAnswer) -> Sequence[Event]:
    request = station.requests.get(report.request_id)
    if request is None or request.status not in ("sent", "unknown"):
        return ()
    within = {
        "accepted": request.command.effect_within,
        "scheduled": request.command.scheduled_within,
    }.get(report.answer.status)
    deadline = report.at + within if within else None
    answered = RequestAnswered(command_id=report.request_id, answer=report.answer, deadline=deadline)
    return [answered, *request.command.learned(station, report.answer)]


@charging_station.decides
def decide_no_answer(station: ChargingStation, report: ReportNoAnswer) -> Sequence[Event]:
    request = station.requests.get(report.request_id)
    if request is None or request.status != "sent" or request.epoch != report.epoch:
        return ()
    return [_unanswered(request, report.at, report.reason)]


def _unanswered(request: Request, at: datetime, reason: str) -> RequestUnanswered:
    command = request.command
    deadline = at + command.effect_within if command.effect_within else None
    if deadline is None and command.idempotent and command.expires_at > at:
        deadline = command.expires_at
    return RequestUnanswered(command_id=command.command_id, reason=reason, deadline=deadline)


@charging_station.decides
def decide_lapse(station: ChargingStation, report: LapseRequest) -> Sequence[Event]:
    request = station.requests.get(report.request_id)
    if request is None or request.deadline is None or request.deadline > report.at:
        return ()
    match request.status:
        case "queued":
            reason = "the station took no requests in time" if station.online else "the station was offline"
            return [RequestLapsed(command_id=report.request_id, status="expired", reason=reason)]
        case "sent":
            return [_unanswered(request, report.at, "the station did not answer in time")]
        case "unknown":
            reason = "the station never answered, and no effect was seen"
            return [RequestLapsed(command_id=report.request_id, status="unknown", reason=reason)]
        case _:
            reason = "the station agreed, but the effect was not seen in time"
            return [RequestLapsed(command_id=report.request_id, status="ineffective", reason=reason)]


@charging_station.follows
def see_effects(station: ChargingStation, _command: Command) -> Sequence[Event]:
    """Complete every request whose effect the new state shows."""
    if not station.requests:
        return ()
    events = []
    for command_id, request in station.requests.items():
        if request.status not in ("accepted", "scheduled", "unknown"):
            continue
        effect = request.command.effect(station, request)
        if effect is None and request.status == "accepted" and request.command.effect_within is None:
            effect = {}
        if effect is not None:
            events.append(
                RequestCompleted(
                    command_id=command_id,
                    command=type(request.command).__name__,
                    result={**(request.result or {}), **effect},
                )
            )
    return events


@charging_station.evolves
def evolve_requested(station: ChargingStation, event: Requested[Any]) -> ChargingStation:
    command = event.command
    request = Request(command=command, status="queued", since=command.at, deadline=command.expires_at)
    return replace(
        station,
        requests={**station.requests, command.command_id: request},
        requests_taken=station.requests_taken + 1,
    )


@charging_station.evolves
def evolve_sent(station: ChargingStation, event: RequestSent) -> ChargingStation:
    return _moved(
        station,
        event.command_id,
        status="sent",
        epoch=event.epoch,
        sent_at=event.sent_at,
        deadline=event.deadline,
    )


@charging_station.evolves
def evolve_answered(station: ChargingStation, event: RequestAnswered) -> ChargingStation:
    if event.answer.status not in ("accepted", "scheduled"):
        return _closed(station, event.command_id)
    return _moved(
        station,
        event.command_id,
        status=event.answer.status,
        deadline=event.deadline,
        result=event.answer.result,
    )


@charging_station.evolves
def evolve_unanswered(station: ChargingStation, event: RequestUnanswered) -> ChargingStation:
    if event.deadline is None:
        return _closed(station, event.command_id)
    return _moved(station, event.command_id, status="unknown", deadline=event.deadline)


@charging_station.evolves
def evolve_closed(
    station: ChargingStation, event: RequestCompleted | RequestLapsed | RequestCancelled | CommandCompleted
) -> ChargingStation:
    return _closed(station, event.command_id)


def _moved(station: ChargingStation, command_id: str, **changes: Any) -> ChargingStation:
    request = station.requests.get(command_id)
    if request is None:
        return station
    return replace(station, requests={**station.requests, command_id: replace(request, **changes)})


def _closed(station: ChargingStation, command_id: str) -> ChargingStation:
    requests: Mapping[str, Request] = {k: v for k, v in station.requests.items() if k != command_id}
    return replace(station, requests=requests, handled=(*station.handled[1 - _REMEMBERED :], command_id))
