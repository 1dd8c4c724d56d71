"""Quantities as stations write them: in base units, and within what a meter can mean and a database can hold.

1.6 §7.33 SampledValue, 2.0.1 §2.41 SampledValueType.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from voltherd.domain.meter import base_unit, in_base_unit

_DIGITS: Final = 14
"""Before the point, in the base unit: 99 TWh. What has more is no meter's."""

_DECIMALS: Final = 12
_FINEST: Final = Decimal("1e-12")
_SHORT: Final = 28  # characters; thousands of zeros behind the point are more than PostgreSQL takes

# No prefix of the SI brings that back to 14 digits, and arithmetic on it might overflow.
_BEYOND_ALL: Final = 60


def quantity(value: Decimal, unit: str, multiplier: int = 0) -> tuple[Decimal | None, str]:
    """Convert `value * 10**multiplier` to the base unit, to 12 decimals; None if it is more than any meter says.

    `multiplier` is a power of the SI: -30 to 30.
    """
    base, factor = base_unit(unit)
    if not value.is_finite() or value.adjusted() > _BEYOND_ALL:
        return None, base
    if factor is None and not multiplier and _is_plain(value):
        return value, base  # as nearly always
    value, base = in_base_unit(value, unit, multiplier)
    if value.adjusted() >= _DIGITS:
        return None, base
    exponent = value.as_tuple().exponent
    fine = isinstance(exponent, int) and exponent >= -_DECIMALS
    return (value if fine else round(value, _DECIMALS)), base


def _is_plain(value: Decimal) -> bool:
    return -_DECIMALS <= value.adjusted() < _DIGITS and len(str(value)) <= _SHORT and not value % _FINEST
