"""A picture's statement, prepared for many rows at a time: `WITH v (…) AS (all rows) INSERT … | UPDATE … FROM v`.

Why not `executemany`: it runs the statement row by row, in SQLite giving the interpreter's lock away and waiting for it
at each, on PostgreSQL adapting value by value in Python; and SQLAlchemy makes each row anew from names. A station's
message with ten samples changes four rows: 70 µs of processor time that way, 20 µs this way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Dialect, Insert, String, Update, column, table
from sqlalchemy.exc import CompileError
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

from voltherd.adapters.sql.database import Database

Values = Mapping[str, Any]
Row = tuple[Any, ...]

_KEY = "key_"
"""What the names of those values begin with by which an update finds its row."""


class Prepared:
    """Carries one statement out for rows of values that have the same `names`."""

    def __init__(self, database: Database, dialect: Dialect, statement: Any, names: tuple[str, ...]) -> None:
        self._database = database
        self._statement = statement
        self._names = names
        self._sql = ""
        self._casts: Sequence[str] = ()
        self._processors: Sequence[tuple[int, Callable[[Any], Any]]] = ()
        self._keys: Sequence[int] = ()
        found = _rewritten(statement, names, dialect)
        if found is not None:
            self._sql, types, keys = found
            self._casts = [_cast(kind, dialect) for kind in types]
            made = [kind.dialect_impl(dialect).bind_processor(dialect) for kind in types]
            self._processors = [(place, process) for place, process in enumerate(made) if process is not None]
            self._keys = [names.index(key) for key in keys]

    def execute(self, connection: Connection, values: Sequence[Values]) -> None:
        """Carry it out for all values, in their order."""
        if not self._sql:
            connection.execute(self._statement, values)
            return
        rows = self._rows(values)
        for some in _rounds(rows, self._keys) if self._keys and len(rows) > 1 else (rows,):
            self._database.execute_rows(connection, self._sql, self._casts, some)

    def _rows(self, values: Sequence[Values]) -> Sequence[Row]:
        rows = []
        for one in values:
            row = list(one.values())
            for place, process in self._processors:
                row[place] = process(row[place])
            rows.append(tuple(row))
        return rows


def _rounds(rows: Sequence[Row], keys: Sequence[int]) -> Iterator[Sequence[Row]]:
    """Split them so that no round changes a row twice: a join would take either change, PostgreSQL's upsert none."""
    rounds: list[list[Row]] = []
    reached: dict[Row, int] = {}
    for row in rows:
        key = tuple([row[place] for place in keys])
        number = reached[key] = reached.get(key, -1) + 1
        if number == len(rounds):
            rounds.append([])
        rounds[number].append(row)
    return iter(rounds)


_Rewritten = tuple[str, Sequence[TypeEngine[Any]], Sequence[str]]
"""SQL with `{rows}` where they go, the columns' types, and the names that tell one changed row from another."""


def _rewritten(statement: Any, names: tuple[str, ...], dialect: Dialect) -> _Rewritten | None:
    """None where the statement is of another kind, and must be carried out row by row."""
    try:
        if isinstance(statement, Insert):
            return _insert(statement, names, dialect)
        if isinstance(statement, Update):
            return _update(statement, names, dialect)
    except CompileError:
        pass
    return None


def _insert(statement: Insert, names: tuple[str, ...], dialect: Dialect) -> _Rewritten | None:
    compiled = statement.inline().compile(dialect=dialect, column_keys=list(names))
    head, values, rest = str(compiled).partition(" VALUES (")
    _, conflict, action = rest.partition(") ON CONFLICT ")
    if set(compiled.params) != set(names) or not values or "?" in action:
        return None  # columns with defaults made in Python, or values in what follows
    into = head.partition("(")[0]
    columns = ", ".join(dialect.identifier_preparer.quote(name) for name in names)
    # "WHERE true" keeps SQLite from reading ON CONFLICT as a join's.
    sql = f"WITH v ({columns}) AS ({{rows}}) {into}({columns}) SELECT * FROM v WHERE true{conflict[1:]}{action}"
    keys = [column.name for column in statement.table.primary_key] if " DO UPDATE " in action else []
    return sql, [statement.table.c[name].type for name in names], keys


def _update(statement: Update, names: tuple[str, ...], dialect: Dialect) -> _Rewritten | None:
    binds = statement.compile(dialect=dialect).binds
    keys = [name for name in names if name.startswith(_KEY)]
    if not keys or not set(names) <= set(binds):
        return None
    rows = table("v", *[column(name, binds[name].type) for name in names])

    def joined(element: Any, **_options: Any) -> Any:
        return rows.c[element.key] if isinstance(element, BindParameter) and element.key in names else None

    bulk: Any = replacement_traverse(statement, {}, joined)
    compiled = bulk.compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    columns = ", ".join(dialect.identifier_preparer.quote(name) for name in names)
    return f"WITH v ({columns}) AS ({{rows}}) {compiled}", [binds[name].type for name in names], keys


def _cast(kind: TypeEngine[Any], dialect: Dialect) -> str:
    # A cast to VARCHAR(48) would cut a longer text silently.
    implementation = kind.dialect_impl(dialect)
    return "TEXT" if isinstance(implementation, String) else implementation.compile(dialect=dialect)
