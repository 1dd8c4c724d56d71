"""Stations that repeat every message until it is answered, and keep the books on what was.

Each lives in a closed loop: status, start, meter values, end, and again, until it is `ending`. What it says has proofs:
how history shows that it was taken down. A CALLERROR is no answer; the station says the same again a little later.
"""

from __future__ import annotations

import asyncio
import json
import random
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import websockets
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

CONNECTORS = 24
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
_METER_START_WH = 5000

Proof = tuple[str, str]
"""The name of an event or journal, and what tells the record from all others of the station."""


@dataclass(frozen=True)
class Saying:
    """A message, and what history shows once it was taken down."""

    action: str
    payload: dict[str, Any]
    proofs: Sequence[Proof] = ()


@dataclass
class Books:
    """What a station said and how often, which of it was answered, and what was asked of it."""

    said: Counter[Proof] = field(default_factory=Counter)
    answered: set[Proof] = field(default_factory=set)
    errors: Counter[str] = field(default_factory=Counter)
    unlocks: dict[int, int] = field(default_factory=dict)
    """How often each connector was to be unlocked."""
    starts: Counter[str] = field(default_factory=Counter)
    """How often a start was asked for, by its id token."""
    clearances: int = 0
    transactions: dict[str, str] = field(default_factory=dict)
    """The id tokens of those whose start was answered, by transaction."""
    energies_wh: dict[str, int] = field(default_factory=dict)
    """What those took whose end was answered."""


def unlocks(connector_id: int) -> bool:
    """Whether this connector can be unlocked; the cables of the others are stuck."""
    return connector_id % 2 == 1


class Station(ABC):
    """What the two versions have in common."""

    protocol: str

    def __init__(self, station_id: str, url: str, chance: random.Random, pause: float = 0.02) -> None:
        """Pause between two messages for up to so many seconds."""
        self.station_id = station_id
        self.books = Books()
        self.ending = asyncio.Event()
        self.wires = 0
        self.answers = 0
        self._url = f"{url}/{station_id}"
        self._chance = chance
        self.pause = pause
        self._now = START
        self._sent = 0
        self._asked: deque[tuple[str, int | None]] = deque()
        """Starts that operators asked for: the id token and the number."""

    @property
    def is_booked_up(self) -> bool:
        """Whether starts enough wait for their turn: each takes a whole transaction, and their patience has an end."""
        return len(self._asked) >= 3

    async def run(self) -> None:
        """Live the story over as many connections as it takes."""
        story = self._story()
        saying = await anext(story)
        while True:
            try:
                protocols = [Subprotocol(self.protocol)]
                async with websockets.connect(self._url, subprotocols=protocols, compression=None, proxy=None) as wire:
                    self.wires += 1
                    while True:
                        saying = await story.asend(await self._tell(wire, saying))
                        await asyncio.sleep(self._chance.uniform(0, self.pause))
            except StopAsyncIteration:
                return
            except (OSError, ConnectionClosed, InvalidHandshake, EOFError, TimeoutError):
                await asyncio.sleep(self._chance.uniform(0.1, 0.4))

    async def _tell(self, wire: Any, saying: Saying) -> dict[str, Any]:
        while True:
            self.books.said.update(saying.proofs)
            answer = await self._ask(wire, saying)
            if answer is not None:
                self.books.answered.update(saying.proofs)
                self.answers += 1
                return answer
            await asyncio.sleep(self._chance.uniform(0.1, 0.4))

    async def _ask(self, wire: Any, saying: Saying) -> dict[str, Any] | None:
        self._sent += 1
        message_id = f"{self.station_id}-{self._sent}"
        await wire.send(json.dumps([2, message_id, saying.action, saying.payload]))
        while True:
            frame = json.loads(await wire.recv())
            if frame[0] == 2:
                await asyncio.sleep(self._chance.uniform(0, 0.02))
                await wire.send(json.dumps([3, frame[1], self._obey(frame[2], frame[3])]))
            elif frame[1] == message_id and frame[0] == 3:
                answer: dict[str, Any] = frame[2]
                return answer
            elif frame[1] == message_id:
                self.books.errors[frame[2]] += 1
                return None

    async def _story(self) -> AsyncGenerator[Saying, dict[str, Any]]:
        yield self._boot()
        while not self.ending.is_set():
            yield self._status("Occupied")
            course = self._transaction(*(self._asked.popleft() if self._asked else (self._card(), None)))
            answer: dict[str, Any] | None = None
            while True:
                try:
                    answer = yield await course.asend(answer)
                except StopAsyncIteration:
                    break
            yield self._status("Available")
            yield self._security_event()

    def _samples(self) -> int:
        return self._chance.randint(1, 6)

    def _card(self) -> str:
        return f"CARD-{self._chance.randint(1, 5)}"

    def _instant(self) -> str:
        """The next second by the station's own clock."""
        self._now += timedelta(seconds=1)
        return f"{self._now:%Y-%m-%dT%H:%M:%SZ}"

    def _security_event(self) -> Saying:
        instant = self._instant()
        return Saying(
            "SecurityEventNotification",
            {"type": "SettingSystemTime", "timestamp": instant},
            [("security_events", instant)],
        )

    def _obey(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        match action:
            case "UnlockConnector":
                number: int = payload["evseId" if "evseId" in payload else "connectorId"]
                self.books.unlocks[number] = self.books.unlocks.get(number, 0) + 1
                return {"status": "Unlocked" if unlocks(number) else "UnlockFailed"}
            case "ClearCache":
                self.books.clearances += 1
                return {"status": "Accepted"}
            case "SetVariables":
                told = [
                    {"attributeStatus": "Accepted", "component": wish["component"], "variable": wish["variable"]}
                    for wish in payload["setVariableData"]
                ]
                return {"setVariableResult": told}
            case "RemoteStartTransaction":
                self._take_start(payload["idTag"], None)
                return {"status": "Accepted"}
            case "RequestStartTransaction":
                self._take_start(payload["idToken"]["idToken"], payload["remoteStartId"])
                return {"status": "Accepted"}
            case _:
                return {"status": "Accepted"}

    def _take_start(self, id_token: str, number: int | None) -> None:
        self.books.starts[id_token] += 1
        self._asked.append((id_token, number))

    @abstractmethod
    def _boot(self) -> Saying: ...

    @abstractmethod
    def _status(self, status: str) -> Saying: ...

    @abstractmethod
    def _transaction(self, id_token: str, remote_start_id: int | None) -> AsyncGenerator[Saying, dict[str, Any] | None]:
        """Everything from start to end."""


class Station16(Station):
    """A station that speaks 1.6."""

    protocol = "ocpp1.6"

    def _boot(self) -> Saying:
        payload = {"chargePointVendor": "Books", "chargePointModel": "B-16"}
        return Saying("BootNotification", payload, [("StationBooted", "B-16")])

    def _status(self, status: str) -> Saying:
        instant = self._instant()
        word = "Preparing" if status == "Occupied" else status
        payload = {"connectorId": 1, "errorCode": "NoError", "status": word, "timestamp": instant}
        return Saying("StatusNotification", payload, [("ConnectorStatusChanged", instant)])

    async def _transaction(
        self, id_token: str, remote_start_id: int | None
    ) -> AsyncGenerator[Saying, dict[str, Any] | None]:
        instant = self._instant()
        start = {"connectorId": 1, "idTag": id_token, "meterStart": _METER_START_WH, "timestamp": instant}
        answer = yield Saying("StartTransaction", start, [("TransactionStarted", instant)])
        assert answer is not None
        number: int = answer["transactionId"]
        self.books.transactions[str(number)] = id_token
        energy_wh = _METER_START_WH
        for _ in range(self._samples()):
            instant = self._instant()
            energy_wh += 100
            value = {"timestamp": instant, "sampledValue": [{"value": str(energy_wh)}]}
            metered = {"connectorId": 1, "transactionId": number, "meterValue": [value]}
            yield Saying("MeterValues", metered, [("meter_reports", f"{number} {instant}")])
        instant = self._instant()
        stop = {"transactionId": number, "meterStop": energy_wh, "timestamp": instant}
        yield Saying("StopTransaction", stop, [("TransactionEnded", f"{number} {instant}")])
        self.books.energies_wh[str(number)] = energy_wh - _METER_START_WH


class Station201(Station):
    """A station that speaks 2.0.1."""

    protocol = "ocpp2.0.1"

    def _boot(self) -> Saying:
        payload = {"reason": "PowerUp", "chargingStation": {"vendorName": "Books", "model": "B-201"}}
        return Saying("BootNotification", payload, [("StationBooted", "B-201")])

    def _status(self, status: str) -> Saying:
        instant = self._instant()
        payload = {"evseId": 1, "connectorId": 1, "connectorStatus": status, "timestamp": instant}
        return Saying("StatusNotification", payload, [("ConnectorStatusChanged", instant)])

    async def _transaction(
        self, id_token: str, remote_start_id: int | None
    ) -> AsyncGenerator[Saying, dict[str, Any] | None]:
        transaction_id = f"{self.station_id}-{self._sent}"
        about: dict[str, Any] = {"transactionId": transaction_id}
        if remote_start_id is not None:
            about["remoteStartId"] = remote_start_id
        token = {"idToken": {"idToken": id_token, "type": "ISO14443"}}
        energy_wh, seq_no = _METER_START_WH, 0

        def told(kind: str, trigger: str, state: str, **more: Any) -> tuple[dict[str, Any], list[Proof]]:
            instant = self._instant()
            context = {"Started": "Transaction.Begin", "Ended": "Transaction.End"}.get(kind, "Sample.Periodic")
            value = {"timestamp": instant, "sampledValue": [{"value": energy_wh, "context": context}]}
            payload = {
                "eventType": kind,
                "timestamp": instant,
                "triggerReason": trigger,
                "seqNo": seq_no,
                "transactionInfo": {**about, "chargingState": state},
                "evse": {"id": 1, "connectorId": 1},
                "meterValue": [value],
                **more,
            }
            return payload, [("meter_reports", f"{transaction_id} {instant}")]

        payload, proofs = told("Started", "Authorized", "EVConnected", **token)
        proofs += [
            ("TransactionStarted", payload["timestamp"]),
            ("TransactionProgressed", f"{transaction_id} {seq_no}"),
        ]
        yield Saying("TransactionEvent", payload, proofs)
        self.books.transactions[transaction_id] = id_token
        state = "EVConnected"
        for _ in range(self._samples()):
            seq_no += 1
            energy_wh += 100
            before, state = state, self._chance.choice(["Charging", "SuspendedEV"])
            payload, proofs = told("Updated", "MeterValuePeriodic", state)
            if state != before:
                proofs.append(("TransactionProgressed", f"{transaction_id} {seq_no}"))
            yield Saying("TransactionEvent", payload, proofs)
        seq_no += 1
        payload, proofs = told("Ended", "EVDeparted", state)
        proofs.append(("TransactionEnded", f"{transaction_id} {payload['timestamp']}"))
        yield Saying("TransactionEvent", payload, proofs)
        self.books.energies_wh[transaction_id] = energy_wh - _METER_START_WH


def fleet(count: int, url: str, seed: int, pause: float = 0.02) -> list[Station]:
    """Stations of both versions in turn."""
    return [
        (Station16 if number % 2 == 0 else Station201)(
            f"K-{number:03}", url, random.Random(seed * 1000 + number), pause
        )
        for number in range(count)
    ]
