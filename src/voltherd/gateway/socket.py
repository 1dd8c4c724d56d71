"""The little that a link needs of a WebSocket, so that the library behind it can be exchanged."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from typing import Protocol


class SocketClosed(Exception):
    """The socket is closed; nothing can be sent."""


class Socket(Protocol):
    """One WebSocket connection, open."""

    def texts(self) -> AsyncIterator[str | bytes]:
        """Messages as they come, until the socket is closed. Not reading slows the station down."""
        ...

    async def send(self, text: str) -> None:
        """Send a text message; waits while the peer does not read.

        Raises:
            SocketClosed: the connection is gone.
        """
        ...

    async def ping(self) -> Awaitable[object]:
        """Send a ping; the awaitable ends with the pong.

        Raises:
            SocketClosed: the connection is gone.
        """
        ...

    def close_soon(self, code: int, reason: str) -> None:
        """Close, without waiting for the peer."""
        ...

    async def closed(self) -> None:
        """Wait until what `close_soon` began is done; return at once if it was not called."""
        ...
