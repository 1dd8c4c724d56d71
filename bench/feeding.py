"""Feeds a store what was recorded: as many stations at a time as told it, each awaiting its append before the next.

    python -m bench.feeding --database sqlite:////tmp/some.db --stations 200

No server that stores the same in this store can be faster; what Voltherd lacks to it is sockets, OCPP and decisions.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
import time
from collections.abc import Sequence

import msgspec
import uvloop

from bench.proc import cpu_seconds, postgres_pids, resident_bytes, threads
from bench.recording import Keeping, Recording, Writes, record
from bench.results import Fed, Measured, latency
from bench.stories import STORIES
from voltherd.adapters.sql.store import SqlStore
from voltherd.assembly.catalog import build_catalog
from voltherd.ports.history import Append


class _Counts:
    """What was fed since the stations were let go."""

    def __init__(self) -> None:
        self.messages = 0
        self.events = 0
        self.took: list[float] = []


async def feed(url: str, recordings: Sequence[Recording], version: str) -> Fed:
    """Feed them all; what is counted ends with the first station that has no more to tell."""
    store = await SqlStore.open(url, build_catalog(), own_process=True, linger=0.002)
    try:
        began_at = time.time()
        await asyncio.gather(*(_feed(store, one.beginning, _Counts()) for one in recordings))
        setup_s = time.time() - began_at
        # By now the store's own process of PostgreSQL is there.
        database_pids = [] if url.startswith("sqlite") else postgres_pids()
        counts = _Counts()
        commits, used, began = store.batches, _use(database_pids), time.perf_counter()
        feeding = [
            asyncio.create_task(_feed(store, one.messages, counts), name=f"feed:{number}")
            for number, one in enumerate(recordings)
        ]
        await asyncio.wait(feeding, return_when=asyncio.FIRST_COMPLETED)
        took = time.perf_counter() - began
        cpu, database_cpu = (now - before for now, before in zip(_use(database_pids), used, strict=True))
        messages, events, commits = counts.messages, counts.events, store.batches - commits
        waits = list(counts.took)
        own = [os.getpid()]
        memory, running = resident_bytes(own), threads(own)
        await asyncio.gather(*feeding)
    finally:
        await store.close()
    measured = Measured(
        stations=len(recordings),
        version=version,
        pace_s=0.0,
        deflate=False,
        seconds=took,
        began_at=began_at,
        setup_s=setup_s,
        opened=latency([]),
        ready=latency([]),
        messages=messages,
        overall=latency(waits),
        actions={},
        late=latency([]),
        errors={},
        client_cpu=0.0,
        server_cpu=cpu / took,
        server_bytes=memory,
        server_threads=running,
        database_cpu=database_cpu / took,
    )
    return Fed(measured=measured, appends=len(waits), events=events, commits=commits)


async def _feed(store: SqlStore, messages: Sequence[Writes], counts: _Counts) -> None:
    for writes in messages:
        for one in writes:
            if isinstance(one, Append):
                began = time.perf_counter()
                await store.append(one)
                counts.took.append(time.perf_counter() - began)
                counts.events += sum(len(write.events) for write in one.writes)
            elif isinstance(one, Keeping):
                store.keep(*one)
            else:
                store.note(one)
        counts.messages += 1
        await asyncio.sleep(0)  # a message that appends nothing lets the others go on, too


def _use(database_pids: Sequence[int]) -> tuple[float, float]:
    return cpu_seconds([os.getpid()]), cpu_seconds(database_pids)


def main(arguments: Sequence[str] | None = None) -> int:
    """Record and feed."""
    parser = argparse.ArgumentParser(prog="python -m bench.feeding", description=__doc__.partition("\n")[0])
    parser.add_argument("--database", required=True, metavar="URL", help="sqlite:///… or postgresql://…, empty")
    parser.add_argument("--stations", type=int, default=200, metavar="N", help="how many (200)")
    parser.add_argument("--messages", type=int, default=75, metavar="N", help="how many each says (75)")
    parser.add_argument("--version", choices=sorted(STORIES), default="2.0.1", help="of OCPP (2.0.1)")
    parser.add_argument("--updates", type=int, default=5, metavar="N", help="meter values in a transaction (5)")
    chosen = parser.parse_args(arguments)
    recordings = asyncio.run(record(range(chosen.stations), chosen.version, chosen.updates, chosen.messages))
    gc.collect()
    gc.freeze()
    found = uvloop.run(feed(chosen.database, recordings, chosen.version))
    print(msgspec.json.encode(found).decode())
    return 0


if __name__ == "__main__":
    sys.exit(main())
