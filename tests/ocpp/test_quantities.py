"""Quantities as stations write them."""

from decimal import Decimal

import pytest

from voltherd.ocpp.quantities import quantity


@pytest.mark.parametrize(
    ("text", "unit", "multiplier", "value", "base"),
    [
        ("12.50", "kWh", 0, "12500.00", "Wh"),
        ("-7.4", "kW", 0, "-7400.0", "W"),
        ("5", "Wh", 3, "5000", "Wh"),
        ("5e30", "W", -30, "5", "W"),
        ("99999999999999.9", "Wh", 0, "99999999999999.9", "Wh"),
        ("0.123456789012", "A", 0, "0.123456789012", "A"),
    ],
)
def test_are_told_in_the_base_unit(text: str, unit: str, multiplier: int, value: str, base: str) -> None:
    found, found_unit = quantity(Decimal(text), unit, multiplier)
    assert (found, found_unit) == (Decimal(value), base)


@pytest.mark.parametrize(
    ("text", "unit", "multiplier"),
    [
        ("1e14", "Wh", 0),
        ("-1e11", "kWh", 0),
        ("1", "Wh", 14),
        ("1e308", "kWh", 30),
        ("1e60", "kWh", 30),
        ("1e999999", "kWh", 30),
        ("Infinity", "kWh", 0),
        ("NaN", "Wh", 0),
    ],
)
def test_have_no_number_where_it_is_more_than_any_meter_says(text: str, unit: str, multiplier: int) -> None:
    assert quantity(Decimal(text), unit, multiplier) == (None, "Wh")


@pytest.mark.parametrize(
    "text", ["1e-13", "1e-400", "1E-999999", "0E-999999", "0." + "0" * 20_000, "0." + "3" * 20_000]
)
@pytest.mark.parametrize("multiplier", [0, -30])
def test_have_as_many_decimals_as_a_database_holds(text: str, multiplier: int) -> None:
    value, _ = quantity(Decimal(text), "W", multiplier)
    assert value is not None
    assert abs(value - Decimal(text).scaleb(multiplier)) <= Decimal("1e-12")
    assert len(str(value)) < 20
