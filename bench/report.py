"""The tables, once made, shown on a terminal or written into a Markdown page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

_BEGIN, _END = "<!-- figures of {}: written with --markdown -->", "<!-- end of figures -->"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a title, its first column text, the others figures."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a command found: tables, facts about what was measured, and in words what went wrong."""

    sheets: Sequence[Sheet]
    facts: Mapping[str, str] = field(default_factory=dict)
    wrong: Sequence[str] = ()


def show(console: Console, facts: Mapping[str, str], sheets: Sequence[Sheet]) -> None:
    """Print it all."""
    for name, fact in facts.items():
        console.print(f"[bold]{name}[/bold]: {fact}", highlight=False)
    for sheet in sheets:
        table = Table(title=f"\n{sheet.title}", title_justify="left", title_style="bold")
        for index, column in enumerate(sheet.columns):
            table.add_column(column, justify="right" if index else "left", no_wrap=not index)
        for row in sheet.rows:
            table.add_row(*row)
        console.print(table)


def has_place(file: Path, command: str) -> bool:
    """Whether the command's figures can be written there: there are its marks, or there is nothing yet."""
    page = file.read_text() if file.exists() else ""
    return not page or _place(page, command) is not None


def write(file: Path, command: str, facts: Mapping[str, str], sheets: Sequence[Sheet]) -> None:
    """Write it all between the command's marks in the page, or as a page of its own where there is none.

    Raises:
        ValueError: the page has no marks of this command.
    """
    figures = "\n\n".join([_listed(facts), *map(_markdown, sheets)])
    page = file.read_text() if file.exists() else ""
    if not page:
        file.write_text(f"# Figures\n\n{figures}\n")
        return
    place = _place(page, command)
    if place is None:
        raise ValueError(f"{file} has no place for the figures of {command}")
    before, after = place
    file.write_text(f"{before}\n\n{figures}\n\n{after}")


def _place(page: str, command: str) -> tuple[str, str] | None:
    """The page up to the command's first mark and from its last mark on; None where it has none."""
    before, begin, rest = page.partition(_BEGIN.format(command))
    _, end, after = rest.partition(_END)
    return (before + begin, end + after) if begin and end else None


def _listed(facts: Mapping[str, str]) -> str:
    return "\n".join(f"* {name}: {fact}" for name, fact in facts.items())


def _markdown(sheet: Sheet) -> str:
    lines = [f"**{sheet.title}**", "", _line(sheet.columns), _line(["---", *["--:"] * (len(sheet.columns) - 1)])]
    return "\n".join([*lines, *map(_line, sheet.rows)])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def as_ratio(number: float) -> str:
    """A ratio with as many digits as say something."""
    if math.isnan(number):
        return "–"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}" if number >= 0.1 else f"{number:.3f}"
