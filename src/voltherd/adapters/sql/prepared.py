"""A picture's statements, prepared: each becomes SQL with places for plain values, and gets a number.

SQLAlchemy would make each row anew from names, and look at each of its types: 70 µs of processor time for what a
station's message with ten samples changes, 10 µs this way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, DateTime, Dialect, Insert, Numeric, String, Update, column, table
from sqlalchemy.exc import CompileError
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

from voltherd.adapters.sql.work import Note, Row, RowChange, Statement
from voltherd.kernel.readmodel import Change

Values = Mapping[str, Any]

_KEY = "key_"
"""What the names of those values begin with by which an update finds its row."""


class Prepared:
    """One statement for values of certain names, and how a row is made of them."""

    def __init__(self, source: Any, statement: Statement, places: Sequence[Place]) -> None:
        self.source = source  # kept, so that no other statement gets its address
        self.statement = statement
        self._names = [place.name for place in places]
        self._constants = {place.name: place.constant for place in places if place.is_constant}
        self._processors = [(at, place.process) for at, place in enumerate(places) if place.process is not None]

    def row(self, values: Values) -> Row:
        """The values as the statement wants them."""
        if self._constants:
            values = {**self._constants, **values}
        row = [values[name] for name in self._names]
        for at, process in self._processors:
            row[at] = process(row[at])
        return tuple(row)


class Place:
    """Where a value goes in a statement: the name of it, its type, and what it is if it is always the same."""

    def __init__(self, name: str, kind: TypeEngine[Any], dialect: Dialect, constant: Any, is_constant: bool) -> None:
        self.name = name
        self.constant = constant
        self.is_constant = is_constant
        self.process: Callable[[Any], Any] | None = kind.dialect_impl(dialect).bind_processor(dialect)
        if dialect.name != "sqlite" and isinstance(getattr(kind, "impl", kind), DateTime | Numeric):
            self.process = _text  # which SQLite's processors make of instants themselves


def prepare(source: Any, names: Sequence[str], dialect: Dialect) -> Prepared:
    """Prepare a statement for a row at a time."""
    if isinstance(source, Insert):
        compiled = source.inline().compile(dialect=dialect, column_keys=list(names))
    else:
        compiled = source.compile(dialect=dialect)
    places = [
        Place(name, compiled.binds[name].type, dialect, compiled.params[name], name not in names)
        for name in compiled.positiontup or ()
    ]
    return Prepared(source, Statement(str(compiled)), places)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


class Statements:
    """The statements that were met so far, by number."""

    def __init__(self, dialect: Dialect, *, in_bulk: bool) -> None:
        self._dialect = dialect
        self._in_bulk = in_bulk
        self._met: dict[tuple[int, tuple[str, ...]], tuple[int, Prepared]] = {}
        self._unmentioned: list[Statement] = []

    def rows(self, changes: Sequence[Change]) -> Note:
        """The changes as numbers and rows."""
        rows: list[RowChange] = []
        for source, values in changes:
            # Other names of values make other SQL of an insert.
            shape = (id(source), tuple(values))
            found = self._met.get(shape)
            if found is None:
                found = self._met[shape] = self._prepare(source, shape[1])
            rows.append((found[0], found[1].row(values)))
        return rows

    def take_unmentioned(self) -> Sequence[Statement]:
        """The statements that are new since this was asked last, in the order of their numbers."""
        taken, self._unmentioned = self._unmentioned, []
        return taken

    def _prepare(self, source: Any, names: tuple[str, ...]) -> tuple[int, Prepared]:
        prepared = (_bulk(source, names, self._dialect) if self._in_bulk else None) or prepare(
            source, names, self._dialect
        )
        self._unmentioned.append(prepared.statement)
        return len(self._met), prepared


def _bulk(source: Any, names: tuple[str, ...], dialect: Dialect) -> Prepared | None:
    """`WITH v (…) AS (all rows) INSERT … | UPDATE … FROM v`; None where the statement is of another kind."""
    try:
        if isinstance(source, Insert):
            found = _bulk_insert(source, names, dialect)
        elif isinstance(source, Update):
            found = _bulk_update(source, names, dialect)
        else:
            found = None
    except CompileError:
        found = None
    if found is None:
        return None
    sql, types, keys = found
    places = [Place(name, kind, dialect, None, False) for name, kind in zip(names, types, strict=True)]
    casts = [_cast(kind, dialect) for kind in types]
    return Prepared(source, Statement("", sql, casts, [names.index(key) for key in keys]), places)


_Bulk = tuple[str, Sequence[TypeEngine[Any]], Sequence[str]]
"""SQL, the types of the values, and the names that tell one changed row from another."""


def _bulk_insert(source: Insert, names: tuple[str, ...], dialect: Dialect) -> _Bulk | None:
    compiled = source.inline().compile(dialect=dialect, column_keys=list(names))
    head, values, rest = str(compiled).partition(" VALUES (")
    _, conflict, action = rest.partition(") ON CONFLICT ")
    if set(compiled.params) != set(names) or not values:
        return None  # columns with defaults made in Python, or values in what follows
    into = head.partition("(")[0]
    columns = ", ".join(dialect.identifier_preparer.quote(name) for name in names)
    sql = f"WITH v ({columns}) AS ({{rows}}) {into}({columns}) SELECT * FROM v{conflict[1:]}{action}"
    keys = [column.name for column in source.table.primary_key] if " DO UPDATE " in action else []
    return sql, [source.table.c[name].type for name in names], keys


def _bulk_update(source: Update, names: tuple[str, ...], dialect: Dialect) -> _Bulk | None:
    binds = source.compile(dialect=dialect).binds
    keys = [name for name in names if name.startswith(_KEY)]
    if not keys or not set(names) <= set(binds):
        return None
    rows = table("v", *[column(name, binds[name].type) for name in names])

    def joined(element: Any, **_options: Any) -> Any:
        return rows.c[element.key] if isinstance(element, BindParameter) and element.key in names else None

    bulk: Any = replacement_traverse(source, {}, joined)
    compiled = bulk.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    columns = ", ".join(dialect.identifier_preparer.quote(name) for name in names)
    return f"WITH v ({columns}) AS ({{rows}}) {compiled}", [binds[name].type for name in names], keys


def _cast(kind: TypeEngine[Any], dialect: Dialect) -> str:
    # A cast to VARCHAR(48) would cut a longer text silently.
    implementation = kind.dialect_impl(dialect)
    return "TEXT" if isinstance(implementation, String) else implementation.compile(dialect=dialect)
