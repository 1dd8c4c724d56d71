"""OCPP-J frames as values: reading and writing the JSON arrays (1.6J and 2.x Part 4 §4.2)."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, TypeAlias, TypeVar

import msgspec

# Text, but numbers occur in the field; the answer repeats the id in the type in which it came.
MessageId: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)] | int | float

T = TypeVar("T")

_NO_DETAILS: Final = msgspec.Raw(b"{}")
_LONGEST_DESCRIPTION: Final = 255


class _Frame(msgspec.Struct, array_like=True, frozen=True, kw_only=True, gc=False):
    # Elements beyond the last are read over, as an answer or a CALL with something appended is still clear.
    message_id: MessageId


class Call(_Frame, tag=2, frozen=True, kw_only=True):
    """A request. Its payload is a window into the received text: copy it to keep it longer than the text."""

    action: str
    payload: msgspec.Raw


class CallResult(_Frame, tag=3, frozen=True, kw_only=True):
    """The answer to a CALL that could be carried out, whatever its status says."""

    payload: msgspec.Raw


class CallError(_Frame, tag=4, frozen=True, kw_only=True):
    """The answer to a CALL that could not be carried out."""

    code: str
    description: str = ""
    details: msgspec.Raw = _NO_DETAILS


class CallResultError(_Frame, tag=5, frozen=True, kw_only=True):
    """2.1: what is wrong with a received CALLRESULT."""

    code: str
    description: str = ""
    details: msgspec.Raw = _NO_DETAILS


class Send(_Frame, tag=6, frozen=True, kw_only=True):
    """2.1: a message that is never answered."""

    action: str
    payload: msgspec.Raw


Frame: TypeAlias = Call | CallResult | CallError | CallResultError | Send


class Reason(StrEnum):
    """Why a received text leads to nothing, as the log says it."""

    NOT_JSON = "text_was_not_json"
    NOT_A_FRAME = "json_was_not_a_frame"
    MESSAGE_TYPE_UNKNOWN = "message_type_was_unknown"
    ANSWER_UNEXPECTED = "answer_was_to_no_open_call"
    ANSWER_REPEATED = "answer_was_repeated"


class FrameInvalid(Exception):
    """A text that is no frame, with what could be made out of its message type and id."""

    def __init__(self, reason: Reason, message_type: int | None, message_id: MessageId | None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.message_type = message_type
        self.message_id = message_id


def parse(text: str | bytes) -> Frame:
    """Read a frame of any version; its payload stays unread. Raises: FrameInvalid, and nothing else."""
    try:
        return _frame.decode(text)
    except _UNREADABLE:
        return _parse_leniently(text)


def encode_call(message_id: str, action: str, payload: bytes) -> str:
    return _text(Call(message_id=message_id, action=action, payload=msgspec.Raw(payload)))


def encode_call_result(message_id: MessageId, payload: bytes) -> str:
    return _text(CallResult(message_id=message_id, payload=msgspec.Raw(payload)))


def encode_call_error(
    message_id: MessageId, code: str, description: str = "", details: Mapping[str, object] | None = None
) -> str:
    """Write a CALLERROR, the description cut to its longest permitted length."""
    return _text(
        CallError(
            message_id=message_id,
            code=code,
            description=description[:_LONGEST_DESCRIPTION],
            details=_raw(details),
        )
    )


def encode_call_result_error(
    message_id: MessageId, code: str, description: str = "", details: Mapping[str, object] | None = None
) -> str:
    """Write a CALLRESULTERROR (2.1), the description cut to its longest permitted length."""
    return _text(
        CallResultError(
            message_id=message_id,
            code=code,
            description=description[:_LONGEST_DESCRIPTION],
            details=_raw(details),
        )
    )


def encode_send(message_id: str, action: str, payload: bytes) -> str:
    return _text(Send(message_id=message_id, action=action, payload=msgspec.Raw(payload)))


_frame: Final[msgspec.json.Decoder[Frame]] = msgspec.json.Decoder(Frame)
_elements: Final = msgspec.json.Decoder(list[msgspec.Raw])
_message_id: Final[msgspec.json.Decoder[MessageId]] = msgspec.json.Decoder(MessageId)
_encoder: Final = msgspec.json.Encoder()

# UnicodeError: lone surrogates in a str, broken UTF-8 in bytes; RecursionError: nested deeper than the parser
# goes.
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)

# The beginning of a frame whose rest is beyond repair: message type, and the id as a JSON string or number.
_BEGINNING: Final = re.compile(
    r'\s*\[\s*(?P<type>[2-6])\s*,(?:\s*(?P<id>"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?=\s*[,\]])))?'
)
_LONGEST_BEGINNING: Final = 512


def _text(frame: Frame) -> str:
    return _encoder.encode(frame).decode()


def _raw(details: Mapping[str, object] | None) -> msgspec.Raw:
    return msgspec.Raw(_encoder.encode(details)) if details else _NO_DETAILS


def _parse_leniently(text: str | bytes) -> Frame:
    """Second look on the failure path: repair what is certain, name what is wrong with the rest."""
    try:
        elements = _elements.decode(text)
    except msgspec.ValidationError:
        raise FrameInvalid(Reason.NOT_A_FRAME, None, None) from None
    except _UNREADABLE:
        raise _salvaged(text) from None
    message_type = _find(int, elements, 0)
    message_id = _find_message_id(elements)
    if message_type is not None and message_type not in {2, 3, 4, 5, 6}:
        raise FrameInvalid(Reason.MESSAGE_TYPE_UNKNOWN, message_type, message_id)
    if message_type in {4, 5} and message_id is not None:
        return _error(CallError if message_type == 4 else CallResultError, message_id, elements)
    raise FrameInvalid(Reason.NOT_A_FRAME, message_type, message_id)


def _error(
    kind: type[CallError] | type[CallResultError], message_id: MessageId, elements: list[msgspec.Raw]
) -> CallError | CallResultError:
    """That the call failed is certain, whatever is wrong with the words for it."""
    return kind(
        message_id=message_id,
        code=_find(str, elements, 2) or "GenericError",
        description=_find(str, elements, 3) or "",
        details=elements[4] if len(elements) > 4 else _NO_DETAILS,
    )


def _salvaged(text: str | bytes) -> FrameInvalid:
    """Read type and id from text that breaks off or has stray commas (Grizzl-E; ZJ Beny, lbbrhzn #1078)."""
    start = text[:_LONGEST_BEGINNING]
    found = _BEGINNING.match(start.decode(errors="surrogateescape") if isinstance(start, bytes) else start)
    if found is None:
        return FrameInvalid(Reason.NOT_JSON, None, None)
    # What is not UTF-8 stays so, and makes the id unreadable rather than a similar one.
    token = (found["id"] or "").encode(errors="surrogatepass")
    return FrameInvalid(Reason.NOT_JSON, int(found["type"]), _find_message_id([_NO_DETAILS, msgspec.Raw(token)]))


def _find_message_id(elements: list[msgspec.Raw]) -> MessageId | None:
    try:
        return _message_id.decode(elements[1])
    except (IndexError, *_UNREADABLE):
        return None


def _find(kind: type[T], elements: list[msgspec.Raw], index: int) -> T | None:
    try:
        return msgspec.json.decode(elements[index], type=kind)
    except (IndexError, *_UNREADABLE):
        return None
