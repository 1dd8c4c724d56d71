"""What a gateway grants and expects; seconds unless said otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The gateway's settings.

    A station that has connected gets `first_word_within` to make its first call before requests go out to it.
    A link is idle when nothing has come for `ping_after`: then it is pinged, and given up when nothing comes for
    `dead_after`. A station that never answered a ping is only given up after three heartbeat intervals, or when the
    machine's own TCP finds it gone. The gateway looks after its links every `sweep_every`; a socket that is told to
    close and does not is cut after `close_within`. More than `takeovers_per_minute` are two stations with one id.
    Frames, where they are kept, are in their journal after `frames_within`.
    """

    unknown_stations: Literal["pending", "accept", "refuse"] = "pending"
    heartbeat_interval: int = 300
    boot_retry_interval: int = 30
    answer_within: float = 30.0
    first_word_within: float = 3.0
    ping_after: float = 20.0
    dead_after: float = 45.0
    sweep_every: float = 5.0
    heard_every: float = 30.0
    frame_bytes: int = 1024 * 1024
    open_timeout: float = 10.0
    close_within: float = 5.0
    takeovers_per_minute: int = 10
    frames_kept: bool = True
    frames_within: float = 1.0
    deflate: bool = True
