"""A process of its own that appends: `python -m tests.contracts.child URL NAME APPENDS AT_ONCE`.

Each of the links `NAME-0`, `NAME-1`, … appends to its own stream, one event after the other; every answer is printed as
`stream version position`, so that whoever started the process knows what was acknowledged.
"""

from __future__ import annotations

import asyncio
import os
import sys

from tests.contracts.meadow import meadow, seen, stream_of
from voltherd.adapters.sql import SqlStore


async def main(url: str, name: str, appends: int, at_once: int) -> None:
    """Append, and say so."""
    store = await SqlStore.open(url, meadow())

    async def link(number: int) -> None:
        sheep = f"{name}-{number}"
        for version in range(appends):
            position = await store.append(seen(sheep, version, version + 1))
            os.write(1, f"{stream_of(sheep)} {version + 1} {position}\n".encode())

    await asyncio.gather(*(link(number) for number in range(at_once)))
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
