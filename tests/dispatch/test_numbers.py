"""Numbers."""

from __future__ import annotations

import asyncio

import pytest

from tests.dispatch.content import catalog
from voltherd.adapters.memory import MemoryStore
from voltherd.dispatch.numbers import Numbers
from voltherd.ports.history import StoreUnavailableError


class Store(MemoryStore):
    """A memory store that is away when told to."""

    def __init__(self) -> None:
        super().__init__(catalog())
        self.away = False
        self.reserved = 0

    async def reserve(self, name: str, count: int) -> int:
        await asyncio.sleep(0)
        if self.away:
            raise StoreUnavailableError("away")
        self.reserved += 1
        return await super().reserve(name, count)


async def test_begin_at_one_and_grow() -> None:
    numbers = Numbers(Store(), "n", block=10)
    await numbers.fill()
    taken = []
    for _ in range(100):
        taken.append(numbers.take())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert taken == list(range(1, 101))


async def test_are_never_given_twice_though_there_are_several_nodes_and_restarts() -> None:
    store = Store()
    taken: list[int] = []
    for _ in range(3):
        nodes = [Numbers(store, "n", block=5) for _ in range(3)]
        for numbers in nodes:
            await numbers.fill()
        for _ in range(7):
            taken += [numbers.take() for numbers in nodes]
            await asyncio.sleep(0.001)
    assert len(set(taken)) == len(taken) == 63
    assert min(taken) > 0


async def test_of_different_names_have_nothing_to_do_with_each_other() -> None:
    store = Store()
    one, other = Numbers(store, "one"), Numbers(store, "other")
    await one.fill()
    await other.fill()
    assert (one.take(), other.take()) == (1, 1)


async def test_are_reserved_ahead_and_once_at_a_time() -> None:
    store = Store()
    numbers = Numbers(store, "n", block=10)
    await numbers.fill()
    for _ in range(9):
        numbers.take()
    await asyncio.sleep(0.001)
    assert store.reserved == 2


async def test_run_out_when_the_store_stays_away_and_come_again_with_it() -> None:
    store = Store()
    numbers = Numbers(store, "n", block=4)
    await numbers.fill()
    store.away = True
    for _ in range(4):
        numbers.take()
        await asyncio.sleep(0.001)
    with pytest.raises(StoreUnavailableError):
        numbers.take()
    store.away = False
    await asyncio.sleep(0.001)
    assert numbers.take() == 5


async def test_say_so_when_none_was_ever_reserved() -> None:
    with pytest.raises(StoreUnavailableError):
        Numbers(Store(), "n").take()
    await asyncio.sleep(0.001)
