"""What a load found, as the client prints it and the tables read it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from when a call was due to its answer, over `count` calls."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What a load did. CPU shares are of one core: 1.0 is one core fully used."""

    stations: int
    version: str
    pace_s: float
    deflate: bool
    seconds: float
    setup_s: float
    messages: int
    overall: Latency
    actions: Mapping[str, Latency]
    errors: Mapping[str, int]
    client_cpu: float
    server_cpu: float
    server_bytes: int
    database_cpu: float

    @property
    def per_second(self) -> float:
        """Messages answered in a second."""
        return self.messages / self.seconds

    @property
    def server_us(self) -> float:
        """The server's processor time for a message, in microseconds."""
        return self.server_cpu * self.seconds / max(1, self.messages) * 1e6


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What idle links cost: memory after `links - others` more of them, beside the `others` that were there."""

    links: int
    others: int
    deflate: bool
    setup_s: float
    server_bytes: int
    bytes_per_link: float
    errors: Mapping[str, int]


def latency(seconds: Sequence[float]) -> Latency:
    """The percentiles of some durations."""
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")

    return Latency(count=len(ordered), p50_ms=at(0.50), p95_ms=at(0.95), p99_ms=at(0.99))
