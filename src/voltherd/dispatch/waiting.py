"""Wait for something to become true of a document, woken by the facts that may have made it so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.kernel.readmodel import Told

T = TypeVar("T")

_RECHECK_S = 1.0
"""How often to look without being woken: another node may have done it."""


class Waiting:
    """Waiters by the id of the command that they wait for."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self._woken: dict[str, set[asyncio.Event]] = {}
        dispatcher.listen(self._hear)

    def _hear(self, told: Sequence[Told]) -> None:
        for one in told:
            command_id = getattr(one.fact, "command_id", None)
            for event in self._woken.get(command_id, ()) if command_id is not None else ():
                event.set()

    async def until(
        self, command_id: str, read: Callable[[], Awaitable[T]], done: Callable[[T], bool], seconds: float
    ) -> T:
        """Read until `done` or until the time is over; the last that was read."""
        woken = asyncio.Event()
        self._woken.setdefault(command_id, set()).add(woken)
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        try:
            while True:
                woken.clear()
                found = await read()
                left = end - loop.time()
                if done(found) or left <= 0:
                    return found
                try:
                    async with asyncio.timeout(min(left, _RECHECK_S)):
                        await woken.wait()
                except TimeoutError:
                    continue
        finally:
            waiters = self._woken[command_id]
            waiters.discard(woken)
            if not waiters:
                del self._woken[command_id]
