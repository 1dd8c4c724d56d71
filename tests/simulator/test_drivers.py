"""Drivers come and go."""

from collections.abc import Iterator
from heapq import heappop, heappush
from random import Random

import pytest

from tests.simulator.desk import Desk
from voltherd.ocpp.rpc import Version
from voltherd.simulator.drivers import Cards, Plan, visits
from voltherd.simulator.state import EvseState
from voltherd.simulator.words import IdToken

TOKENS = ("A", "B", "C")


class DeskPlace:
    """A station at a desk as drivers see it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.happened: list[tuple[float, str, int]] = []

    @property
    def in_service(self) -> bool:
        return self.desk.station.in_service

    def evse_state(self, evse_id: int) -> EvseState:
        return self.desk.station.evse_state(evse_id, self.desk.now)

    def plug_in(self, evse_id: int) -> None:
        self.happened.append((self.desk.now, "plug in", evse_id))
        self.desk.plug_in(evse_id)

    def present(self, id_token: str, evse_id: int) -> None:
        self.desk.present(IdToken(value=id_token), evse_id)

    def unplug(self, evse_id: int) -> None:
        self.happened.append((self.desk.now, "unplug", evse_id))
        self.desk.unplug(evse_id)


def drive(place: DeskPlace, plan: Plan, seconds: float, seed: int = 1) -> float:
    """Let drivers do what they do, and return the share of the time in which a vehicle was there."""
    desk = place.desk
    outlets = [evse.outlet for evse in desk.station.charging.evses.values()]
    chance, cards = Random(seed), Cards(TOKENS, Random(seed))
    due: list[tuple[float, int, Iterator[float]]] = []
    for evse_id, outlet in enumerate(outlets, start=1):
        heappush(due, (desk.now, evse_id, visits(place, evse_id, outlet, plan, cards, chance)))
    until, occupied = desk.now + seconds, 0.0
    while due and due[0][0] < until:
        at, evse_id, steps = heappop(due)
        there = sum(place.evse_state(evse_id).plugged_in for evse_id in (1, 2))
        occupied += there * (at - desk.now)
        desk.pass_time(at - desk.now)
        for wait_s in steps:
            heappush(due, (at + wait_s, evse_id, steps))
            break
    return occupied / (2 * seconds)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.9])
def test_as_often_as_the_plan_says(share: float) -> None:
    place = DeskPlace(Desk(Version.V16, settings={"MeterValueSampleInterval": "0"}).switch_on())
    assert drive(place, Plan(busy_share=share, speed=60.0), 40_000.0) == pytest.approx(share, abs=0.15)


def test_the_same_way_with_the_same_seed(version: Version) -> None:
    first, second = (DeskPlace(Desk(version).switch_on()) for _ in range(2))
    drive(first, Plan(), 5_000.0)
    drive(second, Plan(), 5_000.0)
    assert first.happened == second.happened != []


def test_never_where_the_plan_says_so(version: Version) -> None:
    place = DeskPlace(Desk(version).switch_on())
    assert drive(place, Plan(busy_share=0.0), 5_000.0) == 0.0


def test_not_to_a_station_that_is_out_of_service(version: Version) -> None:
    desk = Desk(version)
    desk.replies["BootNotification"] = {
        "status": "Pending",
        "currentTime": "2026-05-04T08:00:00Z",
        "interval": 60,
    }
    desk.settle()
    place = DeskPlace(desk)
    drive(place, Plan(), 5_000.0)
    assert place.happened == []


def test_after_a_vehicle_that_was_stopped_remotely_has_left(version: Version) -> None:
    desk = Desk(version).switch_on()
    place = DeskPlace(desk)
    desk.charge(1)
    desk.present(evse_id=1)
    drive(place, Plan(busy_share=1.0), 30.0)
    assert [what for _, what, evse_id in place.happened if evse_id == 1][:2] == ["unplug", "plug in"]


def test_with_a_card_each_as_long_as_there_are_enough() -> None:
    cards = Cards(TOKENS, Random(1))
    taken = [cards.take() for _ in TOKENS]
    assert sorted(taken) == sorted(TOKENS)
    assert cards.take() in TOKENS
    cards.give_back("B")
    assert cards.take() == "B"


def test_only_with_cards() -> None:
    with pytest.raises(ValueError, match="id tokens"):
        Cards((), Random(1))
