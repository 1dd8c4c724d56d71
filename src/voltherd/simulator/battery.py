"""How a battery fills: constant power first, then less and less (the usual charging curve, solved exactly).

Power is the least of what the outlet gives and what the vehicle takes; the vehicle takes its full power up to the
start of the taper, then linearly less down to a floor at 100 %. Linear in the charge means exponential in
time, so that any stretch of time is one formula: no steps, and the same result however often one looks.
Physics is floating point; what a meter shows of it is whole Wh.
"""

from dataclasses import dataclass, replace
from math import exp, inf, log
from typing import Final

from voltherd.simulator.vehicle import CurrentType, Outlet, Vehicle

# Fast charging strains the battery from about 80 % on; a car's own AC charger only balances at the very end.
TAPER_FROM: Final = {CurrentType.DC: 0.80, CurrentType.AC: 0.95}
FLOOR: Final = 0.10
# What reaches the battery of what the meter counts: AC is converted in the car, DC before the meter.
EFFICIENCY: Final = {CurrentType.DC: 0.96, CurrentType.AC: 0.90}
_SECONDS_PER_HOUR: Final = 3600.0
# Closer to full than this share of the capacity counts as full: floating point does not hit 1.
_NEARLY: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A vehicle at an outlet: what is in its battery, and what the meter has counted since it was plugged in."""

    vehicle: Vehicle
    outlet: Outlet
    stored_wh: float
    metered_wh: float = 0.0

    @property
    def soc(self) -> float:
        """The state of charge, 0 to 1."""
        return min(1.0, self.stored_wh / self.vehicle.capacity_wh)

    @property
    def full(self) -> bool:
        return self.soc >= 1.0 - _NEARLY

    @property
    def power_w(self) -> float:
        """What the meter sees flow at this state of charge, if it may flow."""
        if self.full:
            return 0.0
        curve = _Curve.of(self)
        return min(curve.constant_w, curve.limit_w * curve.share(self.soc))

    def after(self, seconds: float) -> "Charge":
        """Return what is after charging for some seconds; of none, or of less than none, nothing comes."""
        if seconds <= 0 or self.full:
            return self
        curve = _Curve.of(self)
        stored_wh = min(curve.stored_after(self.stored_wh, seconds), float(self.vehicle.capacity_wh))
        gained_wh = max(0.0, stored_wh - self.stored_wh)
        return replace(
            self,
            stored_wh=self.stored_wh + gained_wh,
            metered_wh=self.metered_wh + gained_wh / curve.efficiency,
        )

    def seconds_until_full(self) -> float:
        return 0.0 if self.full else _Curve.of(self).seconds_until_full(self.stored_wh)


def plugged_in(vehicle: Vehicle, outlet: Outlet) -> Charge:
    return Charge(vehicle=vehicle, outlet=outlet, stored_wh=vehicle.capacity_wh * vehicle.arrives_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Curve:
    """Two pieces: `constant_w` up to `knee` (a state of charge), then the vehicle's taper."""

    capacity_wh: int
    limit_w: float
    constant_w: float
    efficiency: float
    taper_from: float
    knee: float

    @classmethod
    def of(cls, charge: Charge) -> "_Curve":
        limit_w = charge.vehicle.limit_w(charge.outlet)
        constant_w = min(limit_w, charge.outlet.power_w)
        taper_from = TAPER_FROM[charge.outlet.current_type]
        # Where the taper has come down to what a weaker outlet gives anyway.
        passed = min(1.0, (1.0 - constant_w / limit_w) / (1.0 - FLOOR))
        return cls(
            capacity_wh=charge.vehicle.capacity_wh,
            limit_w=limit_w,
            constant_w=constant_w,
            efficiency=EFFICIENCY[charge.outlet.current_type],
            taper_from=taper_from,
            knee=taper_from + (1.0 - taper_from) * passed,
        )

    @property
    def slope(self) -> float:
        return (1.0 - FLOOR) / (1.0 - self.taper_from)

    @property
    def decay_per_second(self) -> float:
        return self.slope * self.efficiency * self.limit_w / (_SECONDS_PER_HOUR * self.capacity_wh)

    @property
    def constant_wh_per_second(self) -> float:
        return self.constant_w * self.efficiency / _SECONDS_PER_HOUR

    def share(self, soc: float) -> float:
        """The share of its full power that the vehicle still takes."""
        return 1.0 - self.slope * max(0.0, soc - self.taper_from)

    def seconds_until_knee(self, stored_wh: float) -> float:
        return max(0.0, self.knee * self.capacity_wh - stored_wh) / self.constant_wh_per_second

    def stored_after(self, stored_wh: float, seconds: float) -> float:
        constant_s = min(seconds, self.seconds_until_knee(stored_wh))
        stored_wh += constant_s * self.constant_wh_per_second
        tapering_s = seconds - constant_s
        if tapering_s <= 0:
            return stored_wh
        share = self.share(stored_wh / self.capacity_wh) * exp(-self.decay_per_second * tapering_s)
        return self.capacity_wh * (self.taper_from + (1.0 - share) / self.slope)

    def seconds_until_full(self, stored_wh: float) -> float:
        constant_s = self.seconds_until_knee(stored_wh)
        soc = max(self.knee, stored_wh / self.capacity_wh)
        if soc >= 1.0:
            return constant_s
        decay = self.decay_per_second
        return constant_s + (log(self.share(soc) / FLOOR) / decay if decay > 0 else inf)
