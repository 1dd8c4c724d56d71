"""A node."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from voltherd.assembly.node import Node
from voltherd.assembly.settings import Settings


async def test_has_its_data_directory_for_itself(tmp_path: Path) -> None:
    settings = Settings(api_port=0, ocpp_port=0, data=tmp_path)
    node = Node(settings)
    await node.open()
    try:
        with pytest.raises(OSError, match="another server uses this data directory"):
            await Node(settings).open()
    finally:
        await node.close()
    again = Node(settings)
    await again.open()
    await again.close()


@pytest.mark.parametrize(("port", "door"), [("api_port", "operators'"), ("ocpp_port", "stations'")])
async def test_names_the_port_that_is_taken(tmp_path: Path, port: str, door: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        ports = {"api_port": 0, "ocpp_port": 0, port: number}
        with pytest.raises(OSError, match=rf"{door} door 127.0.0.1:{number}: .*[Aa]ddress already in use"):
            await Node(Settings(data=tmp_path, **ports)).open()
