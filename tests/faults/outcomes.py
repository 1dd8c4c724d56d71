"""What a station may do wrong and what Voltherd then does: the tables of docs/reference/robustness.md, and their tests.

`python -m tests.faults.outcomes` writes the tables into the page.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Final

from websockets.frames import Opcode

from tests.support.raw import text, wire

PAGE: Final = Path(__file__).parents[2] / "docs/reference/robustness.md"
NOTHING: Final = "no answer"
RESULT: Final = "CALLRESULT"
DEEP: Final = 100_000


@dataclass(frozen=True, slots=True)
class Message:
    """A text, or bytes as a binary message, and what it is answered with in 1.6 and in 2.0.1: `id` is its own."""

    symptom: str
    sent: str | bytes
    v16: str
    v201: str
    answered_to: object = "id"


def _heartbeat(payload: str) -> str:
    return f'[2,"id","Heartbeat",{payload}]'


def _transfer(data: str) -> str:
    return f'[2,"id","DataTransfer",{{"vendorId":"V","data":{data}}}]'


def _firmware(status: str) -> str:
    """An action of both versions that Voltherd reads and has no use for."""
    return f'[2,"id","FirmwareStatusNotification",{{"status":{status}}}]'


def _security(kind: str, instant: str = '"2026-03-01T12:00:00Z"') -> str:
    """An action of both versions with the same members."""
    return f'[2,"id","SecurityEventNotification",{{"type":{kind},"timestamp":{instant}}}]'


# The frame as a whole cannot be read, but its id can.
_BROKEN: Final = ("FormationViolation", "RpcFrameworkError")
# Its id cannot: 1.6 has no words for that, 2.0.1 answers to "-1".
_ANONYMOUS: Final = (NOTHING, "RpcFrameworkError", "-1")

MESSAGES: Final[Sequence[Message]] = (
    Message("an empty text", "", *_ANONYMOUS),
    Message("what is not JSON", "hello", *_ANONYMOUS),
    Message("a byte order mark before the frame", "\ufeff" + _heartbeat("{}"), *_ANONYMOUS),
    Message("JSON that is no array, or an empty one", "{}", *_ANONYMOUS),
    Message("100,000 brackets", "[" * DEEP, *_ANONYMOUS),
    Message("a CALL without an id", '[2,null,"Heartbeat",{}]', *_ANONYMOUS),
    Message("a CALL with an empty id", '[2,"","Heartbeat",{}]', *_ANONYMOUS),
    Message("an id beyond every double (1e400)", '[2,1e400,"Heartbeat",{}]', *_ANONYMOUS),
    Message("an id with a lone surrogate", '[2,"\\ud800","Heartbeat",{}]', *_ANONYMOUS),
    Message("an id that is a number", '[2,7,"Heartbeat",{}]', RESULT, RESULT, 7),
    Message("an id that is an integer of 30 digits", f'[2,{"7" * 30},"Heartbeat",{{}}]', RESULT, RESULT, int("7" * 30)),
    Message("an id of 100,000 characters", f'[2,"{"x" * DEEP}","Heartbeat",{{}}]', RESULT, RESULT, "x" * DEEP),
    Message("an id with a NUL", '[2,"\\u0000","Heartbeat",{}]', RESULT, RESULT, "\0"),
    Message("a CALL that breaks off", '[2,"id","Heartbeat",{', *_BROKEN),
    Message("a stray comma", '[2,"id","DataTransfer",{"vendorId":"V","data":[,1]}]', *_BROKEN),
    Message("a CALL without a payload", '[2,"id","Heartbeat"]', *_BROKEN),
    Message("a CALL with something appended", '[2,"id","Heartbeat",{},{}]', RESULT, RESULT),
    Message("an action that is no text", '[2,"id",7,{}]', *_BROKEN),
    Message("a lone surrogate in the payload", _transfer('"\\ud800"'), *_BROKEN),
    Message("a payload nested 100,000 deep", _heartbeat("[" * DEEP + "]" * DEEP), *_BROKEN),
    Message(
        "a payload nested as deep as a frame may be, with a NUL inside",
        _transfer("[" * 900 + '"\\u0000"' + "]" * 900),
        "PropertyConstraintViolation",
        "PropertyConstraintViolation",
    ),
    Message("`null` for an empty payload", _heartbeat("null"), RESULT, RESULT),
    Message("an array for a payload", _heartbeat("[]"), "TypeConstraintViolation", "TypeConstraintViolation"),
    Message("an unknown member", _heartbeat('{"x":1e400}'), "FormationViolation", "FormatViolation"),
    Message("a member missing", '[2,"id","DataTransfer",{}]', "ProtocolError", "OccurrenceConstraintViolation"),
    Message("a number for a text", _security("7"), "TypeConstraintViolation", "TypeConstraintViolation"),
    Message(
        "a word that is not in the list",
        _firmware('"No"'),
        "PropertyConstraintViolation",
        "PropertyConstraintViolation",
    ),
    Message(
        "a text that is too long",
        _security(f'"{"x" * 51}"'),
        "PropertyConstraintViolation",
        "PropertyConstraintViolation",
    ),
    Message("a NUL in a text", _security('"\\u0000"'), "PropertyConstraintViolation", "PropertyConstraintViolation"),
    Message("no instant", _security('"T"', '"noon"'), "PropertyConstraintViolation", "PropertyConstraintViolation"),
    Message("the year 1, and the year 9999", _security('"T"', '"0001-01-01T00:00:00Z"'), RESULT, RESULT),
    Message("two members of one name: the last counts", _security('"A","type":"B"'), RESULT, RESULT),
    Message("an action of 1 MB", f'[2,"id","{"x" * 1_000_000}",{{}}]', "NotImplemented", "NotImplemented"),
    Message("an action that nobody knows", '[2,"id","Nonsense",{}]', "NotImplemented", "NotImplemented"),
    Message("an action that Voltherd does not serve", _firmware('"Installed"'), "NotSupported", "NotSupported"),
    Message("a CALLRESULT that nobody waits for", '[3,"id",{}]', NOTHING, NOTHING),
    Message("a CALLERROR that nobody waits for", '[4,"id","GenericError","",{}]', NOTHING, NOTHING),
    Message("a broken CALLRESULT", '[3,"id",{', NOTHING, NOTHING),
    Message("2.1's CALLRESULTERROR and SEND", '[6,"id","Heartbeat",{}]', NOTHING, "MessageTypeNotSupported"),
    Message("a message type that nobody knows", '[9,"id",{}]', NOTHING, "MessageTypeNotSupported"),
    Message("a binary message that is a frame", _heartbeat("{}").encode(), RESULT, RESULT),
    Message("a binary message that is none", b"\xff\x00\x80", *_ANONYMOUS),
)


def _meter_start(number: str) -> str:
    start = '"connectorId":1,"idTag":"T","timestamp":"2026-03-01T12:00:00Z"'
    return f'[2,"id","StartTransaction",{{{start},"meterStart":{number}}}]'


def _meter_value(number: str) -> str:
    sample = f'{{"value":{number},"unitOfMeasure":{{"unit":"kWh"}}}}'
    value = f'{{"timestamp":"2026-03-01T12:00:00Z","sampledValue":[{sample}]}}'
    return f'[2,"id","MeterValues",{{"evseId":1,"meterValue":[{value}]}}]'


@dataclass(frozen=True, slots=True)
class Number:
    """A number, and what becomes of it as an integer of 1.6 and as a meter value of 2.0.1."""

    written: str
    integer: str
    quantity: str

    @property
    def messages(self) -> tuple[str, str]:
        return _meter_start(self.written), _meter_value(self.written)


_PROPERTY: Final = "PropertyConstraintViolation"
NUMBERS: Final[Sequence[Number]] = (
    Number("-0", RESULT, RESULT),
    Number("1.0", RESULT, RESULT),
    Number("0.5", "TypeConstraintViolation", RESULT),
    Number("9223372036854775807", RESULT, RESULT),
    Number("9223372036854775808", _PROPERTY, RESULT),
    Number("123456789012345678901234567890", _PROPERTY, RESULT),
    Number("9" * 5000, _PROPERTY, _PROPERTY),
    Number("1e308", "TypeConstraintViolation", RESULT),
    Number("1E+309", _PROPERTY, _PROPERTY),
    Number("1e400", _PROPERTY, _PROPERTY),
    Number("1e999999999999999999999", _PROPERTY, _PROPERTY),
    Number("1e-400", "TypeConstraintViolation", RESULT),
    Number("01", "FormationViolation", "RpcFrameworkError"),
    Number("NaN", "FormationViolation", "RpcFrameworkError"),
    Number('"1"', "TypeConstraintViolation", "TypeConstraintViolation"),
)


@dataclass(frozen=True, slots=True)
class Breach:
    """Bytes that break the rules of WebSocket (RFC 6455), and the code that the connection is closed with."""

    symptom: str
    sent: tuple[bytes, ...]
    code: int


_BEGUN: Final = text('[2,"id",', fin=False)
_MORE: Final = wire(Opcode.CONT, b"", fin=False)
BREACHES: Final[Sequence[Breach]] = (
    Breach("a text that is not UTF-8", (wire(Opcode.TEXT, b'[2,"id","Heartbeat",{"\xc3\x28":1}]'),), 1007),
    Breach("a frame without a mask", (b"\x81\x02[]",), 1002),
    Breach("a reserved opcode", (b"\x83\x80\x00\x00\x00\x00",), 1002),
    Breach("a reserved bit (as of compression that was not agreed upon)", (b"\xc1\x80\x00\x00\x00\x00",), 1002),
    Breach("a ping of more than 125 bytes", (b"\x89\xfe\x00\x7e\x00\x00\x00\x00" + bytes(126),), 1002),
    Breach("a ping in fragments", (b"\x09\x80\x00\x00\x00\x00",), 1002),
    Breach("a continuation of nothing", (wire(Opcode.CONT, b"[]"),), 1002),
    Breach("a message inside another's fragments", (_BEGUN, text("[]")), 1002),
    Breach("a farewell of one byte", (wire(Opcode.CLOSE, b"\x03"),), 1002),
    Breach("a farewell with a code that must not be sent", (wire(Opcode.CLOSE, (1005).to_bytes(2, "big")),), 1002),
    Breach("a message of 10 MB", (text("x" * 10_000_000),), 1009),
    Breach(
        "the announcement of a message of 2⁶² bytes", (b"\x81\xff" + (1 << 62).to_bytes(8, "big") + bytes(4),), 1009
    ),
    Breach(
        "fragments of more than 1 MiB together",
        tuple(
            text("x" * 500_000, fin=False) if not part else wire(Opcode.CONT, b"x" * 500_000, fin=False)
            for part in range(3)
        ),
        1009,
    ),
    Breach("more than 4,096 fragments, be they empty", (_BEGUN, *repeat(_MORE, 5000)), 1009),
)


def tables() -> str:
    """The tables as Markdown."""
    lines = ["| message | 1.6 | 2.0.1 |", "| --- | --- | --- |"]
    for one in MESSAGES:
        to = ' (to `"-1"`)' if one.answered_to == "-1" else ""
        lines.append(f"| {one.symptom} | {_shown(one.v16)} | {_shown(one.v201)}{to} |")
    lines += ["", "| number | for an integer (1.6) | for a meter value (2.0.1) |", "| --- | --- | --- |"]
    for number in NUMBERS:
        written = number.written if len(number.written) < 40 else f"{len(number.written):,} digits"
        lines.append(f"| `{written}` | {_shown(number.integer)} | {_shown(number.quantity)} |")
    lines += ["", "| breach of WebSocket | closed with |", "| --- | --- |"]
    lines += [f"| {breach.symptom} | {breach.code} |" for breach in BREACHES]
    return "\n".join(lines)


def _shown(outcome: str) -> str:
    return outcome if outcome == NOTHING else f"`{outcome}`"


BEGIN: Final = "<!-- outcomes: written by python -m tests.faults.outcomes -->"
END: Final = "<!-- end of outcomes -->"


def written(page: str) -> str:
    """The page with the tables as they are now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
    sys.exit()
