"""How content declares what it decides: marks on plain functions, read by the catalog, invisible to callers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from voltherd.kernel.identity import Key

S = TypeVar("S")
F = TypeVar("F", bound=Callable[..., object])

DECISION = "__decides_for__"
EVOLUTION = "__evolves_for__"
ADMISSION = "__admits_for__"
CONSEQUENCE = "__follows_for__"


class States(Protocol):
    """The states that a command touches, by their class, as evolved so far."""

    def __getitem__(self, state: type[S]) -> S: ...


@dataclass(frozen=True, eq=False)
class Aggregate(Generic[S]):
    """One kind of thing with a history of its own.

    `locate` finds the instance that a command is about (None: none yet); it may look at the aggregates named in
    `after`, which are decided first. `key_from` reads a key back from the path in a stream's name.
    `fresh` tells of an instance, from the states before the command, that it hardly has a history yet: then nobody
    looks it up, and the append proves it. `over` tells of a state that hardly anybody will ask for again.
    """

    name: str
    initial: S
    locate: Callable[[Any, States], Key | None]
    key_from: Callable[[str], Key]
    after: tuple[Aggregate[Any], ...] = ()
    fresh: Callable[[Any, States], bool] | None = None
    over: Callable[[S], bool] | None = None

    def decides(self, function: F) -> F:
        """Mark a decision: `(state, command, *other states) -> Sequence[Fact]`; it returns the function unchanged."""
        setattr(function, DECISION, self)
        return function

    def evolves(self, function: F) -> F:
        """Mark an evolution: `(state, event) -> state`; it returns the function unchanged."""
        setattr(function, EVOLUTION, self)
        return function

    def admits(self, function: F) -> F:
        """Mark the question asked before every decision: `(state, command) -> bool`.

        False means "known already, nothing to decide"; a `Refusal` means no.
        """
        setattr(function, ADMISSION, self)
        return function

    def follows(self, function: F) -> F:
        """Mark what follows from any decision: `(state, command) -> Sequence[Event]`, asked with the evolved state.

        A `Refusal` means no here, too: nothing of the decision happens.
        """
        setattr(function, CONSEQUENCE, self)
        return function

    def stream(self, key: Key) -> str:
        """Name the stream of one instance: `category-operator/id`."""
        return f"{self.name}-{key.path}"
