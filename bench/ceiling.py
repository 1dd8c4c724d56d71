"""The ceiling: the gateway's WebSocket server answers each call with the same words, and neither reads nor stores.

No server on this library can be faster; what Voltherd lacks to it is what deciding and storing cost.
"""

from __future__ import annotations

from contextlib import suppress

import uvloop
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from bench.proc import allow_many_files
from bench.serving import serve_until_stopped, server_flags

_BOOTED = '{"currentTime":"2026-01-01T00:00:00.000Z","interval":300,"status":"Accepted"}'
_ANSWERS = {
    "BootNotification": _BOOTED,
    "Heartbeat": '{"currentTime":"2026-01-01T00:00:00.000Z"}',
    "StartTransaction": '{"transactionId":1,"idTagInfo":{"status":"Accepted"}}',
    "StopTransaction": '{"idTagInfo":{"status":"Accepted"}}',
}


async def answer(connection: ServerConnection) -> None:
    """Answer a station's calls; of a frame only the id and the action are looked at."""
    with suppress(ConnectionClosed):
        async for frame in connection:
            text = frame if isinstance(frame, str) else frame.decode()
            _, message_id, _, action, _ = text.split('"', 4)
            await connection.send(f'[3,"{message_id}",{_ANSWERS.get(action, "{}")}]')


if __name__ == "__main__":
    allow_many_files()
    uvloop.run(serve_until_stopped(answer, server_flags(__doc__).parse_args().port))
