"""What stations count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voltherd.simulator.statistics import Latencies


def test_knows_no_latency_before_there_was_an_answer() -> None:
    assert Latencies().quantile_s(0.99) == 0.0


@given(st.lists(st.floats(0.0002, 30.0), min_size=1, max_size=200), st.floats(0.01, 1.0))
def test_finds_the_time_within_which_a_share_of_answers_came(times: list[float], share: float) -> None:
    latencies = Latencies()
    for took_s in times:
        latencies.add(took_s)
    found = latencies.quantile_s(share)
    within = sum(took_s <= found for took_s in times)
    assert within >= share * len(times) - 1e-9
    assert found <= max(times)
    exact = sorted(times)[min(len(times) - 1, max(0, -int(-share * len(times) // 1) - 1))]
    assert found <= exact * 1.05 + 1e-9


def test_takes_any_latency() -> None:
    latencies = Latencies()
    latencies.add(0.0)
    latencies.add(1e6)
    assert latencies.quantile_s(1.0) == pytest.approx(1e6)
