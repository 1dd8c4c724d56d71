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
        [
            MeterValue(
                instant(value.timestamp, f"{pointer}/{index}/timestamp"),
                tuple([_sampled(sample, pointer, index, place) for place, sample in enumerate(value.sampled_value)]),
            )
            for index, value in enumerate(values)
        ]
    )


def _sampled(sample: payloads.SampledValue, pointer: str, index: int, place: int) -> SampledValue:
    measurand, measure, signed = sample.measurand or ENERGY_REGISTER, sample.unit_of_measure, sample.signed_meter_value
    unit, multiplier = ("", 0) if measure is None else (measure.unit, measure.multiplier or 0)
    if abs(multiplier) > _LARGEST_MULTIPLIER:
        pointer = f"{pointer}/{index}/sampledValue/{place}/unitOfMeasure/multiplier"
        raise PayloadInvalid(Fault.PROPERTY, pointer, "no power of ten of a quantity")
    value, unit = quantity(sample.value, unit or default_unit(measurand), multiplier)
    return SampledValue(
        value,
        measurand,
        unit,
        sample.context or PERIODIC,
        sample.phase,
        sample.location or "Outlet",
        None if signed is None else signed.signed_meter_data,
    )
