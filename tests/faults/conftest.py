"""What the tests of faults share: how long they may take, and the databases that they must hold on."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.databases import FaultDatabase, PostgresqlDatabase, SqliteDatabase

LONG = os.environ.get("VOLTHERD_LONG", "") not in ("", "0")
"""Whether to take minutes instead of seconds: `VOLTHERD_LONG=1`."""


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FaultDatabase]:
    """An empty database for a server."""
    made: FaultDatabase = (
        SqliteDatabase(tmp_path)
        if request.param == "sqlite"
        else PostgresqlDatabase(request.getfixturevalue("postgresql_url"))
    )
    await made.create()
    yield made
    await made.drop()
