"""The tail of history that streams share: the same lines as history itself, whoever reads from wherever."""

import asyncio
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.api.world import CATALOG, TroubledStore
from voltherd.api.tail import Tail
from voltherd.domain.charging_station.register import StationAccepted
from voltherd.ports.history import Append, StreamWrite

AT = datetime(2026, 1, 1, tzinfo=UTC)


async def append(store: TroubledStore, number: int) -> None:
    for _ in range(number):
        version = await store.last_position()
        write = StreamWrite("charging_station-default/CS-1", version, [StationAccepted()])
        await store.append(Append(writes=[write], changes=[], at=AT, by="x", order=""))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=40))
def test_shows_each_reader_all_of_history_in_order(steps: list[tuple[int, int]]) -> None:
    async def read() -> None:
        store = TroubledStore(CATALOG)
        await append(store, 3)
        tail = Tail(store, CATALOG, kept=4)
        readers: list[list[int]] = [[], [1], [2]]
        for news, reader in steps:
            await append(store, news)
            seen = readers[reader]
            seen += [line.recorded.position for line in await tail.read(seen[-1] if seen else 0)]
        last = await store.last_position()
        for seen in readers:
            while page := await tail.read(seen[-1] if seen else 0):
                seen += [line.recorded.position for line in page]
            assert seen == list(range(seen[0], last + 1))
        await store.close()

    asyncio.run(read())


async def test_reads_once_for_all_who_have_come_to_the_end() -> None:
    store = TroubledStore(CATALOG)
    tail = Tail(store, CATALOG)
    assert not await tail.read(0)
    await append(store, 5)
    store.reads = 0
    pages = await asyncio.gather(*(tail.read(after) for after in (0, 0, 0, 2, 4)))
    assert store.reads == 1
    assert [len(page) for page in pages] == [5, 5, 5, 3, 1]
    assert pages[0][0].text is pages[1][0].text
    assert not await tail.read(99)
    await store.close()
