"""A desk to try stations at: a simulated clock and a central system that answers as it is told, all in one thread."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any, TypeAlias

import msgspec

from voltherd.ocpp.payload import decode
from voltherd.ocpp.rpc import Call, CallError, CallResult, Version, encode_call, encode_call_result, parse
from voltherd.simulator.client import CODECS
from voltherd.simulator.faults import NO_FAULTS, Faults
from voltherd.simulator.station import Station
from voltherd.simulator.vehicle import AC_22_KW, DC_150_KW, Outlet
from voltherd.simulator.words import IdToken, Registration

# What came out of JSON; tests know what they look for.
Json: TypeAlias = Any
Members: TypeAlias = dict[str, Any]
# How a call is answered: with a payload, with an error code, or not at all.
Reply: TypeAlias = "Members | str | None"

MORNING = datetime(2026, 5, 4, 8, 0, tzinfo=UTC).timestamp()
CARD = IdToken(value="04C0FFEE000001")
OTHER_CARD = IdToken(value="04C0FFEE000002")


class Desk:
    def __init__(
        self,
        version: Version,
        *,
        faults: Faults = NO_FAULTS,
        settings: Mapping[str, str] | None = None,
        speed: float = 60.0,
        outlets: tuple[Outlet, ...] = (AC_22_KW, DC_150_KW),
        seed: int = 1,
    ) -> None:
        ids = count(1)
        self.version = version
        self.now = MORNING
        self.codec = CODECS[version]
        self.station = Station(
            "CS-1",
            self.codec,
            self.now,
            outlets=outlets,
            seed=seed,
            speed=speed,
            faults=faults,
            settings=settings,
            new_id=lambda: f"id-{next(ids)}",
        )
        # What the central system answers, by action; what is not here is answered as a friendly one does.
        self.replies: dict[str, Reply | Callable[[Members], Reply]] = {}
        self.calls: list[tuple[str, Members]] = []
        self.texts: list[str] = []
        self.answers: dict[str, Members | str] = {}
        self.network = True
        self._asked: dict[str, str] = {}
        self._transactions = count(1001)
        self._commands = count(1)
        self._linked = False

    @property
    def v16(self) -> bool:
        return self.version is Version.V16

    # What happens.

    def switch_on(self) -> "Desk":
        self.settle()
        assert self.station.registration is Registration.ACCEPTED
        return self

    def lose_link(self) -> None:
        self.network = False
        self.settle()

    def find_link(self) -> None:
        self.network = True
        self.settle()

    def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        while (due := self.station.deadline()) is not None and due <= until:
            self.now = max(self.now, due)
            self.station.tick(self.now)
            self.settle()
        self.now = until

    def plug_in(self, evse_id: int = 1) -> None:
        self.station.plug_in(evse_id, self.now)
        self.settle()

    def unplug(self, evse_id: int = 1) -> None:
        self.station.unplug(evse_id, self.now)
        self.settle()

    def present(self, id_token: IdToken = CARD, evse_id: int = 1) -> None:
        self.station.present(id_token, evse_id, self.now)
        self.settle()

    def charge(self, evse_id: int = 1) -> str:
        """Start a transaction with a card, and return its id."""
        self.plug_in(evse_id)
        self.present(CARD, evse_id)
        transaction_id = self.station.evse_state(evse_id, self.now).transaction_id
        assert transaction_id is not None
        return transaction_id

    def command(self, action: str, payload: Members) -> Members | str | None:
        """Send a command, and return the answer's payload, its error code, or None if none came at once."""
        message_id = f"command-{next(self._commands)}"
        self._asked[message_id] = action
        self.receive(encode_call(message_id, action, json.dumps(payload).encode()))
        return self.answers.get(message_id)

    def receive(self, text: str) -> None:
        self.station.receive(text, self.now)
        self.settle()

    # What comes of it.

    def settle(self) -> None:
        """Carry texts to and fro, and keep the link as it is wanted, until nothing more happens."""
        while True:
            wanted = self.station.link_wanted and self.network
            if wanted and not self._linked:
                self._linked = True
                self.station.connected(self.now)
            texts = self.station.take_texts()
            for text in texts:
                self._read(text)
            if not (self.station.link_wanted and self.network) and self._linked:
                self._linked = False
                self.station.disconnected(self.now)
            elif not texts:
                return

    def linked(self) -> bool:
        return self.station.online

    def told(self, action: str) -> list[Members]:
        """What was sent of an action, in order."""
        return [payload for told, payload in self.calls if told == action]

    def actions(self) -> list[str]:
        return [action for action, _ in self.calls]

    def forget(self) -> None:
        self.calls.clear()
        self.texts.clear()

    def statuses(self, evse_id: int = 1) -> list[Json]:
        place, word = ("connectorId", "status") if self.v16 else ("evseId", "connectorStatus")
        return [told[word] for told in self.told("StatusNotification") if told[place] == evse_id]

    def _read(self, text: str) -> None:
        self.texts.append(text)
        frame = parse(text)
        match frame:
            case Call():
                # Whatever is sent can be read: the structs are the schemas.
                decode(self.codec.requests[frame.action], frame.payload)
                payload = msgspec.json.decode(frame.payload, type=dict)
                self.calls.append((frame.action, payload))
                self._reply(frame, payload)
            case CallResult() if (action := self._asked.get(str(frame.message_id))) is not None:
                decode(self.codec.responses[action], frame.payload)
                self.answers[str(frame.message_id)] = msgspec.json.decode(frame.payload, type=dict)
            case CallError():
                self.answers[str(frame.message_id)] = frame.code
            case _:
                pass

    def _reply(self, call: Call, payload: Members) -> None:
        if call.action in self.replies:
            chosen = self.replies[call.action]
            reply = chosen(payload) if callable(chosen) else chosen
        else:
            reply = self._friendly(call.action)
        if isinstance(reply, str):
            self.station.receive(f'[4,"{call.message_id}","{reply}","",{{}}]', self.now)
        elif reply is not None:
            raw = json.dumps(reply).encode()
            decode(self.codec.responses[call.action], raw)
            self.station.receive(encode_call_result(call.message_id, raw), self.now)

    def _friendly(self, action: str) -> Members:
        now = datetime.fromtimestamp(self.now, UTC).isoformat()
        match action:
            case "BootNotification":
                return {"status": "Accepted", "currentTime": now, "interval": 300}
            case "Heartbeat":
                return {"currentTime": now}
            case "Authorize":
                return {self._info: {"status": "Accepted"}}
            case "StartTransaction":
                return {self._info: {"status": "Accepted"}, "transactionId": next(self._transactions)}
            case _:
                return {}

    @property
    def _info(self) -> str:
        return "idTagInfo" if self.v16 else "idTokenInfo"
