"""2.0.1's meter values in our form. 2.0.1 §2.33 MeterValueType, §2.41 SampledValueType, §2.45 UnitOfMeasureType."""

from __future__ import annotations

from collections.abc import Iterable

from voltherd.domain.meter import ENERGY_REGISTER, PERIODIC, MeterValue, SampledValue, default_unit
from voltherd.ocpp.instants import instant
from voltherd.ocpp.payload import Fault, PayloadInvalid
from voltherd.ocpp.quantities import quantity
from voltherd.ocpp.v201 import payloads

_LARGEST_MULTIPLIER = 30
"""The prefixes of the SI end there (quetta, quecto); beyond, arithmetic gets expensive."""


def meter_values(values: Iterable[payloads.MeterValue], pointer: str) -> tuple[MeterValue, ...]:
    """Translate the values of a message; `pointer` is where they stand in it."""
    return tuple(
        MeterValue(
            taken_at=instant(value.timestamp, f"{pointer}/{index}/timestamp"),
            sampled=tuple(
                _sampled(sample, f"{pointer}/{index}/sampledValue/{place}")
                for place, sample in enumerate(value.sampled_value)
            ),
        )
        for index, value in enumerate(values)
    )


def _sampled(sample: payloads.SampledValue, pointer: str) -> SampledValue:
    measure = sample.unit_of_measure
    unit = (measure and measure.unit) or default_unit(sample.measurand or ENERGY_REGISTER)
    multiplier = 0 if measure is None else measure.multiplier or 0
    if abs(multiplier) > _LARGEST_MULTIPLIER:
        raise PayloadInvalid(Fault.PROPERTY, f"{pointer}/unitOfMeasure/multiplier", "no power of ten of a quantity")
    value, unit = quantity(sample.value, unit, multiplier)
    signed = sample.signed_meter_value
    return SampledValue(
        value=value,
        unit=unit,
        measurand=sample.measurand or ENERGY_REGISTER,
        context=sample.context or PERIODIC,
        phase=sample.phase,
        location=sample.location or "Outlet",
        signed=None if signed is None else signed.signed_meter_data,
    )
