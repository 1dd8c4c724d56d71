"""Spoils frames: bytes, texts, and the tree of values that a frame is.

Numbers stay as they are written, and an object is a list of pairs: so that a mutant may hold what no Python value can
(1e400, -0, two members of one name).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias


@dataclass(slots=True)
class Word:
    """A number, a text, true, false or null, as JSON writes it; or anything else in its place."""

    written: str


@dataclass(slots=True)
class Object:
    """Members in their order, names as JSON writes them."""

    members: list[tuple[str, Tree]]


@dataclass(slots=True)
class Array:
    """Items in their order."""

    items: list[Tree]


Tree: TypeAlias = Word | Object | Array

NUMBERS: Sequence[str] = (
    *("0", "-0", "-1", "1", "-0.0", "1.0", "1.5", "1e0", "1E+309", "1e400", "-1e400", "1e308", "1e-400", "1e-99999"),
    *("1e999999999999999999999", "1e-999999999999999999999", "0.1e1", "1.00000000000000000000000000000000001"),
    *("2147483647", "2147483648", "-2147483649", "4294967296", "9007199254740993", "999999999999999999"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809"),
    *("18446744073709551616", "123456789012345678901234567890", "9" * 400, "9" * 5000, "0." + "3" * 400),
    *("01", "+1", ".5", "1.", "0x10", "NaN", "Infinity", "-Infinity", "1_000", "--1", "1e", "1e+"),
)
TEXTS: Sequence[str] = (
    *('""', '" "', '"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ud83d\\ude00"', '"\ud800"'),
    *('"\u00e4"', '"e\u0301"', '"\u202e"', '"\ufeff"', '"\uffff"', '"\U0001f50c"', '"\u0130"', '"\ufdfa"', '"\\/"'),
    *('"\\u00"', '"\\x"', '"\t"', '"\n"', '"\x00"', '"\\"', '"$"', '"`"', '"` - at `$.a`"', '"~1/~0"', '"%s{0}"'),
    *(json.dumps("x" * length) for length in (20, 21, 36, 37, 50, 51, 255, 256, 501, 2501, 70_000)),
    *('"Accepted"', '"Heartbeat"', '"kWh"', '"TAG"', '"tag "', '"ours"', '"-1"'),
)
QUANTITIES: Sequence[str] = (
    *('"0"', '"-0"', '"-1.5"', '"1e400"', '"1E+999999"', '"-1E+999999"', '"1e308"', '"1e15"', '"1e-999999"', '"NaN"'),
    *(
        '"sNaN"',
        '"-Infinity"',
        '"1_0"',
        '"\u0661\u0662"',
        '" 7 "',
        '"9999999999999999999999"',
        f'"{"9" * 400}"',
        '"1e"',
    ),
)
INSTANTS: Sequence[str] = (
    *('"2026-03-01T12:00:00Z"', '"2026-03-01T12:00:00"', '"2026-03-01T12:00+02"', '"2026-03-01"', '"20260301T120000Z"'),
    *('"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59.999999Z"', '"9999-12-31T23:59:59-14:00"', '"2026-W01-1"'),
    *('"0001-01-01T00:00:00+14:00"', '"1970-01-01T00:00:00Z"', '"2026-03-01T12:00:00.123456789Z"', '"2026-13-01"'),
)
WORDS: Sequence[str] = (
    *NUMBERS,
    *TEXTS,
    *QUANTITIES,
    *INSTANTS,
    "null",
    "true",
    "false",
    "{}",
    "[]",
    "[[]]",
    '{"":{}}',
    "",
    ",",
    "nul",
    "'x'",
)
# What strings of bytes are spoilt with.
TOKENS: Sequence[str] = (
    *'[]{},:"\\',
    "\x00",
    "\ufeff",
    "\x1f",
    " ",
    "\r\n",
    "\\u0000",
    "//",
    *NUMBERS[:12],
    *TEXTS[:12],
)
# In characters: what a gateway lets in, whatever they are in UTF-8.
LONGEST = 1024 * 1024 // 4
DEPTHS = (2, 40, 200, 330, 480, 900, 1100, 5000)


def parse(text: str) -> Tree:
    """The tree of a good frame."""
    return _tree(json.loads(text))


def _tree(value: object) -> Tree:
    if isinstance(value, dict):
        return Object([(json.dumps(name), _tree(member)) for name, member in value.items()])
    if isinstance(value, list):
        return Array([_tree(item) for item in value])
    return Word(json.dumps(value))


def write(tree: Tree) -> str:
    """The text of a tree; deep ones are made of words, so that this needs little stack."""
    match tree:
        case Word(written):
            return written
        case Array(items):
            return f"[{','.join(map(write, items))}]"
        case Object(members):
            return "{" + ",".join(f"{name}:{write(member)}" for name, member in members) + "}"


def copied(tree: Tree) -> Tree:
    match tree:
        case Word(written):
            return Word(written)
        case Array(items):
            return Array([copied(item) for item in items])
        case Object(members):
            return Object([(name, copied(member)) for name, member in members])


def _alike(written: str) -> Sequence[str]:
    """Words that may stand where this one does: what they say is strange, not of what type they are."""
    if not written.startswith('"'):
        return NUMBERS
    if written.startswith('"20') and "T" in written:
        return INSTANTS
    return QUANTITIES if written[1:2].isdigit() else TEXTS


class Mutator:
    """An endless supply of spoilt frames; the same seed gives the same ones."""

    def __init__(self, corpus: Sequence[str], seed: int) -> None:
        self._random = Random(seed)
        self._texts = corpus
        self._trees = [parse(text) for text in corpus]
        self._in_trees: Sequence[Callable[[Tree], None]] = (
            *(self._put_alike,) * 8,
            *(self._put_word, self._put_word, self._put_word, self._remove, self._duplicate, self._swap),
            *(self._rename, self._transplant, self._nest, self._multiply, self._wrap),
        )
        self._in_texts: Sequence[Callable[[str], str]] = (
            *(self._cut_off, self._cut_out, self._repeat, self._insert, self._splice, self._turn_characters),
        )

    def mutant(self) -> str | bytes:
        """The next frame; bytes where it may be no text."""
        while len(made := self._mutant()) > LONGEST:
            pass
        return made

    def _mutant(self) -> str | bytes:
        random = self._random
        index = random.randrange(len(self._texts))
        what = random.random()
        if what < 0.75:
            tree = copied(self._trees[index])
            for _ in range(random.choice((1, 1, 1, 2, 3))):
                random.choice(self._in_trees)(tree)
            text = write(tree)
        else:
            text = self._texts[index]
        if what > 0.7:
            for _ in range(random.choice((1, 1, 2, 4))):
                text = random.choice(self._in_texts)(text)
        return self._turn_bytes(text) if what > 0.9 else text

    # Trees

    def _places(self, tree: Tree) -> list[tuple[Array | Object, int]]:
        found: list[tuple[Array | Object, int]] = []
        left = [tree]
        while left:
            one = left.pop()
            if isinstance(one, Word):
                continue
            children = one.items if isinstance(one, Array) else [member for _, member in one.members]
            found += [(one, number) for number in range(len(children))]
            left += children
        return found

    def _place(self, tree: Tree) -> tuple[Array | Object, int] | None:
        places = self._places(tree)
        return self._random.choice(places) if places else None

    def _put(self, tree: Tree, new: Callable[[Tree], Tree]) -> None:
        place = self._place(tree)
        if place is None:
            return
        parent, number = place
        if isinstance(parent, Array):
            parent.items[number] = new(parent.items[number])
        else:
            name, member = parent.members[number]
            parent.members[number] = name, new(member)

    def _put_word(self, tree: Tree) -> None:
        self._put(tree, lambda _: Word(self._random.choice(WORDS)))

    def _put_alike(self, tree: Tree) -> None:
        def alike(one: Tree) -> Tree:
            return Word(self._random.choice(_alike(one.written))) if isinstance(one, Word) else one

        self._put(tree, alike)

    def _remove(self, tree: Tree) -> None:
        if (place := self._place(tree)) is not None:
            parent, number = place
            del (parent.items if isinstance(parent, Array) else parent.members)[number]

    def _duplicate(self, tree: Tree) -> None:
        if (place := self._place(tree)) is None:
            return
        parent, number = place
        if isinstance(parent, Array):
            parent.items.insert(self._random.randint(0, len(parent.items)), copied(parent.items[number]))
        else:
            name, member = parent.members[number]
            again = copied(member) if self._random.random() < 0.5 else Word(self._random.choice(WORDS))
            parent.members.insert(self._random.randint(0, len(parent.members)), (name, again))

    def _swap(self, tree: Tree) -> None:
        if (place := self._place(tree)) is None:
            return
        parent, number = place
        if isinstance(parent, Array):
            other = self._random.randrange(len(parent.items))
            parent.items[number], parent.items[other] = parent.items[other], parent.items[number]
        else:
            other = self._random.randrange(len(parent.members))
            (name, member), (its_name, its_member) = parent.members[number], parent.members[other]
            parent.members[number], parent.members[other] = (name, its_member), (its_name, member)

    def _rename(self, tree: Tree) -> None:
        objects = [(parent, number) for parent, number in self._places(tree) if isinstance(parent, Object)]
        if objects:
            parent, number = self._random.choice(objects)
            name = self._random.choice((self._random.choice(TEXTS), parent.members[number][0].upper(), '"extra"'))
            parent.members[number] = name, parent.members[number][1]

    def _transplant(self, tree: Tree) -> None:
        donor = self._place(self._random.choice(self._trees))
        if donor is not None:
            parent, number = donor
            given = parent.items[number] if isinstance(parent, Array) else parent.members[number][1]
            self._put(tree, lambda _: copied(given))

    def _nest(self, tree: Tree) -> None:
        depth = self._random.choice(DEPTHS)
        before, after = self._random.choice((("[", "]"), ('{"a":', "}"), ("[1,", "]"), ('{"\\u0000":', "}")))
        after = after * depth if self._random.random() < 0.9 else ""
        self._put(tree, lambda _: Word(before * depth + self._random.choice(WORDS) + after))

    def _multiply(self, tree: Tree) -> None:
        def many(one: Tree) -> Tree:
            times = self._random.choice((0, 2, 17, 300))
            # Three hundred times three hundred times a long text would be gigabytes.
            return Array([one] * times) if times * len(write(one)) <= LONGEST else one

        self._put(tree, many)

    def _wrap(self, tree: Tree) -> None:
        self._put(tree, self._random.choice((lambda one: Array([one]), lambda one: Object([('"a"', one)]))))

    # Texts

    def _stretch(self, text: str) -> tuple[int, int]:
        start = self._random.randint(0, len(text))
        return start, min(len(text), start + self._random.choice((1, 1, 2, 5, 30)))

    def _cut_off(self, text: str) -> str:
        return text[: self._random.randint(0, len(text))]

    def _cut_out(self, text: str) -> str:
        start, end = self._stretch(text)
        return text[:start] + text[end:]

    def _repeat(self, text: str) -> str:
        start, end = self._stretch(text)
        return text[:start] + text[start:end] * self._random.choice((2, 3, 50)) + text[end:]

    def _insert(self, text: str) -> str:
        start, _ = self._stretch(text)
        return text[:start] + self._random.choice(TOKENS) + text[start:]

    def _splice(self, text: str) -> str:
        other = self._random.choice(self._texts)
        return text[: self._random.randint(0, len(text))] + other[self._random.randint(0, len(other)) :]

    def _turn_characters(self, text: str) -> str:
        start, end = self._stretch(text)
        turned = [
            chr(ord(letter) ^ self._random.choice((1, 2, 4, 8, 16, 32, 64, 0x3000))) for letter in text[start:end]
        ]
        return text[:start] + "".join(turned) + text[end:]

    # Bytes

    def _turn_bytes(self, text: str) -> bytes:
        spoilt = bytearray(text, "utf-8", "surrogatepass")
        for _ in range(self._random.choice((1, 1, 2, 8))):
            if spoilt:
                spoilt[self._random.randrange(len(spoilt))] = self._random.randrange(256)
        return bytes(spoilt)
