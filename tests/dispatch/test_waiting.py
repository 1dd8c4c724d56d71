"""Waiting for a document."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.dispatch.content import NOON, catalog, key
from voltherd.adapters.memory import MemoryStore
from voltherd.dispatch.dispatcher import Dispatcher, Listener
from voltherd.dispatch.waiting import Waiting
from voltherd.kernel.messages import Event, message
from voltherd.kernel.readmodel import Told


@message
class Moved(Event):
    """A command has come further."""

    command_id: str


class Commits(Dispatcher):
    """A dispatcher of which a test says when it commits."""

    def __init__(self) -> None:
        super().__init__(catalog(), MemoryStore(catalog()))
        self.hearers: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        self.hearers.append(listener)

    def commit(self, *command_ids: str) -> None:
        told: Sequence[Told] = [Told(Moved(command_id=name), key(), NOON, "tests") for name in command_ids]
        for hearer in self.hearers:
            hearer(told)


class Document:
    """Something to read."""

    def __init__(self) -> None:
        self.value = 0
        self.reads = 0

    async def read(self) -> int:
        self.reads += 1
        return self.value


async def test_ends_at_once_when_it_is_so_already() -> None:
    document = Document()
    found = await Waiting(Commits()).until("c", document.read, lambda value: value == 0, 10)
    assert (found, document.reads) == (0, 1)


async def test_ends_when_the_command_moves_and_not_when_others_do() -> None:
    commits, document = Commits(), Document()
    waiting = asyncio.create_task(Waiting(commits).until("c", document.read, lambda value: value == 1, 10))
    await asyncio.sleep(0)
    commits.commit("other")
    await asyncio.sleep(0.001)
    assert document.reads == 1
    document.value = 1
    async with asyncio.timeout(0.5):
        commits.commit("other", "c")
        assert await waiting == 1


async def test_ends_with_what_is_so_when_the_time_is_over() -> None:
    document = Document()
    async with asyncio.timeout(0.5):
        assert await Waiting(Commits()).until("c", document.read, bool, 0.02) == 0


async def test_reads_once_where_there_is_no_time_to_wait() -> None:
    document = Document()
    assert await Waiting(Commits()).until("c", document.read, bool, 0) == 0
    assert document.reads == 1


async def test_misses_nothing_that_happens_while_it_reads() -> None:
    commits = Commits()
    document = Document()

    async def read() -> int:
        value = await document.read()
        if document.reads == 1:
            document.value = 1
            commits.commit("c")
        await asyncio.sleep(0)
        return value

    async with asyncio.timeout(0.5):
        assert await Waiting(commits).until("c", read, bool, 10) == 1


async def test_serves_many_who_wait_for_the_same() -> None:
    commits, document = Commits(), Document()
    waiting = Waiting(commits)
    waiters = [asyncio.create_task(waiting.until("c", document.read, bool, 10)) for _ in range(5)]
    await asyncio.sleep(0)
    waiters[0].cancel()
    await asyncio.wait(waiters[:1])
    document.value = 1
    commits.commit("c")
    async with asyncio.timeout(0.5):
        assert await asyncio.gather(*waiters[1:]) == [1] * 4
    assert not waiting._woken, "nothing is left behind"
