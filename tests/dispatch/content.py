"""A small content package: jars into which somebody puts coins, and policies of all tempers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar

from voltherd.kernel.aggregate import Aggregate, States
from voltherd.kernel.catalog import Catalog, build
from voltherd.kernel.identity import StationKey
from voltherd.kernel.messages import Command, Event, Refusal, Report, message
from voltherd.kernel.readmodel import Told

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@message
class Jar:
    """How many coins are in it."""

    coins: int = 0


@message
class PutCoins(Report):
    """Put coins into the jar."""

    jar: StationKey
    coins: int


@message
class MoveCoins(Report):
    """Take coins out of the jar and note them in the ledger."""

    jar: StationKey
    coins: int


@message
class CoinsPut(Event):
    """There are more of them."""

    coins: int


@message
class CoinsTaken(Event):
    """There are less."""

    coins: int


@message
class Ledger:
    """What was ever moved."""

    moved: int = 0


@message
class CoinsMoved(Event):
    """Noted."""

    coins: int


@message
class Label:
    """What stands on a jar."""

    text: str = ""


@message
class LabelJar(Report):
    """Write on the jar, unless something is written there; without a text, look."""

    jar: StationKey
    text: str


@message
class JarLabelled(Event):
    """Written."""

    text: str


class JarTooSmall(Refusal):
    """It would overflow."""

    code: ClassVar[str] = "jar_too_small"


class ClumsyError(Exception):
    """A fault of ours."""


def _jar(command: Any, _states: States) -> StationKey | None:
    found: StationKey = command.jar
    return found


def _ledger(command: Any, _states: States) -> StationKey | None:
    return StationKey(operator=command.jar.operator, station_id="ledger")


jar = Aggregate("jar", Jar(), _jar, StationKey.from_path)
ledger = Aggregate("ledger", Ledger(), _ledger, StationKey.from_path, after=(jar,))


def _is_empty(_key: StationKey, states: States) -> bool:
    """Whoever gets a new jar labels it, so an empty one seldom has a label."""
    return states[Jar].coins == 0


label = Aggregate(
    "label",
    Label(),
    _jar,
    StationKey.from_path,
    after=(jar,),
    fresh=_is_empty,
    over=lambda state: state.text == "Spoilt",
)


@jar.decides
def decide(state: Jar, command: PutCoins) -> Sequence[Event]:
    if state.coins + command.coins > 1000:
        raise JarTooSmall("1000 coins are the most")
    return [CoinsPut(coins=command.coins)] if command.coins else []


@jar.decides
def decide_move(state: Jar, command: MoveCoins) -> Sequence[Event]:
    return [CoinsTaken(coins=command.coins)]


@ledger.decides
def decide_note(state: Ledger, command: MoveCoins) -> Sequence[Event]:
    if command.coins == 13:
        raise JarTooSmall("the ledger is superstitious")
    return [CoinsMoved(coins=command.coins)]


@label.decides
def decide_label(state: Label, command: LabelJar) -> Sequence[Event]:
    return [JarLabelled(text=command.text)] if command.text and not state.text else []


@label.evolves
def evolve_labelled(state: Label, event: JarLabelled) -> Label:
    return replace(state, text=event.text)


@jar.evolves
def evolve(state: Jar, event: CoinsPut) -> Jar:
    return replace(state, coins=state.coins + event.coins)


@jar.evolves
def evolve_taken(state: Jar, event: CoinsTaken) -> Jar:
    return replace(state, coins=state.coins - event.coins)


@ledger.evolves
def evolve_moved(state: Ledger, event: CoinsMoved) -> Ledger:
    return replace(state, moved=state.moved + event.coins)


def when_a_coins_put_be_clumsy(event: CoinsPut, _told: Told) -> Iterable[Command]:
    """Fails before it has said anything, or in the middle of what it says."""
    if event.coins == 7:
        raise ClumsyError
    return (_clumsy() for _ in range(event.coins == 8))


def _clumsy() -> Command:
    raise ClumsyError


def when_b_coins_put_overfill(event: CoinsPut, told: Told) -> Iterable[Command]:
    """Is refused."""
    return [put(5000, at=told.at)] if event.coins in (7, 8, 9) else ()


def when_c_coins_put_move_them(event: CoinsPut, told: Told) -> Iterable[Command]:
    """Does what it should."""
    return [MoveCoins(at=told.at, by="policy", jar=told.key, coins=event.coins)] if event.coins < 100 else ()


def key(name: str = "j-1") -> StationKey:
    return StationKey(operator="default", station_id=name)


def put(coins: int, name: str = "j-1", at: datetime = NOON) -> PutCoins:
    return PutCoins(at=at, by="tests", jar=key(name), coins=coins)


def move(coins: int, name: str = "j-1") -> MoveCoins:
    return MoveCoins(at=NOON, by="tests", jar=key(name), coins=coins)


def write(text: str, name: str = "j-1") -> LabelJar:
    return LabelJar(at=NOON, by="tests", jar=key(name), text=text)


@cache
def catalog() -> Catalog:
    return build(["tests.dispatch.content"])
