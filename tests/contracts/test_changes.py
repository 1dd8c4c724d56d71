"""Changes grouped by statement are those that were asked for, each order's in its sequence."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from voltherd.adapters.sql.changes import grouped
from voltherd.kernel.readmodel import Change

A, B, C = (object() for _ in range(3))

orders = st.lists(
    st.tuples(
        st.sampled_from(["CS-1", "CS-2", "CS-3"]),
        st.lists(st.tuples(st.sampled_from([A, B, C]), st.sampled_from(["x", "y"])), max_size=4),
    ),
    max_size=12,
)


@given(orders)
def test_keeps_the_sequence_of_each_order(asked: list[tuple[str, list[tuple[object, str]]]]) -> None:
    wanted = defaultdict(list)
    numbered: list[tuple[str, list[Change]]] = []
    number = 0
    for order, changes in asked:
        numbered.append((order, []))
        for statement, name in changes:
            number += 1
            wanted[order].append((statement, number))
            numbered[-1][1].append((statement, {"order": order, "number": number, name: None}))
    carried_out = defaultdict(list)
    for _shape, (statement, values) in grouped(numbered):
        assert len({tuple(value) for value in values}) == 1
        for value in values:
            carried_out[value["order"]].append((statement, value["number"]))
    assert carried_out == wanted


def test_makes_one_group_of_what_many_orders_do() -> None:
    asked = [(f"CS-{number}", [(A, {"n": number}), (B, {"n": number})]) for number in range(100)]
    assert [(statement, len(values)) for _shape, (statement, values) in grouped(asked)] == [(A, 100), (B, 100)]


def test_groups_what_one_order_repeats() -> None:
    asked = [("CS-1", [(A, {"n": 1}), (A, {"n": 2})]), ("CS-1", [(A, {"n": 3}), (B, {"n": 4}), (A, {"n": 5})])]
    assert [(statement, len(values)) for _shape, (statement, values) in grouped(asked)] == [(A, 3), (B, 1), (A, 1)]
