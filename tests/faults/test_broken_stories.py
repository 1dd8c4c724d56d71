"""Transactions whose messages come twice, late, in another order, or not at all: never silently wrong.

What the API shows of an ended transaction is its true energy, or it says that it is incomplete. `VOLTHERD_LONG=1`
looks much longer for a story that proves otherwise.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.books import Books, Shelf
from tests.support.true_stories import (
    Message,
    Story,
    falling_readings,
    messages,
    steady_clocks,
    stories,
)
from voltherd.readmodels.transactions import TransactionDocument

LONG = os.environ.get("VOLTHERD_LONG") == "1"
PROTOCOLS = ["ocpp1.6", "ocpp2.0.1"]
NAMES = ["number", "0", "-1", "not at all"]

thorough = settings(max_examples=3000 if LONG else 40, derandomize=not LONG, deadline=None, print_blob=True)
both = pytest.mark.parametrize("protocol", PROTOCOLS)


@pytest.fixture(scope="module")
def shelf() -> Iterator[Shelf]:
    opened = Shelf()
    yield opened
    asyncio.run(opened.store.close())


class Telling:
    """A station that tells its stories to open books, with all that goes wrong on the way."""

    def __init__(self, opened: Books) -> None:
        self.books = opened
        self.numbers: dict[str, int] = {}
        self._sent: dict[tuple[str, int], dict[str, Any]] = {}

    async def tell(self, message: Message) -> None:
        """Send it; what is sent again is the same to the byte."""
        key = (message.story.name, message.step)
        if key not in self._sent:
            self._sent[key] = message.write(self.numbers.get(message.story.name))
        answer = await self.books.tell(message.action, self._sent[key])
        if message.action == "StartTransaction":
            self.numbers[message.story.name] = answer["transactionId"]

    async def tell_all(self, told: Sequence[Message]) -> None:
        for message in told:
            await self.tell(message)

    async def shown(self) -> dict[str, TransactionDocument]:
        """The documents by the stories' names; those of no story are left out."""
        found = await self.books.shown()
        if self.books.protocol != "ocpp1.6":
            return found
        return {name: found[str(number)] for name, number in self.numbers.items() if str(number) in found}

    async def strangers(self) -> list[TransactionDocument]:
        """The documents of no story."""
        known = {str(number) for number in self.numbers.values()}
        found = await self.books.shown()
        return [] if self.books.protocol != "ocpp1.6" else [one for name, one in found.items() if name not in known]


def require_never_silently_wrong(
    protocol: str, told: Sequence[Story], shown: Mapping[str, TransactionDocument]
) -> None:
    """An ended transaction's energy is the true one, a running one's was true once; else it is said to be incomplete.

    While a 1.6 transaction runs, samples without its number may be taken for its own: only its end counts.
    """
    for story in told:
        document = shown.get(story.name)
        if document is None or document.incomplete or document.energy_wh is None:
            continue
        if document.status == "ended":
            assert document.energy_wh == story.energy_wh, (story, document)
        elif protocol == "ocpp2.0.1":
            assert document.energy_wh in story.so_far, (story, document)


def essence(document: TransactionDocument) -> dict[str, Any]:
    """All that must not depend on the order of messages: not the names, nor the last charging state."""
    return {
        name: value
        for name, value in asdict(document).items()
        if name not in ("id", "transaction_id", "station_id", "links", "charging_state")
    }


def tells_its_order(story: Story, protocol: str) -> bool:
    """Whether numbers (2.x) or the clock (1.6) say in which order the messages were sent."""
    return story.clock.goes_forward if protocol == "ocpp1.6" else story.numbering in ("from 0", "from 1000")


def by_starts(told: Sequence[Message]) -> list[Message]:
    """Each start before the other messages of its story, as it must be where only its answer gives the number."""
    ordered: list[Message] = []
    for message in told:
        start = next(one for one in told if one.starts and one.story is message.story)
        ordered += [one for one in (start, message) if one not in ordered]
    return ordered


# --- what is missing, repeated, late, out of order ---------------------------------------------------------------


@both
@given(data=st.data())
@thorough
def test_is_right_or_incomplete_whatever_comes_in_whatever_order(
    shelf: Shelf, protocol: str, data: st.DataObject
) -> None:
    names = NAMES if protocol == "ocpp1.6" else NAMES[:1]
    told = data.draw(stories(names=names))
    sent = [message for story in told for message in messages(story, protocol)]
    arriving = data.draw(st.lists(st.sampled_from(sent), max_size=2 * len(sent)))

    async def live() -> None:
        opened = await shelf.books(protocol)
        station = Telling(opened)
        for place, message in enumerate(arriving):
            await station.tell(message)
            if place % 5 == 4:
                await opened.reconnect()
        shown = await station.shown()
        # Two 1.6 starts that say the very same are one transaction to everybody.
        alone = [
            story for story in told if list(station.numbers.values()).count(station.numbers.get(story.name, -1)) <= 1
        ]
        require_never_silently_wrong(protocol, alone, shown)
        assert all(one.incomplete for one in await station.strangers() if one.status == "ended")

    asyncio.run(live())


@both
@given(data=st.data())
@thorough
def test_is_right_or_incomplete_when_single_messages_are_lost(shelf: Shelf, protocol: str, data: st.DataObject) -> None:
    told = data.draw(stories(most=2, one_register=True))
    sent = [message for story in told for message in messages(story, protocol)]
    lost = data.draw(st.sets(st.sampled_from(sent), min_size=1, max_size=2))

    async def live() -> None:
        opened = await shelf.books(protocol)
        station = Telling(opened)
        await station.tell_all([message for message in sent if message not in lost])
        shown = await station.shown()
        require_never_silently_wrong(protocol, told, shown)
        if protocol == "ocpp2.0.1":
            for message in lost:
                document = shown.get(message.story.name)
                if document is None or document.status != "ended" or message.story.numbering == "always 0":
                    continue
                assert document.incomplete or message.story.numbering == "begun anew", message

    asyncio.run(live())


@both
@given(data=st.data())
@thorough
def test_comes_to_the_same_in_whatever_order_all_of_it_is_told(
    shelf: Shelf, protocol: str, data: st.DataObject
) -> None:
    told = data.draw(stories(one_register=True))
    sent = [message for story in told for message in messages(story, protocol)]
    shuffled = data.draw(st.permutations(sent))
    if protocol == "ocpp1.6":
        shuffled = by_starts(shuffled)

    async def live(arriving: Sequence[Message]) -> dict[str, dict[str, Any]]:
        opened = await shelf.books(protocol)
        station = Telling(opened)
        await station.tell_all(arriving)
        shown = await station.shown()
        assert await station.strangers() == []
        for story in told:
            document = shown[story.name]
            assert (document.status, document.energy_wh) == ("ended", story.energy_wh)
            if tells_its_order(story, protocol):
                assert (document.incomplete, document.id_token) == (False, story.token), (story, document)
        return {name: essence(document) for name, document in shown.items()}

    in_order, in_disorder = asyncio.run(live(sent)), asyncio.run(live(shuffled))
    for story in told:
        if tells_its_order(story, protocol):
            assert in_disorder[story.name] == in_order[story.name]


@both
@given(data=st.data())
@settings(thorough, max_examples=thorough.max_examples // 2)
def test_is_no_different_when_a_message_comes_again(shelf: Shelf, protocol: str, data: st.DataObject) -> None:
    naming = NAMES if protocol == "ocpp1.6" else NAMES[:1]
    told = data.draw(stories(names=naming, station_clocks=steady_clocks, one_register=True))
    sent = [message for story in told for message in messages(story, protocol)]
    arriving = data.draw(st.permutations(sent))
    if protocol == "ocpp1.6" and told[0].names == "number":
        arriving = by_starts(arriving)
    elif protocol == "ocpp1.6":
        arriving = sent  # who names no transaction can only tell one after the other
    again = data.draw(st.lists(st.integers(0, len(arriving) - 1), min_size=len(arriving), max_size=len(arriving)))

    async def live() -> None:
        opened = await shelf.books(protocol)
        station = Telling(opened)
        for place, message in enumerate(arriving):
            await station.tell(message)
            before = (await opened.shown(), await opened.samples(), await opened.states())
            await station.tell(arriving[min(again[place], place)])
            assert (await opened.shown(), await opened.samples(), await opened.states()) == before

    asyncio.run(live())


# --- registers that fall -----------------------------------------------------------------------------------------


@both
@given(data=st.data())
@thorough
def test_says_that_it_is_incomplete_when_the_register_was_reset(
    shelf: Shelf, protocol: str, data: st.DataObject
) -> None:
    told = data.draw(stories(readings=falling_readings(), station_clocks=steady_clocks, most=1))
    sent = [message for story in told for message in messages(story, protocol)]

    async def live() -> None:
        opened = await shelf.books(protocol)
        station = Telling(opened)
        await station.tell_all(sent)
        require_never_silently_wrong(protocol, told, await station.shown())

    asyncio.run(live())


# --- history -----------------------------------------------------------------------------------------------------


@both
@given(data=st.data())
@settings(thorough, max_examples=thorough.max_examples // 3)
def test_is_pictured_as_history_alone_would_picture_it(protocol: str, data: st.DataObject) -> None:
    """Beside the columns that samples move: those are no part of history."""
    told = data.draw(stories(names=NAMES if protocol == "ocpp1.6" else NAMES[:1]))
    sent = [message for story in told for message in messages(story, protocol)]
    arriving = data.draw(st.lists(st.sampled_from(sent), min_size=1, max_size=2 * len(sent)))

    async def live() -> None:
        shelf = Shelf()
        opened = await shelf.books(protocol)
        await Telling(opened).tell_all(arriving)
        before, states = await opened.pictured(), await opened.states()
        await shelf.store.rebuild("transactions")
        opened.forget()
        assert (await opened.pictured(), await opened.states()) == (before, states)
        await shelf.store.close()

    asyncio.run(live())
