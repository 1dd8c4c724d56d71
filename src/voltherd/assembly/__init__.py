"""Joins the rooms: settings, wiring and the `voltherd` command line."""
