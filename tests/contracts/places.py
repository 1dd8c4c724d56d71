"""Where stores may be opened: in memory, in a file, on a server; each place is empty at first."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa

from tests.contracts.meadow import meadow
from voltherd.adapters.memory import MemoryStore
from voltherd.adapters.sql.store import SqlStore
from voltherd.kernel.catalog import Catalog
from voltherd.ports.history import EventStore
from voltherd.ports.pictures import Pictures


class Store(EventStore, Pictures, Protocol):
    """What every adapter of history offers."""

    @property
    def dropped_notes(self) -> int: ...

    def healthy(self) -> str | None: ...

    async def close(self) -> None: ...


class Place:
    """Somewhere to open a store, again and again if it is in a database."""

    def __init__(self, url: str | None, *, own_process: bool = False) -> None:
        self.url = url
        self._options = {"own_process": own_process}
        self._opened: list[MemoryStore | SqlStore] = []

    @property
    def address(self) -> str:
        assert self.url is not None
        return self.url

    async def open(self, catalog: Catalog | None = None, **options: Any) -> Store:
        """Open a store, which is closed at the end of the test at the latest."""
        catalog = catalog or meadow()
        store = (
            MemoryStore(catalog)
            if self.url is None
            else await SqlStore.open(self.url, catalog, **{**self._options, **options})
        )
        self._opened.append(store)
        return store

    async def close(self) -> None:
        """Close what was opened."""
        for store in self._opened:
            await store.close()


def file_in(folder: Path) -> str:
    """The address of a new SQLite database."""
    return f"sqlite:///{folder / 'voltherd.db'}"


class Schema:
    """A schema of its own on a PostgreSQL server, gone in the end."""

    def __init__(self, server: str) -> None:
        self._engine = sa.create_engine(sa.make_url(server).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
        self._name = f"contract_{uuid.uuid4().hex}"
        self.url = (
            sa.make_url(server)
            .update_query_dict({"options": f"-c search_path={self._name}", "application_name": self._name})
            .render_as_string(hide_password=False)
        )

    def create(self) -> None:
        self._execute(f"CREATE SCHEMA {self._name}")

    def drop(self) -> None:
        self._execute("SET client_min_messages = warning", f"DROP SCHEMA {self._name} CASCADE")
        self._engine.dispose()

    def _execute(self, *statements: str) -> None:
        with self._engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
