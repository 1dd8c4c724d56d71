"""The metrics of a node."""

from __future__ import annotations

from pathlib import Path

import httpx2

from voltherd.assembly.node import Node
from voltherd.assembly.settings import Settings


async def test_count_what_was_written_and_who_is_there(tmp_path: Path) -> None:
    node = Node(Settings(api_port=0, ocpp_port=0, data=tmp_path))
    await node.open()
    try:
        async with httpx2.AsyncClient(base_url=node.api_url) as http:
            await http.post("/charging-stations/CS-1/commands", json=["Register", {}])
            told = (await http.get("/metrics")).text
    finally:
        await node.close()
    assert "voltherd_links 0.0" in told
    assert "voltherd_history_events_total 3.0" in told  # registered, accepted, completed
    assert "voltherd_history_trouble 0.0" in told
    assert "voltherd_api_requests_total" in told
