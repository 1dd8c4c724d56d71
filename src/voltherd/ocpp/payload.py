"""What the generated payloads of all versions share: decoding, encoding, and naming exactly what is wrong
(1.6J §4.2, 2.0.1 Part 4 §4.2, §4.3).

An explicit `null` for an optional member is read as if the member were absent: stations send it, it can mean
nothing else, and `payload.evse is None` stays the only question a dialect has to ask. We never send `null`.
"""

import re
from abc import ABCMeta
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar, cast

import msgspec


class Payload(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename="camel",
    gc=False,  # trees of immutable values cannot form cycles; 9,000 links make the collector's work expensive
):
    """A message of a station or to a station, or an object inside one."""


P = TypeVar("P", bound=Payload)


class CustomData(Mapping[str, object]):
    """A vendor's own members: an object of any shape that names its vendor (2.0.1 Part 2 §2.1)."""

    __slots__ = ("_members",)

    def __init__(self, members: Mapping[str, object]) -> None:
        """Raises: ValueError or TypeError when `vendorId` is missing, no text, or over 255 characters."""
        if "vendorId" not in members:
            raise ValueError("Object missing required field `vendorId`")
        vendor_id = members["vendorId"]
        if not isinstance(vendor_id, str):
            raise TypeError(f"Expected `str`, got {_json_type(vendor_id)} for `vendorId`")
        if len(vendor_id) > 255:
            raise ValueError("Expected `str` of length <= 255 for `vendorId`")
        self._members = dict(members)

    @property
    def vendor_id(self) -> str:
        return cast("str", self._members["vendorId"])

    def __getitem__(self, name: str) -> object:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __repr__(self) -> str:
        return f"CustomData({self._members!r})"


if TYPE_CHECKING:
    Number: TypeAlias = Decimal
    NumberTo0: TypeAlias = Decimal
    NumberFrom0To100: TypeAlias = Decimal
else:
    # msgspec would read a Decimal from a JSON string too ("NaN" included) and cannot set bounds on it. These
    # types exist for the decoder alone: it hands what it found to `_read`, which answers with a Decimal.
    def _number(name: str, minimum: int | None = None, maximum: int | None = None) -> ABCMeta:
        kind = ABCMeta(name, (), {"minimum": minimum, "maximum": maximum})
        kind.register(Decimal)
        return kind

    Number = _number("Number")
    NumberTo0 = _number("NumberTo0", maximum=0)
    NumberFrom0To100 = _number("NumberFrom0To100", minimum=0, maximum=100)


class Fault(Enum):
    """What is wrong with a payload, in the distinctions that the CALLERROR codes make."""

    SYNTAX = auto()
    UNKNOWN_FIELD = auto()
    MISSING_FIELD = auto()
    TYPE = auto()
    PROPERTY = auto()
    OCCURRENCE = auto()


class PayloadInvalid(Exception):
    """A payload that its version's schema refuses; `pointer` (RFC 6901) leads to the member in question."""

    def __init__(self, fault: Fault, pointer: str, detail: str) -> None:
        super().__init__(f"{detail} at {pointer!r}")
        self.fault = fault
        self.pointer = pointer
        self.detail = detail


def decode(kind: type[P], raw: bytes | msgspec.Raw) -> P:
    """Read a payload. Raises: PayloadInvalid, and nothing else."""
    if b"\\u0000" in bytes(raw):
        _refuse_nul(bytes(raw))
    try:
        return cast("P", _decoder(kind).decode(raw))
    except _UNREADABLE as error:
        return _decode_leniently(kind, raw, error)


def _refuse_nul(raw: bytes) -> None:
    """A NUL is a character like others in JSON, and no database's texts can hold it. Raises: PayloadInvalid."""
    try:
        left = [_texts.decode(raw)]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return  # whatever else is wrong is told by who reads it
    except RecursionError as error:
        raise _explain(error) from None
    while left:  # no recursion: the parser goes deeper than Python's functions
        one = left.pop()
        if isinstance(one, dict):
            left += one.keys()
            left += one.values()
        elif isinstance(one, list):
            left += one
        elif isinstance(one, str) and "\0" in one:
            raise PayloadInvalid(Fault.PROPERTY, "", "a text holds the character NUL")


def encode(payload: Payload) -> bytes:
    """Write a payload, optional members omitted when they are None."""
    return _encoder.encode(payload)


# A number's magnitude beyond every IEEE double: no quantity, but a way to make later arithmetic expensive.
_LARGEST_EXPONENT: Final = 308
# Integral floats beyond this many digits are not repaired into integers.
_LARGEST_INTEGRAL_EXPONENT: Final = 18

# InvalidOperation: exponents that even a Decimal cannot hold; RecursionError: nesting deeper than the parser
# goes.
_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeError, InvalidOperation, RecursionError)


def _read(kind: type, found: object) -> object:
    # First what every meter value has, ten times over.
    if kind is Number:
        if type(found) is int:
            return Decimal(found)
        if type(found) is Decimal and found.adjusted() <= _LARGEST_EXPONENT:
            return found
    if kind is object:
        return found
    if kind is CustomData:
        if not isinstance(found, dict):
            raise TypeError(f"Expected `object`, got {_json_type(found)}")
        return CustomData(found)
    if isinstance(found, int) and not isinstance(found, bool):
        found = Decimal(found)
    if not isinstance(found, Decimal):
        raise TypeError(f"Expected `number`, got {_json_type(found)}")
    if found.adjusted() > _LARGEST_EXPONENT:
        raise ValueError("Number out of range")
    minimum, maximum = kind.minimum, kind.maximum  # type: ignore[attr-defined]  # the decoder's number types
    if minimum is not None and found < minimum:
        raise ValueError(f"Expected `number` >= {minimum}")
    if maximum is not None and found > maximum:
        raise ValueError(f"Expected `number` <= {maximum}")
    return found


def _write(value: object) -> object:
    if isinstance(value, CustomData):
        return dict(value)
    raise NotImplementedError(f"no JSON for {type(value).__name__}")


def _json_type(value: object) -> str:
    names = {str: "`str`", bool: "`bool`", dict: "`object`", list: "`array`", type(None): "`null`"}
    return names.get(type(value), "`number`")


@cache
def _decoder(kind: type[Payload]) -> msgspec.json.Decoder[Payload]:
    return msgspec.json.Decoder(kind, dec_hook=_read, float_hook=Decimal)


# Numbers are read over: one that is too large would hide the texts beside it.
_texts: Final = msgspec.json.Decoder(float_hook=lambda _: None)
_encoder: Final = msgspec.json.Encoder(decimal_format="number", enc_hook=_write)


def _decode_leniently(kind: type[P], raw: bytes | msgspec.Raw, error: Exception) -> P:
    """Second look on the failure path: `null` for an empty payload (SteVe #1109), 1.0 for an integer."""
    if bytes(raw).strip() == b"null":
        return decode(kind, b"{}")
    if "got `float`" in str(error):
        try:
            return msgspec.convert(_untyped.decode(raw), kind, dec_hook=_read)
        except _UNREADABLE as second:
            raise _explain(second) from None
    raise _explain(error) from None


def _integral(text: str) -> int | Decimal:
    number = Decimal(text)
    if number.adjusted() <= _LARGEST_INTEGRAL_EXPONENT and number == number.to_integral_value():
        return int(number)
    return number


_untyped: Final = msgspec.json.Decoder(float_hook=_integral)

_PLACE: Final = re.compile(r"(?P<what>.*) - at `\$(?P<path>[^`]*)`", re.DOTALL)
_FIELD: Final = re.compile(r"Object (?P<how>contains|missing) \w+ field `(?P<name>.*)`", re.DOTALL)
_STEP: Final = re.compile(r"\.([^.\[]+)|\[(\d+)\]")


def _explain(error: Exception) -> PayloadInvalid:
    if isinstance(error, RecursionError):
        return PayloadInvalid(Fault.SYNTAX, "", "JSON is nested too deeply")
    if isinstance(error, UnicodeError):
        return PayloadInvalid(Fault.SYNTAX, "", "JSON is not UTF-8")
    if isinstance(error, InvalidOperation):
        return PayloadInvalid(Fault.PROPERTY, "", "Number out of range")
    if not isinstance(error, msgspec.ValidationError):
        return PayloadInvalid(Fault.SYNTAX, "", str(error))
    placed = _PLACE.fullmatch(str(error))
    what, path = (placed["what"], placed["path"]) if placed else (str(error), "")
    pointer = "".join(f"/{_escaped(name or index)}" for name, index in _STEP.findall(path))
    member = _FIELD.fullmatch(what)
    if member is None:
        return PayloadInvalid(_fault(what), pointer, what.replace("`decimal`", "`float`"))
    fault = Fault.MISSING_FIELD if member["how"] == "missing" else Fault.UNKNOWN_FIELD
    return PayloadInvalid(fault, f"{pointer}/{_escaped(member['name'])}", what)


def _fault(what: str) -> Fault:
    if what.startswith("Expected `array` of length"):
        return Fault.OCCURRENCE
    if what.startswith("Expected") and "`, got `" in what:
        return Fault.TYPE
    return Fault.PROPERTY


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
