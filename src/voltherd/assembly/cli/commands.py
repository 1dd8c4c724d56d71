"""`voltherd command`: what became of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from voltherd.assembly.cli.following import COMMAND_COLUMNS, Wait, follow, show
from voltherd.assembly.cli.output import Column, column, instant
from voltherd.assembly.cli.session import Session, asking

noun = typer.Typer(help="See what became of commands.", no_args_is_help=True)

CommandId = Annotated[str, typer.Argument(metavar="COMMAND", help="The command's id.")]

_DETAILS: tuple[Column, ...] = (
    *COMMAND_COLUMNS[:4],
    column("payload"),
    column("by", "issuedBy"),
    *COMMAND_COLUMNS[4:5],
    instant("expires", "expiresAt"),
    instant("sent", "sentAt"),
    instant("answered", "answeredAt"),
    *COMMAND_COLUMNS[5:],
)


@noun.command("list")
@asking
def list_commands(
    session: Session,
    station: Annotated[str | None, typer.Option(help="To this station.")] = None,
    status: Annotated[str | None, typer.Option(help="queued, sent, accepted, completed, rejected …")] = None,
    final: Annotated[bool | None, typer.Option("--final/--open", help="Over, or still going on.")] = None,
    name: Annotated[str | None, typer.Option("--command", help="Of this name.")] = None,
    limit: Annotated[int, typer.Option(help="So many at most.", min=1)] = 50,
) -> None:
    """List commands, newest first."""
    page = session.client.commands(station_id=station, limit=limit, status=status, final=final, command=name)
    session.output.rows([command.raw for command in session.some(page, limit)], COMMAND_COLUMNS, none="no commands")


@noun.command("show")
@asking
def show_command(session: Session, command: CommandId, wait: Wait = None) -> None:
    """Show how far a command has come; follow it with --wait."""
    if wait is not None:
        follow(session, command, wait)
        return
    session.output.item(session.client.command_of(command).raw, _DETAILS)


@noun.command("cancel")
@asking
def cancel(session: Session, command: CommandId) -> None:
    """Take back a command that still waits for its station."""
    show(session, session.client.cancel(command))
