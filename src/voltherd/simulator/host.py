"""What the parts of a simulated station need of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from voltherd.simulator.codec import Codec
from voltherd.simulator.settings import Settings
from voltherd.simulator.statistics import Statistics
from voltherd.simulator.timers import Timers
from voltherd.simulator.words import Message


class Host(Protocol):
    """A station as its EVSEs see it."""

    codec: Codec
    settings: Settings
    statistics: Statistics
    timers: Timers

    @property
    def reachable(self) -> bool:
        """Whether the central system can be asked now: there is a link, and it has accepted the station."""

    @property
    def in_service(self) -> bool:
        """Whether transactions may start: accepted once, and no reset under way."""

    def new_id(self) -> str: ...

    def tell(self, message: Message, *, durable: bool = False, solicited: bool = False) -> None: ...

    def transaction_ended(self, now: float) -> None: ...


def instant(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC)
