"""A process of its own that appends: `python -m tests.contracts.child URL NAME APPENDS AT_ONCE [SHARED]`.

Each of the links `NAME-0`, `NAME-1`, … appends to its own stream, one event after the other, or, where so many streams
are shared, to one of these in turn: there others may be faster, and it tries again behind them. Every answer is printed
as `stream version position remark`, so that whoever started the process knows what was acknowledged; the remark says
who wrote the event. At the end comes `conflicts` and how often others were faster.
"""

from __future__ import annotations

import asyncio
import os
import sys

from tests.contracts.meadow import meadow, seen, stream_of
from voltherd.adapters.sql.store import SqlStore
from voltherd.ports.history import EventStore, VersionConflictError


async def contend(store: EventStore, sheep: str, weight: int, remark: str) -> tuple[int, int, int]:
    """Append one event behind all that others may have appended; its version and position, and the conflicts."""
    conflicts = 0
    while True:
        version = len((await store.load(stream_of(sheep))).events)
        try:
            return version + 1, await store.append(seen(sheep, version, weight, remark=remark)), conflicts
        except VersionConflictError:
            conflicts += 1


async def main(url: str, name: str, appends: int, at_once: int, shared: int = 0) -> None:
    """Append, and say so."""
    store = await SqlStore.open(url, meadow())

    async def link(number: int) -> int:
        conflicts = 0
        for count in range(appends):
            remark = f"{name}-{number}:{count}"
            if shared:
                sheep = f"shared-{count % shared}"
                version, position, more = await contend(store, sheep, weight_of(remark), remark)
                conflicts += more
            else:
                sheep, version = f"{name}-{number}", count + 1
                position = await store.append(seen(sheep, count, version, remark=remark))
            os.write(1, f"{stream_of(sheep)} {version} {position} {remark}\n".encode())
        return conflicts

    conflicts = await asyncio.gather(*(link(number) for number in range(at_once)))
    await store.close()
    os.write(1, f"conflicts {sum(conflicts)}\n".encode())


def weight_of(remark: str) -> int:
    """A weight that tells of whom the event is."""
    return int.from_bytes(remark.encode()[-3:])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
