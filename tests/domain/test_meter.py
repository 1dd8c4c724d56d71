"""A meter, sentence by sentence."""

from decimal import Decimal

import pytest

from tests.support.words import after, register_at
from voltherd.domain.meter import (
    ENERGY_REGISTER,
    MeterValue,
    SampledValue,
    default_unit,
    energy_register_wh,
    in_base_unit,
)


@pytest.mark.parametrize(
    ("value", "unit", "multiplier", "base"),
    [
        ("1.5", "kWh", 0, ("1500.0", "Wh")),
        ("11", "kW", 0, ("11000", "W")),
        ("1", "kvarh", 0, ("1000", "varh")),
        ("16000", "mA", 0, ("16.000", "A")),
        ("230", "V", 0, ("230", "V")),
        ("15", "Wh", 3, ("15000", "Wh")),
        ("15", "Wh", -1, ("1.5", "Wh")),
        ("1", "kWh", 3, ("1000000", "Wh")),
        ("21", "Celcius", 0, ("21", "Celsius")),
        ("80", "%", 0, ("80", "Percent")),
        ("1", "furlong", 0, ("1", "furlong")),
    ],
)
def test_speaks_in_base_units(value: str, unit: str, multiplier: int, base: tuple[str, str]) -> None:
    number, word = in_base_unit(Decimal(value), unit, multiplier)
    assert (number, word) == (Decimal(base[0]), base[1])


@pytest.mark.parametrize(
    ("measurand", "unit"),
    [
        (ENERGY_REGISTER, "Wh"),
        ("Energy.Reactive.Import.Register", "varh"),
        ("Power.Active.Import", "W"),
        ("Power.Reactive.Export", "var"),
        ("Power.Factor", ""),
        ("Current.Import", "A"),
        ("Voltage", "V"),
        ("SoC", "Percent"),
        ("Temperature", "Celsius"),
        ("Frequency", "Hertz"),
        ("Vendor.Specific", ""),
    ],
)
def test_means_the_unit_of_the_measurand_where_it_names_none(measurand: str, unit: str) -> None:
    assert default_unit(measurand) == unit


def values(*samples: SampledValue) -> tuple[MeterValue, ...]:
    return (MeterValue(taken_at=after(0), sampled=samples),)


def sample(value: str, **members: str) -> SampledValue:
    return SampledValue(value=Decimal(value), **members)


def register(*samples: SampledValue, context: str | None = None) -> Decimal | None:
    found = energy_register_wh(values(*samples), context)
    return None if found is None else found[1]


def test_tells_the_newest_register() -> None:
    found = energy_register_wh((register_at(2, at=after(60)), register_at(1), register_at(3, at=after(60))))
    assert found == (after(60), Decimal(3))


def test_tells_the_register_of_a_context() -> None:
    begin, end = sample("1", context="Transaction.Begin"), sample("9", context="Transaction.End")
    assert register(begin, end, context="Transaction.Begin") == 1
    assert register(begin, end, context="Transaction.End") == 9
    assert register(begin, context="Transaction.End") is None


def test_adds_phases_where_there_is_no_total() -> None:
    assert register(sample("1", phase="L1"), sample("2", phase="L2-N"), sample("3", phase="L3")) == 6


def test_takes_the_total_where_there_are_phases_too() -> None:
    assert register(sample("1", phase="L1"), sample("10")) == 10


def test_counts_one_axis_once() -> None:
    assert register(sample("1", phase="L1"), sample("1", phase="L1-N")) == 1


@pytest.mark.parametrize(
    "other",
    [
        sample("1", measurand="Power.Active.Import", unit="W"),
        sample("1", measurand="Energy.Active.Export.Register"),
        sample("1", phase="N"),
        sample("1", location="Cable"),
        sample("1", unit="varh"),
        SampledValue(value=None, signed="OCMF|…"),
    ],
    ids=lambda other: f"{other.measurand} {other.phase} {other.location} {other.unit} {other.value}",
)
def test_tells_no_register_from_anything_else(other: SampledValue) -> None:
    assert register(other) is None
