"""Is it alive, can it serve, what is it, how busy is it: for machines that look after machines."""

from __future__ import annotations

import asyncio
import inspect
import platform
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.requests import Request
from starlette.responses import Response

from voltherd.api.callers import Callers, require_caller
from voltherd.api.media import respond
from voltherd.api.settings import ApiSettings
from voltherd.ports.history import EventStore

log = structlog.get_logger(__name__)

Check = Callable[[], str | Awaitable[str | None] | None]
"""Says why it is not well, None if it is."""

Plain = Callable[[Request], Awaitable[Response]]

_PATIENCE_S = 5.0


class Health:
    """The operations that ask for no operator."""

    def __init__(
        self,
        store: EventStore,
        checks: Mapping[str, Check],
        registry: CollectorRegistry,
        settings: ApiSettings,
        callers: Callers,
        closing: asyncio.Event,
    ) -> None:
        self._checks: Mapping[str, Check] = {"store": lambda: _reachable(store), **checks}
        self._registry = registry
        self._settings = settings
        self._callers = callers
        self._closing = closing

    def routes(self) -> Sequence[tuple[str, Plain]]:
        return (
            ("/livez", self.livez),
            ("/readyz", self.readyz),
            ("/version", self.version),
            ("/metrics", self.metrics),
        )

    async def livez(self, request: Request) -> Response:
        """Whoever can answer this is alive."""
        return respond(request, {"status": "ok"})

    async def readyz(self, request: Request) -> Response:
        """Whether requests should be sent here: 503 where a check fails, or while the door closes."""
        names = tuple(self._checks)
        told = await asyncio.gather(*(_told(name, self._checks[name]) for name in names))
        checks = {
            name: {"status": "ok" if why is None else "failed", "detail": why}
            for name, why in zip(names, told, strict=True)
        }
        if self._closing.is_set():
            checks["closing"] = {"status": "failed", "detail": "the server is shutting down"}
        well = all(check["status"] == "ok" for check in checks.values())
        return respond(request, {"status": "ok" if well else "failed", "checks": checks}, 200 if well else 503)

    async def version(self, request: Request) -> Response:
        """Which software this is."""
        told = {"name": "voltherd", "version": self._settings.version, "python": platform.python_version()}
        return respond(request, told)

    async def metrics(self, request: Request) -> Response:
        """Counts for Prometheus; they tell of operators' business, so they are not for everybody."""
        await require_caller(request, self._callers)
        data = await asyncio.to_thread(generate_latest, self._registry)
        return Response(data, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4, "Cache-Control": "no-store"})


async def _reachable(store: EventStore) -> str | None:
    await store.last_position()
    return None


async def _told(name: str, check: Check) -> str | None:
    """What a check says; one that breaks or takes too long has failed, and the outside learns no more than that."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            found = check()
            return await found if inspect.isawaitable(found) else found
    except TimeoutError:
        return "no answer in time"
    except Exception:
        log.warning("check_failed", check=name, exc_info=True)
        return "not reachable"
