"""What the rooms count, as Prometheus wants it: read when it is asked for, so that counting costs nothing."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from voltherd.adapters.sql.store import SqlStore
from voltherd.gateway.server import Gateway


class _Rooms(Collector):
    def __init__(self, gateway: Gateway, store: SqlStore) -> None:
        self._gateway = gateway
        self._store = store

    def collect(self) -> Iterable[Metric]:
        gateway, store = self._gateway, self._store
        yield GaugeMetricFamily("voltherd_links", "Stations that are connected.", value=gateway.links)
        yield CounterMetricFamily("voltherd_history_events", "Events written to history.", value=store.events)
        yield CounterMetricFamily("voltherd_history_commits", "Transactions that wrote them.", value=store.batches)
        yield CounterMetricFamily(
            "voltherd_history_commit_seconds", "How long these took together.", value=store.commit_seconds
        )
        yield CounterMetricFamily(
            "voltherd_journal_dropped",
            "Journal entries given up while the database was away.",
            value=store.dropped_notes,
        )
        trouble = 0 if store.healthy() is None else 1
        yield GaugeMetricFamily("voltherd_history_trouble", "1 while history cannot be written.", value=trouble)


def registry_of(gateway: Gateway, store: SqlStore) -> CollectorRegistry:
    """A registry with what gateway and store count; the API adds its own."""
    registry = CollectorRegistry()
    registry.register(_Rooms(gateway, store))
    return registry
