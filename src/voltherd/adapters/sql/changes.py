"""Puts the pictures' changes of many appends in an order that lets equal statements be carried out together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from voltherd.adapters.sql.database import Database
from voltherd.adapters.sql.prepared import Prepared
from voltherd.kernel.readmodel import Change

Group = tuple[Any, list[Mapping[str, Any]]]
"""A statement and the values of all its executions."""

Shape = tuple[int, tuple[str, ...]]
"""What makes executions equal: the statement object, and the names of its values."""


def grouped(ordered: Iterable[tuple[str, Sequence[Change]]]) -> Iterator[tuple[Shape, Group]]:
    """Group the changes by statement; those of equal order (the text beside them) stay in their order.

    A change has the level of the change before it in its order, one more where the statement is another one.
    Levels are carried out one after the other, so every order sees its own changes in sequence.
    """
    levels: list[dict[Shape, Group]] = []
    reached: dict[str, tuple[int, Shape | None]] = {}
    for order, changes in ordered:
        level, previous = reached.get(order, (-1, None))
        for statement, values in changes:
            # Other names of values make other SQL of an insert.
            shape = (id(statement), tuple(values))
            if shape != previous:
                level, previous = level + 1, shape
                if level == len(levels):
                    levels.append({})
            levels[level].setdefault(shape, (statement, []))[1].append(values)
        reached[order] = (level, previous)
    for groups in levels:
        yield from groups.items()


class Changes:
    """Carries changes out in one database, with statements that are prepared once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._prepared: dict[Shape, Prepared] = {}

    def carry_out(self, connection: Connection, ordered: Iterable[tuple[str, Sequence[Change]]]) -> None:
        """Carry out all changes, those of equal order in their order."""
        for shape, (statement, values) in grouped(ordered):
            prepared = self._prepared.get(shape)
            if prepared is None:
                prepared = Prepared(self._database, self._database.dialect, statement, shape[1])
                self._prepared[shape] = prepared
            prepared.execute(connection, values)
