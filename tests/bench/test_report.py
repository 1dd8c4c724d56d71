from __future__ import annotations

import math
from pathlib import Path

import pytest

from bench.report import Sheet, as_ratio, write

SHEET = Sheet("What was found", ["server", "messages/s"], [["voltherd", "2,705"]])
PAGE = """# Page

before

<!-- figures of storm: written with --markdown -->

old

<!-- end of figures -->

between

<!-- figures of soak: written with --markdown -->

others

<!-- end of figures -->
"""


def test_replaces_what_stands_between_the_marks_of_its_command_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    write(page, "storm", {"date": "today"}, [SHEET])
    before, rest = page.read_text().split("<!-- figures of storm: written with --markdown -->")
    figures, after = rest.split("<!-- end of figures -->", 1)
    assert before == PAGE.split("<!-- figures of storm")[0]
    assert after == PAGE.split("<!-- end of figures -->", 1)[1]
    assert "old" not in figures
    assert "* date: today" in figures
    assert "**What was found**\n\n| server | messages/s |\n| --- | --: |\n| voltherd | 2,705 |" in figures


def test_written_again_leaves_the_page_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    write(page, "soak", {}, [SHEET])
    once = page.read_text()
    write(page, "soak", {}, [SHEET])
    assert page.read_text() == once


def test_makes_a_page_of_its_own_where_there_is_none(tmp_path: Path) -> None:
    page = tmp_path / "figures.md"
    write(page, "storm", {}, [SHEET])
    assert page.read_text().startswith("# Figures\n")


def test_leaves_a_page_without_its_marks_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("somebody's words\n")
    with pytest.raises(ValueError, match="no place for the figures of storm"):
        write(page, "storm", {}, [SHEET])
    assert page.read_text() == "somebody's words\n"


@pytest.mark.parametrize(
    ("number", "said"), [(92.34, "92.3"), (6.434, "6.43"), (0.0544, "0.054"), (math.nan, "–")]
)  # fmt: skip
def test_says_a_ratio_with_the_digits_that_matter(number: float, said: str) -> None:
    assert as_ratio(number) == said
