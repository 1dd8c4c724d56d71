"""The map of the house: what the content packages declare, found by importing every module below them."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from importlib.abc import ResourceLoader
from types import ModuleType
from typing import Any

from voltherd.kernel.aggregate import ADMISSION, CONSEQUENCE, DECISION, EVOLUTION, Aggregate
from voltherd.kernel.identity import Key
from voltherd.kernel.messages import Command, Event, Fact, OperatorCommand
from voltherd.kernel.readmodel import ReadModel

_KERNEL = "voltherd.kernel"


class CatalogError(Exception):
    """What the content declares does not fit together; raised at start-up only."""


@dataclass(frozen=True, slots=True)
class Decider:
    """A decision of one aggregate, and the classes of the other states that it asks for."""

    aggregate: Aggregate[Any]
    function: Callable[..., Sequence[Fact]]
    wants: tuple[type, ...]


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything that machinery needs to know about content, by type and by name."""

    aggregates: Mapping[str, Aggregate[Any]]
    by_state: Mapping[type, Aggregate[Any]]
    commands: Mapping[str, type[OperatorCommand]]
    """The operator commands that are sent to a station by name, by canonical name."""
    names: Mapping[str, str]
    """Every accepted name of a command, aliases included, and the canonical one."""
    events: Mapping[str, Any]
    """Event types by the name under which history keeps them."""
    decisions: Mapping[type[Command], tuple[Decider, ...]]
    evolutions: Mapping[str, Mapping[type[Event], Callable[..., Any]]]
    """Evolutions by aggregate name and event class."""
    admissions: Mapping[str, tuple[Callable[..., bool], ...]]
    """The questions that are asked before an aggregate's decisions, by aggregate name."""
    consequences: Mapping[str, tuple[Callable[..., Sequence[Event]], ...]]
    """What follows from any decision of an aggregate, by aggregate name."""
    policies: Mapping[type[Event], tuple[Callable[..., Iterable[Command]], ...]]
    readmodels: Mapping[str, ReadModel]
    classes: Mapping[str, type]
    """What states and the events behind them are made of, by name."""
    source: str
    """A digest of the code that folds states: another may come to others."""

    def key_of(self, stream: str) -> Key:
        """The key of the instance whose stream this is."""
        category, _, path = stream.partition("-")
        return self.aggregates[category].key_from(path)


def modules_below(package: str) -> Iterator[ModuleType]:
    """Import the package (or single module) and every module below it, in order of name."""
    root = importlib.import_module(package)
    yield root
    for info in sorted(
        pkgutil.walk_packages(getattr(root, "__path__", []), f"{package}."), key=lambda found: found.name
    ):
        yield importlib.import_module(info.name)


def own(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """What the module itself defines (not what it imports), with names."""
    for name, value in vars(module).items():
        if not isinstance(value, type | types.FunctionType) or value.__module__ == module.__name__:
            yield name, value


def build(packages: Sequence[str]) -> Catalog:
    """Collect what the packages declare.

    Raises:
        CatalogError: a name or alias is taken twice, or a command has no decision.
    """
    below = [[*modules_below(package)] for package in packages]
    modules = [module for some in below for module in some]
    found = [(name, value) for module in modules for name, value in own(module)]
    aggregates = {v.name: v for _, v in found if isinstance(v, Aggregate)}
    classes = [v for _, v in found if isinstance(v, type)]
    commands = [c for c in classes if issubclass(c, Command) and not _abstract(c)]
    events = [c for c in classes if issubclass(c, Event)]
    functions = [(name, v) for name, v in found if inspect.isfunction(v)]
    by_state = {type(a.initial): a for a in aggregates.values()}
    folding = [*modules_below(_KERNEL), *(module for some in below if _fold(some) for module in some)]
    return Catalog(
        aggregates=aggregates,
        by_state=by_state,
        commands={c.__name__: c for c in commands if issubclass(c, OperatorCommand) and c.by_name},
        names=_names(commands),
        events=_stored_events(events, commands),
        decisions=_decisions([f for _, f in functions if hasattr(f, DECISION)], commands, by_state),
        evolutions=_evolutions([f for _, f in functions if hasattr(f, EVOLUTION)], events, aggregates),
        admissions={
            name: tuple(f for _, f in functions if getattr(f, ADMISSION, None) is aggregate)
            for name, aggregate in aggregates.items()
        },
        consequences={
            name: tuple(f for _, f in functions if getattr(f, CONSEQUENCE, None) is aggregate)
            for name, aggregate in aggregates.items()
        },
        policies=_policies([f for name, f in functions if name.startswith("when_")], events),
        readmodels={v.name: v for _, v in found if isinstance(v, ReadModel)},
        classes=_classes(folding),
        source=_digest(folding),
    )


def _fold(modules: Iterable[ModuleType]) -> bool:
    """Whether states evolve in a package's modules: what they become depends on these and on the kernel alone."""
    values = [value for module in modules for _, value in own(module)]
    return any(inspect.isfunction(value) and hasattr(value, EVOLUTION) for value in values)


def _classes(modules: Iterable[ModuleType]) -> Mapping[str, type]:
    classes: dict[str, type] = {}
    for module in modules:
        for _, value in own(module):
            if isinstance(value, type) and is_dataclass(value) and classes.setdefault(value.__name__, value) != value:
                raise CatalogError(f"{value.__module__} and {classes[value.__name__].__module__} have {value.__name__}")
    return classes


def _digest(modules: Iterable[ModuleType]) -> str:
    digest = hashlib.sha256()
    for module in modules:
        spec = module.__spec__
        if spec is None or not isinstance(spec.loader, ResourceLoader) or spec.origin is None:
            raise CatalogError(f"the code of {module.__name__} cannot be read")
        digest.update(spec.loader.get_data(spec.origin))
    return digest.hexdigest()


def _abstract(cls: type) -> bool:
    return bool(cls.__dict__.get("abstract", False))


def _names(commands: Iterable[type[Command]]) -> Mapping[str, str]:
    names: dict[str, str] = {}
    for command in commands:
        if not issubclass(command, OperatorCommand) or not command.by_name:
            continue
        for name in (command.__name__, *command.aliases):
            if names.setdefault(name, command.__name__) != command.__name__:
                raise CatalogError(f"{name} names both {names[name]} and {command.__name__}")
    return names


def _stored_events(events: Iterable[type[Event]], commands: Sequence[type[Command]]) -> Mapping[str, Any]:
    stored: dict[str, Any] = {}
    for event in events:
        over = event.over
        for name, kind in (
            [(event.__name__, event)]
            if over is None
            else [(f"{c.__name__}{event.__name__}", event[c]) for c in commands if issubclass(c, over)]  # type: ignore[index]
        ):
            if name in stored:
                raise CatalogError(f"two events are kept as {name}")
            stored[name] = kind
    return stored


def classes_of(function: Callable[..., Any]) -> tuple[tuple[type, ...], ...]:
    """For each parameter the classes that its annotation allows; generics are reduced to their origin."""
    hints = typing.get_type_hints(function)
    return tuple(_alternatives(hints[name]) for name in inspect.signature(function).parameters)


def _alternatives(hint: Any) -> tuple[type, ...]:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return tuple(cls for arg in typing.get_args(hint) for cls in _alternatives(arg))
    return (origin or hint,)


def _nearest(cls: type, table: Mapping[type, Any]) -> Any | None:
    return next((table[base] for base in cls.__mro__ if base in table), None)


def _decisions(
    functions: Iterable[Callable[..., Any]],
    commands: Iterable[type[Command]],
    by_state: Mapping[type, Aggregate[Any]],
) -> Mapping[type[Command], tuple[Decider, ...]]:
    declared: dict[Aggregate[Any], dict[type, Decider]] = {}
    for function in functions:
        _state, command, *others = classes_of(function)
        aggregate = getattr(function, DECISION)
        wants = tuple(other[0] for other in others)
        if unknown := [cls.__name__ for cls in wants if cls not in by_state]:
            raise CatalogError(f"{function.__module__} asks for {unknown}, which is no aggregate's state")
        for cls in command:
            if cls in declared.setdefault(aggregate, {}):
                raise CatalogError(f"{aggregate.name} decides twice upon {cls.__name__}")
            declared[aggregate][cls] = Decider(aggregate, function, wants)
    decisions = {}
    for cls in commands:
        deciders = [d for table in declared.values() if (d := _nearest(cls, table)) is not None]
        if not deciders:
            raise CatalogError(f"nothing decides upon {cls.__name__}")
        decisions[cls] = tuple(sorted(deciders, key=lambda d: (_depth(d.aggregate), d.aggregate.name)))
    return decisions


def _depth(aggregate: Aggregate[Any]) -> int:
    return 1 + max((_depth(other) for other in aggregate.after), default=0)


def _evolutions(
    functions: Iterable[Callable[..., Any]],
    events: Iterable[type[Event]],
    aggregates: Mapping[str, Aggregate[Any]],
) -> Mapping[str, Mapping[type[Event], Callable[..., Any]]]:
    declared: dict[str, dict[type, Callable[..., Any]]] = {name: {} for name in aggregates}
    for function in functions:
        _state, event = classes_of(function)
        table = declared[getattr(function, EVOLUTION).name]
        for cls in event:
            if cls in table:
                raise CatalogError(f"{getattr(function, EVOLUTION).name} evolves twice by {cls.__name__}")
            table[cls] = function
    return {
        name: {event: found for event in events if (found := _nearest(event, table)) is not None}
        for name, table in declared.items()
    }


def _policies(
    functions: Iterable[Callable[..., Any]], events: Iterable[type[Event]]
) -> Mapping[type[Event], tuple[Callable[..., Iterable[Command]], ...]]:
    policies: dict[type[Event], list[Callable[..., Iterable[Command]]]] = {}
    for function in functions:
        wanted = classes_of(function)[0]
        for event in events:
            if issubclass(event, wanted):
                policies.setdefault(event, []).append(function)
    return {event: tuple(found) for event, found in policies.items()}
