"""`voltherd tail`: what happens, as it happens."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import Annotated

import typer

from voltherd.assembly.cli.output import Column, Document, cell, column, instant, local_time
from voltherd.assembly.cli.session import Session, asking

noun = typer.Typer(help="Watch what happens, live.", no_args_is_help=True)


@noun.command("events")
@asking
def tail_events(
    session: Session,
    station: Annotated[str | None, typer.Option(help="Of this station.")] = None,
    kind: Annotated[
        str | None, typer.Option("--type", help="Of these types, e.g. TransactionStarted,StationBooted.")
    ] = None,
    after: Annotated[int | None, typer.Option(help="Begin behind this position; 0 for the beginning.", min=0)] = None,
    count: Annotated[int | None, typer.Option(help="End after so many.", min=1)] = None,
) -> None:
    """Show events as they happen, until Ctrl-C; a lost connection is taken up where it broke."""
    events = session.client.events(after, station_id=station, type=kind)
    with suppress(KeyboardInterrupt):
        session.output.stream((event.raw for event in islice(events, count)), _COLUMNS, _in_words)


def _in_words(event: Document) -> str:
    facts = "  ".join(f"{name}={cell(value)}" for name, value in event["data"].items() if value is not None)
    return f"{local_time(event['at'])}  {_subject(event):<16}  {event['type']:<28}  {facts}".rstrip()


def _subject(event: Document) -> str:
    subject: str = event["stationId"] or event["stream"].partition("/")[2]
    return subject


_COLUMNS = (
    column("position"),
    instant("at", "at"),
    Column("about", _subject),
    column("type"),
    column("by"),
    column("data"),
)
