"""How a station answers calls: readable or not, at once or late, truly or not, as its faults have it (Part 4 §4)."""

from __future__ import annotations

from typing import Protocol

from voltherd.ocpp.payload import Payload, PayloadInvalid, decode, encode
from voltherd.ocpp.rpc import Call, MessageId, Situation, encode_call_error, encode_call_result, error_code
from voltherd.simulator.codec import CannotObey, is_valid
from voltherd.simulator.commands import Obeying, decide
from voltherd.simulator.orders import Command
from voltherd.simulator.words import Registration


class Speaking(Obeying, Protocol):
    """What answers need of their station."""

    def emit(self, text: str) -> None: ...

    def pump(self, now: float) -> None: ...


class _Refused(Exception):
    def __init__(self, situation: Situation) -> None:
        super().__init__(situation.name)
        self.situation = situation


class Answers:
    def __init__(self, station: Speaking) -> None:
        self._station = station
        # The slow answers that are still to come, by the names of their timers.
        self._late: list[tuple[str, int]] = []

    def called(self, call: Call, now: float) -> None:
        station = self._station
        station.statistics.commands_received += 1
        if station.faults.never_answer:
            return
        if station.faults.slow_answer_s:
            name = ("answer", len(self._late))
            self._late.append(name)
            station.timers.set(name, now + station.faults.slow_answer_s, lambda later: self._answer(call, later))
            return
        self._answer(call, now)

    def forget(self) -> None:
        """Answer nothing of what was asked over a link that is gone."""
        self._station.timers.cancel(*self._late)
        self._late.clear()

    def _answer(self, call: Call, now: float) -> None:
        station = self._station
        station.statistics.commands_answered += 1
        try:
            payload, command = self._read(call)
        except _Refused as refused:
            code = error_code(station.codec.version, refused.situation)
            station.emit(encode_call_error(self._id(call.message_id), code))
            return
        decision = decide(station, command)
        if decision.before is not None and not station.faults.lie:
            decision.before(now)
            station.pump(now)
        response = station.codec.response(payload, decision.outcome)
        raw = encode(response)
        assert is_valid(raw, type(response))
        station.emit(encode_call_result(self._id(call.message_id), raw))
        if decision.after is not None and not station.faults.lie:
            decision.after(now)

    def _read(self, call: Call) -> tuple[Payload, Command]:
        station = self._station
        kind = station.codec.requests.get(call.action)
        if kind is None:
            raise _Refused(Situation.NOT_IMPLEMENTED)
        if station.faults.answer_with_error:
            raise _Refused(Situation.INTERNAL)
        if station.registration is Registration.REJECTED:
            raise _Refused(Situation.SECURITY)
        try:
            payload = decode(kind, call.payload)
            return payload, station.codec.command(payload)
        except PayloadInvalid as invalid:
            raise _Refused(Situation.of(invalid.fault)) from None
        except CannotObey:
            raise _Refused(Situation.NOT_SUPPORTED) from None

    def _id(self, message_id: MessageId) -> MessageId:
        return f"not-{message_id}"[:36] if self._station.faults.wrong_message_id else message_id
