"""The life that all requests to a station share: its words. What moves it is in `request_life`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Event, OperatorCommand, message

if TYPE_CHECKING:
    from voltherd.domain.charging_station.state import ChargingStation

Json = Mapping[str, Any]
"""What a station answered or an effect brought, as it is shown to operators."""

AnswerStatus = Literal["accepted", "scheduled", "rejected", "unsupported", "failed"]
OpenStatus = Literal["queued", "sent", "accepted", "scheduled", "unknown"]

SAFETY, STOP, START, CONFIGURATION, REPORT = range(5)
"""Which of several waiting requests a station gets first."""


@message
class Answer:
    """What a station said to a request. `code` is the station's own word for a no, `result` what it gave."""

    status: AnswerStatus
    code: str | None = None
    detail: str | None = None
    result: Json | None = None


@message
class StationOrder(OperatorCommand):
    """A wish about one station. Subclasses that the station itself must fulfil are `StationRequest`."""

    abstract: ClassVar[bool] = True

    station: StationKey


@message
class StationRequest(StationOrder):
    """A wish that the station itself must fulfil: it is kept until its effect is seen.

    `effect_within` is how long the effect may take after the station's yes (`scheduled_within`: after its "later");
    None means that the answer is the effect. An `idempotent` request may be sent again when its answer got lost;
    others never are.
    """

    abstract: ClassVar[bool] = True
    priority: ClassVar[int] = CONFIGURATION
    idempotent: ClassVar[bool] = False
    effect_within: ClassVar[timedelta | None] = None
    scheduled_within: ClassVar[timedelta] = timedelta(hours=24)

    expires_at: datetime

    def effect(self, station: ChargingStation, request: Request) -> Json | None:
        """What the state shows of the wished effect, None while there is none."""
        del station, request
        return None

    def learned(self, station: ChargingStation, answer: Answer) -> Sequence[Event]:
        """What else the answer tells us about the station."""
        del station, answer
        return ()


C = TypeVar("C", bound=StationRequest)


@message
class Request:
    """A request that is still open: the wish, how far it has come, since when, and the instant when patience ends.

    `epoch` is the connection on which it was sent.
    """

    command: StationRequest
    status: OpenStatus
    since: datetime
    sent_at: datetime | None = None
    epoch: int | None = None
    deadline: datetime | None = None
    result: Json | None = None


@message
class Requested(Event, Generic[C]):
    """An operator's wish towards a station was taken down; `queued`."""

    over: ClassVar[type | None] = StationRequest

    command: C

    def stored_as(self) -> str:
        return f"{type(self.command).__name__}Requested"


@message
class RequestSent(Event):
    """The request is about to go out on the connection `epoch`: written down first, so that it never goes out twice."""

    command_id: str
    epoch: int
    sent_at: datetime
    deadline: datetime


@message
class RequestAnswered(Event):
    """The station answered. `deadline` is when its effect must have been seen (None: the answer was all)."""

    command_id: str
    answer: Answer
    deadline: datetime | None = None


@message
class RequestCompleted(Event):
    """The wished effect was seen; `result` is what it brought. `command` is the name of the wish."""

    command_id: str
    command: str
    result: Json


@message
class RequestUnanswered(Event):
    """The request went out and no answer came: nobody knows whether the station did it; `unknown`."""

    command_id: str
    reason: str
    deadline: datetime | None = None


@message
class RequestLapsed(Event):
    """Patience ended: nobody took the request (`expired`), or its effect did not come (`ineffective`, `unknown`)."""

    command_id: str
    status: Literal["expired", "ineffective", "unknown"]
    reason: str


@message
class RequestCancelled(Event):
    """The operator took the wish back before it was sent."""

    command_id: str


@message
class CommandCompleted(Event):
    """A command that no station needs to fulfil was carried out at once."""

    command_id: str
    command: str
    fingerprint: str
    payload: Json
    result: Json


def completed(command: StationOrder, payload: Json | None = None, **result: object) -> CommandCompleted:
    """Say that the command is done; `result` is shown to the operator, `payload` what was asked, where it is short."""
    return CommandCompleted(
        command_id=command.command_id,
        command=type(command).__name__,
        fingerprint=command.fingerprint,
        payload=payload or {},
        result=result,
    )
