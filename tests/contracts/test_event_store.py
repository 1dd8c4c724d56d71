"""Every event store, in memory and in databases, keeps these promises."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from tests.contracts.meadow import (
    NOON,
    SHEAR,
    SheepSeen,
    SheepShorn,
    bleat,
    bleats,
    flock,
    seen,
    shearings,
    stream_of,
)
from tests.contracts.places import Place
from voltherd.ports.history import Append, StoreUnavailableError, StreamWrite, VersionConflictError

FLOCK = select(flock).order_by(flock.c.name)


async def test_gives_back_a_stream_in_its_order(any_place: Place) -> None:
    store = await any_place.open()
    await store.append(seen("dolly", 0, 40, 41))
    await store.append(seen("molly", 0, 70))
    await store.append(seen("dolly", 2, 42, remark="ünï\x00cödé \U0001f411"))
    assert (await store.load(stream_of("dolly"))).events == [
        SheepSeen(weight_kg=40),
        SheepSeen(weight_kg=41),
        SheepSeen(weight_kg=42, remark="ünï\x00cödé \U0001f411"),
    ]


async def test_has_nothing_in_a_stream_that_nobody_wrote(any_place: Place) -> None:
    store = await any_place.open()
    assert (await store.load(stream_of("nobody"))).events == []
    assert await store.read(0, 10) == []
    assert await store.last_position() == 0
    assert await store.checkpoint("reader") is None


async def test_tells_where_and_when_and_by_whom(any_place: Place) -> None:
    store = await any_place.open()
    append = seen("dolly", 0, 40, 41)._replace(at=NOON + timedelta(microseconds=1))
    last = await store.append(append)
    first, second = await store.read(0, 10)
    assert first.position < second.position == last == await store.last_position()
    assert (second.stream, second.version, second.type) == (stream_of("dolly"), 2, "SheepSeen")
    assert (second.event, second.at, second.by) == (SheepSeen(weight_kg=41), append.at, "shepherd")
    assert second.at.utcoffset() == timedelta(0)


async def test_reads_on_behind_a_position(any_place: Place) -> None:
    store = await any_place.open()
    for version in range(5):
        await store.append(seen("dolly", version, version))
    everything = await store.read(0, 100)
    assert [recorded.version for recorded in everything] == [1, 2, 3, 4, 5]
    assert await store.read(0, 2) == everything[:2]
    assert await store.read(everything[1].position, 2) == everything[2:4]
    assert await store.read(everything[4].position, 2) == []


async def test_reads_on_by_the_names_of_events(any_place: Place) -> None:
    store = await any_place.open()
    for version in range(5):
        await store.append(seen("dolly", version, version))
    everything = await store.read(0, 100)
    assert await store.read(everything[1].position, 2, {"SheepSeen", "WolfSeen"}) == everything[2:4]
    assert await store.read(0, 100, {"WolfSeen"}) == []
    assert await store.read(0, 100, set()) == []


async def test_hands_back_the_last_position_of_each_append(any_place: Place) -> None:
    store = await any_place.open()
    names = [f"sheep-{number}" for number in range(300)]
    positions = await asyncio.gather(*(store.append(seen(name, 0, 1, 2)) for name in names))
    last = {recorded.stream: recorded.position for recorded in await store.read(0, 1_000)}
    assert positions == [last[stream_of(name)] for name in names]


async def test_refuses_an_append_that_comes_late(any_place: Place) -> None:
    store = await any_place.open()
    await store.append(seen("dolly", 0, 40))
    with pytest.raises(VersionConflictError):
        await store.append(seen("dolly", 0, 41))
    assert (await store.load(stream_of("dolly"))).events == [SheepSeen(weight_kg=40)]


async def test_refuses_an_append_that_would_leave_a_gap(any_place: Place) -> None:
    store = await any_place.open()
    with pytest.raises(VersionConflictError):
        await store.append(seen("dolly", 1, 41))
    assert (await store.load(stream_of("dolly"))).events == []


async def test_refuses_of_appends_made_together_only_those_in_conflict(any_place: Place) -> None:
    store = await any_place.open()
    await store.append(seen("dolly", 0, 1))
    answers = await asyncio.gather(
        store.append(seen("molly", 0, 70)),
        store.append(seen("dolly", 0, 40)),  # late
        store.append(seen("dolly", 1, 41)),
        store.append(seen("dolly", 1, 42)),  # the one before was first
        store.append(seen("dolly", 2, 43)),
        store.append(seen("polly", 3, 50)),  # a gap
        store.append(seen("lolly", 0, 60)),
        return_exceptions=True,
    )
    failed = [isinstance(answer, VersionConflictError) for answer in answers]
    assert failed == [False, True, False, True, False, True, False]
    assert [event.weight_kg for event in (await store.load(stream_of("dolly"))).events] == [1, 41, 43]  # type: ignore[attr-defined]
    assert [row["name"] for row in await store.fetch(FLOCK)] == ["dolly", "lolly", "molly"]


async def test_knows_no_append_that_follows_a_refused_one(any_place: Place) -> None:
    store = await any_place.open()
    spoilt = seen("dolly", 0, 1)._replace(changes=[(SHEAR, {"name": "nobody", "wool_kg": 1})])
    answers = await asyncio.gather(store.append(spoilt), store.append(seen("dolly", 1, 2)), return_exceptions=True)
    assert isinstance(answers[1], VersionConflictError)
    assert await store.read(0, 10) == []


async def test_writes_several_streams_or_none(any_place: Place) -> None:
    store = await any_place.open()
    await store.append(seen("dolly", 0, 40))
    one, other = seen("molly", 0, 70), seen("dolly", 0, 41)
    with pytest.raises(VersionConflictError):
        await store.append(one._replace(writes=[*one.writes, *other.writes]))
    assert (await store.load(stream_of("molly"))).events == []
    other = seen("dolly", 1, 41)
    await store.append(one._replace(writes=[*one.writes, *other.writes]))
    assert len((await store.load(stream_of("molly"))).events) == 1
    assert len((await store.load(stream_of("dolly"))).events) == 2


async def test_writes_a_stream_twice_in_one_append(any_place: Place) -> None:
    store = await any_place.open()
    one, other = seen("dolly", 0, 40), seen("dolly", 1, 41)
    await store.append(one._replace(writes=[*one.writes, *other.writes]))
    assert len((await store.load(stream_of("dolly"))).events) == 2
    with pytest.raises(VersionConflictError):
        await store.append(one._replace(writes=[*seen("dolly", 2, 1).writes, *seen("dolly", 2, 2).writes]))


async def test_guards_a_stream_without_writing_to_it(any_place: Place) -> None:
    store = await any_place.open()
    await store.append(seen("dolly", 0, 40))
    late = StreamWrite(stream_of("dolly"), 0, ())
    with pytest.raises(VersionConflictError):
        await store.append(seen("molly", 0, 70)._replace(writes=[*seen("molly", 0, 70).writes, late]))
    guard = StreamWrite(stream_of("dolly"), 1, ())
    await store.append(seen("molly", 0, 70)._replace(writes=[*seen("molly", 0, 70).writes, guard]))


async def test_changes_pictures_in_the_same_transaction(any_place: Place) -> None:
    store = await any_place.open()
    await store.append(seen("dolly", 0, 40, 41))
    assert await store.fetch(FLOCK) == [{"name": "dolly", "weight_kg": 41, "seen": 2}]
    with pytest.raises(VersionConflictError):
        await store.append(seen("dolly", 0, 99))
    assert await store.fetch(FLOCK) == [{"name": "dolly", "weight_kg": 41, "seen": 2}]


async def test_keeps_no_event_whose_changes_fail(any_place: Place) -> None:
    store = await any_place.open()
    broken = seen("dolly", 0, 40)
    broken = broken._replace(changes=[*broken.changes, (SHEAR, {"name": "nobody", "wool_kg": 1})])
    answers = await asyncio.gather(
        store.append(seen("molly", 0, 70)),
        store.append(broken),
        store.append(seen("polly", 0, 50)),
        return_exceptions=True,
    )
    assert [isinstance(answer, Exception) for answer in answers] == [False, True, False]
    assert not isinstance(answers[1], VersionConflictError | StoreUnavailableError)
    assert (await store.load(stream_of("dolly"))).events == []
    assert [row["name"] for row in await store.fetch(FLOCK)] == ["molly", "polly"]
    assert store.healthy() is None


async def test_lets_changes_without_events_pass(any_place: Place) -> None:
    store = await any_place.open()
    last = await store.append(seen("dolly", 0, 40))
    only = Append(writes=[], changes=[bleat("dolly", NOON)], at=NOON, by="shepherd", order="dolly")
    assert await store.append(only) == last
    assert len(await store.fetch(select(bleats))) == 1


async def test_carries_out_the_changes_of_one_order_in_order(any_place: Place) -> None:
    store = await any_place.open()
    rename = (insert(flock), {"name": "first", "weight_kg": 1, "seen": 0})
    await store.append(seen("dolly", 0, 40))

    def put(order: str, *changes: object) -> Append:
        return Append(writes=[], changes=changes, at=NOON, by="shepherd", order=order)  # type: ignore[arg-type]

    forget = shearings.delete()
    shear = (SHEAR, {"name": "dolly", "wool_kg": 1})
    await asyncio.gather(
        store.append(put("a", shear, shear, (forget, {}), shear)),
        store.append(put("b", rename)),
        store.append(put("a", shear, (forget, {}))),
        store.append(put("a", shear)),
    )
    assert len(await store.fetch(select(shearings))) == 1
    assert [row["name"] for row in await store.fetch(FLOCK)] == ["dolly", "first"]


async def test_wakes_whoever_waits_for_an_event(any_place: Place) -> None:
    store = await any_place.open()
    waiting = asyncio.create_task(store.wait(0, 30))
    await asyncio.sleep(0)
    await store.append(seen("dolly", 0, 40))
    async with asyncio.timeout(5):
        await waiting
        await store.wait(0, 30)


async def test_lets_nobody_wait_longer_than_wished(any_place: Place) -> None:
    store = await any_place.open()
    await store.append(seen("dolly", 0, 40))
    async with asyncio.timeout(5):
        await store.wait(await store.last_position(), 0.01)


async def test_gets_on_while_the_event_loop_is_busy(any_place: Place) -> None:
    store = await any_place.open()
    done = False

    async def keep_busy() -> None:
        while not done:
            sum(range(3_000))
            await asyncio.sleep(0)

    busy = asyncio.create_task(keep_busy())
    async with asyncio.timeout(10):
        for version in range(20):
            await store.append(seen("dolly", version, 40))
            assert len((await store.load(stream_of("dolly"))).events) == version + 1
    done = True
    await busy


async def test_remembers_how_far_readers_have_come(any_place: Place) -> None:
    store = await any_place.open()
    await store.save_checkpoint("reader", 3)
    await store.save_checkpoint("reader", 7)
    await store.save_checkpoint("other", 1)
    assert (await store.checkpoint("reader"), await store.checkpoint("other")) == (7, 1)


async def test_gives_every_number_of_a_sequence_once(any_place: Place) -> None:
    store = await any_place.open()
    assert await store.reserve("transactions", 1) == 1
    firsts = await asyncio.gather(*(store.reserve("transactions", 3) for _ in range(20)))
    assert sorted(firsts) == list(range(2, 62, 3))
    assert await store.reserve("others", 1) == 1


async def test_writes_notes_with_the_next_append(any_place: Place) -> None:
    store = await any_place.open()
    for minute in range(5):
        store.note([bleat("dolly", NOON + timedelta(minutes=minute))])
    await store.append(seen("dolly", 0, 40))
    assert len(await store.fetch(select(bleats))) == 5
    assert store.dropped_notes == 0


async def test_writes_notes_that_no_append_takes_along(any_place: Place) -> None:
    store = await any_place.open(note_linger=0.0)
    store.note([bleat("dolly", NOON)])
    await store.save_checkpoint("reader", 1)
    assert len(await store.fetch(select(bleats))) == 1


async def test_fails_nobody_for_a_note_that_cannot_be_written(any_place: Place) -> None:
    store = await any_place.open()
    store.note([(SHEAR, {"name": "nobody", "wool_kg": 1})])
    store.note([bleat("dolly", NOON)])
    await store.append(seen("dolly", 0, 40))
    assert len(await store.fetch(select(bleats))) == 1
    assert store.dropped_notes == 1


async def test_retires_what_is_older_than_its_retention(any_place: Place) -> None:
    store = await any_place.open()
    changes = [bleat("dolly", NOON - timedelta(seconds=second)) for second in range(2_500)]
    await store.append(Append(writes=[], changes=changes, at=NOON, by="shepherd", order="dolly"))
    retired = await store.retire(NOON + timedelta(minutes=59, seconds=1))
    assert retired == 2_500 - 60
    oldest = min(row["at"] for row in await store.fetch(select(bleats)))
    assert oldest == NOON - timedelta(seconds=59)
    assert await store.retire(NOON) == 0


async def test_says_that_it_is_closed(any_place: Place) -> None:
    store = await any_place.open()
    last = store.append(seen("dolly", 0, 40))
    await store.close()
    await store.close()
    assert await last == 1
    assert store.healthy() == "closed"
    with pytest.raises(StoreUnavailableError):
        await store.append(seen("dolly", 1, 41))
    with pytest.raises(StoreUnavailableError):
        await store.load(stream_of("dolly"))
    with pytest.raises(StoreUnavailableError):
        await store.fetch(FLOCK)


async def test_tells_of_an_event_that_it_cannot_write(any_place: Place) -> None:
    store = await any_place.open()
    strange = seen("dolly", 0)._replace(writes=[StreamWrite("unheard-of/x", 0, [SheepShorn(wool_kg=1)])])
    with pytest.raises(Exception, match="unheard"):
        await store.append(strange)
    await store.append(seen("dolly", 0, 40))
