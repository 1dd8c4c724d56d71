"""What can be asked of the API, as values: the request to send and how to read its answer. No I/O here.

Both clients make a method of each of these functions; keyword arguments in snake_case are the query's in camelCase.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from voltherd.client.documents import Command, D, IdToken, MeterReport, Page, Station, Transaction, as_document

T = TypeVar("T")

Value = str | int | float | bool | datetime | None
"""What a query's parameter may be; None leaves it out."""


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request. `patience` is how many seconds the server was asked to take, beyond the usual."""

    method: str
    path: str
    read: Callable[[bytes], T]
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    patience: float = 0.0


def version() -> Call[Mapping[str, Any]]:
    """What the server is."""
    return Call("GET", "/version", msgspec.json.decode)


def stations(*, limit: int | None = None, offset: int | None = None, **filters: Value) -> Call[Page[Station]]:
    """List stations, all or some: `online=True`, `status="Faulted"`, `text="acme"`, `sort="-lastHeardAt"`."""
    return _list("/charging-stations", Station, limit, offset, filters)


def station(station_id: str) -> Call[Station]:
    """Show one station with its EVSEs and settings."""
    return _item("/charging-stations", station_id, Station)


def command(
    station_id: str,
    name: str,
    payload: Mapping[str, Any] | None = None,
    *,
    expires_in: float | None = None,
    wait: float | None = None,
    idempotency_key: str | None = None,
) -> Call[Command]:
    """Command a station. It is taken at once and done when the station does it; `wait` for that, in seconds.

    `expires_in` is for how long the station may be away, in seconds. With the same `idempotency_key` a command may be
    sent again, and happens once.
    """
    envelope: dict[str, Any] = {"command": name, "payload": payload or {}}
    if expires_in is not None:
        envelope["expiresIn"] = expires_in
    headers = {} if idempotency_key is None else {"Idempotency-Key": idempotency_key}
    return Call(
        "POST",
        f"/charging-stations/{_quoted(station_id)}/commands",
        _reader(Command),
        headers={**headers, **_preferring(wait)},
        body=envelope,
        patience=wait or 0.0,
    )


def commands(
    *, station_id: str | None = None, limit: int | None = None, offset: int | None = None, **filters: Value
) -> Call[Page[Command]]:
    """List commands, newest first: all or some: `status="queued"`, `final=False`, `command="Reset"`."""
    return _list("/commands", Command, limit, offset, {"station_id": station_id, **filters})


def command_of(command_id: str, *, wait: float | None = None) -> Call[Command]:
    """Show how far a command has come; `wait` until it is final, so many seconds at most."""
    path = f"/commands/{_quoted(command_id)}"
    return Call("GET", path, _reader(Command), headers=_preferring(wait), patience=wait or 0.0)


def cancel(command_id: str) -> Call[Command]:
    """Take a command back that waits for its station. Raises: Conflict if it was sent already."""
    return Call("DELETE", f"/commands/{_quoted(command_id)}", _reader(Command))


def transactions(*, limit: int | None = None, offset: int | None = None, **filters: Value) -> Call[Page[Transaction]]:
    """List transactions, newest first: `station_id="CS-1"`, `status="active"`, `from_=…`, `to=…`."""
    return _list("/transactions", Transaction, limit, offset, filters)


def transaction(transaction_id: str) -> Call[Transaction]:
    """Show one transaction, by our id."""
    return _item("/transactions", transaction_id, Transaction)


def meter_values(
    transaction_id: str, *, limit: int | None = None, offset: int | None = None, **filters: Value
) -> Call[Page[MeterReport]]:
    """List what a transaction's meter said, oldest first."""
    return _list(f"/transactions/{_quoted(transaction_id)}/meter-values", MeterReport, limit, offset, filters)


def id_tokens(*, limit: int | None = None, offset: int | None = None, **filters: Value) -> Call[Page[IdToken]]:
    """List administered id tokens, all or some: `status="Blocked"`, `text="04A1"`."""
    return _list("/id-tokens", IdToken, limit, offset, filters)


def id_token(id_token: str) -> Call[IdToken]:
    """Show an administered id token."""
    return _item("/id-tokens", id_token, IdToken)


def create_id_token(id_token: str, **details: object) -> Call[IdToken]:
    """Administer an id token: `type="ISO14443"`, `status="Accepted"`, `expires_at=…`, `note=…`. Raises: Conflict."""
    return Call("POST", "/id-tokens", _reader(IdToken), body={"idToken": id_token, **_members(details)})


def replace_id_token(id_token: str, **details: object) -> Call[IdToken]:
    """Replace all that is administered of an id token, or begin with it."""
    body = {"idToken": id_token, **_members(details)}
    return Call("PUT", f"/id-tokens/{_quoted(id_token)}", _reader(IdToken), body=body)


def delete_id_token(id_token: str) -> Call[None]:
    """Administer an id token no more: stations are told that it is unknown."""
    return Call("DELETE", f"/id-tokens/{_quoted(id_token)}", _nothing)


def events(after: str | int | None, filters: Mapping[str, Value]) -> Call[None]:
    """The live stream; after a position, or from now on."""
    headers = {"Accept": "text/event-stream"} | ({} if after is None else {"Last-Event-ID": str(after)})
    return Call("GET", "/events", _nothing, params=_query(filters), headers=headers)


def more(page: Page[D]) -> Call[Page[D]] | None:
    """The next page of a list; None after the last."""
    if page.next is None:
        return None
    parts = urlsplit(page.next)
    return Call("GET", parts.path + (f"?{parts.query}" if parts.query else ""), _page_reader(page.kind))


def _item(path: str, name: str, kind: type[D]) -> Call[D]:
    return Call("GET", f"{path}/{_quoted(name)}", _reader(kind))


def _list(
    path: str, kind: type[D], limit: int | None, offset: int | None, filters: Mapping[str, Value]
) -> Call[Page[D]]:
    return Call("GET", path, _page_reader(kind), params=_query({**filters, "limit": limit, "offset": offset}))


def _reader(kind: type[D]) -> Callable[[bytes], D]:
    return lambda body: as_document(kind, msgspec.json.decode(body))


def _page_reader(kind: type[D]) -> Callable[[bytes], Page[D]]:
    def read(body: bytes) -> Page[D]:
        page = msgspec.json.decode(body)
        elements = [as_document(kind, element) for element in page["elements"]]
        following = page.get("next")
        return Page(
            elements=elements,
            kind=kind,
            total=page["total"],
            total_at_least=page["totalAtLeast"],
            next=following and following["href"],
            raw=page,
        )

    return read


def _nothing(_body: bytes) -> None:
    return None


def _preferring(wait: float | None) -> Mapping[str, str]:
    return {} if wait is None else {"Prefer": f"wait={max(0, round(wait))}"}


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _query(filters: Mapping[str, Value]) -> Mapping[str, str]:
    return {_camel(name): _text(value) for name, value in filters.items() if value is not None}


def _members(details: Mapping[str, object]) -> Mapping[str, object]:
    return {_camel(name): value for name, value in details.items()}


def _camel(name: str) -> str:
    head, *rest = name.rstrip("_").split("_")
    return head + "".join(part.title() for part in rest)


def _text(value: Value) -> str:
    match value:
        case bool():
            return str(value).lower()
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case _:
            return str(value)
