"""How data leaves: as a table for people, as JSON, JSON lines or CSV for programs; data alone on standard output."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TextIO

Document = Mapping[str, Any]

_WIDE = 240
"""Columns of a table that goes to a file."""


class Format(StrEnum):
    """How data is written."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading and how to read its text out of a document. A `whole` one is never broken."""

    heading: str
    text: Callable[[Document], object]
    whole: bool = False


def column(heading: str, member: str | None = None) -> Column:
    """A column of one member, by default that of the heading's name."""
    name = member or heading
    return Column(heading, lambda document: document.get(name))


def instant(heading: str, member: str) -> Column:
    """A column of an instant, in the reader's time zone."""
    return Column(heading, lambda document: local_time(document.get(member)), whole=True)


def local_time(text: object) -> str:
    """An instant of a document in the reader's time zone; nothing if there is none."""
    if not isinstance(text, str):
        return ""
    return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M:%S")


class Output:
    """Writes documents in one format."""

    def __init__(self, wanted: Format | None, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self.format = wanted or (Format.TABLE if self._stream.isatty() else Format.JSONL)

    @property
    def for_people(self) -> bool:
        return self.format is Format.TABLE

    @property
    def flat(self) -> bool:
        """Whether documents are reduced to columns."""
        return self.format in (Format.TABLE, Format.CSV)

    def stream(
        self, documents: Iterable[Document], columns: Sequence[Column], in_words: Callable[[Document], str]
    ) -> None:
        """Write documents one by one as they come; JSON too is one line for each, for the list may never end."""
        if self.format is Format.CSV:
            self._csv([], columns)
        for document in documents:
            match self.format:
                case Format.TABLE:
                    self.line(in_words(document))
                case Format.CSV:
                    self._csv_row(document, columns)
                case _:
                    self.line(compact(document))

    def rows(self, documents: Sequence[Document], columns: Sequence[Column], *, none: str = "none") -> None:
        """Write a list. `none` is what people read instead of an empty table."""
        match self.format:
            case Format.TABLE:
                self._table(documents, columns) if documents else sys.stderr.write(f"{none}\n")
            case Format.JSON:
                self.line(json.dumps(list(documents), indent=2, ensure_ascii=False))
            case Format.JSONL:
                for document in documents:
                    self.line(compact(document))
            case Format.CSV:
                self._csv(documents, columns)

    def item(self, document: Document, columns: Sequence[Column]) -> None:
        """Write one document: for people a line for each column that has something to say."""
        match self.format:
            case Format.TABLE:
                shown = [(column.heading, text) for column in columns if (text := cell(column.text(document)))]
                width = max((len(heading) for heading, _ in shown), default=0)
                for heading, text in shown:
                    self.line(f"{heading:<{width}}  {text}")
            case Format.JSON:
                self.line(json.dumps(document, indent=2, ensure_ascii=False))
            case Format.JSONL:
                self.line(compact(document))
            case Format.CSV:
                self._csv([document], columns)

    def line(self, text: str) -> None:
        """Write a line now: whoever reads a pipe does not wait for the next one."""
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def _csv(self, documents: Iterable[Document], columns: Sequence[Column]) -> None:
        csv.writer(self._stream, lineterminator="\n").writerow([column.heading for column in columns])
        for document in documents:
            self._csv_row(document, columns)

    def _csv_row(self, document: Document, columns: Sequence[Column]) -> None:
        writer = csv.writer(self._stream, lineterminator="\n")
        writer.writerow([cell(column.text(document)) for column in columns])
        self._stream.flush()

    def _table(self, documents: Sequence[Document], columns: Sequence[Column]) -> None:
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in columns:
            table.add_column(column.heading, overflow="fold", no_wrap=column.whole)
        for document in documents:
            table.add_row(*(Text(cell(column.text(document))) for column in columns))
        Console(file=self._stream, width=None if self._stream.isatty() else _WIDE, highlight=False).print(table)


def compact(document: object) -> str:
    """JSON in one line."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def cell(value: object) -> str:
    """A value as people and CSV read it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}" if value != int(value) else str(int(value))
        case dict() | list():
            return compact(value)
        case _:
            return str(value)
