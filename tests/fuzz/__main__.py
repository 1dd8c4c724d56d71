"""The long run: `python -m tests.fuzz --frames 1000000`; see docs/reference/robustness.md."""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeAlias

from tests.fuzz.corpus import CORPUS
from tests.fuzz.linking import Liar
from tests.fuzz.mutation import Mutator
from tests.fuzz.places import Place, in_memory, served
from tests.fuzz.reading import Reader
from tests.fuzz.record import Record
from tests.fuzz.referee import judge

Records: TypeAlias = dict[str, Record]

BATCHES: Final = 100
"""So many batches go over one connection; then everything is made anew, so that no history grows too long."""


def read_mutants(frames: int, seed: int) -> Records:
    """Feed so many mutants of each version to the pure way."""
    records: Records = {}
    for version, corpus in CORPUS.items():
        mutator, reader, record = Mutator(corpus, seed), Reader(version), Record()
        began = time.perf_counter()
        for _ in range(frames):
            text = mutator.mutant()
            started = time.thread_time()  # what other work on the machine costs is not the frame's
            try:
                answer = reader.feed(text)
                took = time.thread_time() - started
                record.note(text, judge(version, text, answer), took)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                record.found(text, error)
                record.note(text, "finding", 0.0)
        record.seconds = time.perf_counter() - began
        records[version.value] = record
    return records


async def link_mutants(frames: int, seed: int, where: Callable[[], AbstractAsyncContextManager[Place]]) -> Records:
    """Send so many mutants of each version over links."""
    records: Records = {}
    for version, corpus in CORPUS.items():
        mutator, record = Mutator(corpus, seed), Record()
        began = time.perf_counter()
        while record.frames < frames:
            try:
                async with where() as place:
                    name = f"LIAR-{seed}-{version.value}-{record.frames}"  # a database may know those of other runs
                    await Liar(place, version, mutator, record, name).run(BATCHES)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
                record.found("", error)
                break  # the connection did not last: more of the same would tell nothing new
        record.seconds = time.perf_counter() - began
        records[version.value] = record
    return records


@asynccontextmanager
async def _server() -> AsyncIterator[Place]:
    with TemporaryDirectory() as data:
        async with served(Path(data)) as place:
            yield place


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000, help="mutants, half of each version")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the same seed gives the same mutants")
    parser.add_argument("--way", choices=("reading", "links", "server"), default="reading", help="where they go")
    wanted = parser.parse_args()
    print(f"seed {wanted.seed}")
    half = wanted.frames // 2
    if wanted.way == "reading":
        records = read_mutants(half, wanted.seed)
    else:
        records = asyncio.run(link_mutants(half, wanted.seed, in_memory if wanted.way == "links" else _server))
    for name, record in records.items():
        print(f"{name}: {record}")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return 1 if any(record.findings for record in records.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
