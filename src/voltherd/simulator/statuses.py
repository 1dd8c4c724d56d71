"""What a station has told of its connectors' statuses, and what it still has to (1.6 §4.9, 2.0.1 G01)."""

from __future__ import annotations

from collections.abc import Sequence

from voltherd.simulator.evse import Evse
from voltherd.simulator.host import Host, instant
from voltherd.simulator.words import Status, StatusChanged


class Statuses:
    def __init__(self, host: Host, evses: Sequence[Evse]) -> None:
        self._host = host
        self._evses = evses
        # By EVSE, the version's word that the central system has heard last, as far as we know.
        self._told: dict[int, str] = {}

    def report(self, evse: Evse, now: float, *, always: bool = False, solicited: bool = False) -> None:
        """Tell a connector's status if it reads differently than before."""
        word = self._host.codec.status_word(evse.status, evse.plugged_in)
        if not self._host.reachable and not solicited:
            # What it is then will be told when there is a link, and a boot was accepted.
            return
        if always or self._told.get(evse.evse_id) != word:
            self._told[evse.evse_id] = word
            self._host.tell(
                StatusChanged(
                    evse_id=evse.evse_id,
                    status=evse.status,
                    plugged_in=evse.plugged_in,
                    at=instant(now),
                ),
                solicited=solicited,
            )

    def report_station(self, now: float, *, solicited: bool = False) -> None:
        """Tell the status of the station as a whole, where the version has one."""
        operative = any(evse.operative for evse in self._evses)
        status = Status.AVAILABLE if operative else Status.UNAVAILABLE
        message = StatusChanged(evse_id=None, status=status, plugged_in=False, at=instant(now))
        self._host.tell(message, solicited=solicited)

    def report_all(self, now: float) -> None:
        for evse in self._evses:
            self.report(evse, now)

    def forget(self, evse_id: int | None = None) -> None:
        """A status was lost on its way; without an EVSE, all that was told before."""
        if evse_id is None:
            self._told.clear()
        else:
            self._told.pop(evse_id, None)
