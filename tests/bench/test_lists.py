"""What the trial of a long history showed: which lists of the operators SQLite finds by an index, which it scans."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from bench.filling import Extent, fill


def plan(file: Path, query: str) -> str:
    """How SQLite goes about a query."""
    with sqlite3.connect(file) as connection:
        return "; ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}"))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("lists") / "long.db"
    fill(file, Extent(events=100, stations=2), lambda _said: None)
    return file


def test_the_newest_transactions_come_by_an_index(history: Path) -> None:
    found = plan(history, "SELECT * FROM transactions WHERE operator = 'default' ORDER BY first_heard_at DESC LIMIT 50")
    assert "TEMP B-TREE" not in found


@pytest.mark.xfail(strict=True, reason="meter_reports has no index on its column transaction: the whole table is read")
def test_the_meter_values_of_a_transaction_come_by_an_index(history: Path) -> None:
    found = plan(history, "SELECT * FROM meter_reports WHERE operator = 'default' AND \"transaction\" = 'x'")
    assert re.search(r"transaction=\?", found), found


@pytest.mark.xfail(strict=True, reason="frames has no index on operator and seen_at: all are sorted for every page")
def test_the_newest_frames_come_by_an_index(history: Path) -> None:
    found = plan(history, "SELECT * FROM frames WHERE operator = 'default' ORDER BY seen_at DESC, id DESC LIMIT 50")
    assert "USE TEMP B-TREE FOR ORDER BY" not in found
