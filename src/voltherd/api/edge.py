"""The outermost layer: ids and counts of requests, paths as they were meant, and the answer to our own faults."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote, unquote

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voltherd.api.problems import Problem, answer

log = structlog.get_logger(__name__)

ROUTE = "voltherd_route"
"""Where a request's scope says which route was chosen."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=@\-]{1,128}")


class Metrics:
    """What is counted of requests."""

    def __init__(self, registry: CollectorRegistry) -> None:
        names = ("method", "route", "status")
        self.requests = Counter("voltherd_api_requests", "Requests to the operators' API", names, registry=registry)
        self.seconds = Histogram(
            "voltherd_api_request_seconds", "Time until the answer began", ("method", "route"), registry=registry
        )


class Edge:
    """An ASGI middleware, outside of all others of ours."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope = {**scope, "request_id": request_id, **_paths(scope)}
        answered = _Answered(scope, send, self._metrics)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, answered)
        except ClientDisconnect:
            log.debug("client_left", path=scope["path"])
        except Exception:
            log.exception("request_failed", method=scope["method"], path=scope["path"])
            if answered.status is not None:
                raise  # half an answer is out: only a broken connection can still tell that it went wrong
            detail = "this is a fault of ours; the log has it under the requestId"
            response = answer(Request(scope), Problem(500, "internal_error", detail))
            await response(scope, receive, answered)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")


class _Answered:
    """Passes the answer on, with the request's id; the body only where there may be one."""

    def __init__(self, scope: MutableMapping[str, Any], send: Send, metrics: Metrics) -> None:
        self._scope = scope
        self._send = send
        self._metrics = metrics
        self._began = time.perf_counter()
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._count(message["status"])
            headers = [*message.get("headers", ()), (b"x-request-id", self._scope["request_id"].encode())]
            headers.append((b"x-content-type-options", b"nosniff"))
            message = {**message, "headers": headers}
        elif message["type"] == "http.response.body" and self._scope["method"] == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)

    def _count(self, status: int) -> None:
        # Only the names of routes are labels: what callers make up must not fill the memory.
        path = self._scope.get(ROUTE, "none")
        method = self._scope["method"] if path != "none" else "any"
        self._metrics.requests.labels(method, path, str(status)).inc()
        self._metrics.seconds.labels(method, path).observe(time.perf_counter() - self._began)


def _request_id(scope: Scope) -> str:
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode("latin-1")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _paths(scope: Scope) -> dict[str, str]:
    """The path to choose a route by, and the path to show in links; a slash at their end means nothing.

    Segments are decoded one by one: a slash or percent sign that belongs to a name stays encoded until the route is
    chosen (`Asked.place` decodes it), so that `04%2FA1` is one name.
    """
    raw = scope.get("raw_path") or quote(scope["path"]).encode()
    parts = [unquote(part) for part in raw.decode("latin-1").split("/")]
    path = "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)
    shown = "/".join(quote(part, safe="!$&'()*+,;=:@|") for part in parts)
    return {"path": path.rstrip("/") or "/", "quoted_path": shown.rstrip("/")}
