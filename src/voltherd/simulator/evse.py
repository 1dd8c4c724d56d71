"""One EVSE of a simulated station: what is plugged in, which transaction goes on, what its register shows."""

from __future__ import annotations

from dataclasses import replace

from voltherd.kernel.messages import message
from voltherd.simulator import meter
from voltherd.simulator.battery import Charge, plugged_in
from voltherd.simulator.meter import Sample
from voltherd.simulator.vehicle import Outlet, Vehicle
from voltherd.simulator.words import ChargingState, IdToken, Status, Transaction


@message
class Permission:
    """Someone may charge here: by card, or because the central system says so."""

    id_token: IdToken
    remote: bool
    remote_start_id: int | None = None


class Evse:
    """Energy flows while there are a vehicle and a transaction; `speed` simulated seconds in each real one."""

    __slots__ = (
        "_base_wh",
        "_counted_until",
        "_speed",
        "charge",
        "evse_id",
        "finished",
        "initial_wh",
        "operative",
        "outlet",
        "permission",
        "transaction",
    )

    def __init__(self, evse_id: int, outlet: Outlet, *, register_wh: int, speed: float, now: float) -> None:
        self.evse_id = evse_id
        self.outlet = outlet
        self.charge: Charge | None = None
        self.transaction: Transaction | None = None
        self.permission: Permission | None = None
        self.operative = True
        # Whether the vehicle that is still there has had its transaction.
        self.finished = False
        self.initial_wh = register_wh
        # What the register showed before this vehicle came.
        self._base_wh = float(register_wh)
        self._counted_until = now
        self._speed = speed

    @property
    def plugged_in(self) -> bool:
        return self.charge is not None

    @property
    def status(self) -> Status:
        if self.transaction is not None:
            return Status.SUSPENDED_EV if self._full else Status.CHARGING
        if not self.operative:
            return Status.UNAVAILABLE
        if self.charge is not None:
            return Status.FINISHING if self.finished else Status.PREPARING
        return Status.AVAILABLE if self.permission is None else Status.PREPARING

    @property
    def state(self) -> ChargingState:
        if self.charge is None:
            return "Idle"
        if self.transaction is None:
            return "EVConnected"
        return "SuspendedEV" if self._full else "Charging"

    @property
    def register_wh(self) -> int:
        return int(self._base_wh + (self.charge.metered_wh if self.charge is not None else 0.0))

    @property
    def power_w(self) -> float:
        return self.charge.power_w if self._flowing and self.charge is not None else 0.0

    @property
    def soc(self) -> float | None:
        return None if self.charge is None else self.charge.soc

    def advance(self, now: float) -> None:
        """Let time pass up to now. Never backwards, whatever the clock does."""
        seconds = max(0.0, now - self._counted_until)
        self._counted_until = max(now, self._counted_until)
        if self.charge is not None and self._flowing:
            self.charge = self.charge.after(seconds * self._speed)

    def plug_in(self, vehicle: Vehicle, now: float) -> None:
        self.advance(now)
        self.unplug(now)
        self.charge = plugged_in(vehicle, self.outlet)

    def unplug(self, now: float) -> None:
        self.advance(now)
        if self.charge is not None:
            self._base_wh += self.charge.metered_wh
        self.charge = None
        self.finished = False

    def fill_up(self) -> None:
        """Put in what rounding has left out of a full battery."""
        if self.charge is not None:
            self.charge = replace(self.charge, stored_wh=float(self.charge.vehicle.capacity_wh))

    def full_at(self, now: float) -> float:
        """When the battery will be full if nothing comes between."""
        return now + (self.charge.seconds_until_full() / self._speed if self.charge is not None else 0.0)

    def sample(self, now: float) -> Sample:
        self.advance(now)
        return meter.sample(self.register_wh, self.charge, self._flowing, now)

    @property
    def _full(self) -> bool:
        return self.charge is not None and self.charge.full

    @property
    def _flowing(self) -> bool:
        return self.transaction is not None
