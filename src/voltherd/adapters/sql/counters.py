"""Numbers kept beside history: how far readers have come, and sequences of which no number is given twice."""

from __future__ import annotations

from sqlalchemy import Connection, text

_SAVE = text(
    "INSERT INTO checkpoints (name, position) VALUES (:name, :position) "
    "ON CONFLICT (name) DO UPDATE SET position = excluded.position"
)
_TAKE = text(
    "INSERT INTO sequences (name, taken) VALUES (:name, :count) "
    "ON CONFLICT (name) DO UPDATE SET taken = sequences.taken + excluded.taken RETURNING taken"
)


def save_checkpoint(connection: Connection, name: str, position: int) -> int:
    """Remember how far the reader has come; the position."""
    connection.execute(_SAVE, {"name": name, "position": position})
    return position


def take_numbers(connection: Connection, name: str, count: int) -> int:
    """Take the next numbers of the sequence; the first of them."""
    taken: int = connection.execute(_TAKE, {"name": name, "count": count}).scalar_one()
    return taken - count + 1
