"""The relay of a single node: whoever holds the link is in this process."""

from __future__ import annotations

from collections.abc import Callable

from voltherd.kernel.identity import StationKey


class InProcessRelay:
    """Calls the subscribers at once, in the order in which they came."""

    def __init__(self) -> None:
        self._wakes: dict[StationKey, list[Callable[[], None]]] = {}

    def notify(self, station: StationKey) -> None:
        for wake in tuple(self._wakes.get(station, ())):
            wake()

    def subscribe(self, station: StationKey, wake: Callable[[], None]) -> Callable[[], None]:
        self._wakes.setdefault(station, []).append(wake)
        ended = False

        def end() -> None:
            nonlocal ended
            if ended:
                return
            ended = True
            self._wakes[station].remove(wake)
            if not self._wakes[station]:
                del self._wakes[station]

        return end
