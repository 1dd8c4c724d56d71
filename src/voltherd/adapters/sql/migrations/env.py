"""Runs the steps on the connection that `schema.upgrade` hands over, inside its transaction."""

from alembic import context

from voltherd.adapters.sql.tables import REVISION_TABLE, history

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=history,
    version_table=REVISION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
