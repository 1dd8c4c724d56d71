"""`voltherd tx`: who charged where, when and how much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from voltherd.assembly.cli.output import Column, column, instant
from voltherd.assembly.cli.session import Session, asking

if TYPE_CHECKING:
    from voltherd.client import MeterReport, Transaction

noun = typer.Typer(help="See transactions.", no_args_is_help=True)

_LIST = (
    column("id"),
    column("station", "stationId"),
    column("evse", "evseId"),
    column("token", "idToken"),
    column("status"),
    instant("started", "startedAt"),
    instant("stopped", "stoppedAt"),
    Column("kWh", lambda transaction: _kwh(transaction.get("energyWh"))),
    column("reason", "stopReason"),
)
_DETAILS = (
    *_LIST[:1],
    column("transaction", "transactionId"),
    *_LIST[1:-1],
    column("charging", "chargingState"),
    column("meter start", "meterStartWh"),
    column("meter stop", "meterStopWh"),
    column("reason", "stopReason"),
    column("incomplete"),
    column("command", "remoteStartCommandId"),
)
_SAMPLES = (
    instant("taken", "takenAt"),
    column("measurand"),
    column("value"),
    column("unit"),
    column("phase"),
    column("context"),
)


@noun.command("list")
@asking
def list_transactions(
    session: Session,
    station: Annotated[str | None, typer.Option(help="Of this station.")] = None,
    token: Annotated[str | None, typer.Option(help="Of this id token.")] = None,
    status: Annotated[Literal["active", "ended"] | None, typer.Option(help="Running, or over.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Started then or later.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Started before.")] = None,
    limit: Annotated[int, typer.Option(help="So many at most.", min=1)] = 50,
) -> None:
    """List transactions, newest first."""
    page = session.client.transactions(
        limit=limit, station_id=station, id_token=token, status=status, from_=_zoned(since), to=_zoned(until)
    )
    session.output.rows([transaction.raw for transaction in session.some(page, limit)], _LIST, none="no transactions")


@noun.command("show")
@asking
def show(
    session: Session,
    transaction: Annotated[str, typer.Argument(help="Its id: ours, or the station's if there is only one.")],
    meter: Annotated[bool, typer.Option("--meter", help="Show all meter values instead.")] = False,
) -> None:
    """Show a transaction, or its meter values."""
    found = _find(session, transaction)
    if not meter:
        session.output.item(found.raw, _DETAILS)
        return
    pages = session.client.pages(session.client.meter_values(found.id, limit=500))
    reports = [report for page in pages for report in page]
    if session.output.flat:
        session.output.rows(list(_samples(reports)), _SAMPLES, none="no meter values")
    else:
        session.output.rows([report.raw for report in reports], ())


def _find(session: Session, name: str) -> Transaction:
    """By our id, or by the one on the wire where that names only one."""
    from voltherd.client import Missing

    try:
        return session.client.transaction(name)
    except Missing:
        named: Sequence[Transaction] = session.client.transactions(transaction_id=name).elements
        if len(named) != 1:
            raise
        return named[0]


def _samples(reports: Sequence[MeterReport]) -> Iterator[dict[str, Any]]:
    for report in reports:
        for value in report.raw["meterValues"]:
            for sample in value["sampled"]:
                yield {**sample, "takenAt": value["takenAt"]}


def _kwh(energy_wh: float | None) -> str:
    return "" if energy_wh is None else f"{energy_wh / 1000:.3f}"


def _zoned(at: datetime | None) -> datetime | None:
    """What is written without a zone is meant in the reader's."""
    return None if at is None else at.astimezone()
