"""ClearCache. 1.6 §5.4."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.clear_cache import ClearCache
from voltherd.domain.charging_station.requests import Answer
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v16.payloads import ClearCacheRequest, ClearCacheResponse


def to_requests(_command: ClearCache) -> Sequence[ClearCacheRequest]:
    return [ClearCacheRequest()]


def to_answer(_command: ClearCache, _request: ClearCacheRequest, response: ClearCacheResponse) -> Answer:
    return answer_of(response.status)
