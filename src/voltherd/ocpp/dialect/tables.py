"""A dialect of OCPP as tables, collected from the files of its actions; and the calls of a link upon content.

An action's file in `v16`, `v201` … holds functions of fixed names; their annotations say what they translate:

    to_command(payload: …Request, context: Context) -> Report     a station's call, read
    to_response(report: …, context: Context, *states) -> …Response  its answer, made from the states after the decision
    to_requests(command: …) -> Sequence[…Request]                  a command, as the calls that it takes
    to_answer(command: …, request: …Request, response: …Response) -> Answer   what the station said to one of them
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Any, Final

import msgspec

from voltherd.domain.charging_station.requests import Answer, StationRequest
from voltherd.kernel.aggregate import States
from voltherd.kernel.catalog import classes_of, modules_below, own
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Command, Report
from voltherd.ocpp.payload import Payload, PayloadInvalid, decode, encode
from voltherd.ocpp.rpc.error_codes import Situation, error_code
from voltherd.ocpp.rpc.version import Version

_LONGEST_NAME: Final = 128


@dataclass(frozen=True, slots=True)
class Context:
    """What a translation may need besides the payload. `new_number` gives a fresh 1.6 transaction number.

    `message` names the station's message for ever: its id on this connection.
    """

    station: StationKey
    at: datetime
    message: str
    new_number: Callable[[], int]
    heartbeat_interval: int
    boot_retry_interval: int

    def question(self, about: str) -> str:
        """What the message asks about something, as a name: it is told again where both are the same.

        The id alone will not do: some stations give all messages one id. And an id may be as long as a frame.
        """
        name = f"{self.message} {about}"
        return name if len(name) <= _LONGEST_NAME else hashlib.sha256(name.encode()).hexdigest()


class CallRefused(Exception):
    """The station's call cannot be read or has no place here: the CALLERROR for it."""

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class Incoming:
    """An action that stations call."""

    action: str
    request: type[Payload]
    to_command: Callable[[Any, Context], Report]
    to_response: Callable[..., Payload]
    wants: tuple[type, ...]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An action that we call for one class of commands."""

    action: str
    command: type[StationRequest]
    response: type[Payload]
    to_requests: Callable[[Any], Sequence[Payload]]
    to_answer: Callable[[Any, Any, Any], Answer]


@dataclass(frozen=True, slots=True)
class Reading:
    """A station's call, read: the report to decide upon, and the way to its answer."""

    report: Report
    context: Context
    incoming: Incoming

    def answer(self, states: States) -> bytes:
        """The CALLRESULT's payload, from the states after the decision."""
        wanted: list[Any] = [states[want] for want in self.incoming.wants]
        return encode(self.incoming.to_response(self.report, self.context, *wanted))


@dataclass(frozen=True, slots=True)
class Dialect:
    """One version: what stations may call, what we can call, and all that the version knows."""

    version: Version
    incoming: Mapping[str, Incoming]
    outgoing: Mapping[type[StationRequest], Outgoing]
    known: Mapping[str, type[Payload]]

    def read(self, action: str, payload: msgspec.Raw, context: Context) -> Reading:
        """Read a station's call.

        Raises:
            CallRefused: unknown, not supported, or not a payload of that action.
        """
        incoming = self.incoming.get(action)
        if incoming is None:
            if action not in self.known:
                raise CallRefused(self.code(Situation.NOT_IMPLEMENTED), "this action is not known")
            try:
                decode(self.known[action], payload)
            except PayloadInvalid as invalid:
                raise self._refused(invalid) from None
            raise CallRefused(self.code(Situation.NOT_SUPPORTED), "this action is not supported")
        try:
            report = incoming.to_command(decode(incoming.request, payload), context)
        except PayloadInvalid as invalid:
            raise self._refused(invalid) from None
        return Reading(report, context, incoming)

    def code(self, situation: Situation) -> str:
        """The version's word for what is wrong."""
        return error_code(self.version, situation)

    def _refused(self, invalid: PayloadInvalid) -> CallRefused:
        code = self.code(Situation.of(invalid.fault))
        return CallRefused(code, f"{invalid.pointer or '/'}: {invalid.detail}"[:255])

    def speaks(self, command: type[Command]) -> bool:
        """Whether the version has an action for the command."""
        return command in self.outgoing


def collect(package: str, version: Version, known: Mapping[str, type[Payload]]) -> Dialect:
    """Import the action files of a version and make its tables."""
    incoming: dict[str, Incoming] = {}
    outgoing: dict[type[StationRequest], Outgoing] = {}
    for module in modules_below(package):
        functions = dict(own(module))
        if "to_command" in functions:
            found = _incoming(functions)
            incoming[found.action] = found
        if "to_requests" in functions:
            for found_out in _outgoing(module, functions):
                outgoing[found_out.command] = found_out
    return Dialect(version, incoming, outgoing, known)


def _action(payload: type) -> str:
    return payload.__name__.removesuffix("Request")


def _incoming(functions: Mapping[str, Any]) -> Incoming:
    to_command, to_response = functions["to_command"], functions["to_response"]
    request = classes_of(to_command)[0][0]
    wants = tuple(classes[0] for classes in classes_of(to_response)[2:])
    return Incoming(_action(request), request, to_command, to_response, wants)


def _outgoing(module: ModuleType, functions: Mapping[str, Any]) -> Iterable[Outgoing]:
    to_requests, to_answer = functions["to_requests"], functions["to_answer"]
    _command, request, response = classes_of(to_answer)
    for command in classes_of(to_requests)[0]:
        if not issubclass(command, StationRequest):
            raise TypeError(f"{module.__name__}: {command.__name__} is no request to a station")
        yield Outgoing(_action(request[0]), command, response[0], to_requests, to_answer)
