"""One at a time for each name, in the order of asking; nothing is kept of a name that nobody asks for."""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    """Whoever has taken a turn gives it on; the next who waits has it then."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[asyncio.Future[None]]] = {}

    def take(self, name: str) -> bool:
        """Have the turn if nobody has it."""
        if name in self._waiting:
            return False
        self._waiting[name] = deque()
        return True

    async def wait(self, name: str) -> None:
        """Wait for the turn that somebody else has."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting[name].append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self.give(name)  # it came at the same moment
            raise

    def give(self, name: str) -> None:
        """Let the next have it."""
        waiting = self._waiting[name]
        while waiting:
            turn = waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        del self._waiting[name]
