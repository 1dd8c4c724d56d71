"""A battery fills as batteries do."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from voltherd.simulator.battery import FLOOR, TAPER_FROM, Charge, plugged_in
from voltherd.simulator.vehicle import AC_11_KW, AC_22_KW, DC_50_KW, DC_150_KW, MODELS, CurrentType, Vehicle

vehicles = st.builds(
    Vehicle,
    model=st.just("any"),
    capacity_wh=st.integers(1_000, 200_000),
    ac_power_w=st.integers(1_000, 43_000),
    dc_power_w=st.integers(5_000, 400_000),
    arrives_at=st.floats(0.0, 1.0),
)
charges = st.builds(plugged_in, vehicles, st.sampled_from((AC_11_KW, AC_22_KW, DC_50_KW, DC_150_KW)))
spans = st.floats(0.0, 100_000.0)
SALOON = replace(MODELS[2], arrives_at=0.2)


def powers(charge: Charge) -> float:
    return min(charge.outlet.power_w, charge.vehicle.limit_w(charge.outlet))


@given(charges, st.lists(spans, max_size=10))
def test_only_ever_fills_and_the_meter_only_ever_counts_up(charge: Charge, times: list[float]) -> None:
    for seconds in times:
        later = charge.after(seconds)
        assert later.stored_wh >= charge.stored_wh
        assert later.metered_wh >= charge.metered_wh
        assert later.soc <= 1.0
        charge = later


@given(charges, spans)
def test_never_takes_more_power_than_outlet_and_vehicle_allow(charge: Charge, seconds: float) -> None:
    later = charge.after(seconds)
    assert 0.0 <= later.power_w <= powers(charge)
    assert later.metered_wh - charge.metered_wh <= powers(charge) * seconds / 3600 * (1 + 1e-9) + 1e-6


@given(charges, spans, spans)
def test_is_the_same_however_often_one_looks(charge: Charge, first: float, then: float) -> None:
    assert charge.after(first).after(then).metered_wh == pytest.approx(
        charge.after(first + then).metered_wh, rel=1e-6, abs=1e-3
    )


@given(charges, spans, spans)
def test_takes_less_power_the_fuller_it_is(charge: Charge, first: float, then: float) -> None:
    assert charge.after(first + then).power_w <= charge.after(first).power_w + 1e-6


@given(charges)
def test_is_full_when_it_says_that_it_will_be(charge: Charge) -> None:
    assume(not charge.full)
    seconds = charge.seconds_until_full()
    assert charge.after(seconds * 1.0001 + 0.001).full
    assert not charge.after(seconds * 0.99).full


@given(charges, spans)
def test_draws_what_its_power_says(charge: Charge, seconds: float) -> None:
    before = charge.after(seconds)
    after = before.after(0.01)
    assume(not after.full)
    assert (after.metered_wh - before.metered_wh) * 360_000 == pytest.approx(before.power_w, rel=0.01, abs=1)


def test_takes_full_power_until_the_taper_and_a_tenth_of_it_at_the_end() -> None:
    before = plugged_in(replace(SALOON, arrives_at=TAPER_FROM[CurrentType.DC] - 0.01), DC_150_KW)
    at_the_end = plugged_in(replace(SALOON, arrives_at=0.999999), DC_150_KW)
    assert before.power_w == 150_000
    assert at_the_end.power_w == pytest.approx(150_000 * FLOOR, rel=1e-3)


def test_takes_hours_at_an_ac_outlet_and_less_than_one_at_a_fast_one() -> None:
    assert 6 * 3600 < plugged_in(SALOON, AC_11_KW).seconds_until_full() < 7 * 3600
    assert 30 * 60 < plugged_in(SALOON, DC_150_KW).seconds_until_full() < 60 * 60


def test_takes_nothing_when_full() -> None:
    full = plugged_in(replace(SALOON, arrives_at=1.0), DC_150_KW)
    assert full.power_w == 0.0
    assert full.after(3600) == full
