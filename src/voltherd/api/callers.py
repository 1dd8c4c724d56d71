"""Who is calling: a credential from the request's headers in, a caller of one operator out."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request

from voltherd.api.problems import Problem
from voltherd.kernel.identity import DEFAULT_OPERATOR


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who acts for one operator."""

    operator: str
    name: str

    @property
    def by(self) -> str:
        """How history names the caller."""
        return f"operator:{self.name}"


class Callers(Protocol):
    """Knows whose a credential is."""

    async def identify(self, credential: str | None) -> Caller | None:
        """The caller, None where the credential is nobody's; a credential of None means that none was given."""
        ...


class Anybody:
    """Takes whoever comes for the default operator's administrator: for the loopback, before any key exists."""

    async def identify(self, credential: str | None) -> Caller | None:
        return Caller(DEFAULT_OPERATOR, "administrator")


class OneKey:
    """Knows one key: that of the default operator's administrator."""

    def __init__(self, key: str) -> None:
        self._digest = _digest(key)

    async def identify(self, credential: str | None) -> Caller | None:
        # Digests of one length are compared, all of them: neither the key's length nor its beginning shows in the time.
        if credential is None or not hmac.compare_digest(_digest(credential), self._digest):
            return None
        return Caller(DEFAULT_OPERATOR, "administrator")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def credential_of(request: Request) -> str | None:
    """The key of `Authorization: Bearer …` or `X-API-Key`, None if there is neither."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return _as_sent(token.strip())
    return _as_sent(request.headers.get("x-api-key", "")) or None


def _as_sent(value: str) -> str:
    """Headers are read as Latin-1; a key that was sent as UTF-8 is that again."""
    return value.encode("latin-1").decode("utf-8", "surrogateescape")


async def require_caller(request: Request, callers: Callers) -> Caller:
    """Say who is calling.

    Raises:
        Problem: nobody we know, or a foreign page has its reader's browser call us.
    """
    credential = credential_of(request)
    caller = await callers.identify(credential)
    if caller is None:
        detail = "send a key as 'Authorization: Bearer …' or 'X-API-Key: …'" if credential is None else "unknown key"
        raise Problem(401, "not_authenticated", detail, headers={"WWW-Authenticate": 'Bearer realm="voltherd"'})
    # A browser would send a page's request to the loopback without asking; it says so in this header.
    if credential is None and request.headers.get("sec-fetch-site") == "cross-site":
        raise Problem(403, "cross_site", "pages of other sites may not call this API")
    return caller
