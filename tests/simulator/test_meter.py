"""A meter shows values that belong together."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.simulator.test_battery import charges
from voltherd.simulator.battery import Charge
from voltherd.simulator.meter import sample


@given(charges, st.floats(0, 2_000_000_000))
def test_shows_values_that_agree_with_each_other(charge: Charge, at: float) -> None:
    shown = sample(1_000, charge, True, at)
    power_w = sum((phase.voltage_v * phase.current_a for phase in shown.phases), Decimal(0))
    assert float(power_w) == pytest.approx(shown.power_w, abs=0.01 * 410 * len(shown.phases))
    assert shown.soc_percent is not None
    assert 0 <= shown.soc_percent <= 100
    assert len(shown.phases) == charge.outlet.phases


@given(charges)
def test_shows_no_current_when_none_flows(charge: Charge) -> None:
    shown = sample(1_000, charge, False, 0.0)
    assert shown.power_w == 0
    assert {phase.current_a for phase in shown.phases} == {Decimal("0.00")}


def test_shows_its_register_when_nothing_is_plugged_in() -> None:
    shown = sample(1_000, None, False, 0.0)
    assert (shown.register_wh, shown.power_w, shown.phases, shown.soc_percent) == (1_000, 0, (), None)
