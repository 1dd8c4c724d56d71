"""Fulfils the ports with SQLite and PostgreSQL, through SQLAlchemy Core."""

from voltherd.adapters.sql.codec import HistoryUnreadableError
from voltherd.adapters.sql.pictures import JournalChangedError
from voltherd.adapters.sql.store import SqlStore
from voltherd.adapters.sql.upkeep import check, last_position, rebuild, upgrade

__all__ = [
    "HistoryUnreadableError",
    "JournalChangedError",
    "SqlStore",
    "check",
    "last_position",
    "rebuild",
    "upgrade",
]
