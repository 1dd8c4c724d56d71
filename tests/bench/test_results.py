from __future__ import annotations

import msgspec

from bench.results import Latency, latency


def test_names_the_smallest_duration_that_so_many_do_not_exceed() -> None:
    found = latency([number / 1000 for number in range(100, 0, -1)])
    assert found == Latency(count=100, p50_ms=50.0, p95_ms=95.0, p99_ms=99.0, max_ms=100.0)


def test_of_few_durations_the_worst_is_the_99th_percentile() -> None:
    found = latency([0.003, 0.001, 0.002])
    assert (found.p50_ms, found.p95_ms, found.p99_ms, found.max_ms) == (2.0, 3.0, 3.0, 3.0)


def test_of_nothing_survives_the_way_from_client_to_table() -> None:
    none = latency([])
    assert none.count == 0
    assert msgspec.json.decode(msgspec.json.encode(none), type=Latency) == none
