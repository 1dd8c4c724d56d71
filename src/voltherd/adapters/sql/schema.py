"""History's own tables, brought to their newest shape by alembic's steps; alembic is imported where there are any."""

from __future__ import annotations

import pkgutil
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

from voltherd.adapters.sql.migrations import versions
from voltherd.adapters.sql.tables import REVISION_TABLE

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = max(step.name for step in pkgutil.iter_modules(versions.__path__))[1:5]
"""The newest step: the modules of the steps are named after them, `v0001_history`."""


def migrate(connection: Connection) -> None:
    """Take the steps that are missing; the transaction is locked."""
    if outdated(connection) is None:
        return
    from alembic import command

    config = steps()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def outdated(connection: Connection) -> str | None:
    """Say which step was taken last and which should have been, None if they are one."""
    now = None
    if inspect(connection).has_table(REVISION_TABLE):
        now = connection.execute(select(column("version_num")).select_from(table(REVISION_TABLE))).scalar()
    return None if now == HEAD else f"history's tables are at revision {now}, not at {HEAD}"


def steps() -> Config:
    """All steps, as alembic finds them."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "voltherd.adapters.sql:migrations")
    config.set_main_option("path_separator", "os")
    return config
