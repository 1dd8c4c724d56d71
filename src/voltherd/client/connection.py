"""What the clients share of HTTP: headers, time-outs, answers read or turned into errors."""

from __future__ import annotations

import ssl
from typing import Any, TypedDict, TypeVar

import httpx2
import msgspec

from voltherd.client.calls import Call
from voltherd.client.errors import Unreachable, VoltherdError, problem

T = TypeVar("T")

_TIMEOUT_S = 10.0
_SILENCE_S = 60.0
"""Longer than the pauses between the heartbeats of an event stream."""

# A proxy named in the environment is for the world outside.
_WITHOUT_PROXY = ("all://localhost", "all://127.0.0.1", "all://[::1]")


class Request(TypedDict):
    """The arguments of a request, for either kind of HTTP client."""

    method: str
    url: str
    params: dict[str, str] | None
    headers: dict[str, str]
    content: bytes | None
    timeout: httpx2.Timeout


def options(base_url: str, api_key: str | None) -> dict[str, Any]:
    """The arguments of an HTTP client, of either kind.

    Raises:
        ValueError: the address is none.
    """
    headers = {"Accept": "application/json", "User-Agent": "voltherd-client"}
    if api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    # Where nothing is encrypted, nobody's certificates need be loaded; and none would be trusted.
    verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if _scheme(base_url) == "http" else True
    return {"base_url": base_url, "headers": headers, "mounts": dict.fromkeys(_WITHOUT_PROXY), "verify": verify}


def _scheme(base_url: str) -> str:
    try:
        url = httpx2.URL(base_url)
    except httpx2.InvalidURL as error:
        raise ValueError(f"{base_url} is no address: {error}") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError(f"{base_url} is no address: http://… or https://… is")
    return url.scheme


def request(call: Call[Any], *, streaming: bool = False) -> Request:
    """The arguments of one request."""
    has_body = call.body is not None
    silence = _SILENCE_S if streaming else _TIMEOUT_S + call.patience
    return Request(
        method=call.method,
        url=call.path,
        # Given and empty, they would take the path's own query away.
        params=dict(call.params) or None,
        headers={**call.headers, **({"Content-Type": "application/json"} if has_body else {})},
        content=msgspec.json.encode(call.body) if has_body else None,
        timeout=httpx2.Timeout(_TIMEOUT_S, read=silence),
    )


def read(call: Call[T], response: httpx2.Response) -> T:
    """The answer, read.

    Raises:
        Problem: the server said no.
        VoltherdError: it is none of ours.
    """
    require_success(response)
    try:
        return call.read(response.content)
    except (msgspec.MsgspecError, LookupError, TypeError) as error:
        raise VoltherdError(f"{response.request.url} answers, but not as Voltherd does: {error}") from error


def require_success(response: httpx2.Response) -> None:
    """Raise a `Problem` for every answer but a good one; its body must have been read."""
    if not response.is_success:
        raise problem(response.status_code, response.content)


def unreachable(base_url: str, error: Exception) -> Unreachable:
    """Say that no answer came."""
    return Unreachable(f"{base_url} does not answer: {str(error) or type(error).__name__}")
