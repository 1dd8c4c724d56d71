"""Given, when, then: pure content, run by the real dispatcher on a store that is a dictionary.

    given(registered(), connected()).when(unlock(evse_id=1)).then(Like(Requested))

`given` takes events, which are put into their streams, and commands, which are carried out. `then` names what the
last `when` brought, all of it and in order: whole events, `Like(...)` of some members, or classes of events.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

from tests.support.store import ListStore
from tests.support.words import OPERATOR, STATION
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.dispatch.states import Touched
from voltherd.domain.charging_station.requests import Request
from voltherd.domain.charging_station.state import ChargingStation, RunningTransaction
from voltherd.domain.id_token.state import AdministeredIdToken
from voltherd.domain.transaction.state import Transaction
from voltherd.kernel.catalog import Catalog, build
from voltherd.kernel.identity import IdTokenKey, StationKey, TransactionKey
from voltherd.kernel.messages import Command, Event, Fact, JournalEntry, Refusal
from voltherd.kernel.readmodel import Told

T = TypeVar("T")


@cache
def catalog() -> Catalog:
    """What decides: the domain, and the dialects' word on what a version can say."""
    return build(["voltherd.domain", "voltherd.ocpp.capabilities"])


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """The result of work that never waits."""
    try:
        work.send(None)
    except StopIteration as ended:
        result: T = ended.value
        return result
    raise AssertionError("content waited for something")


class Like:
    """Equal to every message of the class whose named members are as told."""

    def __init__(self, kind: type, **members: Any) -> None:
        assert members.keys() <= {field.name for field in fields(kind)}, f"{kind.__name__} has no such members"
        self._kind = kind
        self._members = members

    def __eq__(self, other: object) -> bool:
        return isinstance(other, self._kind) and all(getattr(other, k) == v for k, v in self._members.items())

    __hash__ = None  # type: ignore[assignment]  # it is no key

    def __repr__(self) -> str:
        return f"{self._kind.__name__}(…, {', '.join(f'{k}={v!r}' for k, v in self._members.items())})"


class Scene:
    """What has happened so far, and what the last command brought."""

    def __init__(self) -> None:
        self.store = ListStore()
        self.dispatcher = Dispatcher(catalog(), self.store)
        self.dispatcher.listen(self._hear)
        self.facts: list[Fact] = []
        self.refusal: Refusal | None = None
        self.touched = Touched()
        self._transaction_id = "tx-1"

    def _hear(self, told: Sequence[Told]) -> None:
        self.facts += [one.fact for one in told]

    # --- given --------------------------------------------------------------------------------------------

    def given(self, *past: Event | Command) -> Scene:
        """Let it have happened; nothing of it may be refused."""
        for one in past:
            if isinstance(one, Event):
                self._happened(one)
            else:
                self.touched = at_once(self.dispatcher.handle(one))
        self.facts = []
        return self

    def _happened(self, event: Event) -> None:
        self._transaction_id = getattr(event, "transaction_id", self._transaction_id)
        [name] = [name for name, table in catalog().evolutions.items() if type(event) in table]
        key: Any = {
            "charging_station": STATION,
            "transaction": TransactionKey(
                operator=OPERATOR, station_id=STATION.station_id, transaction_id=self._transaction_id
            ),
            "id_token": IdTokenKey.of(OPERATOR, getattr(getattr(event, "details", None), "id_token", "")),
        }[name]
        self.store.streams.setdefault(catalog().aggregates[name].stream(key), []).append(event)
        self.dispatcher = Dispatcher(catalog(), self.store)
        self.dispatcher.listen(self._hear)

    # --- when ---------------------------------------------------------------------------------------------

    def when(self, *commands: Command) -> Scene:
        """Decide upon the commands; what the last brings counts, and it alone may be refused."""
        self.refusal = None
        for command in commands:
            assert self.refusal is None, f"refused before {command}: {self.refusal!r}"
            self.facts = []
            try:
                self.touched = at_once(self.dispatcher.handle(command))
            except Refusal as refusal:
                self.refusal = refusal
        return self

    # --- then ---------------------------------------------------------------------------------------------

    def then(self, *expected: Event | Like | type[Event]) -> Scene:
        """These events and no others came of it, in this order."""
        if self.refusal is not None:
            raise AssertionError(f"refused: {self.refusal.code}") from self.refusal
        wanted = [one if not isinstance(one, type) else Like(one) for one in expected]
        assert self.events == wanted
        return self

    def then_refused(self, code: str, pointer: str | None = None, kind: str | None = None) -> Scene:
        """It was refused, and nothing came of it."""
        assert self.refusal is not None, f"not refused: {self.facts}"
        assert self.refusal.code == code
        assert not self.facts
        if pointer is not None:
            assert self.refusal.pointer == pointer
        if kind is not None:
            assert self.refusal.kind == kind
        return self

    @property
    def events(self) -> list[Fact]:
        """What the last `when` added to history."""
        return [fact for fact in self.facts if isinstance(fact, Event)]

    @property
    def journal(self) -> list[Fact]:
        """What the last `when` told the journals."""
        return [fact for fact in self.facts if isinstance(fact, JournalEntry)]

    # --- what is so ---------------------------------------------------------------------------------------

    def state(self, kind: type[T], key: Any) -> T:
        found: T = at_once(self.dispatcher.state(kind, key))
        return found

    @property
    def station(self) -> ChargingStation:
        return self.state(ChargingStation, STATION)

    def transaction(self, transaction_id: str = "tx-1", station: StationKey = STATION) -> Transaction:
        key = TransactionKey(operator=station.operator, station_id=station.station_id, transaction_id=transaction_id)
        return self.state(Transaction, key)

    def id_token(self, text: str) -> AdministeredIdToken:
        return self.state(AdministeredIdToken, IdTokenKey.of(OPERATOR, text))

    def request(self, command_id: str = "c-1") -> Request | None:
        """The request if it is still open."""
        return self.station.requests.get(command_id)

    def status(self, command_id: str = "c-1") -> str | None:
        """How far the request has come; None when it is over or never was."""
        request = self.request(command_id)
        return None if request is None else request.status

    @property
    def running(self) -> Mapping[str, RunningTransaction]:
        return self.station.transactions

    def folded_anew(self, decode: Callable[[str, Event], Event] = lambda _stream, event: event) -> dict[str, Any]:
        """The state of every stream as its events alone tell it, each read by `decode` first."""
        states = {}
        for stream, events in self.store.streams.items():
            aggregate = catalog().aggregates[stream.partition("-")[0]]
            state = aggregate.initial
            for event in events:
                read = decode(stream, event)
                evolve = catalog().evolutions[aggregate.name].get(type(read))
                state = state if evolve is None else evolve(state, read)
            states[stream] = state
        return states

    def held(self) -> dict[str, Any]:
        """The state of every stream as the dispatcher holds it."""
        return {
            stream: self.state(type(catalog().aggregates[stream.partition("-")[0]].initial), catalog().key_of(stream))
            for stream in self.store.streams
        }


def given(*past: Event | Command) -> Scene:
    """Begin: let this have happened."""
    return Scene().given(*past)
