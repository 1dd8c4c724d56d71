"""`voltherd token`: the id tokens that may charge."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import typer

from voltherd.assembly.cli.output import column, instant
from voltherd.assembly.cli.session import Session, asking

noun = typer.Typer(help="Administer id tokens.", no_args_is_help=True)

Token = Annotated[str, typer.Argument(help="The id token's text.")]

_COLUMNS = (
    column("token", "idToken"),
    column("type"),
    column("status", "effectiveStatus"),
    column("group", "groupIdToken"),
    instant("expires", "expiresAt"),
    column("note"),
    instant("changed", "changedAt"),
)
_ADMINISTERED = ("type", "status", "groupIdToken", "expiresAt", "maxActiveTransactions", "note")


@noun.command("list")
@asking
def list_tokens(
    session: Session,
    status: Annotated[Literal["Accepted", "Blocked"] | None, typer.Option(help="As administered.")] = None,
    text: Annotated[str | None, typer.Option(help="Part of the token.")] = None,
    limit: Annotated[int, typer.Option(help="So many at most.", min=1)] = 200,
) -> None:
    """List id tokens."""
    page = session.client.id_tokens(limit=limit, status=status, text=text)
    session.output.rows([token.raw for token in session.some(page, limit)], _COLUMNS, none="no id tokens")


@noun.command("add")
@asking
def add(
    session: Session,
    token: Token,
    kind: Annotated[str | None, typer.Option("--type", help="ISO14443, ISO15693, eMAID, KeyCode …")] = None,
    group: Annotated[str | None, typer.Option(help="The group that it belongs to.")] = None,
    expires: Annotated[datetime | None, typer.Option(help="Until when it may charge.")] = None,
    note: Annotated[str | None, typer.Option(help="Whose it is, say.")] = None,
) -> None:
    """Let an id token charge."""
    details = {
        "type": kind,
        "group_id_token": group,
        "expires_at": expires.astimezone().isoformat() if expires else None,
        "note": note,
    }
    given = {name: value for name, value in details.items() if value is not None}
    session.output.item(session.client.create_id_token(token, **given).raw, _COLUMNS)


@noun.command("block")
@asking
def block(session: Session, token: Token) -> None:
    """Forbid an id token to charge."""
    _set_status(session, token, "Blocked")


@noun.command("unblock")
@asking
def unblock(session: Session, token: Token) -> None:
    """Let a blocked id token charge again."""
    _set_status(session, token, "Accepted")


@noun.command("delete")
@asking
def delete(session: Session, token: Token) -> None:
    """Forget an id token: stations are told that it is unknown."""
    session.client.delete_id_token(token)
    session.tell(f"{token} is no longer administered")


def _set_status(session: Session, token: str, status: str) -> None:
    administered = session.client.id_token(token).raw
    kept = {name: administered[name] for name in _ADMINISTERED if administered.get(name) is not None}
    changed = session.client.replace_id_token(token, **{**kept, "status": status})
    session.output.item(changed.raw, _COLUMNS)
