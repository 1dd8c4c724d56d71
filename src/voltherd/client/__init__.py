"""The operator API for other Python programs, awaited or not.

with SyncVoltherdClient("http://127.0.0.1:8080") as voltherd:
    started = voltherd.command("CS-1", "StartTransaction", {"evseId": 1, "idToken": "04A1B2C3"}, wait=20)
    print(started.status, started.result)

async with VoltherdClient("https://voltherd.example", api_key="…") as voltherd:
    async for event in voltherd.events(station_id="CS-1"):
        print(event.position, event.type)
"""

from voltherd.client.asynchronous import VoltherdClient
from voltherd.client.documents import (
    Command,
    Connector,
    Event,
    Evse,
    IdToken,
    MeterReport,
    MeterValue,
    Page,
    Sample,
    Setting,
    Station,
    Transaction,
)
from voltherd.client.errors import (
    Conflict,
    Fault,
    Invalid,
    Missing,
    NotAllowed,
    Problem,
    StillOpen,
    Trouble,
    Unreachable,
    VoltherdError,
)
from voltherd.client.synchronous import SyncVoltherdClient

__all__ = [
    "Command",
    "Conflict",
    "Connector",
    "Event",
    "Evse",
    "Fault",
    "IdToken",
    "Invalid",
    "MeterReport",
    "MeterValue",
    "Missing",
    "NotAllowed",
    "Page",
    "Problem",
    "Sample",
    "Setting",
    "Station",
    "StillOpen",
    "SyncVoltherdClient",
    "Transaction",
    "Trouble",
    "Unreachable",
    "VoltherdClient",
    "VoltherdError",
]
