from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bench.filling import Extent, Filled, fill
from voltherd.adapters.sql.store import SqlStore
from voltherd.adapters.sql.upkeep import check
from voltherd.assembly.catalog import build_catalog

STATIONS = 5


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Filled]:
    file = tmp_path_factory.mktemp("history") / "long.db"
    return file, fill(file, Extent(events=400, stations=STATIONS, journaled=0.5), lambda _said: None)


def test_writes_about_as_many_events_as_it_was_asked_for(history: tuple[Path, Filled]) -> None:
    file, filled = history
    assert filled.events == pytest.approx(400, rel=0.1)
    assert filled.transactions % STATIONS == 0
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT count(*), max(position) FROM events").fetchone() == (filled.events,) * 2


def test_the_store_finds_nothing_wrong_with_it(history: tuple[Path, Filled]) -> None:
    assert check(f"sqlite:///{history[0]}", build_catalog()) == []


def test_no_word_of_the_seed_is_left(history: tuple[Path, Filled]) -> None:
    with sqlite3.connect(history[0]) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            text = repr(connection.execute(f'SELECT * FROM "{table}"').fetchall())
            assert "2001-02-03" not in text
            assert "%(" not in text


async def test_every_event_can_be_read(history: tuple[Path, Filled]) -> None:
    file, filled = history
    store = await SqlStore.open(f"sqlite:///{file}", build_catalog())
    try:
        recorded = await store.read(0, filled.events + 1)
        assert len(recorded) == filled.events
        assert {one.stream for one in recorded if one.stream.startswith("charging_station-")} == {
            f"charging_station-default/BENCH-{number:05d}" for number in range(STATIONS)
        }
    finally:
        await store.close()
