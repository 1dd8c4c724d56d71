"""Rounds of load on several servers in turn, so that whatever else the machine does befalls all of them alike."""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.client import loading
from bench.fleet import Plan
from bench.load import plan_of
from bench.measuring import SETTLE_S
from bench.results import Held, Latency, Measured
from bench.targets import SQLITE, TARGETS, Target, running

Tell = Callable[[str], None]
"""Told what is being done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A server on a store."""

    target: Target
    store: str = SQLITE

    @property
    def name(self) -> str:
        """How tables call it."""
        if not self.target.any_store:
            return self.target.name
        return f"{self.target.name} on {store_name(self.store)}"


def store_name(store: str) -> str:
    """How tables call a store."""
    return "SQLite" if store == SQLITE else "PostgreSQL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much is measured."""

    plan: Plan
    seconds: float
    warm_up: float
    rounds: int
    directory: Path


def add_stores(parser: argparse.ArgumentParser) -> None:
    """The flags that say where databases are."""
    parser.add_argument(
        "--store",
        action="append",
        metavar="URL",
        help="sqlite, or postgresql://user:password@host/postgres, where a database is made and dropped; "
        "can be given twice (sqlite)",
    )
    parser.add_argument("--directory", type=Path, default=Path(tempfile.gettempdir()), help="for SQLite's files")


def stores_of(chosen: argparse.Namespace) -> Sequence[str]:
    """The stores that were chosen."""
    return chosen.store or [SQLITE]


def effort_of(chosen: argparse.Namespace) -> Effort:
    """What the flags of a plan and of the stores say.

    Raises:
        OutOfBoundsError: it is too much.
    """
    return Effort(
        plan=plan_of(chosen, "ws://127.0.0.1/ocpp"),
        seconds=chosen.seconds,
        warm_up=chosen.warm_up,
        rounds=getattr(chosen, "rounds", 1),
        directory=chosen.directory,
    )


def contestants(names: Sequence[str], stores: Sequence[str]) -> Sequence[Contestant]:
    """The servers of these names, each on every store that it can use."""
    return [
        Contestant(target=TARGETS[name], store=store)
        for name in names
        for store in (stores if TARGETS[name].any_store else [SQLITE])
    ]


Rounds = Mapping[str, Sequence[Measured]]
"""By contestant: what each round found, in the order of the rounds."""


def in_turn(
    turns: Mapping[str, Callable[[], Measured]], rounds: int, tell: Tell, *, within_s: float = float("inf")
) -> Rounds:
    """Take each turn in each round; no round begins that would probably end later than `within_s` from now.

    Raises:
        ServerFailedError: a server or its load failed.
    """
    found: dict[str, list[Measured]] = {name: [] for name in turns}
    began = time.monotonic()
    for number in range(1, rounds + 1):
        used = time.monotonic() - began
        if number > 1 and used * number / (number - 1) > within_s:
            break
        for name, turn in turns.items():
            tell(f"round {number} of {rounds}: {name}")
            found[name].append(turn())
    return found


def compare(some: Sequence[Contestant], effort: Effort, tell: Tell) -> Rounds:
    """Measure all contestants in each round, one after the other.

    Raises:
        ServerFailedError: a server or its load failed.
    """
    return in_turn({one.name: turn(one, effort) for one in some}, effort.rounds, tell)


def turn(one: Contestant, effort: Effort, *flags: str) -> Callable[[], Measured]:
    """A contestant's turn: a server of its own, an empty database, one window."""

    def take() -> Measured:
        with (
            running(one.target, one.store, effort.directory) as server,
            loading(server, effort.plan, [*window_flags(effort, one.store), *flags]) as load,
        ):
            return load.next(Measured, effort.warm_up + effort.seconds)

    return take


def window_flags(effort: Effort, store: str = SQLITE) -> Sequence[str]:
    """The client's flags for how long it counts, and whether it looks at PostgreSQL."""
    flags = ["--seconds", str(effort.seconds), "--warm-up", str(effort.warm_up)]
    return flags if store == SQLITE else [*flags, "--postgres"]


def hold(some: Sequence[Contestant], effort: Effort, links: int, tell: Tell) -> Mapping[str, Held]:
    """Measure the memory of idle links, without deflate and with.

    Raises:
        ServerFailedError: a server or its load failed.
    """
    found = {}
    for one in some:
        for deflate in (False, True):
            name = f"{one.name}, {'with deflate' if deflate else 'no deflate'}"
            tell(f"{links:,} idle links: {name}")
            plan = Plan(url="", stations=links, version=effort.plan.version, deflate=deflate)
            with (
                running(one.target, one.store, effort.directory) as server,
                loading(server, plan, ["--idle"]) as load,
            ):
                found[name] = load.next(Held, 2 * SETTLE_S)
    return found


def median(rounds: Sequence[Measured], of: Callable[[Measured], float]) -> float:
    """The median over the rounds."""
    return statistics.median(map(of, rounds))


def ratio(some: Sequence[Measured], others: Sequence[Measured], of: Callable[[Measured], float]) -> float:
    """The median over the rounds of the ratio within each; not a number where there is nothing to divide by."""
    pairs = [(of(one), of(other)) for one, other in zip(some, others, strict=True)]
    return statistics.median([one / other for one, other in pairs if other] or [math.nan])


def actions(rounds: Sequence[Measured]) -> Iterator[tuple[str, Latency]]:
    """The medians of each action's percentiles; count and maximum are of all rounds together."""
    for what in rounds[0].actions:
        some = [one.actions[what] for one in rounds if what in one.actions]
        yield (
            what,
            Latency(
                count=sum(one.count for one in some),
                p50_ms=statistics.median(one.p50_ms for one in some),
                p95_ms=statistics.median(one.p95_ms for one in some),
                p99_ms=statistics.median(one.p99_ms for one in some),
                max_ms=max(one.max_ms for one in some),
            ),
        )
