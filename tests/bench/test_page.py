from __future__ import annotations

from pathlib import Path

import pytest

from bench.__main__ import TRIALS
from bench.report import has_place

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "benchmarks.md"


@pytest.mark.parametrize("name", TRIALS)
def test_has_a_place_for_the_figures_of_every_command(name: str) -> None:
    assert has_place(PAGE, name)
    assert f"| `{name}` |" in PAGE.read_text()
