"""What the bench's own servers share: flags, the WebSocket server as the gateway opens it, an orderly end."""

from __future__ import annotations

import argparse
import asyncio
import signal
from collections.abc import Awaitable, Callable

from websockets.asyncio.server import ServerConnection, serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.typing import Subprotocol

SUBPROTOCOLS = [Subprotocol("ocpp2.0.1"), Subprotocol("ocpp1.6")]


def server_flags(description: str) -> argparse.ArgumentParser:
    """A parser that knows `--port`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, required=True)
    return parser


def station_of(connection: ServerConnection) -> str:
    """The station's id: the last part of the path."""
    return connection.request.path.rpartition("/")[2] if connection.request is not None else ""


async def serve_until_stopped(handler: Callable[[ServerConnection], Awaitable[None]], port: int) -> None:
    """Serve on loopback until SIGTERM or SIGINT. Everything about the sockets is as in `voltherd.gateway.server`."""
    stopped = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stopped.set)
    async with serve(
        handler,
        "127.0.0.1",
        port,
        backlog=4096,
        subprotocols=SUBPROTOCOLS,
        extensions=[
            ServerPerMessageDeflateFactory(
                server_max_window_bits=10, client_max_window_bits=10, compress_settings={"memLevel": 3}
            )
        ],
        compression=None,
        ping_interval=None,
        max_size=1024 * 1024,
        max_queue=4,
        close_timeout=5,
        server_header=None,
    ):
        await stopped.wait()
