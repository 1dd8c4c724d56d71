"""1.6's meter values in our form. 1.6 §7.33 SampledValue; defaults of §7.31, §7.43."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from voltherd.domain.meter import ENERGY_REGISTER, PERIODIC, MeterValue, SampledValue, default_unit
from voltherd.ocpp.instants import instant
from voltherd.ocpp.quantities import quantity
from voltherd.ocpp.v16 import payloads


def meter_values(
    values: Iterable[payloads.MeterValue | payloads.TransactionData], pointer: str
) -> tuple[MeterValue, ...]:
    """Translate the values of a message; `pointer` is where they stand in it."""
    return tuple(
        MeterValue(
            instant(value.timestamp, f"{pointer}/{index}/timestamp"),
            tuple([_sampled(sample) for sample in value.sampled_value]),
        )
        for index, value in enumerate(values)
    )


def _sampled(sample: payloads.SampledValue | payloads.TransactionDataSampledValue) -> SampledValue:
    number, unit = _number(sample)
    # A text that is no quantity is kept as it came: it may be a bare OCMF string, which is signed data unlabelled.
    signed = sample.value if number is None else None
    return SampledValue(
        value=number,
        unit=unit,
        measurand=sample.measurand or ENERGY_REGISTER,
        context=sample.context or PERIODIC,
        phase=sample.phase,
        location=sample.location or "Outlet",
        signed=signed,
    )


def _number(sample: payloads.SampledValue | payloads.TransactionDataSampledValue) -> tuple[Decimal | None, str]:
    unit = sample.unit or default_unit(sample.measurand or ENERGY_REGISTER)
    if sample.format == "SignedData":
        return None, unit
    try:
        value = Decimal(sample.value.strip())
    except InvalidOperation:
        return None, unit
    return quantity(value, unit)
