"""The one way in: load the states, decide, append events and pictures together, hand the evolved states back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import structlog

from voltherd.dispatch.states import Before, Instance, StateCache, Touched
from voltherd.dispatch.turns import Turns
from voltherd.kernel.aggregate import Aggregate
from voltherd.kernel.catalog import Catalog
from voltherd.kernel.identity import Key
from voltherd.kernel.messages import Command, Event, Fact
from voltherd.kernel.readmodel import Change, ReadModel, Told
from voltherd.ports.history import Append, Appended, EventStore, StreamWrite, VersionConflictError

log = structlog.get_logger(__name__)

_TRIES = 8
"""How often a decision is made again when another node was faster; each try sees the newer state."""

Listener = Callable[[Sequence[Told]], None]


class Plan(NamedTuple):
    """What a class of commands asks for: whose stream orders them, and what each aggregate is asked, in order."""

    first: Aggregate[Any]
    steps: Sequence[Step]


class Step(NamedTuple):
    """The questions to one aggregate: before the decision, the decision itself with other states, after all of them."""

    aggregate: Aggregate[Any]
    admits: Sequence[Callable[..., bool]]
    decide: Callable[..., Sequence[Fact]]
    wants: Sequence[Aggregate[Any]]
    follows: Sequence[Callable[..., Sequence[Event]]]


Run = tuple[str, int, list[Event]]
"""A stream, its version, and the events of it that were decided one after the other."""


class Decided(NamedTuple):
    """What came of a command: states, and the facts in the order in which they were decided."""

    touched: Touched
    told: list[Told]
    runs: list[Run]


class _NotLoaded(Exception):
    """The decision needs a state that is not at hand."""

    def __init__(self, aggregate: Aggregate[Any], key: Key) -> None:
        super().__init__(aggregate.name)
        self.aggregate = aggregate
        self.key = key


class Dispatcher:
    """Runs content. One decision at a time for one station (or id token); all others go on beside it.

    Commands about one station are decided in the order in which they come: the first aggregate's key is their turn.
    """

    def __init__(self, catalog: Catalog, store: EventStore, *, states_kept: int = 100_000) -> None:
        self.catalog = catalog
        self._store = store
        self._states = StateCache(catalog, store, states_kept)
        # Two commands about one station must not decide upon the same state; the second would only conflict.
        self._turns = Turns()
        self._listeners: list[Listener] = []
        self._projections = _projections(catalog)
        self._plans = {command: _plan(catalog, command) for command in catalog.decisions}

    def listen(self, listener: Listener) -> None:
        """Have `listener` called with the facts of every commit of this node, right after it."""
        self._listeners.append(listener)

    async def handle(self, command: Command) -> Touched:
        """Decide upon a command and return the states that it touched, once what follows from it is durable.

        Raises:
            Refusal: the decision says no.
            StoreUnavailableError: nothing has happened.
        """
        plan = self._plans[type(command)]
        key = plan.first.locate(command, Touched())
        order = "" if key is None else plan.first.stream(key)
        if not self._turns.take(order):
            await self._turns.wait(order)
        try:
            return await self._handle(plan, command, order)
        finally:
            self._turns.give(order)

    async def state(self, state: type, key: Any) -> Any:
        """The newest committed state of one instance."""
        return (await self._states.load(self.catalog.by_state[state], key)).state

    async def _handle(self, plan: Plan, command: Command, order: str) -> Touched:
        tries, sure = 0, False
        while tries < _TRIES:
            try:
                # Deciding is pure, so it can begin anew once a state that was missing is there.
                decided = self._decide(plan, command, sure=sure)
            except _NotLoaded as missing:
                await self._states.load(missing.aggregate, missing.key)
                continue
            if decided.told:
                try:
                    await self._commit(command, order, decided)
                except VersionConflictError:
                    tries, sure = tries + 1, True
                    continue
            elif any(instance.assumed for instance in decided.touched.instances()):
                sure = True
                continue
            return decided.touched
        raise VersionConflictError(f"{type(command).__name__} on {order} was overtaken {_TRIES} times")

    def _decide(self, plan: Plan, command: Command, *, sure: bool) -> Decided:
        touched = Touched()
        decided = Decided(touched, [], [])
        taken: list[tuple[Step, Instance]] = []
        for step in plan.steps:
            instance = self._touch(step.aggregate, command, touched, sure)
            for admits in step.admits:
                if not admits(instance.state, command):
                    break
            else:
                others = [self._touch(want, command, touched, sure).state for want in step.wants]
                self._take(instance, step.decide(instance.state, command, *others), command, decided)
                taken.append((step, instance))
        # What follows is asked last: it sees, and is recorded behind, all that was decided.
        for step, instance in taken:
            for follows in step.follows:
                self._take(instance, follows(instance.state, command), command, decided)
        return decided

    def _touch(self, aggregate: Aggregate[Any], command: Command, touched: Touched, sure: bool) -> Instance:
        found = touched.get(aggregate)
        if found is not None:
            return found
        for other in aggregate.after:
            self._touch(other, command, touched, sure)
        key = aggregate.locate(command, touched)
        if key is None:
            instance = Instance(aggregate, None, "", 0, aggregate.initial)
        else:
            stream = aggregate.stream(key)
            kept = self._states.kept(stream)
            if kept is not None:
                instance = Instance(aggregate, key, stream, kept.version, kept.state)
            elif not sure and aggregate.fresh is not None and aggregate.fresh(key, Before(touched)):
                instance = Instance(aggregate, key, stream, 0, aggregate.initial, assumed=True)
            else:
                raise _NotLoaded(aggregate, key)
        touched.add(instance)
        return instance

    def _take(self, instance: Instance, facts: Sequence[Fact], command: Command, decided: Decided) -> None:
        if not facts:
            return
        evolutions = self.catalog.evolutions[instance.aggregate.name]
        key = instance.key if instance.key is not None else getattr(command, "station", None)
        for fact in facts:
            if isinstance(fact, Event):
                if instance.key is None:
                    raise LookupError(f"{type(command).__name__} decided {fact.stored_as()} about nothing")
                evolve = evolutions.get(type(fact))
                if evolve is not None:
                    instance.state = evolve(instance.state, fact)
                # History has the facts as they were told, so a stream may be written more than once.
                if decided.runs and decided.runs[-1][0] == instance.stream:
                    decided.runs[-1][2].append(fact)
                else:
                    decided.runs.append((instance.stream, instance.version + instance.events, [fact]))
                instance.events += 1
            decided.told.append(Told(fact, key, command.at, command.by))

    async def _commit(self, command: Command, order: str, decided: Decided) -> None:
        touched, told, runs = decided
        guards = [StreamWrite(one.stream, 0, []) for one in touched.instances() if one.assumed and not one.events]
        append = Append(
            writes=[*(StreamWrite(*run) for run in runs), *guards],
            changes=[change for one in told for change in self.changes(one)],
            at=command.at,
            by=command.by,
            order=order,
        )
        appended = self._store.append(append)
        try:
            await appended
        except asyncio.CancelledError:
            # Whoever asked has gone, yet it is history, and others wait for the states.
            if isinstance(appended, Appended) and appended.exception() is None:
                self._committed(touched, told)
            raise
        except Exception:
            # Another was faster, or the store is away: then nobody knows for sure what history holds.
            for instance in touched.instances():
                self._states.forget(instance.stream)
            raise
        self._committed(touched, told)

    def _committed(self, touched: Touched, told: Sequence[Told]) -> None:
        for one in touched.instances():
            if one.aggregate.over is not None and one.aggregate.over(one.state):
                self._states.forget(one.stream)
            elif one.events or one.assumed:
                self._states.keep(one.stream, one.version + one.events, one.state)
        for listener in self._listeners:
            try:
                listener(told)
            except Exception:  # it has happened, whatever a listener makes of it
                log.exception("listener_failed")

    def note(self, *told: Told) -> None:
        """Put journal entries into the pictures soon; nobody waits for it."""
        if told:
            self._store.note([change for one in told for change in self.changes(one)])

    def changes(self, told: Told) -> Iterator[Change]:
        """What a fact changes in the pictures."""
        for readmodel in self._projections.get(type(told.fact), ()):
            yield from readmodel.project(told)


def _plan(catalog: Catalog, command: type[Command]) -> Plan:
    deciders = catalog.decisions[command]
    steps = [
        Step(
            decider.aggregate,
            catalog.admissions[decider.aggregate.name],
            decider.function,
            [catalog.by_state[want] for want in decider.wants],
            catalog.consequences[decider.aggregate.name],
        )
        for decider in deciders
    ]
    return Plan(deciders[0].aggregate, steps)


def _projections(catalog: Catalog) -> Mapping[type[Fact], Sequence[ReadModel]]:
    projections: dict[type[Fact], list[ReadModel]] = {}
    for readmodel in catalog.readmodels.values():
        for fact in readmodel.facts:
            projections.setdefault(fact, []).append(readmodel)
    return projections
