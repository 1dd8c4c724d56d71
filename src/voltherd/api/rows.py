"""Queries of a resource, made of what its read model declares: always one operator's rows, and nobody else's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from voltherd.api.door import Door
from voltherd.kernel.readmodel import Part, Resource

Row = Mapping[str, Any]


def is_of(resource: Resource, operator: str) -> Any:
    """The condition that no query is without: these are an operator's rows."""
    return resource.table.c.operator == operator


def select_rows(resource: Resource, *conditions: Any) -> Any:
    """The rows of which this is so; `is_of` is among the conditions."""
    query = resource.table.select().where(*conditions)
    return query.add_columns(*resource.columns) if resource.columns else query


async def find_row(door: Door, resource: Resource, operator: str, item: str) -> Row | None:
    """The row of one item, with its parts; the item as a path names it."""
    assert resource.item is not None  # who asks has seen that there are items
    key = resource.item_key(item)
    if "\x00" in key:
        return None
    query = select_rows(resource, is_of(resource, operator), resource.table.c[resource.item] == key)
    found = await door.pictures.fetch(query)
    return (await with_parts(door, resource, operator, found))[0] if found else None


async def with_parts(door: Door, resource: Resource, operator: str, rows: Sequence[Row]) -> list[Row]:
    """The rows with the values of their parts, and with `now`: some documents say what is so at this instant."""
    now = door.clock.now()
    whole: list[dict[str, Any]] = [{**row, "now": now} for row in rows]
    for part in resource.parts:
        found = await _parts(door, part, operator, rows)
        for row in whole:
            row[part.name] = part.collect(found.get(tuple(row[name] for name in part.by.values()), ()))
    return list(whole)


async def _parts(door: Door, part: Part, operator: str, rows: Sequence[Row]) -> Mapping[tuple[Any, ...], list[Row]]:
    if not rows:
        return {}
    columns = part.table.c
    query = part.table.select().order_by(*part.order)
    if "operator" in columns:
        query = query.where(columns.operator == operator)
    # One list for each column may find rows that belong to none of ours; they are left out when they are paired.
    for theirs, ours in part.by.items():
        values = list({row[ours] for row in rows})
        query = query.where(columns[theirs] == values[0] if len(values) == 1 else columns[theirs].in_(values))
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in await door.pictures.fetch(query):
        found.setdefault(tuple(row[name] for name in part.by), []).append(row)
    return found


def document(resource: Resource, row: Row) -> Any:
    """What the outside sees of a row."""
    return resource.document(row)
