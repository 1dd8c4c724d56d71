"""`voltherd station`: see stations and command them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import typer

from voltherd.assembly.cli.failures import Failed
from voltherd.assembly.cli.following import Manner, commanding, send
from voltherd.assembly.cli.output import Column, Document, column, instant, local_time
from voltherd.assembly.cli.session import Session, asking

noun = typer.Typer(help="See charging stations and command them.", no_args_is_help=True)

StationId = Annotated[str, typer.Argument(metavar="STATION", help="The station's id.")]
EvseId = Annotated[int | None, typer.Option("--evse", help="The EVSE, counted from 1.", min=1)]


def _evses(document: Document) -> str:
    return "  ".join(f"{evse['evseId']}:{evse['status'] or '?'}" for evse in document.get("evses", ()))


def _attribute(*names: str) -> Any:
    return lambda document: next((text for name in names if (text := document.get("attributes", {}).get(name))), None)


_LIST = (
    column("station", "id"),
    column("online"),
    column("accepted"),
    column("protocol"),
    Column("evses", _evses),
    Column("model", _attribute("model")),
    instant("last heard", "lastHeardAt"),
)
_DETAILS = (
    column("station", "id"),
    column("online"),
    column("accepted"),
    column("configured"),
    column("protocol"),
    column("availability"),
    column("attributes"),
    Column("booted", lambda station: f"{local_time(station['bootedAt'])} {station['bootReason'] or ''}".strip()),
    instant("connected", "connectedAt"),
    instant("disconnected", "disconnectedAt"),
    instant("last heard", "lastHeardAt"),
    Column("settings", lambda station: _settings(station.get("settings", {}))),
)
_CONNECTORS = (
    column("evse", "evseId"),
    column("connector", "connectorId"),
    column("status"),
    column("detail", "statusDetail"),
    column("error", "errorCode"),
    column("type", "connectorType"),
    column("amperes", "maxAmp"),
    instant("since", "statusAt"),
)


@noun.command("list")
@asking
def list_stations(
    session: Session,
    online: Annotated[bool | None, typer.Option("--online/--offline", help="Those that are connected, or not.")] = None,
    accepted: Annotated[bool | None, typer.Option("--accepted/--pending", help="Accepted, or still waiting.")] = None,
    status: Annotated[str | None, typer.Option(help="With a connector in this status, e.g. Faulted.")] = None,
    protocol: Annotated[str | None, typer.Option(help="E.g. ocpp1.6.")] = None,
    text: Annotated[str | None, typer.Option(help="Part of the id, the model, the vendor …")] = None,
    sort: Annotated[str | None, typer.Option(help="id, lastHeardAt or createdAt; - before it turns it round.")] = None,
    limit: Annotated[int, typer.Option(help="So many at most.", min=1)] = 200,
) -> None:
    """List stations."""
    page = session.client.stations(
        limit=limit, online=online, accepted=accepted, status=status, protocol=protocol, text=text, sort=sort
    )
    session.output.rows([station.raw for station in session.some(page, limit)], _LIST, none="no stations")


@noun.command("show")
@asking
def show(session: Session, station: StationId) -> None:
    """Show one station, its connectors and settings."""
    document = session.client.station(station).raw
    session.output.item(document, _DETAILS)
    if session.output.for_people:
        rows = [
            {**connector, "evseId": evse["evseId"]} for evse in document["evses"] for connector in evse["connectors"]
        ]
        session.output.line("")
        session.output.rows(rows, _CONNECTORS, none="no EVSE is known yet")


@noun.command("register")
@commanding
def register(
    session: Session,
    manner: Manner,
    station: StationId,
    evses: Annotated[int | None, typer.Option(help="How many EVSEs of one connector it has.", min=1)] = None,
    connector_type: Annotated[str, typer.Option(help="What their connectors are.")] = "sType2",
    max_amp: Annotated[int, typer.Option(help="What a phase can give.", metavar="AMPERES", min=1)] = 32,
) -> None:
    """Create a station, or accept one that came by itself."""
    connector = {"connectorId": 1, "connectorType": connector_type, "maxAmp": max_amp}
    topology = [{"evseId": evse_id, "connectors": [connector]} for evse_id in range(1, (evses or 0) + 1)]
    send(session, manner, station, "Register", {"configuration": {"evses": topology} if topology else None})


@noun.command("start")
@commanding
def start(
    session: Session,
    manner: Manner,
    station: StationId,
    token: Annotated[str, typer.Option("--token", help="The id token that charges.")],
    evse: EvseId = None,
) -> None:
    """Start charging; done when the transaction has begun."""
    send(session, manner, station, "StartTransaction", {"idToken": token, "evseId": evse})


@noun.command("stop")
@commanding
def stop(
    session: Session,
    manner: Manner,
    station: StationId,
    transaction: Annotated[str | None, typer.Argument(help="Its id; may be left out if only one runs.")] = None,
    evse: EvseId = None,
) -> None:
    """Stop a transaction; done when it has ended."""
    wanted = transaction or _running(session, station, evse)
    send(session, manner, station, "StopTransaction", {"transactionId": wanted})


@noun.command("unlock")
@commanding
def unlock(
    session: Session,
    manner: Manner,
    station: StationId,
    evse: Annotated[int | None, typer.Argument(help="The EVSE.", min=1)] = None,
    every: Annotated[bool, typer.Option("--all", help="All EVSEs.")] = False,
) -> None:
    """Release the cable of an EVSE, or with --all of every one."""
    if (evse is None) is not every:
        raise typer.BadParameter("say which EVSE, or --all")
    send(session, manner, station, "UnlockConnector", {"connectorId": evse or 0})


@noun.command("reset")
@commanding
def reset(
    session: Session,
    manner: Manner,
    station: StationId,
    immediate: Annotated[bool, typer.Option("--immediate", "--hard", help="Now, not when it is idle.")] = False,
    evse: EvseId = None,
) -> None:
    """Restart a station; done when it has booted again."""
    send(session, manner, station, "Reset", {"type": "immediate" if immediate else "onIdle", "evseId": evse})


@noun.command("availability")
@commanding
def availability(
    session: Session,
    manner: Manner,
    station: StationId,
    wanted: Annotated[Literal["operative", "inoperative"], typer.Argument(metavar="operative|inoperative")],
    evse: EvseId = None,
) -> None:
    """Take out of use, or back; done when the status says so."""
    send(session, manner, station, "ChangeAvailability", {"availability": wanted, "evseId": evse or 0})


@noun.command("get")
@commanding
def get(
    session: Session,
    manner: Manner,
    station: StationId,
    names: Annotated[list[str] | None, typer.Argument(help="Configuration keys, or Component.Variable.")] = None,
) -> None:
    """Ask for settings; without names for all (1.6)."""
    send(session, manner, station, "GetVariables", {"variables": names or []})


@noun.command("set")
@commanding
def set_(
    session: Session,
    manner: Manner,
    station: StationId,
    values: Annotated[list[str], typer.Argument(metavar="NAME=VALUE …", help="What to set.")],
) -> None:
    """Change settings of a station."""
    wrong = [text for text in values if "=" not in text]
    if wrong:
        raise typer.BadParameter(f"{wrong[0]!r} is not of the form NAME=VALUE")
    pairs = (text.partition("=") for text in values)
    send(session, manner, station, "SetVariables", {"variables": {name: value for name, _, value in pairs}})


@noun.command("trigger")
@commanding
def trigger(
    session: Session,
    manner: Manner,
    station: StationId,
    message: Annotated[str, typer.Argument(help="BootNotification, Heartbeat, MeterValues, StatusNotification …")],
    evse: EvseId = None,
) -> None:
    """Ask a station to send a message now."""
    send(session, manner, station, "TriggerMessage", {"requestedMessage": message, "evseId": evse})


@noun.command("command")
@commanding
def command(
    session: Session,
    manner: Manner,
    station: StationId,
    name: Annotated[str, typer.Argument(help="Any command that the server knows (voltherd catalog).")],
    payload: Annotated[str, typer.Argument(help="Its payload, as JSON.")] = "{}",
) -> None:
    """Send any command."""
    try:
        members = json.loads(payload)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"the payload is not JSON: {error}") from error
    if not isinstance(members, dict):
        raise typer.BadParameter("the payload should be an object")
    send(session, manner, station, name, members)


def _running(session: Session, station_id: str, evse_id: int | None) -> str:
    """The id of the only transaction that runs there."""
    running = session.client.transactions(station_id=station_id, status="active", evse_id=evse_id).elements
    if len(running) == 1:
        return running[0].transaction_id
    place = station_id if evse_id is None else f"EVSE {evse_id} of {station_id}"
    if not running:
        raise Failed(f"no transaction runs on {place}")
    ids = ", ".join(f"{one.transaction_id} (EVSE {one.evse_id})" for one in running)
    raise Failed(f"{len(running)} transactions run on {place}, name one or --evse: {ids}")


def _settings(settings: Mapping[str, Mapping[str, Any]]) -> str:
    said: Sequence[str] = [
        f"{name}={setting['reported'] if setting['desired'] is None else setting['desired']}"
        + (f" ({setting['outcome']})" if setting["outcome"] else "")
        for name, setting in settings.items()
    ]
    return ", ".join(said)
