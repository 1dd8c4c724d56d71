"""Trouble in the world (no server, no space, no lock) told apart from statements that are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, TimeoutError

from voltherd.adapters.sql.database import Database
from voltherd.ports.history import StoreUnavailableError


def is_trouble(database: Database, error: Exception) -> bool:
    """Tell whether the same may succeed later."""
    if isinstance(error, DBAPIError):
        return database.is_trouble(error)
    return isinstance(error, TimeoutError | StoreUnavailableError)


def reason(error: BaseException) -> str:
    """One line of what went wrong, without the statement and its values."""
    said = str(error.orig if isinstance(error, DBAPIError) else error).strip()
    return said.splitlines()[0] if said else type(error).__name__


@contextmanager
def trouble_named(database: Database) -> Iterator[None]:
    """Raise `StoreUnavailableError` for trouble; let everything else pass."""
    try:
        yield
    except Exception as error:
        if isinstance(error, StoreUnavailableError) or not is_trouble(database, error):
            raise
        raise StoreUnavailableError(reason(error)) from error
