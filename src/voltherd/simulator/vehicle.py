"""Vehicles and the outlets that they are plugged into: the sizes of things, as found on roads in the 2020s."""

from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final


class CurrentType(StrEnum):
    AC = "AC"
    DC = "DC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """What an EVSE can give: alternating current on three phases, or direct current."""

    current_type: CurrentType
    power_w: int

    @property
    def phases(self) -> int:
        return 3 if self.current_type is CurrentType.AC else 1


AC_11_KW: Final = Outlet(current_type=CurrentType.AC, power_w=11_000)
AC_22_KW: Final = Outlet(current_type=CurrentType.AC, power_w=22_000)
DC_50_KW: Final = Outlet(current_type=CurrentType.DC, power_w=50_000)
DC_150_KW: Final = Outlet(current_type=CurrentType.DC, power_w=150_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vehicle:
    """A vehicle as it arrives: the battery's size, the most it takes, and how full it is (0 to 1)."""

    model: str
    capacity_wh: int
    ac_power_w: int
    dc_power_w: int
    arrives_at: float = 0.3

    def limit_w(self, outlet: Outlet) -> int:
        """The most that the vehicle takes from this kind of outlet."""
        return self.ac_power_w if outlet.current_type is CurrentType.AC else self.dc_power_w


MODELS: Final = (
    Vehicle(model="city car", capacity_wh=36_000, ac_power_w=7_400, dc_power_w=50_000),
    Vehicle(model="compact", capacity_wh=52_000, ac_power_w=22_000, dc_power_w=85_000),
    Vehicle(model="saloon", capacity_wh=75_000, ac_power_w=11_000, dc_power_w=150_000),
    Vehicle(model="estate", capacity_wh=95_000, ac_power_w=11_000, dc_power_w=200_000),
    Vehicle(model="van", capacity_wh=68_000, ac_power_w=11_000, dc_power_w=75_000),
)


def arriving(chance: Random) -> Vehicle:
    """Draw the next vehicle that drives up, with 10 % to 60 % in its battery."""
    model = chance.choice(MODELS)
    return Vehicle(
        model=model.model,
        capacity_wh=model.capacity_wh,
        ac_power_w=model.ac_power_w,
        dc_power_w=model.dc_power_w,
        arrives_at=chance.uniform(0.10, 0.60),
    )
