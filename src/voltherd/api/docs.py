"""The API's description for programs, and the page that shows it to people without asking any other server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

_FILES = {
    "/docs": ("docs.html", "text/html; charset=utf-8"),
    "/docs/docs.js": ("docs.js", "text/javascript; charset=utf-8"),
    "/docs/docs.css": ("docs.css", "text/css; charset=utf-8"),
}
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}

Plain = Callable[[Request], Awaitable[Response]]


def routes(describe: Callable[[], Mapping[str, Any]]) -> Sequence[tuple[str, Plain]]:
    """`/openapi.json`, which is made when somebody first asks for it, and the page with its files."""
    folder = resources.files(__package__).joinpath("static")
    document = _serving(lambda: msgspec.json.encode(describe()), "application/json", {"Cache-Control": "no-cache"})
    files = (
        (path, _serving(folder.joinpath(name).read_bytes, media_type, _HEADERS))
        for path, (name, media_type) in _FILES.items()
    )
    return (("/openapi.json", document), *files)


def _serving(make: Callable[[], bytes], media_type: str, headers: Mapping[str, str]) -> Plain:
    made = cache(make)

    async def serve(request: Request) -> Response:
        if request.scope.get("raw_path", b"").endswith(b"/"):
            # The page's links are relative, so that they hold behind a prefix too.
            return RedirectResponse("../" + request.url.path.rpartition("/")[2])
        return Response(made(), media_type=media_type, headers=dict(headers))

    return serve
