"""What the meter of an EVSE shows: values that agree with each other, as whole numbers or decimals for the wire."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from math import sin
from typing import Final, Literal, TypeAlias

from voltherd.simulator.battery import Charge
from voltherd.simulator.vehicle import CurrentType

Measurand: TypeAlias = Literal[
    "Energy.Active.Import.Register", "Power.Active.Import", "Current.Import", "Voltage", "SoC"
]
Unit: TypeAlias = Literal["Wh", "W", "A", "V", "Percent"]
Phase: TypeAlias = Literal["L1", "L2", "L3"]

_TENTH: Final = Decimal("0.1")
_HUNDREDTH: Final = Decimal("0.01")
_MAINS_V: Final = 230.0
_MAINS_SWING_V: Final = 2.0
_PHASE_NAMES: Final[tuple[Phase, ...]] = ("L1", "L2", "L3")
# A battery's voltage rises with its charge.
_EMPTY_V: Final = 340.0
_FULL_V: Final = 410.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseSample:
    """Voltage and current of one phase; direct current has one, without a name."""

    name: Phase | None
    voltage_v: Decimal
    current_a: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """All that a meter says at one instant: voltage × current, summed over the phases, is the power."""

    register_wh: int
    power_w: int
    phases: tuple[PhaseSample, ...]
    soc_percent: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value of a sample, as both versions tell it."""

    measurand: Measurand
    value: Decimal
    unit: Unit
    phase: Phase | None = None
    location: Literal["EV"] | None = None


def readings(sample: Sample, measurands: str) -> Iterator[Reading]:
    """Pick what is wanted of a sample: the register always, the others if they are listed."""
    yield Reading(measurand="Energy.Active.Import.Register", value=Decimal(sample.register_wh), unit="Wh")
    if "Power.Active.Import" in measurands:
        yield Reading(measurand="Power.Active.Import", value=Decimal(sample.power_w), unit="W")
    for phase in sample.phases:
        if "Current.Import" in measurands:
            yield Reading(measurand="Current.Import", value=phase.current_a, unit="A", phase=phase.name)
        if "Voltage" in measurands:
            yield Reading(measurand="Voltage", value=phase.voltage_v, unit="V", phase=phase.name)
    if "SoC" in measurands and sample.soc_percent is not None:
        yield Reading(measurand="SoC", value=Decimal(sample.soc_percent), unit="Percent", location="EV")


def sample(register_wh: int, charge: Charge | None, flowing: bool, at: float) -> Sample:
    """Read the meter; `at` (seconds) is what the mains' voltage swings with."""
    if charge is None:
        return Sample(register_wh=register_wh, power_w=0, phases=(), soc_percent=None)
    power_w = round(charge.power_w) if flowing else 0
    voltages = _voltages(charge, at)
    return Sample(
        register_wh=register_wh,
        power_w=power_w,
        phases=tuple(
            PhaseSample(
                name=name,
                voltage_v=voltage_v,
                current_a=(power_w / (len(voltages) * voltage_v)).quantize(_HUNDREDTH),
            )
            for name, voltage_v in voltages
        ),
        soc_percent=int(charge.soc * 100),
    )


def _voltages(charge: Charge, at: float) -> list[tuple[Phase | None, Decimal]]:
    if charge.outlet.current_type is CurrentType.DC:
        return [(None, Decimal(_EMPTY_V + (_FULL_V - _EMPTY_V) * charge.soc).quantize(_TENTH))]
    return [
        (name, Decimal(_MAINS_V + _MAINS_SWING_V * sin(at / 60 + shift)).quantize(_TENTH))
        for shift, name in enumerate(_PHASE_NAMES)
    ]
