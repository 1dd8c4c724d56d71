from __future__ import annotations

import pytest

from bench.soak import slope


def test_finds_by_how_much_one_figure_grows_with_another() -> None:
    assert slope([1.0, 2.0, 3.0, 10.0], [5.0, 7.0, 9.0, 23.0]) == pytest.approx(2.0)


def test_sees_no_growth_in_what_goes_up_and_down() -> None:
    assert slope([1.0, 2.0, 3.0, 4.0], [1.0, -1.0, -1.0, 1.0]) == pytest.approx(0.0)


@pytest.mark.parametrize("xs", [[], [4.0], [4.0, 4.0]])
def test_knows_no_slope_where_nothing_varies(xs: list[float]) -> None:
    assert slope(xs, xs) == 0.0
