"""What a station wants to say and has not been answered yet: one CALL at a time, messages about transactions until
they are through (1.6 §3.7.1, 2.0.1 E04, E12, E13).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from voltherd.ocpp.payload import PayloadInvalid, decode, encode
from voltherd.ocpp.rpc import AnswerReceived, CallResult, Conversation, Incoming
from voltherd.simulator.codec import Codec, action_of, is_valid
from voltherd.simulator.settings import MEASURANDS, MESSAGE_ATTEMPTS, MESSAGE_RETRY_INTERVAL, Settings
from voltherd.simulator.statistics import Statistics
from voltherd.simulator.words import Answer, Boot, Message, Registration, TransactionEvent

# A station that is offline for days must not eat the memory of the machine that simulates thousands.
_LONGEST_QUEUE: Final = 1000


class Waiting(msgspec.Struct, kw_only=True, eq=False):
    """A message on its way. `solicited`: asked for with a trigger, so it may go before the station is accepted."""

    message: Message
    durable: bool
    solicited: bool
    offline: bool = False
    attempts: int = 0
    action: str = ""


class Outbox:
    def __init__(
        self,
        codec: Codec,
        settings: Settings,
        statistics: Statistics,
        *,
        new_id: Callable[[], str],
        timeout_s: float,
    ) -> None:
        self._codec = codec
        self._settings = settings
        self._statistics = statistics
        self._new_id = new_id
        self._timeout_s = timeout_s
        self._conversation: Conversation | None = None
        self._queue: deque[Waiting] = deque()
        self._open: Waiting | None = None
        self._hold_until = 0.0

    def __len__(self) -> int:
        return len(self._queue) + (self._open is not None)

    @property
    def online(self) -> bool:
        return self._conversation is not None

    @property
    def durables(self) -> int:
        """How many messages about transactions are not through yet."""
        return sum(waiting.durable for waiting in self._queue) + (self._open is not None and self._open.durable)

    def link_up(self) -> None:
        self._conversation = Conversation(self._codec.version, self._timeout_s)
        self._hold_until = 0.0

    def link_down(self) -> Sequence[Message]:
        """Keep what is about transactions, and return what is lost."""
        self._conversation = None
        kept = [self._open, *self._queue] if self._open is not None else [*self._queue]
        self._open = None
        self._queue = deque(waiting for waiting in kept if waiting.durable)
        for waiting in self._queue:
            # Told later than it happened, whenever that was (2.0.1 E04.FR.03).
            waiting.offline = True
            waiting.attempts = 0
        return [waiting.message for waiting in kept if not waiting.durable]

    def put(self, message: Message, *, durable: bool = False, solicited: bool = False) -> None:
        """Queue a message. Offline, only messages about transactions are kept."""
        if not (durable or self.online):
            return
        if durable and len(self._queue) >= _LONGEST_QUEUE:
            self._forget_a_sample()
        self._queue.append(
            Waiting(message=message, durable=durable, solicited=solicited, offline=durable and not self.online)
        )

    def next_text(self, now: float, registration: Registration | None) -> str | None:
        """Open the next CALL that may go, and return its text."""
        if self._conversation is None or self._open is not None:
            return None
        while (waiting := self._next(now, registration)) is not None:
            self._queue.remove(waiting)
            payload = self._codec.request(waiting.message, waiting.offline, self._settings.text(MEASURANDS))
            if payload is None:
                continue
            raw = encode(payload)
            assert is_valid(raw, type(payload))
            self._open = waiting
            waiting.action = action_of(payload)
            waiting.attempts += 1
            self._statistics.calls_sent += 1
            return self._conversation.start_call(self._new_id(), waiting.action, raw, now)
        return None

    def receive(self, text: str | bytes, now: float) -> Sequence[Incoming]:
        return () if self._conversation is None else self._conversation.receive(text, now)

    def settle(self, received: AnswerReceived, now: float) -> tuple[Message, Answer | None] | None:
        """Say which message was answered, and how; None in place of an answer if it failed for good."""
        waiting, self._open = self._open, None
        if waiting is None:
            return None
        self._statistics.latencies.add(received.took_s)
        if isinstance(received.answer, CallResult):
            try:
                payload = decode(self._codec.responses[waiting.action], received.answer.payload)
            except PayloadInvalid:
                pass
            else:
                self._statistics.calls_answered += 1
                return waiting.message, self._codec.answer(payload)
        self._statistics.call_errors += 1
        return self._failed(waiting, now)

    def expire(self, now: float) -> tuple[Message, Answer | None] | None:
        """Give up waiting for an answer if it is time."""
        if self._conversation is None or self._conversation.expire(now) is None:
            return None
        self._statistics.call_timeouts += 1
        waiting, self._open = self._open, None
        return None if waiting is None else self._failed(waiting, now)

    def deadline(self) -> float | None:
        """When `expire` or `next_text` will have something to do that they have not now."""
        if self._conversation is None:
            return None
        if self._open is not None:
            return self._conversation.deadline()
        return self._hold_until if self._hold_until and self._queue else None

    def _next(self, now: float, registration: Registration | None) -> Waiting | None:
        held = now < self._hold_until
        if not held:
            self._hold_until = 0.0
        for waiting in self._queue:
            if registration is not Registration.ACCEPTED and not (
                isinstance(waiting.message, Boot) or (waiting.solicited and registration is Registration.PENDING)
            ):
                continue
            if waiting.durable and held:
                continue
            return waiting
        return None

    def _failed(self, waiting: Waiting, now: float) -> tuple[Message, Answer | None] | None:
        if waiting.durable and waiting.attempts < self._settings.number(MESSAGE_ATTEMPTS):
            # First in line again: the order of a transaction's messages matters more than time (1.6 §3.7.1).
            self._queue.appendleft(waiting)
            self._hold_until = now + self._settings.number(MESSAGE_RETRY_INTERVAL) * waiting.attempts
            return None
        self._statistics.messages_given_up += 1
        return waiting.message, None

    def _forget_a_sample(self) -> None:
        """Drop the oldest meter values, never a start or an end (2.0.1 E04.FR.07)."""
        for waiting in self._queue:
            if isinstance(waiting.message, TransactionEvent) and waiting.message.type == "Updated":
                self._queue.remove(waiting)
                return
