"""Names and places in JSON: snake_case inside, camelCase outside, JSON pointers (RFC 6901) between them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache


@cache
def camel(name: str) -> str:
    """`evse_id` as JSON writes it: `evseId`."""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def pointer(places: Iterable[str | int]) -> str:
    """The JSON pointer of a place; the whole document is the empty text."""
    return "".join("/" + str(place).replace("~", "~0").replace("/", "~1") for place in places)


def places(text: str) -> list[str]:
    """A JSON pointer taken apart."""
    return [part.replace("~1", "/").replace("~0", "~") for part in text.split("/")[1:]]


def as_far_as_there(document: object, path: Sequence[str | int], *, missing: bool = False) -> list[str | int]:
    """The longest part of a place that the document has; where a member is `missing`, that member too."""
    found: list[str | int] = []
    here = document
    for place in path:
        if isinstance(here, Mapping) and str(place) in here:
            here = here[str(place)]
        elif isinstance(here, list) and _number(place) is not None and (_number(place) or 0) < len(here):
            here = here[_number(place) or 0]
        else:
            if missing and isinstance(here, Mapping) and isinstance(place, str):
                found.append(place)
            break
        found.append(place)
    return found


def _number(place: str | int) -> int | None:
    if isinstance(place, int):
        return place
    return int(place) if place.isascii() and place.isdigit() and len(place) < 10 else None
