"""The map of the house: from each command to its decision, events, OCPP actions, read models and policies.

All of it is read from the catalog and the dialects, but the events of a decision and the reports that a call of a
station is read as: they are what the source makes, and that of the functions which it calls.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from voltherd.domain.charging_station.requests import StationRequest
from voltherd.kernel.catalog import Catalog
from voltherd.kernel.messages import Command, Event, Fact, OperatorCommand
from voltherd.kernel.readmodel import ReadModel
from voltherd.ocpp.dialect.tables import Dialect

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Way:
    """One command's way through the house. `actions` by version; a station's own calls are `incoming`."""

    command: str
    aliases: Sequence[str]
    said_by: str
    file: str
    decisions: Sequence[str]
    events: Sequence[str]
    actions: Mapping[str, str]
    readmodels: Sequence[str]
    policies: Sequence[str]


@dataclass(frozen=True, slots=True)
class Picture:
    """One read model."""

    name: str
    kind: str
    file: str
    paths: Sequence[str]
    tables: Sequence[str]
    facts: Sequence[str]


@dataclass(frozen=True, slots=True)
class House:
    """Everything on the map."""

    versions: Sequence[str]
    ways: Sequence[Way]
    pictures: Sequence[Picture]
    policies: Mapping[str, str]


def survey(catalog: Catalog, dialects: Mapping[str, Dialect]) -> House:
    """Draw the map."""
    incoming = _incoming(dialects)
    ways = [_way(catalog, dialects, incoming, command) for command in catalog.decisions]
    order = ("operators", "stations", "Voltherd")
    return House(
        versions=tuple(dialects),
        ways=sorted(ways, key=lambda way: (order.index(way.said_by), way.file, way.command)),
        pictures=[_picture(model) for model in catalog.readmodels.values()],
        policies=dict(sorted(_policies(catalog))),
    )


def _way(
    catalog: Catalog,
    dialects: Mapping[str, Dialect],
    incoming: Mapping[type, Mapping[str, str]],
    command: type[Command],
) -> Way:
    deciders = catalog.decisions[command]
    functions = [decider.function for decider in deciders]
    if issubclass(command, StationRequest):
        functions.append(command.learned)
    facts = {fact for function in functions for fact in _called(function, Fact, "voltherd.domain")}
    wished = {wish for function in functions for wish in _called(function, StationRequest, "voltherd.domain")}
    outgoing = {
        version: dialect.outgoing[command].action
        for version, dialect in dialects.items()
        if issubclass(command, StationRequest) and command in dialect.outgoing
    }
    actions = {**incoming.get(command, {}), **outgoing}
    events = [fact for fact in facts if issubclass(fact, Event)]
    return Way(
        command=command.__name__,
        aliases=command.aliases if issubclass(command, OperatorCommand) else (),
        said_by="operators" if issubclass(command, OperatorCommand) else "stations" if actions else "Voltherd",
        file=_file(command.__module__),
        decisions=sorted({_file(decider.function.__module__) for decider in deciders}),
        events=sorted({name for fact in facts for name in _stored_names(fact, {command, *wished})}),
        actions=actions,
        readmodels=sorted(model.name for model in catalog.readmodels.values() if _reads(model, facts)),
        policies=sorted({policy.__name__ for event in events for policy in catalog.policies.get(event, ())}),
    )


def _incoming(dialects: Mapping[str, Dialect]) -> Mapping[type, Mapping[str, str]]:
    """By the report that a station's call is read as: the call's name in each version."""
    found: dict[type, dict[str, str]] = {}
    for version, dialect in dialects.items():
        for action in dialect.incoming.values():
            for report in _called(action.to_command, Command, "voltherd.ocpp"):
                names = found.setdefault(report, {})
                names[version] = ", ".join(filter(None, (names.get(version), action.action)))
    return found


def _reads(model: ReadModel, facts: Iterable[type[Fact]]) -> bool:
    return any(issubclass(fact, model.facts) for fact in facts)


def _policies(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for policies in catalog.policies.values():
        for policy in policies:
            yield policy.__name__, _file(policy.__module__)


def _picture(model: ReadModel) -> Picture:
    return Picture(
        name=model.name,
        kind="journal" if model.journal else "picture",
        file=_file(model.project.__module__),
        paths=[path for resource in model.resources for path in (resource.path, resource.station_path) if path],
        tables=[table.name for table in model.tables],
        facts=[fact.__name__ for fact in model.facts],
    )


def _stored_names(fact: type[Fact], commands: Iterable[type[Command]]) -> Iterator[str]:
    """How history calls a fact: an event over a class of commands is called after each of these commands."""
    over = getattr(fact, "over", None)
    if over is None:
        yield fact.__name__
    else:
        yield from (f"{command.__name__}{fact.__name__}" for command in commands if issubclass(command, over))


def _file(module: str) -> str:
    return module.removeprefix("voltherd.").replace(".", "/") + ".py"


@cache
def _called(function: Callable[..., Any], kind: type[T], package: str) -> frozenset[type[T]]:
    """The classes of a kind that a function makes something of, itself or by others of the package that it calls."""
    seen: set[Callable[..., Any]] = set()
    classes: set[type[T]] = set()
    waiting = [function]
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        for called in _called_in(here):
            if isinstance(called, type) and issubclass(called, kind):
                classes.add(called)
            elif inspect.isfunction(called) and called.__module__.startswith(package):
                waiting.append(called)
    return frozenset(classes)


def _called_in(function: Callable[..., Any]) -> Iterator[Any]:
    """What the function's source calls by a name of its module."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    names = inspect.unwrap(function).__globals__
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield names[node.func.id]
