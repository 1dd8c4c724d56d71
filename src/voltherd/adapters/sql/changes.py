"""Puts the pictures' changes of many appends in an order that lets equal statements be carried out together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection

from voltherd.adapters.sql.database import Database
from voltherd.adapters.sql.work import Row, RowChange, Statement


def grouped(ordered: Iterable[tuple[str, Sequence[RowChange]]]) -> Iterator[tuple[int, list[Row]]]:
    """Group the changes by statement; those of equal order (the text beside them) stay in their order.

    A change has the level of the change before it in its order, one more where the statement is another one.
    Levels are carried out one after the other, so every order sees its own changes in sequence.
    """
    levels: list[dict[int, list[Row]]] = []
    reached: dict[str, tuple[int, int]] = {}
    for order, changes in ordered:
        level, previous = reached.get(order, (-1, -1))
        for statement, row in changes:
            if statement != previous:
                level, previous = level + 1, statement
                if level == len(levels):
                    levels.append({})
            rows = levels[level].get(statement)
            if rows is None:
                rows = levels[level][statement] = []
            rows.append(row)
        reached[order] = (level, previous)
    for groups in levels:
        yield from groups.items()


def carry_out(
    database: Database,
    connection: Connection,
    statements: Sequence[Statement],
    ordered: Iterable[tuple[str, Sequence[RowChange]]],
) -> None:
    """Carry out all changes, those of equal order in their order; `statements` are by number."""
    for number, rows in grouped(ordered):
        database.execute_rows(connection, statements[number], rows)
