"""The way to a list's rows: which index leads along them in their order, and what must be asked of each row on it.

Along an index only rows that are wanted are met, so a page costs the same however long the list is. A condition that
the index does not know may turn down any number of rows before one fits: these are looked through in bounded steps.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voltherd.api.cursors import Sorting

_RANGES = (operator.lt, operator.le, operator.gt, operator.ge)


@dataclass(frozen=True, slots=True)
class Way:
    """`along` are the conditions that the index knows, `beside` the others.

    Where no index has the list's order all rows are read and sorted: then `along` has everything.
    """

    along: Sequence[Any]
    beside: Sequence[Any]


def ways(table: Any, sorting: Sorting, conditions: Sequence[Any]) -> Sequence[Way]:
    """Those along the indexes that know the most; of such first one that holds no other rows."""
    found = [
        (len(known), bool(wheres), known)
        for columns, wheres in _indexes(table)
        if (known := _known(columns, wheres, sorting, conditions)) is not None
    ]
    if not found:
        return [Way(conditions, ())]
    found.sort(key=lambda one: one[:2], reverse=True)
    most = found[0][0]
    return [
        Way(known, [one for one in conditions if not any(one is other for other in known)])
        for number, _, known in found
        if number == most
    ]


def _indexes(table: Any) -> Iterator[tuple[Sequence[Any], Sequence[Any]]]:
    """The columns of each index, and the condition of the rows that it holds if it does not hold all."""
    yield tuple(table.primary_key.columns), ()
    for index in sorted(table.indexes, key=lambda index: str(index.name)):
        where = index.dialect_options["postgresql"]["where"]
        yield tuple(index.expressions), () if where is None else (where,)


def _known(
    columns: Sequence[Any], wheres: Sequence[Any], sorting: Sorting, conditions: Sequence[Any]
) -> Sequence[Any] | None:
    """The conditions that an index knows; None where its rows are not in the list's order or not all in it."""
    known: list[Any] = [one for one in conditions if any(_same(where, one) for where in wheres)]
    if len(known) < len(wheres):
        return None
    equal = {one: side for one in conditions if (side := _equal(one)) is not None}
    left = list(columns)
    while left and (found := _of(left[0], equal)) is not None:
        left.pop(0)
        known += [] if any(found is one for one in known) else [found]
    order = [column for column in sorting.columns if _of(column, equal) is None]
    if not order:
        return known
    if not left or not _same(left[0], order[0]):
        return None
    return [*known, *(one for one in conditions if _is_range(one, order[0]))]


def _equal(condition: Any) -> Any:
    """What a condition says is equal to something; None if it says otherwise."""
    return condition.left if getattr(condition, "operator", None) is operator.eq else None


def _of(column: Any, equal: Mapping[Any, Any]) -> Any:
    return next((one for one, side in equal.items() if _same(column, side)), None)


def _is_range(condition: Any, column: Any) -> bool:
    return getattr(condition, "operator", None) in _RANGES and _same(column, condition.left)


def _same(one: Any, other: Any) -> bool:
    """Whether two expressions say the same; a column is the same as itself only."""
    return one is other or (getattr(one, "table", None) is None and bool(one.compare(other)))
