"""A whole node, opened for one story: real sockets, a database on disk, an HTTP client at the operators' door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.operator import Operator
from voltherd.assembly.node import Node
from voltherd.assembly.settings import Settings


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    opened = Node(Settings(api_port=0, ocpp_port=0, data=tmp_path))
    await opened.open()
    try:
        yield opened
    finally:
        await opened.close()


@pytest.fixture
async def operator(node: Node) -> AsyncIterator[Operator]:
    async with Operator(node.api_url) as at_the_door:
        yield at_the_door
