"""Stations whose clocks are years off, and other lies of theirs, case by case: found by chance, kept for ever."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import websockets

from tests.journeys.operator import Operator
from tests.support.books import FIRST_NUMBER, Books, Shelf
from tests.support.true_stories import NEVER_SET, RESET_TO, TRUE, Clock, Message, Story, messages
from tests.support.words import T0
from voltherd.assembly.node import Node
from voltherd.assembly.settings import DatabaseUrl, Settings
from voltherd.readmodels.transactions import TransactionDocument

NEW, OLD = "ocpp2.0.1", "ocpp1.6"
IN_2106 = datetime(2106, 2, 7, 6, 20, tzinfo=UTC)
STORY = Story(name="tx-1", readings=(1000, 2000, 3000, 4000))


@pytest.fixture
async def shelf() -> AsyncIterator[Shelf]:
    opened = Shelf()
    yield opened
    await opened.store.close()


async def tell(books: Books, told: Iterable[Message], number: int | None = FIRST_NUMBER) -> None:
    for message in told:
        await books.tell(message.action, message.write(number))


async def only(books: Books) -> TransactionDocument:
    """The one transaction's document."""
    (document,) = (await books.shown()).values()
    return document


def outcome(document: TransactionDocument) -> tuple[object, bool]:
    return document.energy_wh, document.incomplete


# --- clocks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", [OLD, NEW])
@pytest.mark.parametrize("zone", ["Z", ""])
@pytest.mark.parametrize("began", RESET_TO)
async def test_is_right_and_complete_in_whatever_year(shelf: Shelf, protocol: str, began: datetime, zone: str) -> None:
    books = await shelf.books(protocol)
    await tell(books, messages(replace(STORY, clock=Clock(began=began, zone=zone)), protocol))
    document = await only(books)
    assert outcome(document) == (3000, False)
    assert document.started_at == began
    assert document.stopped_at == began + timedelta(minutes=3)


@pytest.mark.parametrize("protocol", [OLD, NEW])
async def test_is_right_and_complete_when_the_clock_stands(shelf: Shelf, protocol: str) -> None:
    books = await shelf.books(protocol)
    await tell(books, messages(replace(STORY, clock=Clock(began=NEVER_SET, stands=True)), protocol))
    assert outcome(await only(books)) == (3000, False)


async def test_goes_by_numbers_where_the_clock_was_set_back(shelf: Shelf) -> None:
    books = await shelf.books(NEW)
    story = replace(STORY, clock=Clock(began=IN_2106, jumps_at=2, jumps_to=TRUE))
    await tell(books, messages(story, NEW)[:3])
    assert outcome(await only(books)) == (2000, False)


async def test_says_that_it_is_incomplete_where_only_a_clock_that_was_set_back_tells_the_order(shelf: Shelf) -> None:
    books = await shelf.books(OLD)
    story = replace(STORY, clock=Clock(began=IN_2106, jumps_at=2, jumps_to=TRUE))
    await tell(books, messages(story, OLD)[:3])
    assert outcome(await only(books)) == (1000, True)


async def test_keeps_the_samples_of_a_station_that_lives_in_1970(shelf: Shelf) -> None:
    books = await shelf.books(NEW)
    await tell(books, messages(replace(STORY, clock=Clock(began=NEVER_SET)), NEW))
    kept = await books.samples()
    await shelf.store.retire(T0)
    assert await books.samples() == kept


async def test_keeps_every_sample_of_a_station_without_clock_and_numbers(shelf: Shelf) -> None:
    books = await shelf.books(NEW)
    story = replace(STORY, clock=Clock(stands=True), numbering="always 0")
    await tell(books, messages(story, NEW))
    assert len(await books.samples()) == len(story.readings)


async def test_knows_the_newest_sample_of_a_running_transaction_after_a_rebuild(shelf: Shelf) -> None:
    books = await shelf.books(NEW)
    await tell(books, messages(STORY, NEW)[:3])
    before = await books.shown()
    await shelf.store.rebuild("transactions")
    assert await books.shown() == before


# --- numbers of messages (2.x) -----------------------------------------------------------------------------------


@pytest.mark.parametrize("numbering", ["from 0", "from 1000", "always 0"])
async def test_is_complete_from_wherever_the_station_counts(shelf: Shelf, numbering: str) -> None:
    books = await shelf.books(NEW)
    await tell(books, messages(replace(STORY, numbering=numbering), NEW))
    assert outcome(await only(books)) == (3000, False)


async def test_counts_no_message_beyond_the_end_for_one_that_was_lost(shelf: Shelf) -> None:
    books = await shelf.books(NEW)
    told = messages(STORY, NEW)
    await tell(books, [told[0], told[2], told[3]])
    after_the_end = {**told[2].write(None), "seqNo": 4}
    await books.tell("TransactionEvent", after_the_end)
    assert outcome(await only(books)) == (3000, True)


async def test_is_incomplete_where_numbers_were_begun_anew_and_may_hide_a_lost_message(shelf: Shelf) -> None:
    books = await shelf.books(NEW)
    story = replace(STORY, readings=(1000, 2000, 3000, 4000, 5000), numbering="begun anew")
    told = messages(story, NEW)
    await tell(books, [told[0], told[2], told[3], told[4]])
    assert outcome(await only(books)) == (4000, True)


async def test_names_the_driver_though_another_s_end_comes_first(shelf: Shelf) -> None:
    books = await shelf.books(NEW)
    await tell(books, reversed(messages(replace(STORY, ended_by="GUARD"), NEW)))
    document = await only(books)
    assert (document.id_token, document.incomplete) == ("CARD", False)


# --- registers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", [OLD, NEW])
@pytest.mark.parametrize(
    ("readings", "energy_wh"),
    [
        ((5000, 6000, 0, 400), None),  # it ends below its start
        ((100, 5000, 0, 300), 200),  # a sample lies above its end
        ((0, 900, 10, 950), 950),  # only its order shows it
        ((1000, 200, 4000), 3000),  # a sample lies below its start
    ],
)
async def test_is_incomplete_when_the_register_was_reset(
    shelf: Shelf, protocol: str, readings: Sequence[int], energy_wh: int | None
) -> None:
    books = await shelf.books(protocol)
    await tell(books, messages(replace(STORY, readings=tuple(readings)), protocol))
    assert outcome(await only(books)) == (energy_wh, True)


@pytest.mark.parametrize("sample", [4050, 950])
async def test_takes_no_rounded_sample_for_a_reset(shelf: Shelf, sample: int) -> None:
    books = await shelf.books(OLD)
    await tell(books, messages(replace(STORY, readings=(1000, sample, 4000)), OLD))
    assert outcome(await only(books)) == (3000, False)


@pytest.mark.parametrize("step", [0, 1, 3])
async def test_takes_no_register_that_no_meter_can_show(shelf: Shelf, step: int) -> None:
    books = await shelf.books(NEW)
    for message in messages(STORY, NEW):
        payload = message.write(None)
        if message.step == step:
            payload["meterValue"][0]["sampledValue"][0]["unitOfMeasure"] = {"unit": "Wh", "multiplier": 30}
        await books.tell(message.action, payload)
    assert outcome(await only(books)) == {0: (None, True), 1: (3000, False), 3: (2000, True)}[step]


# --- starts and ends that contradict each other --------------------------------------------------------------------


async def test_is_incomplete_when_a_station_gives_two_transactions_one_id(shelf: Shelf) -> None:
    books = await shelf.books(NEW)
    other = replace(STORY, readings=(7000, 8000, 9000, 9500), begins_minutes=60)
    await tell(books, [*messages(STORY, NEW)[:3], *messages(other, NEW)])
    assert (await only(books)).incomplete


@pytest.mark.parametrize("protocol", [OLD, NEW])
async def test_is_incomplete_when_its_end_is_told_with_another_register(shelf: Shelf, protocol: str) -> None:
    books = await shelf.books(protocol)
    await tell(books, messages(STORY, protocol))
    await tell(books, messages(replace(STORY, readings=(1000, 2000, 3000, 4700)), protocol)[-1:])
    assert outcome(await only(books)) == (3000, True)


async def test_is_incomplete_when_two_starts_that_say_the_same_were_two(shelf: Shelf) -> None:
    books = await shelf.books(OLD)
    clock = Clock(began=NEVER_SET, stands=True)
    for readings in ((1000, 1000), (1000, 5000)):
        await tell(books, messages(replace(STORY, readings=readings, clock=clock), OLD))
    assert (await only(books)).incomplete


# --- 1.6: numbers of transactions ----------------------------------------------------------------------------------


async def test_gives_no_number_that_the_station_has_brought_from_elsewhere(shelf: Shelf) -> None:
    books = await shelf.books(OLD)
    await tell(books, messages(replace(STORY, readings=(1, 2, 3), begins_minutes=-60), OLD)[1:])
    first, *rest = messages(STORY, OLD)
    number = (await books.tell(first.action, first.write(None)))["transactionId"]
    await tell(books, rest, number)
    shown = await books.shown()
    assert outcome(shown[str(number)]) == (3000, False)
    assert shown[str(FIRST_NUMBER)].incomplete


@pytest.mark.parametrize("names", ["0", "-1"])
async def test_is_incomplete_where_its_end_is_only_presumed(shelf: Shelf, names: str) -> None:
    books = await shelf.books(OLD)
    await tell(books, messages(replace(STORY, names=names), OLD))
    assert outcome(await only(books)) == (3000, True)


async def test_does_not_charge_the_end_of_an_unheard_transaction_to_another(shelf: Shelf) -> None:
    books = await shelf.books(OLD)
    await tell(books, messages(STORY, OLD)[:3])
    unheard = replace(STORY, readings=(4000, 5000, 9000), begins_minutes=60, names="-1")
    await tell(books, messages(unheard, OLD)[1:])
    assert (await only(books)).incomplete


async def test_takes_no_late_sample_without_number_for_the_next_transaction_s(shelf: Shelf) -> None:
    books = await shelf.books(OLD)
    anonymous = replace(STORY, names="not at all")
    await tell(books, messages(STORY, OLD))
    await tell(books, messages(replace(STORY, readings=(4000, 5000), begins_minutes=60), OLD)[:1])
    before = await books.shown()
    await tell(books, messages(anonymous, OLD)[1:3])
    assert await books.shown() == before


# --- through a whole node ------------------------------------------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
async def node(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Node]:
    database = DatabaseUrl(request.getfixturevalue("schema")) if request.param == "postgresql" else None
    opened = Node(Settings(api_port=0, ocpp_port=0, data=tmp_path, database=database))
    await opened.open()
    yield opened
    await opened.close()


class Line:
    """A station's line to the node: it breaks whenever told to, and the station calls again."""

    def __init__(self, node: Node, station_id: str, protocol: str) -> None:
        self._url = f"{node.ocpp_url}/{station_id}"
        self._protocol = protocol
        self._sent = 0

    async def send(self, *calls: tuple[str, Mapping[str, Any]]) -> list[Any]:
        """Open a connection, make the calls, close it; the answers, none of which is an error."""
        answers = []
        subprotocol = websockets.Subprotocol(self._protocol)
        async with asyncio.timeout(60), websockets.connect(self._url, subprotocols=[subprotocol]) as wire:
            for action, payload in calls:
                self._sent += 1
                await wire.send(json.dumps([2, str(self._sent), action, payload]))
                frame = json.loads(await wire.recv())
                while frame[0] == 2:  # what we ask meanwhile is not its affair
                    frame = json.loads(await wire.recv())
                assert frame[:2] == [3, str(self._sent)], frame
                answers.append(frame[2])
        return answers


@pytest.mark.parametrize("protocol", [OLD, NEW])
async def test_is_right_over_several_connections_with_everything_twice_and_late(node: Node, protocol: str) -> None:
    clock = Clock(began=NEVER_SET, jumps_at=2, jumps_to=TRUE, zone="")
    told = [
        replace(STORY, name="tx-1", clock=clock, form="kWh", keeps_data=True),
        replace(STORY, name="tx-2", readings=(50, 60, 75), clock=clock, form="phases", evse_id=2, begins_minutes=60),
    ]
    line = Line(node, "LIAR", protocol)
    async with Operator(node.api_url) as operator:
        connectors = [{"connectorId": 1, "connectorType": "Type2", "maxAmp": 16}]
        await operator.send("LIAR", "Register", {"configuration": {"connectors": connectors}})
        numbers: dict[str, int | None] = {}
        for story in told:
            first = messages(story, protocol)[0]
            (answer,) = await line.send((first.action, first.write(None)))
            numbers[story.name] = answer.get("transactionId")
        late = [message for story in told for message in reversed(messages(story, protocol))]
        calls = [(message.action, message.write(numbers[message.story.name])) for message in late]
        await line.send(*calls[::2])
        await line.send(*calls)
        shown = (await operator.get("/transactions?stationId=LIAR"))["elements"]
    assert {one["transactionId"]: (one["energyWh"], one["incomplete"], one["status"]) for one in shown} == {
        str(numbers[story.name] or story.name): (story.energy_wh, False, "ended") for story in told
    }
