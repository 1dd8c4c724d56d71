"""What stations count while they run, one by one or a whole fleet together."""

from bisect import bisect_left
from typing import Final

# Upper ends of the latency classes in seconds: 5 % apart from 0.1 ms to about a minute.
_CLASSES: Final = tuple(0.0001 * 1.05**n for n in range(275))


class Latencies:
    """How long answers took, in classes: any number of them in constant space."""

    __slots__ = ("_counts", "count", "longest_s")

    def __init__(self) -> None:
        self._counts = [0] * (len(_CLASSES) + 1)
        self.count = 0
        self.longest_s = 0.0

    def add(self, took_s: float) -> None:
        self._counts[bisect_left(_CLASSES, took_s)] += 1
        self.count += 1
        self.longest_s = max(self.longest_s, took_s)

    def quantile_s(self, share: float) -> float:
        """The time within which this share of all answers came, at most 5 % too high; 0 if there were none."""
        wanted, seen = share * self.count, 0
        if self.count == 0:
            return 0.0
        for upper, count in zip(_CLASSES, self._counts, strict=False):
            seen += count
            if seen >= wanted:
                return min(upper, self.longest_s)
        return self.longest_s


class Statistics:
    """Plain counters. A *call* is a station's, a *command* is the central system's."""

    __slots__ = (
        "call_errors",
        "call_timeouts",
        "calls_answered",
        "calls_sent",
        "commands_answered",
        "commands_received",
        "connections",
        "connections_failed",
        "connections_lost",
        "ignored",
        "latencies",
        "messages_given_up",
        "transactions_ended",
        "transactions_started",
    )

    def __init__(self) -> None:
        self.calls_sent = 0
        self.calls_answered = 0
        self.call_errors = 0
        self.call_timeouts = 0
        self.messages_given_up = 0
        self.commands_received = 0
        self.commands_answered = 0
        self.ignored = 0
        self.connections = 0
        self.connections_failed = 0
        self.connections_lost = 0
        self.transactions_started = 0
        self.transactions_ended = 0
        self.latencies = Latencies()
