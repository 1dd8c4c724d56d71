"""The frames that went over a link, as they were: for people who look for what really happened."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from voltherd.kernel.messages import JournalEntry, message


@message
class FrameSeen(JournalEntry):
    """One frame. `sent` is ours, `received` the station's; `note` says what we made of it where that is not plain."""

    seen_at: datetime
    direction: Literal["received", "sent"]
    text: str
    note: str | None = None
