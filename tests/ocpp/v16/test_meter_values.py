"""MeterValues of 1.6, sentence by sentence."""

from decimal import Decimal

import pytest

from tests.support.given import Like
from tests.support.wire import Wire
from tests.support.words import after, ready, started16
from voltherd.domain.meter import MeterReported, SampledValue
from voltherd.domain.transaction.reports import ReportMeterValues


def payload(sample: str = '{"value": "1"}', connector: int = 1, more: str = "") -> str:
    return (
        f'{{"connectorId": {connector}{more},'
        f' "meterValue": [{{"timestamp": "2026-03-01T12:00:05Z", "sampledValue": [{sample}]}}]}}'
    )


def sampled(sample: str) -> SampledValue:
    report = Wire("ocpp1.6").report("MeterValues", payload(sample))
    assert isinstance(report, ReportMeterValues)
    [value] = report.meter_values
    assert value.taken_at == after(5)
    [found] = value.sampled
    return found


def test_are_of_the_transaction_that_they_name() -> None:
    report = Wire("ocpp1.6").report("MeterValues", payload(more=', "transactionId": 17'))
    assert report == Like(ReportMeterValues, transaction_id="17", evse_id=1, connector_id=1)


@pytest.mark.parametrize("more", ["", ', "transactionId": 0', ', "transactionId": -1', ', "transactionId": null'])
def test_are_of_the_evse_where_they_name_no_transaction(more: str) -> None:
    report = Wire("ocpp1.6").report("MeterValues", payload(connector=2, more=more))
    assert report == Like(ReportMeterValues, transaction_id=None, evse_id=2)


def test_are_of_the_station_s_main_meter_for_connector_zero() -> None:
    report = Wire("ocpp1.6").report("MeterValues", payload(connector=0))
    assert report == Like(ReportMeterValues, transaction_id=None, evse_id=0, connector_id=None)


def test_place_no_transaction_at_connector_zero() -> None:
    report = Wire("ocpp1.6").report("MeterValues", payload(connector=0, more=', "transactionId": 17'))
    assert report == Like(ReportMeterValues, transaction_id="17", evse_id=None)


def test_find_the_transaction_of_their_connector() -> None:
    wire = Wire("ocpp1.6", *ready("ocpp1.6"), started16(17, evse_id=2))
    assert wire.exchange("MeterValues", payload(connector=2, more=', "transactionId": 0')) == {}
    assert wire.scene.journal == [Like(MeterReported, transaction_id="17")]


def test_mean_billing_energy_where_they_say_nothing() -> None:
    assert sampled('{"value": "1234"}') == SampledValue(
        value=Decimal(1234),
        measurand="Energy.Active.Import.Register",
        unit="Wh",
        context="Sample.Periodic",
        location="Outlet",
    )


def test_say_what_they_say() -> None:
    sample = '{"value": " 7.4 ", "unit": "kW", "measurand": "Power.Active.Import", "phase": "L1", "location": "EV"}'
    assert sampled(sample) == SampledValue(
        value=Decimal(7400), measurand="Power.Active.Import", unit="W", phase="L1", location="EV"
    )


@pytest.mark.parametrize(
    ("measurand", "unit"), [("Voltage", "V"), ("Current.Import", "A"), ("SoC", "Percent"), ("Temperature", "Celsius")]
)
def test_mean_the_unit_of_the_measurand_where_they_name_none(measurand: str, unit: str) -> None:
    assert sampled(f'{{"value": "1", "measurand": "{measurand}"}}').unit == unit


@pytest.mark.parametrize("text", ['OCMF|{\\"FV\\": \\"1.0\\"}', "", "NaN", "Infinity", "1,5"])
def test_keep_what_is_no_number_as_it_came(text: str) -> None:
    found = sampled(f'{{"value": "{text}"}}')
    assert found.value is None
    assert found.signed is None or found.signed == text.replace('\\"', '"')


@pytest.mark.parametrize("text", ["1e12", "-1e308", "1E+999999", "-1E+999999", "9" * 310])
def test_keep_a_number_beyond_every_meter_as_it_came(text: str) -> None:
    found = sampled(f'{{"value": "{text}", "unit": "kWh"}}')
    assert (found.value, found.signed) == (None, text)


def test_keep_signed_data_byte_for_byte() -> None:
    found = sampled('{"value": "123", "format": "SignedData"}')
    assert (found.value, found.signed) == (None, "123")


def test_are_answered_with_nothing() -> None:
    assert Wire("ocpp1.6").exchange("MeterValues", payload()) == {}
    assert Wire("ocpp1.6").exchange("MeterValues", payload(more=', "transactionId": 4711')) == {}
