"""The lenient reader reads what strict JSON allows and what the seed prints, and says where it cannot."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltherd.api.lenient import DEEPEST, Unreadable, read
from voltherd.api.reading import read_text

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)
FRAGMENTS = st.lists(
    st.sampled_from(
        ["{", "}", "[", "]", ":", ",", "'", '"', "\\", "\\u", "00", "d83d", "\t", "\n", " ", "a", "1", "-", "."]
    )
    | st.sampled_from(["'x'", '"y"', "true", "null", "evseId", "\ufeff", "é", "\\n", "1e999", "9" * 30]),
    max_size=25,
).map("".join)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("['Name', {}]", ["Name", {}]),
        ("[Name,{key:value}]", ["Name", {"key": "value"}]),
        ("\t['Name',\n\t{ 'a' : 1 \t}\n]\n", ["Name", {"a": 1}]),
        ("""["Name", {'a': "it's", "b": 'say "x"'}]""", ["Name", {"a": "it's", "b": 'say "x"'}]),
        (r"['it\'s', '\"', '\\', '\u00e9', '\ud83d\ude00', '\/']", ["it's", '"', "\\", "é", "😀", "/"]),
        (
            "{a: true, b: false, c: null, d: -1, e: 1.5, f: 1e3}",
            {"a": True, "b": False, "c": None, "d": -1, "e": 1.5, "f": 1e3},
        ),
        ("[04A1, 007, 1.2.3, CS-1, -, .5]", ["04A1", "007", "1.2.3", "CS-1", "-", ".5"]),
        ("['two\nlines\tand a tab']", ["two\nlines\tand a tab"]),
        ("\ufeff{1: 2}", {"1": 2}),
        ("''", ""),
        ("word", "word"),
    ],
)
def test_reads(text: str, value: Any) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ("[", 1, 2),
        ("[1,\n 2,]", 2, 4),
        ("{'a': 1, }", 1, 10),
        ("['a' 'b']", 1, 6),
        ("{'a' 1}", 1, 6),
        ("{'a':}", 1, 6),
        ("{:1}", 1, 2),
        ("['never closed]", 1, 2),
        ("['a']\n\nmore", 3, 1),
        ("{'a': 1,\n\t'a': 2}", 2, 2),
        (r"['\x']", 1, 3),
        (r"['\u12']", 1, 3),
        (r"['ok', '\ud800']", 1, 8),
        (r"['\u0000']", 1, 2),
        ("[99999999999999999999]", 1, 2),
        ("[1e999]", 1, 2),
        ("[a=b]", 1, 3),
        ("[" * (DEEPEST + 2), 1, DEEPEST + 2),
    ],
)
def test_says_where_it_cannot_read(text: str, line: int, column: int) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text)
    assert (caught.value.line, caught.value.column) == (line, column)


@given(VALUES)
def test_reads_all_that_json_writes(value: Any) -> None:
    assert read(json.dumps(value)) == value
    assert read(json.dumps(value, ensure_ascii=False)) == value


@given(st.text() | FRAGMENTS)
def test_gives_a_value_or_a_place(text: str) -> None:
    for lenient_too in (True, False):
        value, error = attempted(text, lenient_too)
        if error is None:
            json.dumps(value, allow_nan=False).encode()
        else:
            lines = text.split("\n")
            assert 1 <= error.line <= len(lines)
            assert 1 <= error.column <= len(lines[error.line - 1]) + 1


def attempted(text: str, lenient_too: bool) -> tuple[Any, Unreadable | None]:
    try:
        return read_text(text, lenient_too=lenient_too)[0], None
    except Unreadable as error:
        return None, error


@given(VALUES)
def test_is_not_asked_where_strict_json_will_do(value: Any) -> None:
    assert read_text(json.dumps(value), lenient_too=True) == (value, False)


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 2}', '["\\ud800"]', '["\\u0000"]', "[1e999]", "[NaN]", "[" * 5000, "1" * 5000]
)
def test_keeps_the_same_limits_for_strict_json(text: str) -> None:
    with pytest.raises(Unreadable):
        read_text(text, lenient_too=False)


def test_is_fast_enough_for_the_largest_body() -> None:
    assert len(read("[" + ",".join(["{'key': 'value'}"] * 60_000) + "]")) == 60_000  # type: ignore[arg-type]
