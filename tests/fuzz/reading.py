"""The way of a frame without I/O: read, decided upon, projected, answered, and what was decided read back."""

from __future__ import annotations

from itertools import count
from typing import Final

import msgspec

from tests.fuzz.referee import Unfair
from tests.support.given import at_once
from tests.support.store import ListStore
from tests.support.words import STATION, T0, ready
from voltherd.assembly.catalog import build_catalog
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.kernel.messages import Refusal
from voltherd.ocpp.dialect import CallRefused, Context
from voltherd.ocpp.dialects import DIALECTS
from voltherd.ocpp.rpc import (
    AnswerReceived,
    Call,
    CallReceived,
    Conversation,
    Ignored,
    LateAnswer,
    Refused,
    Situation,
    Version,
    encode_call_error,
    encode_call_result,
)
from voltherd.ports.history import Append

# A station's history grows with what it says; a new one begins now and then.
_LIFE: Final = 1000


class _Historian(ListStore):
    """Keeps only what can be read again: an event that cannot would shut the station out for ever."""

    async def append(self, append: Append) -> int:
        for write in append.writes:
            for event in write.events:
                if msgspec.json.decode(msgspec.json.encode(event), type=type(event)) != event:
                    raise Unfair(f"{event} is read back as another")
        return await super().append(append)


class Reader:
    """An accepted station with one call of ours open, and everything behind it that is pure."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self._dialect = DIALECTS[version.value]
        self._numbers = count(1)
        self._fed = 0
        self._begin()

    def _begin(self) -> None:
        self._dispatcher = Dispatcher(build_catalog(), _Historian())
        for command in ready(self.version.value):
            at_once(self._dispatcher.handle(command))
        self._numbers = count(1)
        self._conversation = Conversation(self.version, 30.0)

    def feed(self, text: str | bytes) -> str | None:
        """The answer to a frame, as a link would give it."""
        if self._fed % _LIFE == _LIFE - 1:
            self._begin()
        self._fed += 1
        if self._conversation.deadline() is None:
            self._conversation.start_call("ours", "Reset", b"{}", now=0.0)
        (incoming,) = self._conversation.receive(text, now=1.0)
        match incoming:
            case CallReceived(call=call):
                return self._answer(call)
            case Refused(reply=reply):
                return reply
            case AnswerReceived() | LateAnswer() | Ignored():
                return None
            case _:
                raise Unfair(f"{incoming} in {self.version}")

    def _answer(self, call: Call) -> str:
        context = Context(
            station=STATION,
            at=T0,
            message=f"1/{call.message_id}",
            new_number=lambda: next(self._numbers),
            heartbeat_interval=300,
            boot_retry_interval=30,
        )
        try:
            reading = self._dialect.read(call.action, call.payload, context)
            states = at_once(self._dispatcher.handle(reading.report))
            return encode_call_result(call.message_id, reading.answer(states))
        except CallRefused as refused:
            return encode_call_error(call.message_id, refused.code, refused.description)
        except Refusal as refusal:
            return encode_call_error(call.message_id, self._dialect.code(Situation.SECURITY), refusal.detail)
