"""A store in a database outlives its process, follows its read models' shapes, and comes through trouble."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Text, select, text
from structlog.testing import capture_logs

from tests.contracts.broken_line import BrokenLine
from tests.contracts.meadow import (
    NOON,
    SHEAR,
    Sheep,
    SheepSeen,
    bleat,
    bleats,
    bleats_table,
    flock,
    meadow,
    seen,
    stream_of,
)
from tests.contracts.places import Place, file_in
from tests.support.processes import children
from voltherd.adapters.sql import schema as history_schema
from voltherd.adapters.sql.codec import HistoryUnreadableError
from voltherd.adapters.sql.pictures import JournalChangedError
from voltherd.adapters.sql.store import SqlStore
from voltherd.adapters.sql.upkeep import check, last_position, rebuild, upgrade
from voltherd.ports.history import StoreUnavailableError, VersionConflictError

FLOCK = select(flock).order_by(flock.c.name)


def execute(url: str, *statements: str) -> None:
    """Do something to the database behind the store's back."""
    engine = sa.create_engine(sa.make_url(url).set(drivername=_DRIVERS[url.split(":")[0]]), poolclass=sa.NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


async def test_keeps_everything_until_it_is_opened_again(durable_place: Place) -> None:
    store = await durable_place.open()
    last = await store.append(seen("dolly", 0, 40, 41))
    await store.save_checkpoint("reader", 1)
    assert await store.reserve("transactions", 5) == 1
    store.note([bleat("dolly", NOON)])
    before = await store.read(0, 10)
    await store.close()
    store = await durable_place.open()
    assert await store.read(0, 10) == before
    assert await store.checkpoint("reader") == 1
    assert await store.reserve("transactions", 1) == 6
    assert len(await store.fetch(FLOCK)) == 1
    assert len(await store.fetch(select(bleats))) == 1
    assert await store.append(seen("dolly", 2, 42)) > last
    async with asyncio.timeout(5):
        await store.wait(0, 30)


async def test_writes_what_is_queued_before_it_closes(durable_place: Place) -> None:
    store = await durable_place.open(note_linger=10.0)
    for minute in range(5_000):
        store.note([bleat("dolly", NOON + timedelta(minutes=minute))])
    appends = [asyncio.ensure_future(store.append(seen(f"sheep-{number}", 0, 1))) for number in range(1_500)]
    await store.close()
    assert len(set(await asyncio.gather(*appends))) == 1_500
    store = await durable_place.open()
    assert len(await store.fetch(select(bleats))) == 5_000
    assert await store.last_position() == 1_500


async def test_rebuilds_a_read_model_to_the_same_rows(durable_place: Place) -> None:
    store = await durable_place.open()
    names = [f"sheep-{number}" for number in range(20)]
    for version in range(10):
        await asyncio.gather(*(store.append(seen(name, version, version + len(name))) for name in names))
    store.note([bleat("dolly", NOON)])
    await store.close()
    store = await durable_place.open()
    before = await store.fetch(FLOCK)
    execute(durable_place.address, "UPDATE flock SET weight_kg = 0")
    positions: list[int] = []
    await asyncio.to_thread(rebuild, durable_place.address, meadow(), "flock", positions.append)
    assert await store.fetch(FLOCK) == before
    assert positions[-1] == await asyncio.to_thread(last_position, durable_place.address) == 200
    assert len(await store.fetch(select(bleats))) == 1
    await store.append(seen("sheep-0", 10, 1))


async def test_rebuilds_no_journal_and_nothing_unknown(durable_place: Place) -> None:
    await durable_place.open()
    with pytest.raises(ValueError, match="journal"):
        await asyncio.to_thread(rebuild, durable_place.address, meadow(), "bleats")
    with pytest.raises(LookupError, match="bleats, flock"):
        await asyncio.to_thread(rebuild, durable_place.address, meadow(), "goats")


async def test_rebuilds_a_read_model_whose_shape_changed(durable_place: Place) -> None:
    store = await durable_place.open()
    await store.append(seen("dolly", 0, 40, 41))
    await store.close()
    catalog = meadow(Column("colour", Text))
    store = await durable_place.open(catalog)
    table = catalog.readmodels["flock"].tables[0]
    assert await store.fetch(select(table)) == [{"name": "dolly", "weight_kg": 41, "seen": 2, "colour": None}]


async def test_makes_a_read_model_that_is_missing(durable_place: Place) -> None:
    store = await durable_place.open()
    await store.append(seen("dolly", 0, 40))
    await store.close()
    execute(durable_place.address, "DROP TABLE shearings")
    assert await asyncio.to_thread(upgrade, durable_place.address, meadow()) == ["flock"]
    assert await asyncio.to_thread(upgrade, durable_place.address, meadow()) == []
    store = await durable_place.open()
    assert len(await store.fetch(FLOCK)) == 1


def test_knows_its_newest_step_without_alembic() -> None:
    assert ScriptDirectory.from_config(history_schema.steps()).get_current_head() == history_schema.HEAD


async def test_takes_the_steps_that_an_older_database_lacks(durable_place: Place) -> None:
    store = await durable_place.open()
    await store.append(seen("dolly", 0, 40))
    await store.close()
    execute(durable_place.address, "DROP TABLE snapshots", "UPDATE history_revision SET version_num = '0001'")
    assert await asyncio.to_thread(check, durable_place.address, meadow()) == [
        "history's tables are at revision 0001, not at 0002"
    ]
    store = await durable_place.open()
    store.keep(stream_of("dolly"), 1, Sheep(seen=1))
    await store.append(seen("molly", 0, 70))
    assert (await store.load(stream_of("dolly"))).state == Sheep(seen=1)
    assert await asyncio.to_thread(check, durable_place.address, meadow()) == []


async def test_never_drops_a_journal(durable_place: Place) -> None:
    store = await durable_place.open()
    store.note([bleat("dolly", NOON)])
    await store.close()
    catalog = meadow(journal=bleats_table(Column("colour", Text)))
    with pytest.raises(JournalChangedError, match="bleats"):
        await durable_place.open(catalog)
    (finding,) = await asyncio.to_thread(check, durable_place.address, catalog)
    assert "journal bleats" in finding
    store = await durable_place.open()
    assert len(await store.fetch(select(bleats))) == 1


async def test_finds_what_is_wrong_and_changes_nothing(durable_place: Place) -> None:
    def findings() -> object:
        return check(durable_place.address, meadow())

    assert await asyncio.to_thread(findings) == ["history's tables are at revision None, not at 0002"]
    store = await durable_place.open()
    await store.append(seen("dolly", 0, 40, 41))
    assert await asyncio.to_thread(findings) == []
    await store.close()
    execute(
        durable_place.address,
        "UPDATE events SET type = 'GoatSeen' WHERE version = 2",
        "DELETE FROM events WHERE version = 1",
        "DROP TABLE shearings",
    )
    assert await asyncio.to_thread(findings) == [
        "the tables of the read model flock are missing or have another shape",
        "history holds events GoatSeen, which nothing in the catalog is kept as",
        f"the stream {stream_of('dolly')} has gaps",
    ]


async def test_says_which_event_it_cannot_read(durable_place: Place) -> None:
    store = await durable_place.open()
    await store.append(seen("dolly", 0, 40, 41))
    execute(durable_place.address, "UPDATE events SET type = 'GoatSeen' WHERE version = 2")
    with pytest.raises(HistoryUnreadableError, match="GoatSeen"):
        await store.load(stream_of("dolly"))
    assert store.healthy() is None


async def test_upgrades_once_when_several_open_it_at_the_same_time(durable_place: Place) -> None:
    stores = await asyncio.gather(*(durable_place.open() for _ in range(4)))
    await asyncio.gather(*(store.append(seen(f"sheep-{n}", 0, 1)) for n, store in enumerate(stores)))
    assert await stores[0].last_position() == 4


async def test_counts_what_it_writes(durable_place: Place) -> None:
    store = await durable_place.open(linger=0.001)
    assert isinstance(store, SqlStore)
    await asyncio.gather(*(store.append(seen(f"sheep-{number}", 0, 1, 2)) for number in range(100)))
    assert store.events == 200
    assert 1 <= store.batches < 100
    assert store.commit_seconds > 0


async def test_gives_up_a_question_that_has_no_end(durable_place: Place) -> None:
    store = await durable_place.open(readers=1, read_within=0.2)
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS many FROM n"
    async with asyncio.timeout(30):
        with pytest.raises(StoreUnavailableError):
            await store.fetch(text(endless))
        await store.append(seen("dolly", 0, 40))
        assert len(await store.fetch(FLOCK)) == 1, "the thread has time for others"


async def test_forgets_the_oldest_notes_when_too_many_wait(durable_place: Place) -> None:
    store = await durable_place.open(note_capacity=10, note_linger=10.0)
    for minute in range(25):
        store.note([bleat("dolly", NOON + timedelta(minutes=minute))])
    await store.append(seen("dolly", 0, 40))
    assert min(row["at"] for row in await store.fetch(select(bleats))) == NOON + timedelta(minutes=15)
    assert store.dropped_notes == 15


async def test_refuses_another_kind_of_database() -> None:
    with pytest.raises(ValueError, match="mysql"):
        await SqlStore.open("mysql://localhost/voltherd", meadow())
    with pytest.raises(ValueError, match="file"):
        await SqlStore.open("sqlite://", meadow())


async def test_cannot_be_opened_where_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailableError):
        await SqlStore.open(file_in(tmp_path / "nowhere"), meadow())
    with pytest.raises(StoreUnavailableError):
        await SqlStore.open("postgresql://nobody@127.0.0.1:1/nothing", meadow())


async def eventually(condition: Callable[[], bool]) -> None:
    """Wait until something has come about in another thread."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.01)


async def test_waits_for_a_lock_and_gives_up_in_the_end(tmp_path: Path) -> None:
    place = Place(f"{file_in(tmp_path)}?timeout=0.1")
    store = await place.open()
    other = sqlite3.connect(tmp_path / "voltherd.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailableError, match="locked"):
        await store.append(seen("dolly", 0, 40))
    assert store.healthy() == "database is locked"
    store.note([bleat("dolly", NOON)])
    assert (await store.load(stream_of("dolly"))).events == []
    other.execute("ROLLBACK")
    other.close()
    await eventually(lambda: store.healthy() is None)
    await store.append(seen("dolly", 0, 40))
    assert len(await store.fetch(select(bleats))) == 1
    await place.close()


@contextmanager
def no_file_larger_than(size: int) -> Iterator[None]:
    """Make a full disk of it: this process cannot write behind the size in any file."""
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


async def test_survives_a_full_disk(tmp_path: Path) -> None:
    place = Place(file_in(tmp_path))
    store = await place.open()
    written = 0
    with no_file_larger_than((tmp_path / "voltherd.db-wal").stat().st_size + 100_000):
        while store.healthy() is None:
            with suppress(StoreUnavailableError):
                await store.append(seen("dolly", written, 1, remark="x" * 1_000))
                written += 1
        assert len((await store.load(stream_of("dolly"))).events) == written > 0
    await eventually(lambda: store.healthy() is None)
    await store.append(seen("dolly", written, 1))
    assert (await store.fetch(FLOCK))[0]["seen"] == written + 1
    await place.close()


async def test_starts_another_process_when_the_one_that_writes_has_gone(tmp_path: Path) -> None:
    others = children(os.getpid())
    place = Place(file_in(tmp_path), own_process=True)
    store = await place.open()
    await store.append(seen("dolly", 0, 40))
    (writing,) = children(os.getpid()) - others
    os.kill(writing, signal.SIGSTOP)
    hopeless = asyncio.ensure_future(store.append(seen("dolly", 1, 41)))
    await asyncio.sleep(0.01)
    os.kill(writing, signal.SIGKILL)
    with pytest.raises(StoreUnavailableError):
        await hopeless
    assert store.healthy() is not None
    await eventually(lambda: store.healthy() is None)
    assert (await store.load(stream_of("dolly"))).events == [SheepSeen(weight_kg=40)]
    await store.append(seen("dolly", 1, 42))
    assert (await store.fetch(FLOCK))[0]["weight_kg"] == 42
    await place.close()
    assert children(os.getpid()) == others, "nobody is left behind"


async def test_logs_what_the_process_that_writes_has_to_say(tmp_path: Path) -> None:
    place = Place(file_in(tmp_path), own_process=True)
    store = await place.open()
    with capture_logs() as lines:
        store.note([(SHEAR, {"name": "nobody", "wool_kg": 1})])
        await store.append(seen("dolly", 0, 40))
        await place.close()
    (line,) = lines
    assert (line["log_level"], line["event"], line["changes"]) == ("warning", "note_dropped", 1)
    assert "constraint" in line["reason"].lower()


async def test_connects_again_after_the_server_has_gone(schema: str) -> None:
    place = Place(schema)
    store = await place.open()
    await store.append(seen("dolly", 0, 40))
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = current_schema() AND pid <> pg_backend_pid()"
    )
    await asyncio.to_thread(execute, schema, kill)
    assert len((await store.load(stream_of("dolly"))).events) == 1
    with pytest.raises(StoreUnavailableError):
        await store.append(seen("dolly", 1, 41))
    await eventually(lambda: store.healthy() is None)
    await store.append(seen("dolly", 1, 41))
    assert (await store.fetch(FLOCK))[0]["seen"] == 2
    await place.close()


async def test_lets_the_driver_log_nothing_of_a_spoilt_batch(schema: str, caplog: pytest.LogCaptureFixture) -> None:
    place = Place(schema)
    one, other = await place.open(), await place.open()
    for version in range(0, 20, 2):
        await one.append(seen("dolly", version, 40))
        await other.append(seen("dolly", version + 1, 41))
        answers = await asyncio.gather(
            one.append(seen("dolly", version + 1, 42)),
            *(one.append(seen(f"sheep-{version}-{number}", 0, 1)) for number in range(20)),
            return_exceptions=True,
        )
        assert [type(answer) for answer in answers].count(VersionConflictError) == 1
    assert [record.getMessage() for record in caplog.records if record.name == "psycopg"] == []
    await place.close()


@pytest.mark.parametrize(("how", "written"), [("unheard", False), ("unanswered", True)])
async def test_finds_out_what_became_of_a_commit(schema: str, how: str, written: bool) -> None:
    line = BrokenLine(schema)
    place = Place(await line.open())
    store = await place.open()
    await store.append(seen("dolly", 0, 40))
    line.break_at_commit(how)  # type: ignore[arg-type]
    append = store.append(seen("dolly", 1, 41))
    if written:
        assert await append == 2
    else:
        with pytest.raises(StoreUnavailableError):
            await append
        await eventually(lambda: store.healthy() is None)
        await store.append(seen("dolly", 1, 41))
    await store.append(seen("dolly", 2, 42))
    assert (await store.fetch(FLOCK))[0]["seen"] == len((await store.load(stream_of("dolly"))).events) == 3
    await place.close()
    await line.close()


async def test_fails_what_waits_when_the_database_is_away(schema: str) -> None:
    line = BrokenLine(schema)
    place = Place(await line.open())
    store = await place.open()
    await line.close()
    answers = await asyncio.gather(
        *(store.append(seen(f"sheep-{number}", 0, 1)) for number in range(2_000)),
        store.load(stream_of("dolly")),
        store.reserve("transactions", 1),
        return_exceptions=True,
    )
    assert {type(answer) for answer in answers} == {StoreUnavailableError}
    assert store.healthy() is not None
    await place.close()
