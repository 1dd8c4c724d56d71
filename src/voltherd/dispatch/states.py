"""States of aggregates: folded from their streams, and kept while they are in use."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from typing import Any, NamedTuple, TypeVar

from voltherd.kernel.aggregate import Aggregate
from voltherd.kernel.catalog import Catalog
from voltherd.kernel.identity import Key
from voltherd.ports.history import EventStore

S = TypeVar("S")


class Instance:
    """One instance of an aggregate in the course of a decision: its state evolves with the `events` decided so far.

    `key` is None where the command is about no instance (yet): its events have nowhere to go. One that is `assumed`
    was not looked up: it is taken to be new until the append proves it.
    """

    __slots__ = ("aggregate", "assumed", "before", "events", "key", "state", "stream", "version")

    def __init__(
        self,
        aggregate: Aggregate[Any],
        key: Key | None,
        stream: str,
        version: int,
        state: Any,
        *,
        assumed: bool = False,
    ) -> None:
        self.aggregate = aggregate
        self.key = key
        self.stream = stream
        self.version = version
        self.before = self.state = state
        self.assumed = assumed
        self.events = 0


class Touched:
    """The states that a command touches, by class."""

    __slots__ = ("_instances",)

    def __init__(self) -> None:
        self._instances: dict[type, Instance] = {}

    def __getitem__(self, state: type[S]) -> S:
        found: S = self._instances[state].state
        return found

    def instance(self, state: type) -> Instance:
        return self._instances[state]

    def get(self, aggregate: Aggregate[Any]) -> Instance | None:
        return self._instances.get(type(aggregate.initial))

    def add(self, instance: Instance) -> None:
        self._instances[type(instance.aggregate.initial)] = instance

    def instances(self) -> Collection[Instance]:
        return self._instances.values()


class Kept(NamedTuple):
    """A committed state: how many events led to it, and at how many it was kept beside history."""

    version: int
    state: Any
    durable: int


class Before:
    """The states that a command touches, as they were before it."""

    __slots__ = ("_touched",)

    def __init__(self, touched: Touched) -> None:
        self._touched = touched

    def __getitem__(self, state: type[S]) -> S:
        found: S = self._touched.instance(state).before
        return found


_FOLDED = 50
"""A state is kept beside history after so many events: nobody ever folds many more."""


class StateCache:
    """The newest committed states, the least recently used forgotten first."""

    def __init__(self, catalog: Catalog, store: EventStore, limit: int) -> None:
        self._catalog = catalog
        self._store = store
        self._limit = limit
        self._kept: OrderedDict[str, Kept] = OrderedDict()

    def kept(self, stream: str) -> Kept | None:
        """An instance that is at hand."""
        kept = self._kept.get(stream)
        if kept is not None:
            self._kept.move_to_end(stream)
        return kept

    async def load(self, aggregate: Aggregate[Any], key: Key) -> Kept:
        """One instance, from history if need be."""
        stream = aggregate.stream(key)
        kept = self.kept(stream)
        if kept is not None:
            return kept
        past = await self._store.load(stream)
        state = aggregate.initial if past.state is None else past.state
        evolutions = self._catalog.evolutions[aggregate.name]
        for event in past.events:
            evolve = evolutions.get(type(event))
            if evolve is not None:
                state = evolve(state, event)
        return self.keep(stream, past.version + len(past.events), state, past.version)

    def keep(self, stream: str, version: int, state: Any, durable: int = 0) -> Kept:
        """Remember a committed state, unless a newer one is known: another may have been faster than our reading.

        `durable` is the version that is kept beside history, where we do not know better.
        """
        kept = self._kept.get(stream)
        if kept is None or kept.version < version:
            if kept is not None:
                durable = kept.durable
            if version - durable >= _FOLDED:
                self._store.keep(stream, version, state)
                durable = version
            kept = self._kept[stream] = Kept(version, state, durable)
        self._kept.move_to_end(stream)
        if len(self._kept) > self._limit:
            self._kept.popitem(last=False)
        return kept

    def forget(self, stream: str) -> None:
        """Drop a state that another node has overtaken."""
        self._kept.pop(stream, None)
