"""A station that waits for its acceptance is asked to boot again at once."""

from __future__ import annotations

from collections.abc import Iterable

from voltherd.domain.charging_station.ask_for_boot import AskForBoot
from voltherd.domain.charging_station.register import StationAccepted
from voltherd.kernel.readmodel import Told


def when_station_accepted_ask_for_boot(_event: StationAccepted, told: Told) -> Iterable[AskForBoot]:
    return [AskForBoot(at=told.at, by="voltherd", station=told.key)]
