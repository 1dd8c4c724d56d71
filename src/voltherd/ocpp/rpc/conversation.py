"""Who owes whom an answer on one link: at most one open CALL of ours, and what becomes of every text received
(1.6J §4.1, 2.0.1 and 2.1 Part 4 §4.1).
"""

from collections import deque
from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec

from voltherd.ocpp.rpc.error_codes import Situation, error_code
from voltherd.ocpp.rpc.frames import (
    Call,
    CallError,
    CallResult,
    CallResultError,
    FrameInvalid,
    MessageId,
    Reason,
    Send,
    encode_call,
    encode_call_error,
    parse,
)
from voltherd.ocpp.rpc.version import Version

Answer: TypeAlias = CallResult | CallError

_REMEMBERED: Final = 16
# What the standard puts for an id that could not be read, as text; a station may send the number.
_NO_ID: Final = "-1"


class _Incoming(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    pass


class CallReceived(_Incoming, frozen=True, kw_only=True):
    """The station asks: answer it once."""

    call: Call


class SendReceived(_Incoming, frozen=True, kw_only=True):
    """The station tells (2.1): never answer."""

    send: Send


class AnswerReceived(_Incoming, frozen=True, kw_only=True):
    """Our open CALL is answered, `took_s` seconds after it was started; another may be started."""

    message_id: str
    answer: Answer
    took_s: float


class LateAnswer(_Incoming, frozen=True, kw_only=True):
    """A CALL that had expired is answered after all."""

    message_id: str
    answer: Answer


class AnswerRefused(_Incoming, frozen=True, kw_only=True):
    """The station could not read an answer of ours (2.1)."""

    error: CallResultError


class Refused(_Incoming, frozen=True, kw_only=True):
    """A text that leads to nothing; `reply` is to be sent unless it is None."""

    reply: str | None
    reason: Reason


class Ignored(_Incoming, frozen=True, kw_only=True):
    """A text that leads to nothing and is not to be answered."""

    reason: Reason


Incoming: TypeAlias = CallReceived | SendReceived | AnswerReceived | LateAnswer | AnswerRefused | Refused | Ignored


class CallPending(Exception):
    """A CALL of ours is open: no other may be started before it is answered or has expired."""


class _Open(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    message_id: str
    started: float
    deadline: float


class Conversation:
    """The rules of one link, from our side; times are seconds of one monotonic clock.

    Calls of the station are handed over as they come: answering them in order is the link's business.
    """

    __slots__ = ("_answered", "_expired", "_open", "_timeout", "_version")

    def __init__(self, version: Version, timeout: float) -> None:
        """Begin, granting the station `timeout` seconds for each answer."""
        self._version = version
        self._timeout = timeout
        self._open: _Open | None = None
        self._expired: deque[str] = deque(maxlen=_REMEMBERED)
        self._answered: deque[str] = deque(maxlen=_REMEMBERED)

    def receive(self, text: str | bytes, now: float) -> Sequence[Incoming]:
        """Say what a received text means, whatever it is."""
        try:
            frame = parse(text)
        except FrameInvalid as invalid:
            return (self._unreadable(invalid, now),)
        match frame:
            case Call():
                return (CallReceived(call=frame),)
            case CallResult() | CallError():
                return (self._answer(frame, now),)
            case Send() if self._version is Version.V21:
                return (SendReceived(send=frame),)
            case CallResultError() if self._version is Version.V21:
                return (AnswerRefused(error=frame),)
            case Send() | CallResultError():
                return (self._unknown_type(frame.message_id),)

    def start_call(self, message_id: str, action: str, payload: bytes, now: float, timeout: float | None = None) -> str:
        """Open a CALL and return the text to send. Raises: CallPending."""
        if self._open is not None:
            raise CallPending
        granted = self._timeout if timeout is None else timeout
        text = encode_call(message_id, action, payload)
        self._open = _Open(message_id=message_id, started=now, deadline=now + granted)
        return text

    def deadline(self) -> float | None:
        """When the open CALL will have expired."""
        return None if self._open is None else self._open.deadline

    def expire(self, now: float) -> str | None:
        """Give the open CALL up if its time is over, and return its id."""
        if self._open is None or now < self._open.deadline:
            return None
        message_id = self._open.message_id
        self._open = None
        self._expired.append(message_id)
        return message_id

    def _answer(self, answer: Answer, now: float) -> Incoming:
        message_id = answer.message_id
        if self._open is not None and (message_id == self._open.message_id or _says_unreadable(answer)):
            opened, self._open = self._open, None
            self._answered.append(opened.message_id)
            return AnswerReceived(message_id=opened.message_id, answer=answer, took_s=now - opened.started)
        if isinstance(message_id, str) and message_id in self._expired:
            self._expired.remove(message_id)
            self._answered.append(message_id)
            return LateAnswer(message_id=message_id, answer=answer)
        repeated = message_id in self._answered
        return Ignored(reason=Reason.ANSWER_REPEATED if repeated else Reason.ANSWER_UNEXPECTED)

    def _unreadable(self, invalid: FrameInvalid, now: float) -> Incoming:
        if invalid.reason is Reason.MESSAGE_TYPE_UNKNOWN:
            return self._unknown_type(invalid.message_id)
        match invalid.message_type:
            case 3 | 4 if invalid.message_id is not None:
                # Grizzl-E breaks off in the middle of answers; our CALL need not wait for its time-out.
                code = error_code(self._version, Situation.SYNTAX)
                error = CallError(message_id=invalid.message_id, code=code, description="unreadable answer")
                return self._answer(error, now)
            case 3 | 4 | 5 | 6:
                # An answer is never answered: two lenient ends would go on for ever. Nor is a SEND.
                return Ignored(reason=invalid.reason)
            case _:
                return Refused(reply=self._reply_to_garbage(invalid.message_id), reason=invalid.reason)

    def _reply_to_garbage(self, message_id: MessageId | None) -> str | None:
        if message_id is None:
            if self._version is Version.V16:
                # 1.6 knows no id for this; some stations take "-1" for an answer to a CALL of theirs.
                return None
            message_id = _NO_ID
        return encode_call_error(message_id, error_code(self._version, Situation.RPC_FRAMEWORK))

    def _unknown_type(self, message_id: MessageId | None) -> Incoming:
        # 2.0.1 has it both ways: §4.1.3 ignores unknown types, §4.4 has a code for them. With an id to put it
        # to, the code tells the station's makers more than silence. 1.6 and 2.1 are clear: ignore.
        if self._version is not Version.V201 or message_id is None:
            return Ignored(reason=Reason.MESSAGE_TYPE_UNKNOWN)
        code = error_code(self._version, Situation.MESSAGE_TYPE_NOT_SUPPORTED)
        return Refused(reply=encode_call_error(message_id, code), reason=Reason.MESSAGE_TYPE_UNKNOWN)


def _says_unreadable(answer: Answer) -> bool:
    """Whether the station could not even read an id: then it means the one CALL that is open."""
    return isinstance(answer, CallError) and str(answer.message_id) == _NO_ID
