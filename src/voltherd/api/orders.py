"""From a command's name and payload to the command: historic names and shapes read, every member checked."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from voltherd.api import shapes
from voltherd.api.door import near, nearest
from voltherd.api.naming import as_far_as_there, camel, places, pointer
from voltherd.api.problems import Fault, Problem
from voltherd.kernel.catalog import Catalog
from voltherd.kernel.messages import OperatorCommand

log = structlog.get_logger(__name__)

FILLED_HERE = frozenset({"at", "by", "command_id", "fingerprint", "station", "expires_at"})
"""What the door itself knows of a command, if an abstract base declares it."""

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wish:
    """A command's own members as read, and how the payload was written: places are told in the sender's words."""

    kind: type[OperatorCommand]
    members: Mapping[str, Any]
    sent: Payload
    renamed: Mapping[str, str]

    def place(self, told: str) -> str:
        """A place of the decision's, as the sender wrote it."""
        return _as_sent(places(told), self.sent, self.renamed)


def kind_of(catalog: Catalog, name: str) -> type[OperatorCommand]:
    """The command of this name or alias.

    Raises:
        Problem: there is none; it tells those that were perhaps meant.
    """
    canonical = catalog.names.get(name)
    if canonical is None:
        similar = nearest(name, catalog.names)
        raise Problem(
            422,
            "unknown_command",
            f"there is no command {name[:100]}{near(name, catalog.names)}",
            more={"near": similar, "commands": sorted(catalog.commands)},
        )
    return catalog.commands[canonical]


def own_members(kind: type[OperatorCommand]) -> tuple[str, ...]:
    """The members that a sender may give: not what the door fills in, nor what is internal."""
    filled = {
        name
        for base in kind.__mro__
        if base.__dict__.get("abstract", False)
        for name in inspect.get_annotations(base)
        if name in FILLED_HERE
    }
    return tuple(
        field.name
        for field in dataclasses.fields(kind)
        if field.name not in filled and not field.metadata.get("internal")
    )


def read_wish(kind: type[OperatorCommand], payload: Payload) -> Wish:
    """Read a payload: synonyms first (all at once), then historic shapes, then member by member.

    Raises:
        Problem: 422 with a pointer, into the payload as it was sent, to everything that is wrong.
    """
    renamed = {name: kind.synonyms[name] for name in payload if name in kind.synonyms}
    _require_unambiguous(kind, payload, renamed)
    canonical = {renamed.get(name, name): value for name, value in payload.items()}
    adapted = _adapted(kind, canonical, payload)
    renamed = {**renamed, **_moved(canonical, adapted, renamed)}
    try:
        members = shapes.read(kind, adapted, own_members(kind))
    except shapes.NotOfShape as error:
        faults = [
            Fault(_as_sent(misfit.place, payload, renamed, missing=misfit.missing), misfit.detail)
            for misfit in error.misfits
        ]
        raise _invalid(kind, faults) from error
    return Wish(kind, members, payload, renamed)


def _invalid(kind: type[OperatorCommand], faults: Sequence[Fault]) -> Problem:
    told = "; ".join(f"{fault.pointer or 'the payload'} {fault.detail}" for fault in faults[:3])
    return Problem(422, "payload_invalid", f"{kind.__name__}: {told}", errors=faults)


def _require_unambiguous(kind: type[OperatorCommand], payload: Payload, renamed: Mapping[str, str]) -> None:
    taken: dict[str, str] = {}
    faults = []
    for name in payload:
        meant = renamed.get(name, name)
        if meant in taken:
            faults.append(Fault(pointer([name]), f"{taken[meant]} and {name} both mean {meant}; give one of them"))
        taken.setdefault(meant, name)
    if faults:
        raise _invalid(kind, faults)


def _adapted(kind: type[OperatorCommand], canonical: Payload, sent: Payload) -> Payload:
    adapt = getattr(kind, "adapt", None)
    if adapt is None:
        return canonical
    try:
        adapted: Payload = adapt(canonical)
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        # Historic shapes are read before anything is checked: what they stumble over is no known shape at all.
        log.warning("payload_not_adapted", command=kind.__name__, members=sorted(sent), exc_info=True)
        raise _invalid(kind, [Fault("", "has no shape that this command knows")]) from error
    return adapted


def _moved(canonical: Payload, adapted: Payload, renamed: Mapping[str, str]) -> Mapping[str, str]:
    """Which members the historic shape had under other names: those whose very value is now elsewhere."""
    back = {meant: name for name, meant in renamed.items()}
    return {
        back.get(old, old): new
        for new in adapted
        if new not in canonical
        for old in canonical
        if old not in adapted and canonical[old] is adapted[new]
    }


def _as_sent(place: Sequence[str | int], sent: Payload, renamed: Mapping[str, str], *, missing: bool = False) -> str:
    if not place:
        return ""
    back = {meant: name for name, meant in renamed.items()}
    first = back.get(str(place[0]), place[0])
    return pointer(as_far_as_there(sent, [first, *place[1:]], missing=missing))


def members_as_sent(kind: type[OperatorCommand]) -> Mapping[str, tuple[str, ...]]:
    """The names under which each member may be sent, the one to recommend first."""
    names = {}
    for member in own_members(kind):
        canonical = camel(member)
        itself = () if canonical in kind.synonyms else (canonical,)
        names[member] = itself + tuple(name for name, meant in kind.synonyms.items() if meant == canonical)
    return names
