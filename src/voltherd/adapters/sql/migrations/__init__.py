"""The environment in which alembic brings history's tables to their newest shape."""
