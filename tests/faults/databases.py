"""Databases that a server can be killed on, and that can be copied afterwards with all that it left behind."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from abc import ABC, abstractmethod
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

_QUIET_WITHIN_S = 30.0


class FaultDatabase(ABC):
    """An empty database for one server; `url` is its address."""

    url: str

    @abstractmethod
    async def create(self) -> None:
        """Make it."""

    @abstractmethod
    async def drop(self) -> None:
        """Delete it and its copies."""

    @abstractmethod
    async def copy(self) -> str:
        """The address of a copy, made once nobody is at work in it any longer."""


class SqliteDatabase(FaultDatabase):
    """A file, which the first server makes and whoever made the folder deletes."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "voltherd.db"
        self._copies = 0
        self.url = f"sqlite:///{self._file}"

    async def create(self) -> None:
        pass

    async def drop(self) -> None:
        pass

    async def copy(self) -> str:
        self._copies += 1
        folder = self._file.parent / f"copy-{self._copies}"
        folder.mkdir()
        for file in self._file.parent.glob("voltherd.db*"):
            await asyncio.to_thread(shutil.copy, file, folder)
        return f"sqlite:///{folder / self._file.name}"


class PostgresqlDatabase(FaultDatabase):
    """A database of its own on a server: what a killed program's sessions still do there ends before it is copied."""

    def __init__(self, server: str) -> None:
        self._server = sa.make_url(server).set(drivername="postgresql+psycopg")
        self._name = f"voltherd_fault_{uuid.uuid4().hex[:12]}"
        self._copies: list[str] = []
        self.url = self._at(self._name)

    def _at(self, name: str) -> str:
        return self._server.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    async def create(self) -> None:
        await asyncio.to_thread(self._execute, f"CREATE DATABASE {self._name}")

    async def drop(self) -> None:
        for name in (*self._copies, self._name):
            await asyncio.to_thread(self._execute, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    async def copy(self) -> str:
        name = f"{self._name}_{len(self._copies) + 1}"
        async with asyncio.timeout(_QUIET_WITHIN_S):
            while True:
                try:
                    await asyncio.to_thread(self._execute, f"CREATE DATABASE {name} TEMPLATE {self._name}")
                except OperationalError as error:
                    if getattr(error.orig, "sqlstate", None) != "55006":  # others are using it
                        raise
                    await asyncio.sleep(0.1)
                else:
                    self._copies.append(name)
                    return self._at(name)

    def _execute(self, statement: str) -> None:
        engine = sa.create_engine(self._server, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("SET client_min_messages = warning")
            connection.exec_driver_sql(statement)
        engine.dispose()
