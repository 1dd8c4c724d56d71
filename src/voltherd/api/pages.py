"""One page of a list, with the links to the others; nothing is shown twice and nothing is left out.

Links go by cursor, which holds while rows come and go; by offset where the caller began with one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from voltherd.api.cursors import Place, Sorting, sorting_of
from voltherd.api.door import Asked
from voltherd.api.filters import Listing
from voltherd.api.media import plain
from voltherd.api.rows import Row, document, select_rows, with_parts
from voltherd.kernel.readmodel import Resource

Link = Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the query parameters that lead to the neighbours (None: there is none)."""

    rows: Sequence[Row]
    next: Mapping[str, Any] | None
    previous: Mapping[str, Any] | None
    last: Mapping[str, Any]


async def show_page(asked: Asked, resource: Resource, listing: Listing, bounds: Sequence[Any]) -> Mapping[str, Any]:
    """The list's envelope. `bounds` are conditions of the path (a station, a transaction)."""
    door, operator = asked.door, asked.caller.operator
    query = select_rows(resource, operator).where(*bounds, *listing.conditions)
    counted = await door.pictures.fetch(door.count(query.with_only_columns(*resource.table.primary_key)))
    total = int(next(iter(counted[0].values())))
    sorting = sorting_of(resource, listing.sort)
    page = await _page(asked, query, sorting, listing, total)
    rows = await with_parts(door, resource, operator, page.rows)
    return {
        "elements": [plain(document(resource, row)) for row in rows],
        "total": total,
        "href": _href(asked, dict(asked.request.query_params)),
        "first": _link(asked, listing, {} if listing.offset is None else {"offset": 0}),
        "last": _link(asked, listing, page.last),
        "next": _link(asked, listing, page.next),
        "previous": _link(asked, listing, page.previous),
    }


async def _page(asked: Asked, query: Any, sorting: Sorting, listing: Listing, total: int) -> Page:
    limit = listing.limit
    if listing.offset is not None:
        return await _page_at(asked, query, sorting, limit, listing.offset, total)
    last = {"cursor": sorting.cursor("last", None)} if total > limit else {}
    place = None if listing.cursor is None else sorting.place(listing.cursor)
    if place is not None and place.side == "before":
        rows = await _fetch(asked, query, sorting, limit + 1, place)
        if len(rows) > limit:
            return _between(rows[1:], sorting, last, before=True, after=True)
        # Less than a page lies before it: the first page is what is wanted, and it is shown whole.
        place = None
    if place is not None and place.side == "last":
        rows = await _fetch(asked, query, sorting, (total - 1) % limit + 1 if total else limit, place)
        return _between(rows, sorting, last, before=total > limit, after=False)
    rows = await _fetch(asked, query, sorting, limit + 1, place)
    return _between(rows[:limit], sorting, last, before=place is not None, after=len(rows) > limit)


async def _page_at(asked: Asked, query: Any, sorting: Sorting, limit: int, offset: int, total: int) -> Page:
    rows = await asked.door.pictures.fetch(sorting.ordered(query, backwards=False).limit(limit).offset(offset))
    final = (total - 1) // limit * limit if total else 0
    return Page(
        rows=rows,
        next={"offset": offset + limit} if offset + limit < total else None,
        previous={"offset": max(0, min(offset - limit, final))} if offset > 0 else None,
        last={"offset": final},
    )


async def _fetch(asked: Asked, query: Any, sorting: Sorting, limit: int, place: Place | None) -> Sequence[Row]:
    """Rows of one side of a place, in the list's order."""
    backwards = place is not None and place.side != "after"
    if place is not None and place.values:
        query = query.where(sorting.beyond(place))
    rows = await asked.door.pictures.fetch(sorting.ordered(query, backwards=backwards).limit(limit))
    return list(reversed(rows)) if backwards else rows


def _between(rows: Sequence[Row], sorting: Sorting, last: Mapping[str, Any], *, before: bool, after: bool) -> Page:
    return Page(
        rows=rows,
        next={"cursor": sorting.cursor("after", rows[-1])} if after and rows else None,
        previous=({"cursor": sorting.cursor("before", rows[0])} if rows else last) if before else None,
        last=last,
    )


def _link(asked: Asked, listing: Listing, page: Mapping[str, Any] | None) -> Link:
    if page is None:
        return None
    kept = {k: v for k, v in asked.request.query_params.items() if k not in ("offset", "cursor", "limit")}
    return {"href": _href(asked, {**kept, **page, "limit": listing.limit})}


def _href(asked: Asked, query: Mapping[str, Any]) -> str:
    scope = asked.request.scope
    path = scope["quoted_path"]
    return f"{path}?{urlencode(query)}" if query else path
