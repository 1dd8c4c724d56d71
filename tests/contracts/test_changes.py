"""Changes grouped by statement are those that were asked for, each order's in its sequence."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from voltherd.adapters.sql.changes import grouped
from voltherd.adapters.sql.work import RowChange

A, B, C = range(3)

orders = st.lists(
    st.tuples(st.sampled_from(["CS-1", "CS-2", "CS-3"]), st.lists(st.sampled_from([A, B, C]), max_size=4)),
    max_size=12,
)


@given(orders)
def test_keeps_the_sequence_of_each_order(asked: list[tuple[str, list[int]]]) -> None:
    wanted = defaultdict(list)
    numbered: list[tuple[str, list[RowChange]]] = []
    number = 0
    for order, statements in asked:
        numbered.append((order, []))
        for statement in statements:
            number += 1
            wanted[order].append((statement, number))
            numbered[-1][1].append((statement, (order, number)))
    carried_out = defaultdict(list)
    for statement, rows in grouped(numbered):
        for order, which in rows:
            carried_out[order].append((statement, which))
    assert carried_out == wanted


def test_makes_one_group_of_what_many_orders_do() -> None:
    asked = [(f"CS-{number}", [(A, (number,)), (B, (number,))]) for number in range(100)]
    assert [(statement, len(rows)) for statement, rows in grouped(asked)] == [(A, 100), (B, 100)]


def test_groups_what_one_order_repeats() -> None:
    asked = [("CS-1", [(A, (1,)), (A, (2,))]), ("CS-1", [(A, (3,)), (B, (4,)), (A, (5,))])]
    assert [(statement, len(rows)) for statement, rows in grouped(asked)] == [(A, 3), (B, 1), (A, 1)]
