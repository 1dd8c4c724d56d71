"""Numbers kept beside history: how far readers have come, and sequences of which no number is given twice."""

from __future__ import annotations

from sqlalchemy import text

SAVE = text(
    "INSERT INTO checkpoints (name, position) VALUES (:name, :position) "
    "ON CONFLICT (name) DO UPDATE SET position = excluded.position"
)
"""Remember how far the reader has come."""

TAKE = text(
    "INSERT INTO sequences (name, taken) VALUES (:name, :count) "
    "ON CONFLICT (name) DO UPDATE SET taken = sequences.taken + excluded.taken RETURNING taken"
)
"""Take the next numbers of the sequence; the last of them."""
