"""Several processes on one database, and one that is killed, lose nothing and skip nothing."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter

from sqlalchemy import Connection, select

from tests.contracts.child import contend, weight_of
from tests.contracts.meadow import NOON, SheepSeen, SheepShorn, flock, seen, stream_of
from tests.contracts.places import Place, Store
from voltherd.adapters.sql.database import database_at
from voltherd.ports.history import Append, Recorded, StreamWrite, VersionConflictError

LINKS = 5


Written = tuple[str, int, int, str]
"""Stream, version, position, and the remark that says who wrote it."""


async def start(place: Place, name: str, appends: int, shared: int = 0) -> Process:
    """Start a process that appends."""
    program = (sys.executable, "-m", "tests.contracts.child")
    arguments = (place.address, name, str(appends), str(LINKS), str(shared))
    return await asyncio.create_subprocess_exec(*program, *arguments, stdout=PIPE)


async def acknowledged(process: Process, at_most: int) -> set[Written]:
    """What the process says was written, at most so much of it; its last word is how many conflicts it had."""
    assert process.stdout is not None
    lines: set[Written] = set()
    while len(lines) < at_most and (line := await process.stdout.readline()).endswith(b"\n"):
        if line.startswith(b"conflicts "):
            break
        stream, version, position, remark = line.decode().split()
        lines.add((stream, int(version), int(position), remark))
    return lines


async def follow(store: Store, count: int) -> list[Recorded]:
    """Read history as a subscriber does, until so many events have come."""
    found: list[Recorded] = []
    while len(found) < count:
        position = found[-1].position if found else 0
        page = await store.read(position, 10)
        if not page:
            await store.wait(position, 1.0)
        found += page
    return found


async def follow_some(store: Store, last: int, types: tuple[str, ...]) -> list[Recorded]:
    """Read the events of some types as the policies do, leaping over all others, up to the last position."""
    found: list[Recorded] = []
    position = 0
    while position < last:
        newest = await store.last_position()
        page = await store.read(position, 10, types)
        found += page
        position = page[-1].position if page else position
        if len(page) < 10:
            position = max(position, newest)
        if not page:
            await store.wait(position, 1.0)
    return found


def written(history: list[Recorded]) -> set[Written]:
    """What history says was written."""
    return {
        (recorded.stream, recorded.version, recorded.position, recorded.event.remark)
        for recorded in history
        if isinstance(recorded.event, SheepSeen)
    }


async def test_lets_no_subscriber_skip_an_event(durable_place: Place) -> None:
    appends = 40
    store = await durable_place.open(poll=0.01)
    following = asyncio.create_task(follow(store, 3 * LINKS * appends))
    processes = [await start(durable_place, name, appends) for name in ("one", "two")]

    async def link(number: int) -> None:
        for version in range(appends):
            await store.append(seen(f"own-{number}", version, version + 1))

    async with asyncio.timeout(120):
        told, _ = await asyncio.gather(
            asyncio.gather(*(acknowledged(process, LINKS * appends + 1) for process in processes)),
            asyncio.gather(*(link(number) for number in range(LINKS))),
        )
        history = await following
        assert [await process.wait() for process in processes] == [0, 0]
    positions = [recorded.position for recorded in history]
    assert positions == sorted(set(positions))
    assert set().union(*told) <= written(history)
    assert set(Counter(recorded.stream for recorded in history).values()) == {appends}
    assert {row["seen"] for row in await store.fetch(select(flock))} == {appends}


async def test_loses_no_update_of_streams_that_several_processes_share(durable_place: Place) -> None:
    appends, shared, names = 20, 3, ("one", "two")
    seen_in_all = (len(names) + 1) * LINKS * appends
    total = seen_in_all + appends
    store = await durable_place.open(poll=0.01)
    followers = [asyncio.create_task(follow(store, total)) for _ in range(2)]
    leaping = asyncio.create_task(follow_some(store, total, ("SheepShorn",)))
    processes = [await start(durable_place, name, appends, shared) for name in names]
    own: set[Written] = set()
    conflicts = 0

    async def link(number: int) -> None:
        nonlocal conflicts
        for count in range(appends):
            remark, sheep = f"own-{number}:{count}", f"shared-{count % shared}"
            version, position, more = await contend(store, sheep, weight_of(remark), remark)
            own.add((stream_of(sheep), version, position, remark))
            conflicts += more

    async def shear() -> None:
        for count in range(appends):
            shorn = StreamWrite(stream_of("shorn"), count, [SheepShorn(wool_kg=count)])
            await store.append(Append([shorn], [], NOON, "shepherd", "shorn"))

    async with asyncio.timeout(120):
        told, *_ = await asyncio.gather(
            asyncio.gather(*(acknowledged(process, total) for process in processes)),
            asyncio.gather(*(link(number) for number in range(LINKS))),
            shear(),
        )
        assert [await process.wait() for process in processes] == [0, 0]
        histories = [await follower for follower in followers]
        some = await leaping
    history = histories[0]
    assert histories == [history, history]
    assert some == [recorded for recorded in history if recorded.type == "SheepShorn"]
    assert [recorded.position for recorded in history] == list(range(1, total + 1))
    # Whoever was told of a version has it, nobody else was told of it, and nobody wrote unheard.
    assert sum(map(len, told)) + len(own) == seen_in_all
    assert own.union(*told) == written(history)
    assert conflicts > 0
    for row in await store.fetch(select(flock)):
        events = (await store.load(stream_of(row["name"]))).events
        assert row["seen"] == len(events)
        assert isinstance(events[-1], SheepSeen)
        assert row["weight_kg"] == events[-1].weight_kg


async def test_shows_no_event_that_another_could_still_precede(durable_place: Place) -> None:
    store = await durable_place.open()
    database = database_at(durable_place.address)
    engine = database.writer()

    def write_and_wait() -> Connection:
        connection = engine.connect()
        connection.begin()
        database.lock(connection)
        row = (stream_of("dolly"), 1, "SheepSeen", '{"weight_kg":40}', "default", NOON.isoformat(), "shepherd")
        database.insert(connection, [row])
        return connection

    other = await asyncio.to_thread(write_and_wait)
    append = asyncio.ensure_future(store.append(seen("molly", 0, 70)))
    await asyncio.wait((append,), timeout=0.2)
    meanwhile = await store.read(0, 10)
    await asyncio.to_thread(other.commit)
    other.close()
    engine.dispose()
    await append
    assert meanwhile == []
    assert [recorded.stream for recorded in await store.read(0, 10)] == [stream_of("dolly"), stream_of("molly")]


async def test_settles_who_was_first_between_two_stores(durable_place: Place) -> None:
    stores = [await durable_place.open(), await durable_place.open()]
    appended: Counter[int] = Counter()

    async def race(number: int) -> None:
        store = stores[number % 2]
        while True:
            version = len((await store.load(stream_of("dolly"))).events)
            if version >= 60:
                return
            appends = [seen("dolly", version, 1), seen(f"sheep-{number}-{version}", 0, 1)]
            first, second = await asyncio.gather(*map(store.append, appends), return_exceptions=True)
            assert isinstance(first, int | VersionConflictError)
            assert isinstance(second, int)
            appended[number] += isinstance(first, int)

    async with asyncio.timeout(120):
        await asyncio.gather(*(race(number) for number in range(4)))
    assert len((await stores[0].load(stream_of("dolly"))).events) == appended.total()
    (row,) = await stores[1].fetch(select(flock).where(flock.c.name == "dolly"))
    assert row["seen"] == appended.total()


async def test_has_all_that_was_acknowledged_before_a_kill(durable_place: Place) -> None:
    told: set[Written] = set()
    for name, wanted in (("one", 50), ("two", 400)):
        process = await start(durable_place, name, 1_000_000)
        async with asyncio.timeout(120):
            told |= await acknowledged(process, wanted)
            process.kill()
            told |= await acknowledged(process, 1_000_000)
            await process.wait()
    store = await durable_place.open()
    history = list(await store.read(0, 1_000_000))
    assert told <= written(history)
    for stream in {recorded.stream for recorded in history}:
        events = (await store.load(stream)).events
        link = stream.removeprefix(stream_of(""))
        assert events == [SheepSeen(weight_kg=n + 1, remark=f"{link}:{n}") for n in range(len(events))]
    counted = Counter(recorded.stream for recorded in history)
    assert {stream_of(row["name"]): row["seen"] for row in await store.fetch(select(flock))} == counted
