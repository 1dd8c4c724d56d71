"""Fulfils the ports with SQLite and PostgreSQL, through SQLAlchemy Core.

Nothing is imported here: the process that writes (`scribe_process`) shall start fast, and needs a third of all this.
"""
