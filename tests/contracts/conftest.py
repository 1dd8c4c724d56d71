"""Gives each contract the places in which it must hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contracts.places import Place, file_in


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """Every kind of store."""
    async for place in _place(request, tmp_path):
        yield place


@pytest.fixture(params=["sqlite", "postgresql"])
async def durable_place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """Every kind of store that outlives its process."""
    async for place in _place(request, tmp_path):
        yield place


@pytest.fixture(params=["memory", "sqlite", "sqlite, own process", "postgresql", "postgresql, own process"])
async def any_place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    """Every kind of store, and every way to write."""
    async for place in _place(request, tmp_path):
        yield place


async def _place(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Place]:
    url = None
    kind, _, own_process = request.param.partition(", ")
    if kind == "sqlite":
        url = file_in(tmp_path)
    elif kind == "postgresql":
        url = request.getfixturevalue("schema")
    place = Place(url, own_process=bool(own_process))
    yield place
    await place.close()
