"""A network to play with: a node on an embedded database, and simulated stations that really charge."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shlex
import socket
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from voltherd.assembly.node import Node
from voltherd.assembly.settings import Settings
from voltherd.client import Conflict, VoltherdClient
from voltherd.ocpp.rpc import Version
from voltherd.simulator import (
    AC_11_KW,
    AC_22_KW,
    DC_50_KW,
    DC_150_KW,
    DEFAULT_ID_TOKENS,
    Outlet,
    Plan,
    SimulatedStation,
    Status,
)
from voltherd.simulator.drivers import Cards, visits

_SITES: Final[Mapping[str, tuple[Version, tuple[Outlet, ...]]]] = {
    "DEMO-1": (Version.V16, (AC_22_KW, AC_22_KW)),
    "DEMO-2": (Version.V16, (AC_11_KW, AC_11_KW)),
    "DEMO-3": (Version.V16, (DC_50_KW, AC_22_KW)),
    "DEMO-4": (Version.V201, (AC_22_KW, AC_22_KW)),
    "DEMO-5": (Version.V201, (DC_150_KW, DC_150_KW)),
    "DEMO-6": (Version.V201, (DC_50_KW, AC_22_KW)),
}
YOURS: Final = 2
"""The EVSE at each station that no driver comes to: it is for whoever tries the demo."""

DRIVERS: Final = DEFAULT_ID_TOKENS[:12]
GUEST: Final = DEFAULT_ID_TOKENS[99]
"""The id token for the commands to paste."""

_PLAN: Final = Plan(busy_share=0.9, speed=60.0, handling_s=(0.3, 2.0))
# Often enough to watch; real stations send theirs every minute or less.
_SETTINGS: Final = {"MeterValueSampleInterval": "5", "HeartbeatInterval": "30"}
_BOOTED_WITHIN_S: Final = 15.0
_TIDY_WITHIN_S: Final = 2.0
_LOOKING_AGAIN_S: Final = 2.0
_WAIT_S: Final = 20
_AT_ONCE: Final = 20


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the demo is, whether it wants a key, and by version a station where a transaction can be started."""

    api: str
    ocpp: str
    needs_key: bool
    free: Mapping[Version, str]


class Demo:
    """The node and its stations."""

    def __init__(self, settings: Settings) -> None:
        self._node = Node(settings)
        self._key = settings.api_key.get_secret_value() if settings.api_key else None
        self._stations: list[SimulatedStation] = []

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Addresses]:
        """Be open: every station is booted, and drivers are on their way.

        Raises:
            TimeoutError: a station could not boot.
        """
        async with contextlib.AsyncExitStack() as stack:
            await self._node.open()
            stack.push_async_callback(self._node.close)
            free = await self._prepare()
            for station_id, (version, outlets) in _SITES.items():
                station = SimulatedStation(
                    self._node.ocpp_url,
                    station_id,
                    version,
                    outlets=outlets,
                    speed=_PLAN.speed,
                    settings=_SETTINGS,
                    seed=station_id,
                )
                self._stations.append(await stack.enter_async_context(station))
            await asyncio.gather(*(station.connect(_BOOTED_WITHIN_S) for station in self._stations))
            people = [asyncio.create_task(work, name=name) for name, work in self._people()]
            stack.push_async_callback(self._leave, people)
            yield Addresses(self._node.api_url, self._node.ocpp_url, self._key is not None, free)

    async def _prepare(self) -> Mapping[Version, str]:
        """Let stations and drivers in; return for each version a station whose EVSE for guests is free."""
        async with VoltherdClient(self._node.api_url, self._key) as client:
            await asyncio.gather(
                accept_stations(client, {station_id: len(outlets) for station_id, (_, outlets) in _SITES.items()}),
                administer_tokens(client, [*DRIVERS, GUEST]),
            )
            # A demo that was killed leaves transactions behind that nobody will ever end.
            left = await client.transactions(status="active", evse_id=YOURS)
        busy = {transaction.station_id for transaction in left}
        free: dict[Version, str] = {}
        for station_id in (*(one for one in _SITES if one not in busy), *_SITES):
            free.setdefault(_SITES[station_id][0], station_id)
        return free

    def _people(self) -> Iterable[tuple[str, Any]]:
        cards = Cards(DRIVERS, Random())
        for station in self._stations:
            steps = visits(station, 1, _SITES[station.station_id][1][0], _PLAN, cards, Random())
            yield f"drivers at {station.station_id}", _walk(steps)
            yield f"guests at {station.station_id}", _see_guests_off(station)

    async def _leave(self, people: Sequence[asyncio.Task[None]]) -> None:
        """Everybody drives off, so that all transactions end before the stations are switched off."""
        for task in people:
            task.cancel()
        await asyncio.gather(*people, return_exceptions=True)
        for station in self._stations:
            for evse_id in station.evse_ids:
                station.unplug(evse_id)
        said = (station.wait_for(lambda state: state.waiting == 0, _TIDY_WITHIN_S) for station in self._stations)
        await asyncio.gather(*said, return_exceptions=True)


async def _walk(steps: Iterable[float]) -> None:
    for pause_s in steps:
        await asyncio.sleep(pause_s)


async def _see_guests_off(station: SimulatedStation) -> None:
    """A guest's vehicle, brought by a remote start, leaves when it has had its transaction."""
    while True:
        if station.evse_state(YOURS).status is Status.FINISHING:
            station.unplug(YOURS)
        await asyncio.sleep(_LOOKING_AGAIN_S)


async def accept_stations(client: VoltherdClient, stations: Mapping[str, int]) -> None:
    """Register stations with so many EVSEs each."""

    async def accept(station_id: str, evses: int) -> None:
        connectors = [{"connectorId": 1, "connectorType": "sType2", "maxAmp": 32}]
        topology = [{"evseId": evse_id, "connectors": connectors} for evse_id in range(1, evses + 1)]
        async with few:
            await client.command(station_id, "Register", {"configuration": {"evses": topology}})

    few = asyncio.Semaphore(_AT_ONCE)
    await asyncio.gather(*(accept(station_id, evses) for station_id, evses in stations.items()))


async def administer_tokens(client: VoltherdClient, id_tokens: Sequence[str]) -> None:
    """Let the tokens charge; those that are administered already stay as they are."""

    async def administer(number: int, id_token: str) -> None:
        async with few:
            with contextlib.suppress(Conflict):
                await client.create_id_token(id_token, type="ISO14443", note=f"simulated driver {number}")

    few = asyncio.Semaphore(_AT_ONCE)
    await asyncio.gather(*(administer(number, id_token) for number, id_token in enumerate(id_tokens, start=1)))


def curl(addresses: Addresses) -> str:
    """The command to paste: it starts a transaction and waits until it has begun."""
    body = json.dumps(["StartTransaction", {"evseId": YOURS, "idToken": GUEST}])
    key = ' \\\n    -H "Authorization: Bearer $VOLTHERD_API_KEY"' if addresses.needs_key else ""
    station_id = addresses.free[Version.V16]
    return (
        f"curl -sS {addresses.api}/charging-stations/{station_id}/commands \\\n"
        f"    -H 'Content-Type: application/json' -H 'Prefer: wait={_WAIT_S}'{key} \\\n"
        f"    -d {shlex.quote(body)}"
    )


def command_line(addresses: Addresses, program: str, default_url: str) -> str:
    """The same with our own command line, at a station of the other version."""
    station_id = addresses.free[Version.V201]
    where = "" if addresses.api == default_url else f" --url {addresses.api}"
    return f"{program} station start {station_id} --evse {YOURS} --token {GUEST} --wait={_WAIT_S}{where}"


def settings_for(data: Path, wished: Settings) -> tuple[Settings, list[str]]:
    """The settings for a demo in this folder; ports that are taken are replaced by free ones, and named."""
    taken = [name for name in ("api_port", "ocpp_port") if _is_taken(wished.host, getattr(wished, name))]
    words = [f"port {getattr(wished, name)} is taken" for name in taken]
    return wished.model_copy(update={"data": data, "database": None, **dict.fromkeys(taken, 0)}), words


def _is_taken(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False
