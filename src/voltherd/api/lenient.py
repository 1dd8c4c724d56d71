"""Read JSON as the seed prints it: single quotes, bare words, raw tabs inside texts. The reading of last resort.

Everything that strict JSON allows is read too, and the limits are the same for both: texts that can be kept, numbers
of 64 bits, no member twice, not too deep. So this reader also says *where* a text is wrong that strict JSON refused.
"""

from __future__ import annotations

import math
import re
from typing import Final

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None

DEEPEST: Final = 64

_SPACE = re.compile(r"[\s\ufeff]*")
_WORD = re.compile(r"""[^\s\ufeff{}\[\]:,'"\\;#=/]+""")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_PLAIN = {"'": re.compile(r"[^'\\]*"), '"': re.compile(r'[^"\\]*')}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\", "/": "/"}
_HEX = re.compile(r"[0-9a-fA-F]{4}")
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


class Unreadable(ValueError):
    """The text is not even leniently JSON, from this place on (both counted from 1)."""

    def __init__(self, detail: str, line: int, column: int) -> None:
        super().__init__(f"line {line}, column {column}: {detail}")
        self.detail = detail
        self.line = line
        self.column = column


def read(text: str) -> Json:
    """Read a text.

    Raises:
        Unreadable: with the place.
    """
    return _Reader(text).whole()


def unreadable(detail: str, text: str, index: int) -> Unreadable:
    """Say what is wrong at this character of the text."""
    return Unreadable(detail, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index))


def can_be_kept(text: str) -> bool:
    """Tell whether every database takes the text: no NUL, no half of a surrogate pair."""
    return _UNKEEPABLE.search(text) is None


def _join(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def whole(self) -> Json:
        value = self._value(0)
        self._skip()
        if self._at < len(self._text):
            raise self._wrong("nothing more was expected here")
        return value

    def _wrong(self, detail: str, at: int | None = None) -> Unreadable:
        return unreadable(detail, self._text, self._at if at is None else at)

    def _skip(self) -> None:
        found = _SPACE.match(self._text, self._at)
        assert found is not None  # it matches nothing at all, too
        self._at = found.end()

    def _peek(self) -> str:
        self._skip()
        return self._text[self._at : self._at + 1]

    def _take(self, wanted: str, detail: str) -> None:
        if self._peek() != wanted:
            raise self._wrong(detail)
        self._at += 1

    def _value(self, depth: int) -> Json:
        if depth > DEEPEST:
            raise self._wrong(f"this is nested more than {DEEPEST} deep")
        match self._peek():
            case "":
                raise self._wrong("a value was expected, and the text ends")
            case "{":
                return self._object(depth)
            case "[":
                return self._array(depth)
            case "'" | '"':
                return self._string()
        return self._bare()

    def _object(self, depth: int) -> Json:
        self._at += 1
        members: dict[str, Json] = {}
        if self._peek() == "}":
            self._at += 1
            return members
        while True:
            self._skip()
            start = self._at
            name = self._name()
            if name in members:
                raise self._wrong(f"the member {name} is given twice", start)
            self._take(":", "':' was expected after the name of a member")
            members[name] = self._value(depth + 1)
            if self._peek() == "}":
                self._at += 1
                return members
            self._take(",", "',' or '}' was expected after a member")

    def _array(self, depth: int) -> Json:
        self._at += 1
        items: list[Json] = []
        if self._peek() == "]":
            self._at += 1
            return items
        while True:
            items.append(self._value(depth + 1))
            if self._peek() == "]":
                self._at += 1
                return items
            self._take(",", "',' or ']' was expected after an item")

    def _name(self) -> str:
        if self._peek() in ("'", '"'):
            return self._string()
        return self._word("the name of a member was expected")

    def _word(self, otherwise: str) -> str:
        found = _WORD.match(self._text, self._at)
        if found is None:
            raise self._wrong(otherwise)
        if not can_be_kept(found[0]):
            raise self._wrong("a text may not contain NUL or half of a surrogate pair")
        self._at = found.end()
        return found[0]

    def _bare(self) -> Json:
        start = self._at
        word = self._word("a value was expected")
        if word in _WORDS:
            return _WORDS[word]
        number = _NUMBER.fullmatch(word)
        if number is None:
            return word
        if number[1] is None and number[2] is None:
            # The length is looked at first: Python refuses to read numbers of thousands of digits.
            if len(word) <= 20 and -(2**63) <= (whole := int(word)) < 2**63:
                return whole
        elif math.isfinite(value := float(word)):
            return value
        raise self._wrong("the number is too large", start)

    def _string(self) -> str:
        start = self._at
        quote = self._text[start]
        plain = _PLAIN[quote]
        self._at += 1
        parts: list[str] = []
        while True:
            found = plain.match(self._text, self._at)
            assert found is not None  # it matches nothing at all, too
            parts.append(found[0])
            self._at = found.end()
            match self._text[self._at : self._at + 1]:
                case "":
                    raise self._wrong("this text is never closed", start)
                case "\\":
                    parts.append(self._escape())
                case _:
                    self._at += 1
                    break
        # Halves of a pair that were escaped one after the other are one character.
        text = _PAIR.sub(_join, "".join(parts))
        if not can_be_kept(text):
            raise self._wrong("a text may not contain NUL or half of a surrogate pair", start)
        return text

    def _escape(self) -> str:
        start = self._at
        letter = self._text[start + 1 : start + 2]
        self._at += 2
        if letter == "u":
            digits = _HEX.match(self._text, self._at)
            if digits is not None:
                self._at = digits.end()
                return chr(int(digits[0], 16))
        elif letter in _ESCAPES:
            return _ESCAPES[letter]
        raise self._wrong("there is no such escape", start)
