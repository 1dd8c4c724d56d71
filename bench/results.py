"""What a load found, as the client prints it and the tables read it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from when a call was due to its answer, over `count` calls; 0 where there were none."""

    count: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What a load did in one window. CPU shares are of one core: 1.0 is one core fully used.

    `began_at` (seconds since 1970) is when the first station began to connect; `setup_s` from then until all were
    ready; `opened` and `ready` say how long each station's handshake and its boot and status took, from when it began
    to connect. `late` is how much later than due the client itself sent paced messages.
    """

    stations: int
    version: str
    pace_s: float
    deflate: bool
    seconds: float
    began_at: float
    setup_s: float
    opened: Latency
    ready: Latency
    messages: int
    overall: Latency
    actions: Mapping[str, Latency]
    late: Latency
    errors: Mapping[str, int]
    client_cpu: float
    server_cpu: float
    server_bytes: int
    server_threads: int
    database_cpu: float
    bytes_per_link: float | None = None

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


class Fed(msgspec.Struct, frozen=True, kw_only=True):
    """What a store did with recorded appends: `measured` as if it were a server, and what it wrote."""

    measured: Measured
    appends: int
    events: int
    commits: int


def latency(seconds: Sequence[float]) -> Latency:
    """The percentiles of some durations: the smallest that at least this share of them does not exceed."""
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return 1000 * ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0

    return Latency(count=len(ordered), p50_ms=at(0.50), p95_ms=at(0.95), p99_ms=at(0.99), max_ms=at(1.0))
