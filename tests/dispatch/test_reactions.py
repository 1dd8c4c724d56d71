"""Reactions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

import pytest

from tests.dispatch.content import CoinsMoved, CoinsPut, catalog, move, put
from voltherd.adapters.memory import MemoryStore
from voltherd.dispatch.dispatcher import Dispatcher
from voltherd.dispatch.reactions import READER, Reactions
from voltherd.kernel.messages import Event
from voltherd.ports.history import Recorded, StoreUnavailableError


class Store(MemoryStore):
    """A memory store whose reading and remembering fails when told to."""

    def __init__(self) -> None:
        super().__init__(catalog())
        self.trouble: list[Exception] = []
        self.forgetful = False

    async def read(self, after: int, limit: int, types: Collection[str] | None = None) -> Sequence[Recorded]:
        if self.trouble:
            raise self.trouble.pop()
        return await super().read(after, limit, types)

    async def save_checkpoint(self, name: str, position: int) -> None:
        if self.forgetful:
            raise StoreUnavailableError("away")
        await super().save_checkpoint(name, position)


@asynccontextmanager
async def reacting(store: Store, dispatcher: Dispatcher | None = None) -> AsyncIterator[Reactions]:
    reactions = Reactions(dispatcher or Dispatcher(catalog(), store), store, retry_after=0.001, look_every=0.01)
    task = asyncio.create_task(reactions.run())
    yield reactions
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def all_seen(store: Store, reactions: Reactions) -> None:
    """Wait until everything has been reacted to, and that has brought nothing new."""
    async with asyncio.timeout(10):
        while True:
            if reactions.position == await store.last_position():
                return
            await asyncio.sleep(0.002)


async def moved(store: Store) -> Sequence[Event]:
    return (await store.load("ledger-default/ledger")).events


async def test_command_what_each_policy_makes_of_an_event() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    async with reacting(store, dispatcher) as reactions:
        for coins in (1, 2, 3):
            await dispatcher.handle(put(coins))
        await all_seen(store, reactions)
    assert await moved(store) == [CoinsMoved(coins=coins) for coins in (1, 2, 3)]


@pytest.mark.parametrize("coins", [7, 8, 9], ids=["fails at once", "fails in the middle", "is refused"])
async def test_do_not_stop_when_a_policy_fails(coins: int) -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    async with reacting(store, dispatcher) as reactions:
        await dispatcher.handle(put(coins))
        await dispatcher.handle(put(1))
        await all_seen(store, reactions)
    assert await moved(store) == [CoinsMoved(coins=coins), CoinsMoved(coins=1)]


async def test_go_on_where_they_stopped() -> None:
    store = Store()
    async with reacting(store) as reactions:
        await Dispatcher(catalog(), store).handle(put(1))
        await all_seen(store, reactions)
    assert await store.checkpoint(READER) == 3
    await Dispatcher(catalog(), store).handle(put(2))
    async with reacting(store) as reactions:
        await all_seen(store, reactions)
    assert await moved(store) == [CoinsMoved(coins=1), CoinsMoved(coins=2)]


async def test_see_an_event_again_rather_than_never() -> None:
    store = Store()
    store.forgetful = True
    async with reacting(store) as reactions:
        await Dispatcher(catalog(), store).handle(put(1))
        await all_seen(store, reactions)
    assert await store.checkpoint(READER) is None
    store.forgetful = False
    async with reacting(store) as reactions:
        await all_seen(store, reactions)
    assert await moved(store) == [CoinsMoved(coins=1)] * 2


async def test_begin_at_the_beginning_of_a_history_that_was_there_before_them() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    await dispatcher.handle(put(1))
    await dispatcher.handle(move(5))
    async with reacting(store) as reactions:
        await all_seen(store, reactions)
    assert (await moved(store))[-1] == CoinsMoved(coins=1)


@pytest.mark.parametrize("trouble", [StoreUnavailableError("away"), LookupError("a fault of ours")])
async def test_outlive_trouble(trouble: Exception) -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    store.trouble = [trouble, trouble]
    async with reacting(store, dispatcher) as reactions:
        await dispatcher.handle(put(1))
        await all_seen(store, reactions)
    assert await moved(store) == [CoinsMoved(coins=1)]


async def test_try_again_when_the_store_is_away_in_the_middle() -> None:
    class Away(Dispatcher):
        failures = 2

        async def handle(self, command):  # type: ignore[no-untyped-def]
            if self.failures:
                self.failures -= 1
                raise StoreUnavailableError("away")
            return await super().handle(command)

    store = Store()
    await Dispatcher(catalog(), store).handle(put(1))
    async with reacting(store, Away(catalog(), store)) as reactions:
        await all_seen(store, reactions)
    assert await moved(store) == [CoinsMoved(coins=1)]


async def test_remember_how_far_they_came_on_the_way_out() -> None:
    store = Store()
    dispatcher = Dispatcher(catalog(), store)
    async with reacting(store, dispatcher) as reactions:
        for _ in range(20):
            await dispatcher.handle(put(1))
        await all_seen(store, reactions)
    assert await store.checkpoint(READER) == await store.last_position()
    assert (await store.load("jar-default/j-1")).events != [CoinsPut(coins=1)]


async def test_end_though_the_store_is_away() -> None:
    store = Store()
    async with reacting(store) as reactions:
        await Dispatcher(catalog(), store).handle(put(1))
        await all_seen(store, reactions)
        store.forgetful = True
