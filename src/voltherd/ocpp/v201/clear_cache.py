"""ClearCache. 2.0.1 C11."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.domain.charging_station.clear_cache import ClearCache
from voltherd.domain.charging_station.requests import Answer
from voltherd.ocpp.answers import answer_of
from voltherd.ocpp.v201.payloads import ClearCacheRequest, ClearCacheResponse


def to_requests(_command: ClearCache) -> Sequence[ClearCacheRequest]:
    return [ClearCacheRequest()]


def to_answer(_command: ClearCache, _request: ClearCacheRequest, response: ClearCacheResponse) -> Answer:
    return answer_of(response.status)
