"""Hold an answer back until the outcome is known: `Prefer: wait=n` on whatever becomes final some day."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from voltherd.api.door import Asked
from voltherd.api.preferences import seconds_to_wait
from voltherd.api.rows import Row, find_row
from voltherd.kernel.readmodel import Resource

T = TypeVar("T")

FINAL = "final"
"""The column of those resources that can be waited for."""


async def outcome(asked: Asked, resource: Resource, item: str, row: Row) -> tuple[dict[str, str], Row | None]:
    """The row when it is final, or when the caller's patience ends; and the headers that say so.

    Without a wish to wait it is the row as it is.
    """
    seconds = seconds_to_wait(asked.header("prefer"), asked.door.settings.longest_wait)
    if seconds is None or FINAL not in row:
        return {}, row
    applied = {"Preference-Applied": f"wait={seconds}"}
    if row[FINAL] or not seconds:
        return applied, row

    async def read() -> Row | None:
        return await find_row(asked.door, resource, asked.caller.operator, item)

    return applied, await unless_closing(
        asked.door.closing, asked.door.waiting.until(item, read, _is_final, seconds), row
    )


def _is_final(row: Row | None) -> bool:
    return row is None or bool(row[FINAL])


async def unless_closing(closing: asyncio.Event, waiting: Awaitable[T], otherwise: T) -> T:
    """Wait, but not beyond the closing of the door: who waits then gets what was known, not a broken connection."""
    waiter = asyncio.ensure_future(waiting)
    closed = asyncio.ensure_future(closing.wait())
    try:
        await asyncio.wait((waiter, closed), return_when=asyncio.FIRST_COMPLETED)
        return waiter.result() if waiter.done() else otherwise
    finally:
        for task in (waiter, closed):
            task.cancel()
        await asyncio.gather(waiter, closed, return_exceptions=True)
