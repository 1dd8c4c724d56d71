"""Send a command to a station and, if asked to, follow it to its effect: `--wait` shows each step when it is taken."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voltherd.assembly.cli.failures import Failed
from voltherd.assembly.cli.output import Column, cell, column, instant
from voltherd.assembly.cli.session import Session, asking, taking

if TYPE_CHECKING:
    from datetime import datetime

    from voltherd.client import Command

COMMAND_COLUMNS = (
    column("command id", "commandId"),
    column("command"),
    column("station", "stationId"),
    column("status"),
    instant("created", "createdAt"),
    instant("finished", "finishedAt"),
    Column("outcome", lambda document: outcome_in_words(document)),
)

Wait = Annotated[
    float | None,
    typer.Option("--wait", help="Wait for the effect, and show each step [=SECONDS, 60 if left out].", min=0),
]
ExpiresIn = Annotated[
    float | None, typer.Option("--expires-in", help="How long the station may be away.", metavar="SECONDS", min=0)
]
IdempotencyKey = Annotated[
    str | None, typer.Option("--idempotency-key", help="Sent again with the same key, it happens once.")
]


@dataclass(frozen=True, slots=True)
class Manner:
    """How a command is to be sent and followed; times in seconds."""

    wait: float | None = None
    expires_in: float | None = None
    idempotency_key: str | None = None


def commanding(function: Callable[..., None]) -> Callable[..., None]:
    """Like `asking`, for a function that also takes the `Manner` of a command, second."""
    session_, _manner, *own = inspect.signature(function, eval_str=True).parameters.values()
    hints: dict[str, Any] = {"wait": Wait, "expires_in": ExpiresIn, "idempotency_key": IdempotencyKey}

    @functools.wraps(function)
    def command(session: Session, **given: Any) -> None:
        manner = Manner(**{name: given.pop(name) for name in hints})
        function(session, manner, **given)

    shared = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=hint, default=None)
        for name, hint in hints.items()
    ]
    return asking(taking(command, [session_, *own, *shared]))


def send(session: Session, manner: Manner, station_id: str, name: str, payload: Mapping[str, Any]) -> None:
    """Send the command; follow it if its manner says so.

    Raises:
        Failed: it is final, and not done.
    """
    command = session.client.command(
        station_id,
        name,
        {key: value for key, value in payload.items() if value is not None},
        expires_in=manner.expires_in,
        idempotency_key=manner.idempotency_key,
    )
    if manner.wait is None:
        show(session, command)
        if not command.final:
            away = "" if command.station_online else "; the station is not connected"
            session.tell(f"{command.status}{away}. How it goes on: voltherd command show {command.command_id} --wait")
        require_no_failure(command)
        return
    follow(session, command.command_id, manner.wait)


def follow(session: Session, command_id: str, wait: float) -> None:
    """Tell each step of a command until it is final, then show it.

    Raises:
        Failed: it is not done.
        StillOpen: it is not final after `wait` seconds.
    """
    told: set[str] = set()
    command = None
    for command in session.client.watch(command_id, wait):
        for step, word, at, what in steps(command):
            if step not in told:
                told.add(step)
                session.tell(f"{_since_creation(command, at):>9}  {word:<11} {what}".rstrip())
    assert command is not None  # a watch shows a command at least once
    if not session.output.for_people:
        show(session, command)
    require_no_failure(command)


def steps(command: Command) -> Iterator[tuple[str, str, datetime | None, str]]:
    """The steps that a command has taken: which, a word for it, when, and what there is to say."""
    away = "" if command.station_online else "the station is not connected"
    if command.created_at != command.finished_at:
        yield "taken", "queued", command.created_at, away if command.status == "queued" else ""
    if command.sent_at is not None:
        yield "sent", "sent", command.sent_at, ""
    if command.answered_at is not None and command.status in ("completed", "ineffective", "accepted", "scheduled"):
        # Which of the two it was is only known while it is.
        word = "scheduled" if command.status == "scheduled" else "accepted"
        yield "answered", word, command.answered_at, ""
    if command.status == "unknown" and not command.final:
        yield "unanswered", "unknown", None, outcome_in_words(command.raw)
    if command.final:
        yield "final", command.status, command.finished_at, outcome_in_words(command.raw)


def show(session: Session, command: Command) -> None:
    """Show a command as data."""
    session.output.item(command.raw, COMMAND_COLUMNS)


def require_no_failure(command: Command) -> None:
    """Raise `Failed` for a command that is final and not done."""
    if command.final and not command.completed:
        why = outcome_in_words(command.raw)
        raise Failed(f"{command.command} on {command.station_id} ended as {command.status}{f': {why}' if why else ''}")


def outcome_in_words(document: Mapping[str, Any]) -> str:
    """What came of a command in one line."""
    outcome = document.get("outcome") or {}
    said = [str(outcome[name]) for name in ("code", "detail") if outcome.get(name)]
    brought = _words(outcome.get("result") or {})
    return ", ".join([*said, *([brought] if brought else [])])


def _words(value: object) -> str:
    match value:
        case dict():
            return ", ".join(f"{name} {_words(member)}" for name, member in value.items() if member is not None)
        case list():
            return "; ".join(map(_words, value))
        case _:
            return cell(value)


def _since_creation(command: Command, at: datetime | None) -> str:
    if at is None or command.created_at is None:
        return ""
    return f"{(at - command.created_at).total_seconds():.2f} s"
