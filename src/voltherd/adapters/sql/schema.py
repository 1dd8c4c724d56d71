"""History's own tables, brought to their newest shape by alembic's steps."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from voltherd.adapters.sql.tables import REVISION_TABLE


def migrate(connection: Connection) -> None:
    """Take the steps that are missing; the transaction is locked."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def outdated(connection: Connection) -> str | None:
    """Say which step was taken last and which should have been, None if they are one."""
    context = MigrationContext.configure(connection, opts={"version_table": REVISION_TABLE})
    now = context.get_current_revision()
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return None if now == head else f"history's tables are at revision {now}, not at {head}"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "voltherd.adapters.sql:migrations")
    config.set_main_option("path_separator", "os")
    return config
