"""Empty a station's authorization cache. 2.0.1 C11, 1.6 §5.4."""

from __future__ import annotations

from typing import ClassVar

from voltherd.domain.charging_station.requests import StationRequest
from voltherd.kernel.messages import message


@message
class ClearCache(StationRequest):
    """Have the station forget what it remembers of id tokens."""

    aliases: ClassVar[tuple[str, ...]] = ("RequestClearCache",)
    idempotent: ClassVar[bool] = True
