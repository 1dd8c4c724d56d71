"""What a meter says, in SI units: the sampled values of 1.6 §7.33 and 2.0.1 §2.33 in one form."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from voltherd.kernel.messages import JournalEntry, message

ENERGY_REGISTER = "Energy.Active.Import.Register"
PERIODIC = "Sample.Periodic"


# Tuples, since there are ten in a message: made in a fifth of the time, and half as long in JSON.


class SampledValue(NamedTuple):
    """One value. `unit` is the base unit (Wh, W, A, V, varh, var, VAh, VA, Percent, Hertz, Celsius, K).

    `signed` keeps signed data byte for byte as the station sent it.
    """

    value: Decimal | None
    measurand: str = ENERGY_REGISTER
    unit: str = "Wh"
    context: str = PERIODIC
    phase: str | None = None
    location: str = "Outlet"
    signed: str | None = None


class MeterValue(NamedTuple):
    """Values that were taken at one instant (UTC)."""

    taken_at: datetime
    sampled: tuple[SampledValue, ...]


@message
class MeterReported(JournalEntry):
    """What a message about a transaction, or about an EVSE without one, brought besides: its place and its samples.

    `transaction_id` is the wire's id, None outside any transaction.
    """

    transaction_id: str | None
    evse_id: int | None
    reported_at: datetime
    meter_values: tuple[MeterValue, ...]
    seq_no: int | None = None
    trigger: str | None = None
    offline: bool = False


_UNITS = {
    "Energy.Reactive": "varh",
    "Energy.Apparent": "VAh",
    "Energy": "Wh",
    "Power.Reactive": "var",
    "Power.Factor": "",
    "Power": "W",
    "Current": "A",
    "Voltage": "V",
    "SoC": "Percent",
    "Temperature": "Celsius",
    "Frequency": "Hertz",
    "RPM": "RPM",
}


def default_unit(measurand: str) -> str:
    """The unit where a station gives none. Only for energy does the standard name one (1.6 §7.43, 2.0.1 §2.45)."""
    return next((unit for kind, unit in _UNITS.items() if measurand.startswith(kind)), "")


_MULTIPLIED = {"kWh": "Wh", "kW": "W", "kvarh": "varh", "kvar": "var", "kVA": "VA", "kVAh": "VAh", "mA": "A"}
_FACTORS = {"mA": Decimal("0.001")}
_KILO = Decimal(1000)
_SPELLINGS = {"Celcius": "Celsius", "%": "Percent"}


@lru_cache(maxsize=256)  # stations may write what they like
def base_unit(unit: str) -> tuple[str, Decimal | None]:
    """The base unit, and what a value in `unit` is multiplied by (None: nothing)."""
    base = _MULTIPLIED.get(unit)
    if base is None:
        return _SPELLINGS.get(unit, unit), None
    return base, _FACTORS.get(unit, _KILO)


def in_base_unit(value: Decimal, unit: str, multiplier: int = 0) -> tuple[Decimal, str]:
    """Convert to the base unit: `value * 10**multiplier`, kilo-units by 1000 (2.0.1 §2.45 UnitOfMeasureType)."""
    if multiplier:
        value = value.scaleb(multiplier)
    base, factor = base_unit(unit)
    return value if factor is None else value * factor, base


def energy_register_wh(values: Iterable[MeterValue], context: str | None = None) -> tuple[datetime, Decimal] | None:
    """The newest total of imported active energy (Wh) and its instant; None if the values hold none.

    With `context` only values taken in it count. Phases count only where no phase-less total exists: their sum.
    """
    newest: tuple[datetime, Decimal] | None = None
    for meter_value in values:
        if newest is not None and meter_value.taken_at < newest[0]:
            continue
        total: Decimal | None = None
        phases: dict[str, Decimal] = {}
        for sample in meter_value.sampled:
            if sample.measurand != ENERGY_REGISTER or sample.value is None or sample.unit != "Wh":
                continue
            if sample.location not in ("Outlet", "EVSE") or (context is not None and sample.context != context):
                continue
            if sample.phase is None:
                total = sample.value
            elif sample.phase in ("L1", "L2", "L3", "L1-N", "L2-N", "L3-N"):
                phases[sample.phase[:2]] = sample.value
        if total is None and phases:
            total = sum(phases.values(), Decimal(0))
        if total is not None:
            newest = (meter_value.taken_at, total)
    return newest
