"""A list's rows from some place on, in either direction, for a bounded price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from voltherd.api.cursors import Place, Sorting
from voltherd.api.door import Door
from voltherd.api.rows import Row, is_of, select_rows
from voltherd.api.ways import Way, ways
from voltherd.kernel.readmodel import Resource


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows on the way from a place; `further` is the row behind which there may be more of them (None: the end).

    That is the last of `rows` where there are too many; or the last row that was looked at, wanted or not.
    """

    rows: Sequence[Row]
    further: Row | None
    full: bool


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are: all of them if `exact`, else at least so many."""

    number: int
    exact: bool


class Rows:
    """The rows of one list. No question looks at more than `reach` of them, or counts or leaves out more."""

    def __init__(self, door: Door, resource: Resource, sorting: Sorting, way: Way) -> None:
        self._door = door
        self._reach = door.settings.reach
        self._sorting = sorting
        self._all = select_rows(resource, *way.along)
        self._bare = self._all.with_only_columns(resource.table.c.operator)
        # As it is said here, no index knows it: the database might else take another way than the one that is bounded.
        self._beside = [condition.is_(True) for condition in way.beside]

    @classmethod
    async def find(
        cls, door: Door, resource: Resource, operator: str, sorting: Sorting, conditions: Sequence[Any]
    ) -> Self:
        """The rows of which this is so, along whichever index has few to look through."""
        found = [
            cls(door, resource, sorting, way)
            for way in ways(resource.table, sorting, [is_of(resource, operator), *conditions])
        ]
        for rows in found[1:] and found:
            if await rows._end(rows._bare, backwards=False) is None:
                return rows
        return found[0]

    async def stretch(self, place: Place | None, wanted: int, offset: int = 0) -> Stretch:
        """At most `wanted` rows on the way from a place (None: from the list's beginning)."""
        backwards = place is not None and place.side != "after"
        sorting, query, bare = self._sorting, self._all, self._bare
        if place is not None and place.values:
            beyond = sorting.beyond(place.values, backwards=backwards)
            query, bare = query.where(beyond), bare.where(beyond)
        end = await self._end(bare, backwards)
        if end is not None:
            query = query.where(sorting.until(sorting.values(end), backwards=backwards))
        ordered = sorting.ordered(query.where(*self._beside), backwards=backwards)
        rows = await self._door.pictures.fetch(ordered.limit(wanted + 1).offset(offset))
        if len(rows) > wanted:
            return Stretch(rows[:wanted], rows[wanted - 1], full=True)
        return Stretch(rows, end, full=False)

    async def count(self) -> Count:
        """Count the rows."""
        end = await self._end(self._bare, backwards=False)
        query = self._bare.where(*self._beside)
        if end is not None:
            query = query.where(self._sorting.until(self._sorting.values(end), backwards=False))
        # In order: the database might else count along another index, which holds all these columns but no fewer rows.
        some = self._sorting.ordered(query, backwards=False).limit(self._reach + 1).subquery()
        counted = await self._door.pictures.fetch(self._door.count(some.select()))
        number = int(next(iter(counted[0].values())))
        return Count(min(number, self._reach), exact=end is None and number <= self._reach)

    async def _end(self, bare: Any, backwards: bool) -> Row | None:
        """The row at which to stop looking; None where there is nothing to look for, or nothing behind it."""
        if not self._beside:
            return None
        ordered = self._sorting.ordered(bare, backwards=backwards)
        rows = await self._door.pictures.fetch(ordered.limit(2).offset(self._reach - 1))
        return rows[0] if len(rows) > 1 else None
