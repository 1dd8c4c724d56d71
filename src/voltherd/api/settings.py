"""What of the operators' door can be set."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """The door's settings; times in seconds.

    `reach` is how many rows a list counts, leaves out (`offset`) or looks through for one page.

    Without `administrator_key` whoever reaches the door may do everything: only ever bind that to the loopback.
    """

    administrator_key: str | None = None
    version: str = "unknown"
    body_limit: int = 1024 * 1024
    page_size: int = 50
    largest_page: int = 500
    reach: int = 10_000
    expires_in: int = 60
    longest_expires_in: int = 30 * 24 * 3600
    longest_wait: int = 300
    heartbeat: float = 15.0
    most_streams: int = 200
