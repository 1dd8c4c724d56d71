"""The parameters of a list's query: paging, sorting, and the filters that its read model declares."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import QueryParams

from voltherd.api.door import Asked, near
from voltherd.api.lenient import can_be_kept
from voltherd.api.problems import Fault, Problem
from voltherd.api.settings import ApiSettings
from voltherd.kernel.readmodel import Filter, Resource

PAGING = ("limit", "offset", "cursor", "sort")

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True, slots=True)
class Listing:
    """What a caller wants of a list. `offset` and `cursor` exclude each other; without both it is the first page."""

    limit: int
    offset: int | None
    cursor: str | None
    sort: str
    conditions: Sequence[Any]


def known_parameters(resource: Resource) -> Collection[str]:
    """What the query of this list may have."""
    return (*PAGING, *resource.filters)


def read_listing(asked: Asked, resource: Resource) -> Listing:
    """Read the query.

    Raises:
        Problem: with everything that is wrong in it.
    """
    query = asked.request.query_params
    faults = [
        Fault(f"?{name}", f"{name} is given more than once") for name in set(query) if len(query.getlist(name)) > 1
    ]
    settings = asked.door.settings
    limit = _bounded(query, "limit", 1, settings.largest_page, faults)
    offset = _bounded(query, "offset", 0, settings.reach, faults, "; follow next beyond that")
    if offset is not None and "cursor" in query:
        faults.append(Fault("?cursor", "give offset or cursor, not both"))
    sort = query.get("sort", resource.default_sort)
    if sort.removeprefix("-") not in resource.sorts:
        names = ", ".join(sorted(resource.sorts))
        faults.append(Fault("?sort", f"this list is sorted by {names}, or the same with - before it"))
    conditions = []
    for name, wanted in resource.filters.items():
        if name in query:
            value, fault = parse(wanted, query[name])
            if fault is None:
                conditions.append(wanted.where(value))
            else:
                faults.append(Fault(f"?{name}", f"{name} {fault}"))
    if faults:
        raise Problem(422, "parameter_invalid", "; ".join(fault.detail for fault in faults), errors=faults)
    return Listing(
        limit=settings.page_size if limit is None else limit,
        offset=offset,
        cursor=query.get("cursor"),
        sort=sort,
        conditions=conditions,
    )


def _bounded(
    query: QueryParams, name: str, low: int, high: int, faults: list[Fault], otherwise: str = ""
) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not _WHOLE.fullmatch(text) or not low <= (value := int(text)) <= high:
        faults.append(Fault(f"?{name}", f"{name} should be a whole number from {low} to {high}{otherwise}"))
        return None
    return value


def parse(wanted: Filter, text: str) -> tuple[Any, str | None]:
    """The value of a filter, or what is wrong with it."""
    if not can_be_kept(text):
        return None, "should be a text without NUL"
    if wanted.among and text not in wanted.among:
        return None, f"should be one of {', '.join(wanted.among)}{_meant(text, wanted.among)}"
    if wanted.kind is bool:
        truth = _TRUTH.get(text.lower())
        return truth, "should be true or false" if truth is None else None
    if wanted.kind is int:
        # Columns of whole numbers have 32 or 64 bits: more is nobody's value.
        fits = _WHOLE.fullmatch(text) and -(2**31) <= int(text) < 2**31
        return (int(text), None) if fits else (None, "should be a whole number of 32 bits")
    if wanted.kind is datetime:
        return _instant(text)
    return text, None


def _meant(text: str, among: Collection[str]) -> str:
    hint = near(text, among)
    return hint if hint.startswith("; did") else ""


def _instant(text: str) -> tuple[datetime | None, str | None]:
    try:
        # In a query a bare + of an offset arrives as a space.
        instant = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        if instant.tzinfo is None and len(text) > len("2026-01-31"):
            return None, "should say its offset from UTC, such as the Z in 2026-01-31T12:00:00Z"
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).astimezone(UTC), None
    except (ValueError, OverflowError):
        return None, "should be a day or an instant such as 2026-01-31T12:00:00Z"


def parameters_of(resource: Resource, settings: ApiSettings) -> list[Mapping[str, Any]]:
    """The list's parameters as OpenAPI describes them."""
    limits = {"type": "integer", "minimum": 1, "maximum": settings.largest_page, "default": settings.page_size}
    offsets = {"type": "integer", "minimum": 0, "maximum": settings.reach}
    described: list[Mapping[str, Any]] = [
        _parameter("limit", limits, "rows of a page at most"),
        _parameter("offset", offsets, "rows to leave out; not together with `cursor`, which goes as far as the list"),
        _parameter("cursor", {"type": "string"}, "a place in the list, from a link `next`, `previous` or `last`"),
        _parameter(
            "sort",
            {
                "type": "string",
                "enum": [sign + name for name in resource.sorts for sign in ("", "-")],
                "default": resource.default_sort,
            },
            "what to sort by; descending with `-`",
        ),
    ]
    for name, wanted in resource.filters.items():
        described.append(_parameter(name, _schema(wanted), wanted.doc))
    return described


def _parameter(name: str, schema: Mapping[str, Any], doc: str) -> Mapping[str, Any]:
    return {"name": name, "in": "query", "schema": schema, **({"description": doc} if doc else {})}


def _schema(wanted: Filter) -> Mapping[str, Any]:
    if wanted.among:
        return {"type": "string", "enum": list(wanted.among)}
    if wanted.kind is bool:
        return {"type": "boolean"}
    if wanted.kind is int:
        return {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1}
    if wanted.kind is datetime:
        return {"type": "string", "format": "date-time"}
    return {"type": "string"}
