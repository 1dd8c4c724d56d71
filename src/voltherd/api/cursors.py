"""Places in a sorted list: the values of a row's sort columns, opaque outside, a condition inside.

A page that begins at a row's values, not at a count of rows, stays where it is while rows come and go before it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import msgspec

from voltherd.api.lenient import can_be_kept
from voltherd.api.problems import Fault, Problem
from voltherd.kernel.readmodel import Resource

Side = Literal["after", "before", "last"]


class _Cursor(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    side: Side
    sort: str
    values: list[str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class Place:
    """Rows `after` or `before` a row's values; or the `last` page, which needs none."""

    side: Side
    values: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Sorting:
    """The columns that a list is sorted by, the key's last so that no two rows are equal; rows without a value last."""

    name: str
    columns: tuple[Any, ...]
    descending: bool

    def ordered(self, query: Any, *, backwards: bool) -> Any:
        """Sort a query, and have it show the values that cursors are made of."""
        query = query.add_columns(*(column.label(_label(number)) for number, column in enumerate(self.columns)))
        return query.order_by(*(self._clause(column, backwards) for column in self.columns))

    def _clause(self, column: Any, backwards: bool) -> Any:
        clause = column.desc() if self.descending != backwards else column.asc()
        if not _nullable(column):
            return clause  # said without need, it would keep PostgreSQL from its index
        return clause.nulls_first() if backwards else clause.nulls_last()

    def beyond(self, values: Sequence[Any], *, backwards: bool) -> Any:
        """The condition of the rows that come after a row's values on the way through the list."""
        return self._from(values, backwards=backwards, row=False)

    def until(self, values: Sequence[Any], *, backwards: bool) -> Any:
        """The condition of the rows that come before a row's values on the way through the list, or have them."""
        return self._from(values, backwards=not backwards, row=True)

    def _from(self, values: Sequence[Any], *, backwards: bool, row: bool) -> Any:
        condition: Any = None
        for column, value in reversed(tuple(zip(self.columns, values, strict=True))):
            further, same = self._further(column, value, backwards)
            # The last column's tie is the row itself.
            tied = condition is not None or row
            if tied and condition is not None:
                same = same & condition
            condition = further if not tied else same if further is None else further | same
        first, value = self.columns[0], values[0]
        if len(self.columns) > 1 and not _nullable(first):
            # Says nothing new, but an index cannot be entered at a condition with an or.
            condition = (first <= value if self.descending != backwards else first >= value) & condition
        return condition

    def _further(self, column: Any, value: Any, backwards: bool) -> tuple[Any, Any]:
        if value is None:
            return (column.is_not(None) if backwards else None), column.is_(None)
        further = column < value if self.descending != backwards else column > value
        if not backwards and _nullable(column):
            further = further | column.is_(None)
        return further, column == value

    def values(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """What a row is sorted by."""
        return tuple(row[_label(number)] for number in range(len(self.columns)))

    def cursor(self, side: Side, row: Mapping[str, Any] | None) -> str:
        """The opaque text of a place."""
        values = [] if row is None else [_kept(value) for value in self.values(row)]
        data = msgspec.json.encode(_Cursor(side, self.name, values))
        return base64.urlsafe_b64encode(data).decode().rstrip("=")

    def place(self, cursor: str) -> Place:
        """Read a cursor.

        Raises:
            Problem: it is none of ours, or of a list that was sorted otherwise.
        """
        try:
            data = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            found = msgspec.json.decode(data, type=_Cursor)
            if found.sort != self.name:
                raise _unusable(f"it belongs to the sorting {found.sort}, not {self.name}")
            if found.side == "last":
                return Place("last")
            values = [_back(value, column) for value, column in zip(found.values, self.columns, strict=True)]
        except (binascii.Error, ValueError, OverflowError) as error:
            raise _unusable("it is none of this list's") from error
        return Place(found.side, tuple(values))


def sorting_of(resource: Resource, sort: str) -> Sorting:
    """How a list is sorted; `sort` is one of the resource's names, perhaps with `-` before it."""
    columns = tuple(resource.sorts[sort.removeprefix("-")])
    key = tuple(
        column
        for column in resource.table.primary_key
        if column.name != "operator" and not any(column is one for one in columns)
    )
    return Sorting(sort, columns + key, sort.startswith("-"))


def _label(number: int) -> str:
    return f"sorted_by_{number}"


def _nullable(column: Any) -> bool:
    return bool(getattr(column, "nullable", True))


def _kept(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _back(value: Any, column: Any) -> Any:
    if value is None:
        if not _nullable(column):
            raise ValueError("this column is never without a value")
        return None
    kind = getattr(column.type, "impl", column.type).python_type  # a decorated type knows only what lies within
    if kind is datetime:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            raise ValueError("an instant without an offset")
        return instant
    fits = type(value) is kind or (kind is float and type(value) is int)
    if not fits or (isinstance(value, str) and not can_be_kept(value)):
        raise ValueError("a value of another type")
    if kind is int and not -(2**63) <= value < 2**63:
        raise ValueError("a number of more than 64 bits")
    return value


def _unusable(why: str) -> Problem:
    fault = Fault("?cursor", f"this cursor cannot be used: {why}")
    return Problem(422, "parameter_invalid", fault.detail, errors=[fault])
