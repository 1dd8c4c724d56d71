"""Lists and items of the read models' resources, and the verbs that write them, for whatever the catalog declares."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from voltherd.api import describe, shapes
from voltherd.api.door import Asked, Door, Operation
from voltherd.api.filters import known_parameters, read_listing
from voltherd.api.identifiers import derived_id
from voltherd.api.media import respond
from voltherd.api.naming import as_far_as_there, camel, pointer
from voltherd.api.outcomes import FINAL, outcome
from voltherd.api.pages import show_page
from voltherd.api.problems import Fault, Problem
from voltherd.api.reading import read_body
from voltherd.api.rows import Row, document, find_row
from voltherd.kernel.readmodel import Order, Resource, Writing

_HOLE = re.compile(r"\{([a-z_]+)\}")


def operations(door: Door) -> Sequence[Operation]:
    """Everything that can be done with the catalog's resources."""
    made: list[Operation] = []
    for resource in door.resources:
        paths = (resource.path, resource.station_path)
        made += [_list(door, resource, path) for path in paths if path is not None]
        if resource.create is not None:
            handler = partial(_create, resource, resource.create)
            made.append(Operation("POST", outside(resource.path), handler, describe.create(resource, resource.create)))
        if resource.item is not None:
            made += _items(door, resource, f"{outside(resource.path)}/{{{item_name(resource)}}}")
    return made


def _list(door: Door, resource: Resource, path: str) -> Operation:
    about = describe.listing(resource, path, door.settings, below=path != resource.path)
    return Operation("GET", outside(path), partial(_show_list, resource, path), about, known_parameters(resource))


def _items(door: Door, resource: Resource, path: str) -> list[Operation]:
    made = [
        Operation(
            "GET",
            path,
            partial(_show_item, resource),
            describe.item(resource, waits=FINAL in resource.table.c, longest=door.settings.longest_wait),
        )
    ]
    if resource.replace is not None:
        made.append(
            Operation(
                "PUT", path, partial(_replace, resource, resource.replace), describe.replace(resource, resource.replace)
            )
        )
    if resource.delete is not None:
        made.append(Operation("DELETE", path, partial(_act, resource, resource.delete), describe.delete(resource)))
    for name, writing in resource.actions.items():
        handler = partial(_act, resource, writing)
        made.append(Operation("POST", f"{path}/{name}", handler, describe.action(resource, name, writing)))
    return made


def outside(path: str) -> str:
    """A path with its placeholders in camelCase."""
    return _HOLE.sub(lambda hole: "{" + camel(hole[1]) + "}", path)


def item_name(resource: Resource) -> str:
    """What a path calls an item: the item's column, or the singular of the list where that is no member outside."""
    assert resource.item is not None  # who asks has seen that there are items
    if resource.item in getattr(resource.shape, "__dataclass_fields__", {}) or resource.item.endswith("_id"):
        return camel(resource.item)
    return camel(resource.path.rpartition("/")[2].removesuffix("s").replace("-", "_"))


async def _show_list(resource: Resource, path: str, asked: Asked) -> Response:
    listing = read_listing(asked, resource)
    bounds = await _bounds(asked, resource, path)
    return respond(asked.request, await show_page(asked, resource, listing, bounds))


async def _bounds(asked: Asked, resource: Resource, path: str) -> list[Any]:
    """What the path says of the rows: whose they are.

    Below an item that is not there, there is no list either: an empty one would say something else.
    """
    hole = _HOLE.search(path)
    if hole is None:
        return []
    columns, text = resource.table.c, asked.place(camel(hole[1]))
    named = [columns[hole[1]] == ("" if "\x00" in text else text)]
    parent = asked.door.resource(path[: hole.start() - 1])
    if parent is None or parent.item is None:
        return named
    if await find_row(asked.door, parent, asked.caller.operator, text) is None:
        raise _missing(parent, text)
    return named


async def _show_item(resource: Resource, asked: Asked) -> Response:
    name = asked.place(item_name(resource))
    row = await _row(asked, resource)
    if row is None:
        raise _missing(resource, name)
    applied, row = await outcome(asked, resource, name, row)
    if row is None:
        raise _missing(resource, name)
    return respond(asked.request, document(resource, row), headers=applied)


async def _create(resource: Resource, writing: Writing, asked: Asked) -> Response:
    order, body = await _order(asked, writing)
    await asked.door.dispatcher.handle(writing.command(order, body))
    text = _named(resource, writing, order, body)
    row = None if text is None else await find_row(asked.door, resource, asked.caller.operator, text)
    if text is None or row is None:
        return Response(status_code=204)
    location = f"{asked.request.scope['quoted_path']}/{quote(text, safe='')}"
    return respond(asked.request, document(resource, row), 201, {"Location": location})


async def _replace(resource: Resource, writing: Writing, asked: Asked) -> Response:
    before = await _row(asked, resource)
    order, body = await _order(asked, writing, resource, before)
    await asked.door.dispatcher.handle(writing.command(order, body))
    row = await _row(asked, resource)
    if row is None:
        return Response(status_code=204)
    return respond(asked.request, document(resource, row), 201 if before is None else 200)


async def _act(resource: Resource, writing: Writing, asked: Asked) -> Response:
    """Show the item as it is now; one that is gone is 204 (a command that was only ended by DELETE is still there)."""
    order, body = await _order(asked, writing, resource, await _row(asked, resource))
    await asked.door.dispatcher.handle(writing.command(order, body))
    row = await _row(asked, resource)
    return Response(status_code=204) if row is None else respond(asked.request, document(resource, row))


async def _row(asked: Asked, resource: Resource) -> Row | None:
    return await find_row(asked.door, resource, asked.caller.operator, asked.place(item_name(resource)))


async def _order(
    asked: Asked, writing: Writing, resource: Resource | None = None, row: Row | None = None
) -> tuple[Order, Any]:
    item = None
    if resource is not None:
        item = asked.place(item_name(resource))
        if row is None and writing.needs_row:
            raise _missing(resource, item)
        if not 0 < len(item) <= _LONGEST_ITEM or "\x00" in item:
            raise Problem(422, "item_invalid", f"an item's name has 1 to {_LONGEST_ITEM} characters, none of them NUL")
    now = asked.door.clock.now()
    key = asked.header("idempotency-key")
    command_id = asked.door.ids.next(now) if not key else derived_id(asked.caller.operator, asked.caller.name, key)
    body = await _body(asked, writing, resource, item)
    order = Order(operator=asked.caller.operator, at=now, by=asked.caller.by, command_id=command_id, item=item, row=row)
    return order, body


_LONGEST_ITEM = 255


async def _body(asked: Asked, writing: Writing, resource: Resource | None, item: str | None) -> object:
    shape = writing.body
    if shape is None:
        return None
    body = await read_body(asked.request, limit=asked.door.settings.body_limit)
    value = body.value
    if resource is not None and item is not None and writing is resource.replace and writing.names is None:
        value = _with_name(value, camel(_first_member(writing)), resource, item)
    try:
        return shape(**shapes.read(shape, value))
    except shapes.NotOfShape as error:
        faults = [
            Fault(pointer(as_far_as_there(body.value, misfit.place, missing=misfit.missing)), misfit.detail)
            for misfit in error.misfits
        ]
        told = "; ".join(f"{fault.pointer or 'the body'} {fault.detail}" for fault in faults[:3])
        raise Problem(422, "body_invalid", told, errors=faults) from error


def _with_name(value: Any, member: str, resource: Resource, item: str) -> Any:
    """What a replacement's path says need not be said again in its body, and must not be contradicted there."""
    if not isinstance(value, dict):
        return value
    if member not in value:
        return {member: item, **value}
    said = value[member]
    if isinstance(said, str) and resource.item_key(said) != resource.item_key(item):
        fault = Fault(pointer([member]), f"is not what the path says, {item}")
        raise Problem(422, "body_invalid", f"{fault.pointer} {fault.detail}", errors=[fault])
    return value


def _named(resource: Resource, writing: Writing, order: Order, body: object) -> str | None:
    if resource.item is None:
        return None
    if writing.names is not None:
        return writing.names(order, body)
    return str(getattr(body, _first_member(writing))) if writing.body is not None else None


def _first_member(writing: Writing) -> str:
    assert writing.body is not None  # who asks has a body
    return dataclasses.fields(writing.body)[0].name


def _missing(resource: Resource, text: str) -> Problem:
    kind = resource.path.rpartition("/")[2].removesuffix("s").replace("-", " ")
    return Problem(404, f"{kind.replace(' ', '_')}_unknown", f"there is no {kind} {text[:100]}")
