"""Timers without a clock: what is due is carried out when somebody says what time it is."""

from collections.abc import Callable, Hashable
from typing import TypeAlias

Action: TypeAlias = Callable[[float], None]


class Timers:
    """A few named timers; setting one again moves it."""

    __slots__ = ("_due",)

    def __init__(self) -> None:
        self._due: dict[Hashable, tuple[float, Action]] = {}

    def set(self, name: Hashable, due: float, action: Action) -> None:
        self._due[name] = (due, action)

    def cancel(self, *names: Hashable) -> None:
        for name in names:
            self._due.pop(name, None)

    def deadline(self) -> float | None:
        return min((due for due, _ in self._due.values()), default=None)

    def run(self, now: float) -> None:
        """Carry out what is due, in the order in which it became due; actions may set timers for a later time."""
        while True:
            ripe = [(due, name) for name, (due, _) in self._due.items() if due <= now]
            if not ripe:
                return
            _, name = min(ripe, key=lambda one: one[0])
            _, action = self._due.pop(name)
            action(now)
