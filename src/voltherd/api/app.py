"""Makes the operators' door: an ASGI application over the machinery it is handed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from voltherd.api import commands, docs, openapi, resources
from voltherd.api.callers import Anybody, Callers, OneKey
from voltherd.api.door import Door, Operation, carry_out
from voltherd.api.edge import ROUTE, Edge, Metrics
from voltherd.api.health import Check, Health
from voltherd.api.identifiers import OrderedIds
from voltherd.api.problems import tell_problems
from voltherd.api.settings import ApiSettings
from voltherd.api.streams import Streams
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.dispatch.waiting import Waiting
from voltherd.kernel.catalog import Catalog
from voltherd.ports.clock import Clock
from voltherd.ports.history import EventStore
from voltherd.ports.pictures import Pictures


def create_app(
    *,
    catalog: Catalog,
    dispatcher: Dispatcher,
    pictures: Pictures,
    store: EventStore,
    waiting: Waiting,
    clock: Clock,
    count: Callable[[Any], Any],
    settings: ApiSettings | None = None,
    callers: Callers | None = None,
    checks: Mapping[str, Check] | None = None,
    registry: CollectorRegistry | None = None,
    closing: asyncio.Event | None = None,
) -> FastAPI:
    """Make the application.

    `count` makes of a query the query that counts its rows. `closing` is set by who shuts the server down, before it
    waits for connections to end: event streams and waiting callers end then, and `/readyz` fails.
    """
    settings = settings or ApiSettings()
    registry = registry or CollectorRegistry()
    closing = closing or asyncio.Event()
    key = settings.administrator_key
    callers = callers or (Anybody() if key is None else OneKey(key))
    door = Door(
        catalog=catalog,
        dispatcher=dispatcher,
        pictures=pictures,
        store=store,
        waiting=waiting,
        clock=clock,
        callers=callers,
        count=count,
        settings=settings,
        closing=closing,
        ids=OrderedIds(),
    )
    about, legacy = (openapi.command_operation(catalog, settings, legacy=old) for old in (False, True))
    operations = [*commands.operations(about, legacy), *resources.operations(door), Streams(door).operation()]
    protected = not isinstance(callers, Anybody)
    described = partial(openapi.document, catalog, settings, operations, protected=protected)
    app = FastAPI(
        title="Voltherd",
        version=settings.version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=partial(_lifespan, closing),
    )
    tell_problems(app)
    app.add_middleware(Edge, metrics=Metrics(registry))
    health = Health(store, checks or {}, registry, settings, callers, closing)
    for path, plain in (*health.routes(), *docs.routes(described)):
        app.router.routes.append(Route(path, _plain(path, plain), methods=["GET"]))
    app.router.routes.extend(_routes(door, operations))
    return app


@asynccontextmanager
async def _lifespan(closing: asyncio.Event, _app: FastAPI) -> AsyncIterator[None]:
    yield
    closing.set()


def _plain(path: str, handler: Callable[[Request], Any]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        request.scope[ROUTE] = path
        response: Response = await handler(request)
        return response

    return endpoint


def _routes(door: Door, operations: list[Operation]) -> list[Route]:
    """One route for each path, so that a 405 can name every verb that the path has."""
    by_path: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        verbs = by_path.setdefault(operation.path, {})
        if operation.method in verbs:
            raise ValueError(f"{operation.method} {operation.path} is declared twice")
        verbs[operation.method] = operation
    # Paths of names before paths of holes: `/commands/{id}` must not hide a `/commands/summary`.
    return [
        Route(path, _endpoint(door, path, verbs), methods=list(verbs))
        for path, verbs in sorted(by_path.items(), key=lambda found: found[0].replace("{", "\uffff"))
    ]


def _endpoint(door: Door, path: str, verbs: Mapping[str, Operation]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        request.scope[ROUTE] = path
        method = "GET" if request.method == "HEAD" else request.method
        return await carry_out(door, verbs[method], request)

    return endpoint
