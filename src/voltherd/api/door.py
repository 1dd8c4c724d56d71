"""What every operation of the door works with, and how one is declared."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from voltherd.api.callers import Caller, Callers, require_caller
from voltherd.api.identifiers import OrderedIds
from voltherd.api.problems import Fault, Problem
from voltherd.api.settings import ApiSettings
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.dispatch.waiting import Waiting
from voltherd.kernel.catalog import Catalog
from voltherd.kernel.readmodel import Resource
from voltherd.ports.clock import Clock
from voltherd.ports.history import EventStore
from voltherd.ports.pictures import Pictures


@dataclass(frozen=True, slots=True)
class Door:
    """The machinery behind the door. `count` makes of a query the query that counts its rows, in one column."""

    catalog: Catalog
    dispatcher: Dispatcher
    pictures: Pictures
    store: EventStore
    waiting: Waiting
    clock: Clock
    callers: Callers
    count: Callable[[Any], Any]
    settings: ApiSettings
    closing: asyncio.Event
    ids: OrderedIds

    @property
    def resources(self) -> list[Resource]:
        return [resource for model in self.catalog.readmodels.values() for resource in model.resources]

    def resource(self, path: str) -> Resource | None:
        """The resource at this path."""
        return next((resource for resource in self.resources if resource.path == path), None)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with the one who makes it."""

    door: Door
    request: Request
    caller: Caller

    def place(self, name: str) -> str:
        """What stands at a path's placeholder."""
        return unquote(self.request.path_params[name])

    def header(self, name: str) -> str | None:
        return self.request.headers.get(name)


Handler = Callable[[Asked], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One verb at one path. `queries` are the query's parameters that it knows; `about` is its OpenAPI description."""

    method: str
    path: str
    handler: Handler
    about: Mapping[str, Any] = field(default_factory=dict)
    queries: Collection[str] = ()


async def carry_out(door: Door, operation: Operation, request: Request) -> Response:
    """Let the caller's request in, if it is one, and only with parameters that mean something."""
    caller = await require_caller(request, door.callers)
    require_known(request.query_params, operation.queries)
    return await operation.handler(Asked(door, request, caller))


def require_known(given: Collection[str], known: Collection[str]) -> None:
    """Raise a `Problem` where the query has a parameter that nobody would look at."""
    faults = [
        Fault(f"?{name}", f"there is no parameter {name}{near(name, known)}") for name in given if name not in known
    ]
    if faults:
        raise Problem(422, "parameter_unknown", "; ".join(fault.detail for fault in faults), errors=faults)


def near(name: str, known: Collection[str]) -> str:
    """Name those that may have been meant."""
    found = nearest(name, known)
    if found:
        return f"; did you mean {' or '.join(found)}?"
    return f"; there are {', '.join(sorted(known))}" if 0 < len(known) < 20 else ""


def nearest(name: str, known: Collection[str]) -> list[str]:
    """Those names that look most like this one, whatever their case."""
    folded = {one.casefold(): one for one in known}
    return [folded[one] for one in difflib.get_close_matches(name.casefold()[:100], folded, n=3, cutoff=0.6)]
