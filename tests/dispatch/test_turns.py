"""Turns: one at a time for each name."""

from __future__ import annotations

import asyncio

from voltherd.dispatch.turns import Turns


async def test_gives_turns_in_the_order_of_asking() -> None:
    turns, had = Turns(), list[int]()

    async def work(number: int) -> None:
        if not turns.take("dolly"):
            await turns.wait("dolly")
        had.append(number)
        await asyncio.sleep(0)
        turns.give("dolly")

    await asyncio.gather(*(work(number) for number in range(10)))
    assert had == list(range(10))


async def test_lets_others_have_theirs_meanwhile() -> None:
    turns = Turns()
    assert turns.take("dolly")
    assert turns.take("molly")
    assert not turns.take("dolly")
    turns.give("dolly")
    assert turns.take("dolly")


async def test_passes_over_whoever_was_cancelled() -> None:
    turns = Turns()
    assert turns.take("dolly")
    first, second = (asyncio.create_task(turns.wait("dolly")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    turns.give("dolly")
    await second
    assert first.cancelled()
    turns.give("dolly")
    assert turns.take("dolly")


async def test_gives_on_the_turn_of_one_that_is_cancelled_as_it_comes() -> None:
    turns = Turns()
    assert turns.take("dolly")
    first, second = (asyncio.create_task(turns.wait("dolly")) for _ in range(2))
    await asyncio.sleep(0)
    turns.give("dolly")
    first.cancel()
    await second
    turns.give("dolly")
    assert turns.take("dolly"), "nothing is kept of it"
