"""One page of a list, with the links to the others: whoever follows them is left out nothing.

Links go by cursor, which holds while rows come and go; by offset where the caller began with one, as far as that goes.
A page has fewer rows than its limit, even none, where the filters turned down too many: `next` leads on behind those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from voltherd.api.cursors import Sorting, sorting_of
from voltherd.api.door import Asked
from voltherd.api.filters import Listing
from voltherd.api.media import plain
from voltherd.api.rows import Row, document, with_parts
from voltherd.api.stretches import Count, Rows, Stretch
from voltherd.kernel.readmodel import Resource

Link = Mapping[str, str] | None
Query = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows, and the query parameters that lead to the neighbours (None: there is none)."""

    rows: Sequence[Row]
    next: Query | None
    previous: Query | None
    last: Query


async def show_page(asked: Asked, resource: Resource, listing: Listing, bounds: Sequence[Any]) -> Mapping[str, Any]:
    """The list's envelope. `bounds` are conditions of the path (a station, a transaction)."""
    door, operator = asked.door, asked.caller.operator
    sorting = sorting_of(resource, listing.sort)
    rows = await Rows.find(door, resource, operator, sorting, [*bounds, *listing.conditions])
    count = await rows.count()
    page = await _page(rows, sorting, listing, count)
    whole = await with_parts(door, resource, operator, page.rows)
    return {
        "elements": [plain(document(resource, row)) for row in whole],
        "total": count.number if count.exact else None,
        "totalAtLeast": count.number,
        "href": _href(asked, dict(asked.request.query_params)),
        "first": _link(asked, listing, {} if listing.offset is None else {"offset": 0}),
        "last": _link(asked, listing, page.last),
        "next": _link(asked, listing, page.next),
        "previous": _link(asked, listing, page.previous),
    }


async def _page(rows: Rows, sorting: Sorting, listing: Listing, count: Count) -> Page:
    limit = listing.limit
    if listing.offset is not None:
        return await _page_at(rows, sorting, limit, listing.offset, count)
    last = {} if count.exact and count.number <= limit else {"cursor": sorting.cursor("last", None)}
    place = None if listing.cursor is None else sorting.place(listing.cursor)
    if place is not None and place.side == "before":
        found = await rows.stretch(place, limit)
        if found.further is not None:
            return _shown_backwards(found, sorting, last, after=True)
        # Less than a page lies before it: the first page is what is wanted, and it is shown whole.
        place = None
    if place is not None and place.side == "last":
        wanted = (count.number - 1) % limit + 1 if count.exact and count.number else limit
        return _shown_backwards(await rows.stretch(place, wanted), sorting, last, after=False)
    return _shown(await rows.stretch(place, limit), sorting, last, before=place is not None)


async def _page_at(rows: Rows, sorting: Sorting, limit: int, offset: int, count: Count) -> Page:
    found = await rows.stretch(None, limit, offset)
    final = (count.number - 1) // limit * limit if count.number else 0
    further = found.further
    return Page(
        rows=found.rows,
        # Where an offset cannot go on, a cursor does.
        next=None
        if further is None
        else {"offset": offset + limit}
        if found.full and offset + limit < count.number
        else {"cursor": sorting.cursor("after", further)},
        previous={"offset": max(0, min(offset - limit, final))} if offset > 0 else None,
        last={"offset": final} if count.exact else {"cursor": sorting.cursor("last", None)},
    )


def _shown(found: Stretch, sorting: Sorting, last: Query, *, before: bool) -> Page:
    first = found.rows[0] if found.rows else found.further
    previous = last if first is None else {"cursor": sorting.cursor("before", first)}
    return Page(
        rows=found.rows,
        next=None if found.further is None else {"cursor": sorting.cursor("after", found.further)},
        previous=previous if before else None,
        last=last,
    )


def _shown_backwards(found: Stretch, sorting: Sorting, last: Query, *, after: bool) -> Page:
    end = found.rows[0] if found.rows else found.further
    return Page(
        rows=list(reversed(found.rows)),
        next={"cursor": sorting.cursor("after", end)} if after and end is not None else None,
        previous=None if found.further is None else {"cursor": sorting.cursor("before", found.further)},
        last=last,
    )


def _link(asked: Asked, listing: Listing, page: Query | None) -> Link:
    if page is None:
        return None
    kept = {k: v for k, v in asked.request.query_params.items() if k not in ("offset", "cursor", "limit")}
    return {"href": _href(asked, {**kept, **page, "limit": listing.limit})}


def _href(asked: Asked, query: Query) -> str:
    scope = asked.request.scope
    path = scope["quoted_path"]
    return f"{path}?{urlencode(query)}" if query else path
