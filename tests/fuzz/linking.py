"""Spoilt frames over a whole link: each gets what its reading says, in order, and the link outlives it."""

from __future__ import annotations

import asyncio
import json
import time
from itertools import count
from typing import Any, Final

from tests.fuzz.mutation import Mutator
from tests.fuzz.places import Place
from tests.fuzz.record import Record
from tests.fuzz.referee import Unfair, judge
from tests.support.gateway import Station
from voltherd.ocpp.rpc import CallReceived, Conversation, Refused, Version

BATCH: Final = 50
"""So many are sent without waiting for answers."""

DEADLINE_S: Final = 60.0


class Liar:
    """A station that sends spoilt frames beside a call of ours, and another one that does nothing wrong."""

    def __init__(self, place: Place, version: Version, mutator: Mutator, record: Record, name: str) -> None:
        self._place = place
        self._version = version
        self._mutator = mutator
        self._record = record
        self._name = name
        self._fences = count(1)

    async def run(self, batches: int) -> None:
        """Send so many batches over one connection; what breaks a rule stands in the record."""
        far_end = await self._place.connect(self._name, self._version.value)
        bystander = await self._place.connect(f"{self._name}-honest", Version.V16.value)
        async with far_end, bystander:
            await far_end.ask("Heartbeat")  # requests wait for the first word
            for _ in range(batches):
                frames = [self._mutator.mutant() for _ in range(BATCH)]
                try:
                    async with asyncio.timeout(DEADLINE_S):
                        await asyncio.gather(self._send(far_end, frames), self._be_served(bystander))
                finally:
                    for trouble in self._place.troubles():
                        self._record.found(b" ".join(map(_sent, frames)), Unfair(trouble))

    async def _be_served(self, bystander: Station) -> None:
        if (answer := await bystander.ask("Heartbeat"))[0] != 3:
            raise Unfair(f"another station was told {answer}")

    async def _send(self, far_end: Station, frames: list[str | bytes]) -> None:
        await self._place.order(self._name)
        ours = (await far_end.call())[1]
        conversation = Conversation(self._version, 3600.0)
        conversation.start_call(ours, "TriggerMessage", b"{}", now=0.0)
        owed: list[tuple[str | bytes, Any]] = []
        started = time.perf_counter()
        for frame in frames:
            text = frame.replace("ours", ours) if isinstance(frame, str) else frame.replace(b"ours", ours.encode())
            owed.append((text, _owed(conversation, text)))
            await far_end.send(_on_the_wire(text))
        fence = f"fence {next(self._fences)}"
        await far_end.send([2, fence, "Fence", {}])
        answers = await _until(far_end, fence)
        took = (time.perf_counter() - started) / len(frames)
        for text, wanted in owed:
            answer = None if wanted is None else answers.pop(0) if answers else None
            if wanted is not None and (answer is None or json.loads(answer)[1] != wanted):
                raise Unfair(f"{text[:500]!r} was answered with {(answer or '')[:200]}")
            self._record.note(text, judge(self._version, text, answer), took)
        if answers:
            raise Unfair(f"nobody had asked for {answers[0][:200]}")
        if conversation.deadline() is not None:
            await far_end.send([3, ours, {"status": "Accepted"}])


def _owed(conversation: Conversation, text: str | bytes) -> Any:
    """The id of the answer that a frame gets, None if it gets none."""
    (incoming,) = conversation.receive(_on_the_wire(text), now=0.0)
    match incoming:
        case CallReceived(call=call):
            return call.message_id
        case Refused(reply=str(reply)):
            return json.loads(reply)[1]
        case _:
            return None


async def _until(far_end: Station, fence: str) -> list[str]:
    answers: list[str] = []
    while True:
        answer = await far_end.socket.recv()
        if isinstance(answer, bytes):
            raise Unfair("an answer was binary")
        frame = json.loads(answer)
        if frame[0] == 2:
            raise Unfair(f"a second call went out: {answer[:200]}")
        if frame[1] == fence:
            return answers
        answers.append(answer)


def _on_the_wire(text: str | bytes) -> str | bytes:
    """Text where it is one: what is not UTF-8 would end the connection, as it must."""
    if isinstance(text, str):
        try:
            text.encode()
        except UnicodeEncodeError:
            return _sent(text)
    return text


def _sent(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
