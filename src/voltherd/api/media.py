"""Values as JSON for the outside: camelCase members, instants with Z, free-form maps with their keys as they are."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from voltherd.api.naming import camel
from voltherd.api.reading import JSON_TYPE, VENDOR_TYPE

HIDDEN = "***"
_NO_STORE = {"Cache-Control": "no-store"}


def plain(value: Any) -> Any:
    """Dataclasses as objects with camelCase members; everything else as msgspec writes it.

    A member that its dataclass declares with `metadata={"secret": True}` is not shown.
    """
    if isinstance(value, str | int | float | None):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: _member(getattr(value, field.name), field) for name, field in _members(type(value))}
    return value


@cache
def _members(cls: type) -> tuple[tuple[str, dataclasses.Field[Any]], ...]:
    return tuple((camel(field.name), field) for field in dataclasses.fields(cls))


def _member(value: Any, field: dataclasses.Field[Any]) -> Any:
    return HIDDEN if field.metadata.get("secret") and value is not None else plain(value)


def _otherwise(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return str(value)


_encoder = msgspec.json.Encoder(enc_hook=_otherwise)


def encode(value: Any) -> bytes:
    """The JSON of a value, as UTF-8."""
    return _encoder.encode(plain(value))


def respond(request: Request, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response, of the vendor's media type where the caller asks for that."""
    return Response(
        encode(value),
        status_code=status,
        headers={**_NO_STORE, "Vary": "Accept", **(headers or {})},
        media_type=wanted_type(request.headers.get("accept", "")),
    )


def wanted_type(accept: str) -> str:
    """`application/json`, unless the vendor's type is named and wanted at least as much."""
    wishes: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (text.strip().lower() for text in part.split(";"))
        wishes[name] = max(wishes.get(name, 0.0), _quality(parameters))
    vendor = wishes.get(VENDOR_TYPE, 0.0)
    return VENDOR_TYPE if vendor > 0 and vendor >= wishes.get(JSON_TYPE, 0.0) else JSON_TYPE


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
