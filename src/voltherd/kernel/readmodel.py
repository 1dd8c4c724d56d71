"""How a picture for readers is declared: its tables, its fold, and what the operators' door may ask of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from voltherd.kernel.messages import Command, Fact

Change = tuple[Any, Mapping[str, Any]]
"""A prepared statement of the picture's own and the values of its parameters."""


class Told(NamedTuple):
    """A fact on its way into the pictures: what, about whom (`key`), when (UTC), said by whom."""

    fact: Fact
    key: Any
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Filter:
    """One query parameter of a list. `where` turns the parsed value into a condition of the table."""

    where: Callable[[Any], Any]
    kind: type = str
    doc: str = ""
    among: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of another table that belong inside a document, under `name`: `collect` makes one value of them.

    `by` pairs this table's columns with those of the resource's row that must be equal.
    """

    name: str
    table: Any
    by: Mapping[str, str]
    collect: Callable[[Sequence[Mapping[str, Any]]], Any]
    order: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What the door knows of a request to write: whose it is, when it came (UTC), from whom, and its command's id.

    `item` is the item that the path names, `row` that item's row (None: there is none, or none is needed).
    """

    operator: str
    at: datetime
    by: str
    command_id: str
    item: str | None = None
    row: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Writing:
    """How a verb on a resource becomes a command: `command(order, body)`; `body` is the shape that it takes, if any.

    Where `needs_row`, an item without a row is 404 and never reaches the decision.
    `names` tells what a path calls the item that was created; without it, the first member of `body` is that name
    (and a replacement's body may leave it out: the path has said it).
    """

    command: Callable[[Order, Any], Command]
    body: type | None = None
    needs_row: bool = False
    names: Callable[[Order, Any], str] | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A list and its items as the operators' door shows them.

    The door selects `table` (which has a column `operator`) and `columns` beside its own; `document` makes the JSON
    of one row (which also holds the parts by their names, and the instant `now`), of the `shape` that the API's
    description shows. `item` is the column that names an item in a path;
    without it there is only the list. `path` may hold names of columns: `/transactions/{transaction}/meter-values`.
    `station_path` lists the same rows below a station, by the table's column `station_id`.
    `sorts` are plain columns; the primary key is added, so that the order is total. `actions` are further verbs on an
    item: `POST /transactions/{id}/close`.
    """

    path: str
    table: Any
    document: Callable[[Mapping[str, Any]], Any]
    shape: type
    sorts: Mapping[str, Sequence[Any]]
    default_sort: str
    item: str | None = None
    item_key: Callable[[str], str] = str
    columns: Sequence[Any] = ()
    filters: Mapping[str, Filter] = field(default_factory=dict)
    parts: Sequence[Part] = ()
    station_path: str | None = None
    summary: str = ""
    create: Writing | None = None
    replace: Writing | None = None
    delete: Writing | None = None
    actions: Mapping[str, Writing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Rows that have become due, and the command that each asks for.

    `due(now)` is a query; `at_start` alarms run once before the doors open, others once a second.
    """

    due: Callable[[datetime], Any]
    command: Callable[[Mapping[str, Any], datetime], Command]
    at_start: bool = False


@dataclass(frozen=True, slots=True)
class ReadModel:
    """A picture: `project` folds facts into changes of its `tables`, in the same transaction as the facts.

    A journal is a picture of journal entries: history cannot rebuild it, and rows older than `retention` go.
    `aged_by` is the column that tells a journal row's age, by our clock; its key `id` grows as rows come.
    """

    name: str
    tables: Sequence[Any]
    project: Callable[[Told], Iterable[Change]]
    facts: tuple[type[Fact], ...]
    resources: Sequence[Resource] = ()
    alarms: Sequence[Alarm] = ()
    journal: bool = False
    retention: timedelta | None = None
    aged_by: Any = None
