"""An operator at the API with nothing but HTTP, as any program of theirs would be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Self

import httpx2

# The seed's Register, as it is printed there: single quotes and tabs.
SEED_REGISTER = """\
\t['Register',{
        'configuration' : {
            'evses' : [{
                'evseId' : 1,
                'connectors' : [{
                    'maxAmp': 32,
                    'phase': 3,
                    'voltage': 230,
                    'chargingProtocol': 'MODE3',
                    'current': 'AC',
                    'connectorType': 'TESLA'
                }]
            },{
                'evseId' : 2,
                'connectors' : [{
                    'maxAmp': 32,
                    'phase': 3,
                    'voltage': 230,
                    'chargingProtocol': 'MODE3',
                    'current': 'AC',
                    'connectorType': 'TESLA'
                }]
            }],
            'settings' : {
                'key':'value',
                'key2':'value2'
            }
        }
\t}]
"""


class Operator:
    """Sends commands and reads what became of them."""

    def __init__(self, url: str) -> None:
        self._http = httpx2.AsyncClient(base_url=url, timeout=60)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def send(self, station_id: str, name: str, payload: dict[str, Any], *, wait: int = 0) -> dict[str, Any]:
        """Send a command; with `wait`, until its outcome is known. It must be taken (202)."""
        headers = {"Prefer": f"wait={wait}"} if wait else {}
        response = await self._http.post(
            f"/charging-stations/{station_id}/commands", json=[name, payload], headers=headers
        )
        assert response.status_code == 202, response.text
        found: dict[str, Any] = response.json()
        return found

    async def post(self, path: str, text: str) -> httpx2.Response:
        return await self._http.post(path, content=text, headers={"Content-Type": "application/json"})

    async def get(self, path: str) -> dict[str, Any]:
        response = await self._http.get(path)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def until(self, path: str, holds: Callable[[dict[str, Any]], bool], seconds: float = 10) -> dict[str, Any]:
        """Read until it holds."""
        found: dict[str, Any] = {}
        try:
            async with asyncio.timeout(seconds):
                while True:
                    found = await self.get(path)
                    if holds(found):
                        return found
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"{path} never came to hold; last: {found}") from None
