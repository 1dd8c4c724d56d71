"""Desired settings go to a station whenever it can take them: it came, was accepted, answered the last; or new ones."""

from __future__ import annotations

from collections.abc import Iterable

from voltherd.domain.charging_station.boot import StationBooted
from voltherd.domain.charging_station.configure import SettingsDesired
from voltherd.domain.charging_station.connection import StationConnected
from voltherd.domain.charging_station.register import StationAccepted
from voltherd.domain.charging_station.settings import PushSettings
from voltherd.domain.charging_station.variables import VariablesReported
from voltherd.kernel.readmodel import Told


def when_station_may_take_settings_push_them(
    _event: SettingsDesired | StationAccepted | StationBooted | StationConnected | VariablesReported, told: Told
) -> Iterable[PushSettings]:
    """The decision sees whether there is anything to push and whether the station is there."""
    return [PushSettings(at=told.at, by="voltherd", station=told.key)]
