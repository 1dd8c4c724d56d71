"""Drivers: when vehicles come to an EVSE and when they leave, by a chance that can be repeated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final, Protocol

from voltherd.kernel.messages import message
from voltherd.simulator.state import EvseState
from voltherd.simulator.vehicle import CurrentType, Outlet
from voltherd.simulator.words import Status

# Stays in simulated seconds: over lunch or over a night at AC, a coffee at DC.
_STAYS_S: Final = {CurrentType.AC: (1.0 * 3600, 6.0 * 3600), CurrentType.DC: (15.0 * 60, 45.0 * 60)}
_USES_CARD_TO_STOP: Final = 0.7


@message
class Plan:
    """How busy EVSEs are: the share of the time that a vehicle is there, and how fast its time runs.

    What people do takes its time however fast vehicles charge: `handling_s` are real seconds, from and to.
    """

    busy_share: float = 0.5
    speed: float = 60.0
    handling_s: tuple[float, float] = (1.0, 4.0)


class Place(Protocol):
    """The station as drivers see it."""

    @property
    def in_service(self) -> bool: ...

    def evse_state(self, evse_id: int) -> EvseState: ...

    def plug_in(self, evse_id: int) -> None: ...

    def present(self, id_token: str, evse_id: int) -> None: ...

    def unplug(self, evse_id: int) -> None: ...


class Cards:
    """The cards that are not in use just now: one card charges one vehicle, as long as there are enough of them."""

    def __init__(self, id_tokens: Sequence[str], chance: Random) -> None:
        """Raises: ValueError if there is none."""
        if not id_tokens:
            raise ValueError("drivers need id tokens")
        self._id_tokens = tuple(id_tokens)
        self._free = list(id_tokens)
        self._chance = chance

    def take(self) -> str:
        if not self._free:
            return self._chance.choice(self._id_tokens)
        return self._free.pop(self._chance.randrange(len(self._free)))

    def give_back(self, id_token: str) -> None:
        if len(self._free) < len(self._id_tokens):
            self._free.append(id_token)


def visits(place: Place, evse_id: int, outlet: Outlet, plan: Plan, cards: Cards, chance: Random) -> Iterator[float]:
    """Let drivers come and go at an EVSE for ever; yields how many real seconds to wait before going on."""
    shortest_s, longest_s = (stay_s / plan.speed for stay_s in _STAYS_S[outlet.current_type])
    if plan.busy_share <= 0:
        return
    idle_s = (shortest_s + longest_s) / 2 * (1 - plan.busy_share) / plan.busy_share
    if chance.random() >= plan.busy_share:
        yield chance.uniform(0, idle_s)
    while True:
        while not _free(place, evse_id):
            yield chance.uniform(*plan.handling_s)
        id_token = cards.take()
        place.plug_in(evse_id)
        yield chance.uniform(*plan.handling_s)
        place.present(id_token, evse_id)
        yield chance.uniform(shortest_s, longest_s)
        if place.evse_state(evse_id).in_transaction and chance.random() < _USES_CARD_TO_STOP:
            place.present(id_token, evse_id)
            yield chance.uniform(*plan.handling_s)
        place.unplug(evse_id)
        cards.give_back(id_token)
        yield chance.expovariate(1 / idle_s) if idle_s > 0 else chance.uniform(*plan.handling_s)


def _free(place: Place, evse_id: int) -> bool:
    """Whether a vehicle can come. One that was brought by a remote start leaves when it has had its transaction."""
    evse = place.evse_state(evse_id)
    if evse.status is Status.FINISHING:
        place.unplug(evse_id)
        return False
    return place.in_service and not evse.plugged_in and evse.status is Status.AVAILABLE
