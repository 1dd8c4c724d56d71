"""Runs content: load, decide, append, project, react, and hand over to the link that holds the station."""
