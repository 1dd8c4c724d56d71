"""A relay between nodes, or within one, carries notices to whoever holds the station's link."""

from __future__ import annotations

from voltherd.adapters.memory import InProcessRelay
from voltherd.kernel.identity import StationKey
from voltherd.ports.relay import Relay

CS_1 = StationKey(operator="default", station_id="CS-1")
CS_2 = StationKey(operator="default", station_id="CS-2")
SAME_NAME = StationKey(operator="other", station_id="CS-1")


def test_wakes_the_station_that_is_meant() -> None:
    relay: Relay = InProcessRelay()
    woken: list[str] = []
    relay.subscribe(CS_1, lambda: woken.append("CS-1"))
    relay.subscribe(CS_2, lambda: woken.append("CS-2"))
    relay.notify(CS_1)
    relay.notify(SAME_NAME)
    relay.notify(CS_1)
    assert woken == ["CS-1", "CS-1"]


def test_wakes_everybody_who_holds_the_station() -> None:
    relay: Relay = InProcessRelay()
    woken: list[str] = []
    relay.subscribe(CS_1, lambda: woken.append("old"))
    relay.subscribe(CS_1, lambda: woken.append("new"))
    relay.notify(CS_1)
    assert woken == ["old", "new"]


def test_wakes_nobody_who_has_left() -> None:
    relay: Relay = InProcessRelay()
    woken: list[str] = []

    def wake() -> None:
        woken.append("CS-1")

    end = relay.subscribe(CS_1, wake)
    relay.subscribe(CS_1, wake)
    end()
    end()
    relay.notify(CS_1)
    assert woken == ["CS-1"]


def test_lets_somebody_leave_while_being_woken() -> None:
    relay: Relay = InProcessRelay()
    woken: list[str] = []

    def wake() -> None:
        woken.append("once")
        end()

    end = relay.subscribe(CS_1, wake)
    relay.subscribe(CS_1, lambda: woken.append("always"))
    relay.notify(CS_1)
    relay.notify(CS_1)
    assert woken == ["once", "always", "always"]
