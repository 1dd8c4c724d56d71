"""The one way in: load the states, decide, append events and pictures together, hand the evolved states back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakValueDictionary

import structlog

from voltherd.dispatch.states import Instance, StateCache, Touched
from voltherd.kernel.aggregate import Aggregate
from voltherd.kernel.catalog import Catalog
from voltherd.kernel.messages import Command, Event, Fact
from voltherd.kernel.readmodel import Change, ReadModel, Told
from voltherd.ports.history import Append, EventStore, StreamWrite, VersionConflictError

log = structlog.get_logger(__name__)

_TRIES = 8
"""How often a decision is made again when another node was faster; each try sees the newer state."""

Listener = Callable[[Sequence[Told]], None]


class Dispatcher:
    """Runs content. One decision at a time for one station (or id token); all others go on beside it.

    Commands about one station are decided in the order in which they come: the first aggregate's key is their lock.
    """

    def __init__(self, catalog: Catalog, store: EventStore, *, states_kept: int = 100_000) -> None:
        self.catalog = catalog
        self._store = store
        self._states = StateCache(catalog, store, states_kept)
        # Two commands about one station must not decide upon the same state; the second would only conflict.
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._listeners: list[Listener] = []
        self._projections = _projections(catalog)

    def listen(self, listener: Listener) -> None:
        """Have `listener` called with the facts of every commit of this node, right after it."""
        self._listeners.append(listener)

    async def handle(self, command: Command) -> Touched:
        """Decide upon a command and return the states that it touched, once what follows from it is durable.

        Raises:
            Refusal: the decision says no.
            StoreUnavailableError: nothing has happened.
        """
        first = self.catalog.decisions[type(command)][0].aggregate
        key = first.locate(command, Touched())
        name = "" if key is None else first.stream(key)
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        async with lock:
            for _ in range(_TRIES):
                try:
                    return await self._decide(command, name)
                except VersionConflictError:
                    continue
        raise VersionConflictError(f"{type(command).__name__} on {name} was overtaken {_TRIES} times")

    async def state(self, state: type, key: Any) -> Any:
        """The newest committed state of one instance."""
        _, found = await self._states.load(self.catalog.by_state[state], key)
        return found

    async def _decide(self, command: Command, order: str) -> Touched:
        touched = Touched()
        told: list[Told] = []
        decided: list[Instance] = []
        for decider in self.catalog.decisions[type(command)]:
            instance = await self._touch(decider.aggregate, command, touched)
            if not all(admits(instance.state, command) for admits in self.catalog.admissions[decider.aggregate.name]):
                continue
            others = [
                (await self._touch(self.catalog.by_state[want], command, touched)).state for want in decider.wants
            ]
            self._take(instance, decider.function(instance.state, command, *others), command, told)
            decided.append(instance)
        # What follows is asked last: it sees, and is recorded behind, all that was decided.
        for instance in decided:
            for follows in self.catalog.consequences[instance.aggregate.name]:
                self._take(instance, follows(instance.state, command), command, told)
        if not told:
            return touched
        changes = [change for one in told for change in self.changes(one)]
        await self._commit(command, order, touched, changes, told)
        return touched

    async def _touch(self, aggregate: Aggregate[Any], command: Command, touched: Touched) -> Instance:
        state = type(aggregate.initial)
        if state in touched:
            return touched.instance(state)
        for other in aggregate.after:
            await self._touch(other, command, touched)
        key = aggregate.locate(command, touched)
        if key is None:
            instance = Instance(aggregate, None, 0, aggregate.initial)
        else:
            instance = Instance(aggregate, key, *await self._states.load(aggregate, key))
        touched.add(state, instance)
        return instance

    def _take(self, instance: Instance, facts: Sequence[Fact], command: Command, told: list[Told]) -> None:
        evolutions = self.catalog.evolutions[instance.aggregate.name]
        key = instance.key if instance.key is not None else getattr(command, "station", None)
        for fact in facts:
            if isinstance(fact, Event):
                if instance.key is None:
                    raise LookupError(f"{type(command).__name__} decided {fact.stored_as()} about nothing")
                evolve = evolutions.get(type(fact))
                if evolve is not None:
                    instance.state = evolve(instance.state, fact)
                instance.events.append(fact)
            told.append(Told(fact, key, command.at, command.by))

    async def _commit(
        self, command: Command, order: str, touched: Touched, changes: Sequence[Change], told: Sequence[Told]
    ) -> None:
        changed = [instance for instance in touched.instances() if instance.events]
        append = Append(
            writes=[StreamWrite(one.stream, one.version, one.events) for one in changed],
            changes=changes,
            at=command.at,
            by=command.by,
            order=order,
        )
        appended = self._store.append(append)
        try:
            await (asyncio.shield(appended) if isinstance(appended, asyncio.Future) else appended)
        except asyncio.CancelledError:
            # Whoever asked has gone, yet what is on its way into history will be so, and others wait for it.
            if isinstance(appended, asyncio.Future):
                appended.add_done_callback(lambda done: self._settle(done, changed, told))
            raise
        except Exception:
            # Another was faster, or the store is away: then nobody knows for sure what history holds.
            for instance in touched.instances():
                self._states.forget(instance.stream)
            raise
        self._committed(changed, told)

    def _settle(self, done: asyncio.Future[int], changed: Sequence[Instance], told: Sequence[Told]) -> None:
        if not done.cancelled() and done.exception() is None:
            self._committed(changed, told)

    def _committed(self, changed: Sequence[Instance], told: Sequence[Told]) -> None:
        for one in changed:
            self._states.keep(one.stream, one.version + len(one.events), one.state)
        for listener in self._listeners:
            try:
                listener(told)
            except Exception:  # it has happened, whatever a listener makes of it
                log.exception("listener_failed")

    def note(self, told: Told) -> None:
        """Put a journal entry into the pictures soon; nobody waits for it."""
        self._store.note(list(self.changes(told)))

    def changes(self, told: Told) -> Iterator[Change]:
        """What a fact changes in the pictures."""
        for readmodel in self._projections.get(type(told.fact), ()):
            yield from readmodel.project(told)


def _projections(catalog: Catalog) -> Mapping[type[Fact], Sequence[ReadModel]]:
    projections: dict[type[Fact], list[ReadModel]] = {}
    for readmodel in catalog.readmodels.values():
        for fact in readmodel.facts:
            projections.setdefault(fact, []).append(readmodel)
    return projections
