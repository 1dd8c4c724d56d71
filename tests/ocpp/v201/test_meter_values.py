"""MeterValues of 2.0.1, sentence by sentence."""

from decimal import Decimal

import pytest

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import after
from voltherd.domain.charging_station.meter_values import ReportEvseMeterValues
from voltherd.domain.meter import MeterReported, SampledValue


def payload(sample: str = '{"value": 1}') -> str:
    return f'{{"evseId": 0, "meterValue": [{{"timestamp": "2026-03-01T12:00:05Z", "sampledValue": [{sample}]}}]}}'


def sampled(sample: str) -> SampledValue:
    report = Wire("ocpp2.0.1").report("MeterValues", payload(sample))
    assert isinstance(report, ReportEvseMeterValues)
    [value] = report.meter_values
    assert value.taken_at == after(5)
    [found] = value.sampled
    return found


def test_mean_billing_energy_where_they_say_nothing() -> None:
    assert sampled('{"value": 1234.5}') == SampledValue(value=Decimal("1234.5"))


def test_say_what_they_say() -> None:
    sample = """{"value": 7.4, "measurand": "Power.Active.Import", "phase": "L1", "location": "EV",
                 "context": "Sample.Clock", "unitOfMeasure": {"unit": "kW"}}"""
    assert sampled(sample) == SampledValue(
        value=Decimal(7400),
        measurand="Power.Active.Import",
        unit="W",
        phase="L1",
        location="EV",
        context="Sample.Clock",
    )


def test_are_multiplied_by_powers_of_ten() -> None:
    assert sampled('{"value": 12, "unitOfMeasure": {"multiplier": 3}}').value == 12000
    assert sampled('{"value": 12, "unitOfMeasure": {"multiplier": -3}}').value == Decimal("0.012")


@pytest.mark.parametrize("multiplier", [31, -31, 2_000_000_000])
def test_with_no_power_of_ten_of_a_quantity_are_refused_by_their_place(multiplier: int) -> None:
    sample = f'{{"value": 12, "unitOfMeasure": {{"multiplier": {multiplier}}}}}'
    code, description = Wire("ocpp2.0.1").refused("MeterValues", payload(sample))
    assert code == "PropertyConstraintViolation"
    assert description.startswith("/meterValue/0/sampledValue/0/unitOfMeasure/multiplier")


def test_mean_the_unit_of_the_measurand_where_they_name_none() -> None:
    assert sampled('{"value": 230, "measurand": "Voltage"}').unit == "V"
    assert sampled('{"value": 230, "measurand": "Voltage", "unitOfMeasure": {}}').unit == "V"


def test_keep_signed_data_byte_for_byte() -> None:
    sample = """{"value": 1, "signedMeterValue": {"signedMeterData": "AAEC", "signingMethod": "",
                 "encodingMethod": "OCMF", "publicKey": ""}}"""
    assert sampled(sample).signed == "AAEC"


def test_go_into_the_journal() -> None:
    wire = Wire("ocpp2.0.1")
    assert wire.exchange("MeterValues", payload()) == {}
    assert wire.scene.events == []
    assert wire.scene.journal == [Like(MeterReported, transaction_id=None, evse_id=0)]
